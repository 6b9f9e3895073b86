"""What one iteration changes and others may see."""

from __future__ import annotations

import ast
from typing import Any

from .. import edits, names, ofprocess, outright, tables
from ..case import Case
from ..effects import Effects
from ..nodes import walk
from ..origin import Origin, origin_of
from ..refusals import (
    AddsInPlace,
    AdvancesIterator,
    AssignsGlobal,
    CachedOutput,
    ChangesArgument,
    ChangesEnvironment,
    ChangesGlobal,
    ChangesOuter,
    ClassAttribute,
    ClosureState,
    DisplayState,
    FillsCache,
    ModuleState,
    ReadsChanged,
    ReadsStored,
    Refusal,
    WritesFile,
)
from ..resolve import Followed
from ..versions import plain
from .lines import chain, short, shown, shown_in, together


def change(case: Case, owner: str, node: ast.AST, how: str, effects: Effects, read: ast.AST | None = None) -> Refusal:
    """`node` changes the object that `owner` holds, or calls a function that does; `read` needs it."""
    owner, node, read, origin = plain(owner), case.own(node), read and case.own(read), origin_of(how)
    if origin is None:
        return _changes_here(case, owner, node, how, read, effects)
    kind = _change_kind(owner, origin, effects)
    name = _name(owner)
    what = _changed_words(kind, name, origin)
    if kind in (ChangesArgument, AddsInPlace):
        what = _changed_argument(kind, name, node, how, effects)
    lines = together(
        shown_in(case, _assignment(origin, owner), _writes(kind, name, origin)),
        shown(case, node, f"calls {short(how.calls[0])}"),  # type: ignore[attr-defined]
        shown(case, read, "reads it") if read is not None and read is not node else [],
    )
    edit = None
    direct = len(how.calls) == 1  # type: ignore[attr-defined]
    if kind is FillsCache:
        edit = edits.cached(case, origin.function, name or owner) or edits.cached_instead(case, origin, name or owner)
    elif direct and kind in (ChangesGlobal, AssignsGlobal, WritesFile, DisplayState, ClosureState):
        edit = edits.undecorated(case, node, origin, name or owner, effects)
        if not edit and kind is not ClosureState:
            edit = edits.returns_it(case, node, origin, owner, effects)
        if not edit and kind is ChangesGlobal:
            edit = edits.shown_once(case, node, origin, effects)
    elif direct and kind is CachedOutput:
        edit = edits.shown_once(case, node, origin, effects)
    elif direct and kind is ChangesEnvironment:
        edit = edits.set_before_by_function(case, node, origin)
    elif direct and kind is AdvancesIterator:
        edit = edits.taken_for_function(case, node, origin, name or owner, effects)
    elif kind is AddsInPlace:
        edit = edits.added_anew(case, origin)
    elif direct and kind is ChangesArgument:
        edit = edits.argument_returned(case, node, origin, effects)
        edit = edit or edits.returns_it(case, node, origin, owner, effects, drop=True)
    if edit is None and direct and kind in _HANDED:
        edit = edits.handed_in(case, node, origin, effects)
    advice = "" if edit else _CHANGE_ADVICE.get(kind, _MOVE)
    return kind(case.line, lines, name, f"{chain(how)} {what}", edit, advice)


def _writes(kind: type[Refusal], name: str | None, origin: Origin) -> str:
    """What the line in the function does."""
    if kind in (ChangesArgument, AddsInPlace):
        return f"changes '{_changed_in(origin.node) or name}'"
    if kind is ChangesEnvironment:
        return "changes the process"
    return {WritesFile: "writes the file", DisplayState: "draws or shows", CachedOutput: "shows something"}.get(
        kind
    ) or (f"writes '{name}'" if name else "changes it")


_MOVE = "Instead: return the value from the function, and make the change in the loop itself."
_HANDED = (ChangesGlobal, AssignsGlobal, ChangesArgument, ClosureState, ClassAttribute)
_CHANGE_ADVICE: dict[type[Refusal], str] = {
    CachedOutput: "Instead: show it in the loop itself, and let the function only compute.",
    FillsCache: "Instead: put @functools.cache on the function, and let it only compute.",
    WritesFile: "Instead: return the text from the function, and write it in the loop itself.",
    DisplayState: "Instead: compute in the function, and draw or show in the loop itself.",
    ClosureState: "Instead: keep it in a variable of the loop, and hand it to the function.",
    ClassAttribute: "Instead: change the class before or after the loop.",
    ChangesEnvironment: "Instead: change it once, before the loop.",
}


