"""Why a region is not parallel: one file a reason, whose docstring is its page of the manual."""

from ..refusal import Edit, Refusal, Shown, Swap, page
from .adds_in_place import AddsInPlace
from .alias import Alias
from .asks_where import AsksWhere
from .assigns_global import AssignsGlobal
from .awaits import Awaits
from .bound_in_cell import BoundInCell
from .cache import FillsCache
from .cached_output import CachedOutput
from .carried import Carried
from .changes_argument import ChangesArgument
from .changes_global import ChangesGlobal
from .changes_iterable import ChangesIterable
from .changes_outer import ChangesOuter
from .class_attribute import ClassAttribute
from .closure_state import ClosureState
from .computed_function import ComputedFunction
from .display_state import DisplayState
from .dynamic_code import DynamicCode
from .ends_session import EndsSession
from .environment import ChangesEnvironment
from .finalizer import MakesFinalized
from .global_read import GlobalRead
from .identity import ComparesIdentity
from .interactive import Interactive
from .ipython import UsesIPython
from .item_read_later import ItemReadLater
from .items_depend import ItemsDepend
from .iterator import AdvancesIterator
from .keeps_function import KeepsFunction
from .kept_generator import KeptGenerator
from .loop_variable import AssignsLoopVariable
from .maybe_carried import MaybeCarried
from .module_state import ModuleState
from .namespace import ReachesNamespace
from .no_source import NoSource
from .not_builtin import NotBuiltin
from .read_ahead import ReadsAhead
from .reads_changed import ReadsChanged
from .reads_stored import ReadsStored
from .shared_elements import SharedElements
from .shared_generator import SharedGenerator
from .shared_items import SharedItems
from .stores_items import StoresItems
from .threads_draw import ThreadsDraw
from .trivial import Trivial
from .unpicklable import Unpicklable
from .walrus import BindsInComprehension
from .with_block import WithBlock
from .writes_file import WritesFile
from .yields import Yields

REASONS: dict[str, type[Refusal]] = {
    kind.code: kind
    for kind in (
        Carried,
        MaybeCarried,
        AssignsLoopVariable,
        GlobalRead,
        ReadsChanged,
        ReadsStored,
        ChangesIterable,
        AdvancesIterator,
        ChangesGlobal,
        AssignsGlobal,
        FillsCache,
        CachedOutput,
        ChangesArgument,
        AddsInPlace,
        ClosureState,
        ClassAttribute,
        ModuleState,
        ChangesEnvironment,
        ChangesOuter,
        WritesFile,
        DisplayState,
        WithBlock,
        StoresItems,
        ItemReadLater,
        KeepsFunction,
        KeptGenerator,
        BindsInComprehension,
        NotBuiltin,
        ComputedFunction,
        Interactive,
        UsesIPython,
        Awaits,
        Yields,
        DynamicCode,
        ReachesNamespace,
        EndsSession,
        AsksWhere,
        MakesFinalized,
        ComparesIdentity,
        NoSource,
        Trivial,
        Alias,
        ReadsAhead,
        ItemsDepend,
        SharedElements,
        SharedItems,
        BoundInCell,
        Unpicklable,
        ThreadsDraw,
        SharedGenerator,
    )
}
"""Every reason by its code, in the order of the manual."""

__all__ = [
    "REASONS",
    "AddsInPlace",
    "AdvancesIterator",
    "Alias",
    "AsksWhere",
    "AssignsGlobal",
    "AssignsLoopVariable",
    "Awaits",
    "BindsInComprehension",
    "BoundInCell",
    "CachedOutput",
    "Carried",
    "ChangesArgument",
    "ChangesEnvironment",
    "ChangesGlobal",
    "ChangesIterable",
    "ChangesOuter",
    "ClassAttribute",
    "ClosureState",
    "ComparesIdentity",
    "ComputedFunction",
    "DisplayState",
    "DynamicCode",
    "Edit",
    "EndsSession",
    "FillsCache",
    "GlobalRead",
    "Interactive",
    "ItemReadLater",
    "ItemsDepend",
    "KeepsFunction",
    "KeptGenerator",
    "MakesFinalized",
    "MaybeCarried",
    "ModuleState",
    "NoSource",
    "NotBuiltin",
    "ReachesNamespace",
    "ReadsAhead",
    "ReadsChanged",
    "ReadsStored",
    "Refusal",
    "SharedElements",
    "SharedGenerator",
    "SharedItems",
    "Shown",
    "StoresItems",
    "Swap",
    "ThreadsDraw",
    "Trivial",
    "Unpicklable",
    "UsesIPython",
    "WithBlock",
    "WritesFile",
    "Yields",
    "page",
]