def _change_kind(owner: str, origin: Origin, effects: Effects) -> type[Refusal]:
    node = origin.node
    if owner == "<files>":
        return WritesFile
    if owner == "<cache>":
        return CachedOutput
    if edits.memo_of(origin.function, _name(owner) or owner) is not None:
        return FillsCache
    if " of " in owner:
        return ClosureState
    if owner == "<an argument>" or owner in names.parameters(origin.function.node.args):
        return ChangesArgument
    value = effects.resolver.name(_name(owner) or owner)
    if _is_next(node):
        return AdvancesIterator
    if outright.is_setting(owner):
        return ChangesEnvironment
    if _is_display(owner):
        return DisplayState
    if owner.startswith("<"):
        return ModuleState if origin.function.home is not None and "." in owner else ChangesGlobal
    if isinstance(node, ast.Global):
        return AssignsGlobal
    if _process_state(node, value):
        return ChangesEnvironment
    if isinstance(value, type) or isinstance(effects.resolver.defined.get(owner), ast.ClassDef):
        return ClassAttribute
    if _is_memo(origin, owner):
        return FillsCache
    changed = _changed_in(node)
    if changed is None or changed not in names.locals_of(origin.function.node):
        return ChangesGlobal
    return AddsInPlace if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) else ChangesArgument


def _is_display(owner: str) -> bool:
    """Whether `owner` stands for what draws or shows."""
    return owner.startswith("<") and owner[1:].startswith(tables.STATEFUL_MODULES)


def _changed_in(node: ast.AST) -> str | None:
    """The name through which a function changes something."""
    target = node.func if isinstance(node, ast.Call) else node.target if isinstance(node, ast.AugAssign) else node
    end = names.root(target)
    return end.id if isinstance(end, ast.Name) else None


def _process_state(node: ast.AST, value: Any) -> bool:
    return getattr(value, "__name__", None) is not None and type(value).__name__ == "module"


def _is_next(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return name in ("next", "__next__", "anext", "send")


def _is_memo(origin: Origin, owner: str) -> bool:
    """Whether the function stores into what it also looks things up in."""
    node = origin.node
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name) or node.value.id != owner:
        return False
    return any(
        isinstance(n, ast.Compare)
        and any(isinstance(op, (ast.In, ast.NotIn)) for op in n.ops)
        and owner in names.loads(*n.comparators)
        for n in walk(origin.function.node)
    )


def _assignment(origin: Origin, owner: str) -> Origin:
    """The assignment of a global, instead of its declaration."""
    if isinstance(origin.node, (ast.Global, ast.Nonlocal)):
        for s in walk(origin.function.node):
            simple = isinstance(s, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.With))
            if simple and (_name(owner) or owner) in names.stores(s):
                return Origin(s, origin.function)
    return origin


def _name(owner: str) -> str | None:
    """The name in `owner`; None where it stands for something else."""
    if not owner.startswith("<"):
        return owner
    if ofprocess.is_of_process(owner):
        return ofprocess.called(owner)
    inner = owner.strip("<>")
    return inner.split(" of ")[0] if " of " in inner else None


def _changed_words(kind: type[Refusal], name: str | None, origin: Origin) -> str:
    """What the function does, in a few words."""
    if kind is WritesFile:
        return "writes a file that other iterations may use as well"
    if kind is CachedOutput:
        return "shows something, which a functools cache around it lets happen once for each argument"
    if kind is DisplayState:
        return f"calls {ast.unparse(origin.node).split('(')[0]}(), which acts on the notebook's own display"
    if kind is ModuleState:
        return f"changes what its module {origin.function.home!r} holds"
    if kind is AssignsGlobal:
        return f"assigns the global {name!r}"
    if kind is ClosureState:
        return f"keeps something in {name!r} from call to call"
    if kind is AdvancesIterator:
        return f"takes the next item of {name!r}"
    if kind is FillsCache:
        return f"keeps its results in {name!r}"
    if kind is ChangesEnvironment:
        return f"changes '{ast.unparse(origin.node)}', which belongs to the whole process"
    if kind is ClassAttribute:
        return f"changes the class {name!r}, which all its objects share"
    return (
        f"changes {name!r}, which all iterations share" if name else "changes something that all iterations may share"
    )


def _changed_argument(kind: type[Refusal], name: str | None, node: ast.AST, how: Any, effects: Effects) -> str:
    """What a function changes of what it is given: the argument itself, or something that may be within."""
    origin = how.origin
    given = _given(node, _changed_in(origin.node), origin.function, effects) if len(how.calls) == 1 else None
    text = ast.unparse(given) if given is not None else ""
    end = names.root(given) if given is not None else None
    if kind is AddsInPlace:
        return f"adds to '{text or name}', which it is given, in place if that is an array or a list"
    if not text or len(text) > _LONG:
        return f"changes what it is given, perhaps {name!r}" if name else "changes what it is given"
    within = name is not None and not (isinstance(end, ast.Name) and end.id == name)
    return f"changes '{text}', which it is given" + (f", and perhaps {name!r} with it" if within else "")


_SOMETHING = "changes something that all iterations may share"
_LONG = 40
"""Letters of an argument that is named no more."""


def _given(node: ast.AST, parameter: str | None, function: Followed, effects: Effects) -> ast.expr | None:
    """The argument for `parameter`."""
    if parameter is None or parameter not in names.parameters(function.node.args):
        return None
    if isinstance(node, ast.Attribute):
        return node.value  # a property's
    return effects.argument(node, function, parameter) if isinstance(node, ast.Call) else None


def _changes_here(case: Case, owner: str, node: ast.AST, how: str, read: ast.AST | None, effects: Effects) -> Refusal:
    """The change stands in the region itself."""
    name = _name(owner)
    if _is_next(node):
        lines = together(shown(case, node, f"takes the next item of '{name}'"))
        edit = edits.taken_by_loop(case, name) if name else None
        advice = "" if edit or not name else f"Instead: let the loop take the items: zip(..., {name})."
        return AdvancesIterator(case.line, lines, name, f"Iterations take their items from '{name}'", edit, advice)
    if outright.is_setting(owner):
        lines = together(shown(case, node, "changes the process"))
        detail = f"'{_first_line(node)}' changes what belongs to the whole process, and so to all iterations"
        edit = edits.set_before(case, node)
        advice = "" if edit else _CHANGE_ADVICE[ChangesEnvironment]
        return ChangesEnvironment(case.line, lines, None, detail, edit, advice)
    if not isinstance(case.node, ast.For):
        return _comprehension_changes(case, owner, node, effects)
    maker = _made_here(case, node)
    if maker is not None:
        detail = f"{maker}, which the body makes, changes '{name}', which all iterations share"
        lines = together(shown(case, node, f"writes '{name}'"), shown(case, read, "calls it"))
        return ChangesGlobal(case.line, lines, name, detail, None, _MOVE)
    stores = isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load)
    same = read is not None and isinstance(node, ast.Attribute) and ast.unparse(node) in ast.unparse(read)
    needs = name is None or (read is not None and name in names.loads(read) and (read is not node or stores))
    kind: type[Refusal] = ReadsStored if (stores and not same) or not (needs or _takes(node)) else ReadsChanged
    if _is_display(owner):
        lines = together(shown(case, node, "draws or shows"), shown(case, read, "computes behind it"))
        detail = f"'{_first_line(node)}' acts on the notebook's own display"
        return DisplayState(case.line, lines, None, detail, None, _DRAWING)
    lines = together(shown(case, node, f"writes '{name}'" if name else "writes it"), shown(case, read, "reads it"))
    if name is None:
        detail = f"The loop {how}, and later iterations may need that"
        return ReadsStored(case.line, lines, name, detail, None, "Instead: do that after the loop.")
    detail = f"The loop changes '{name}', and computes from it as well"
    edit = edits.copied_first(case, name) or edits.copied(case, read, name)
    edit = edit or (edits.read_first(case, name, effects) if _reads(node) else None)
    advice = f"Instead: compute first what does not need '{name}', in a statement of its own."
    if not needs and read is not None:
        advice = f"Instead: two loops, one that takes what it needs '{name}' for, and one that computes from that."
    advice = "" if edit else advice
    return kind(case.line, lines, name, detail, edit, advice)


_DRAWING = (
    "Instead: let each iteration make a figure and close it (plt.subplots() first, plt.close(fig) last), which "
    "workers do, or compute first and draw in a second loop."
)


def _takes(node: ast.AST) -> bool:
    """Whether it takes something out, which is then another one for the next iteration: ``stack.pop()``."""
    target = node.func if isinstance(node, ast.Call) else node
    return isinstance(target, ast.Attribute) and target.attr in ("pop", "popleft", "popitem", "get_nowait")


def _reads(node: ast.AST) -> bool:
    """Whether what it changes is only how far something has been read."""
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in tables.READING


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).split("\n")[0]


def _made_here(case: Case, node: ast.AST) -> str | None:
    """The function that the body makes and in which `node` stands."""
    for s in case.body:
        for function in walk(s):
            if isinstance(function, names.FUNCTIONS) and any(n is node for n in walk(function)):
                return f"{getattr(function, 'name', 'a lambda')}()" if hasattr(function, "name") else "A lambda"
    return None


def _comprehension_changes(case: Case, owner: str, node: ast.AST, effects: Effects) -> Refusal:
    name = _name(owner)
    if owner == "<files>":
        return WritesFile(
            case.line,
            together(shown(case, node, "writes the file")),
            None,
            "It writes a file that other iterations may use as well",
            edits.as_loop(case),
            "Instead: write the file in a for loop.",
        )
    if name is None and not _is_display(owner):
        detail = f"'{_first_line(node)}' changes something that all iterations may share, and workers have copies of it"
        return ChangesOuter(case.line, together(shown(case, node)), None, detail, edits.as_loop(case), "")
    if name is None:
        detail = f"'{ast.unparse(node).split(chr(10))[0]}' acts on the notebook's own display"
        edit = edits.as_loop(case)
        return DisplayState(case.line, together(shown(case, node)), None, detail, edit, "Instead: write a for loop.")
    lines = together(shown(case, node, f"changes '{name}'"))
    detail = f"It changes '{name}', and workers would change copies of it"
    edit = (edits.read_first(case, name, effects) if _reads(node) else None) or edits.as_loop(case)
    return ChangesOuter(case.line, lines, name, detail, edit, "" if edit else "Instead: write it as a for loop.")
