"""The plan of a parallel cell: its regions, what each one is made of, and the tree that runs in the cell's place."""

from __future__ import annotations

import ast
import copy
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from paracell.later import Later
from paracell.records import field, fields, record, replace

from . import names
from .build import HIDDEN
from .bulk import Bulk
from .case import Case
from .clone import clone
from .compiled import stand_for
from .comprehension import plan_expression
from .dotted import root_of
from .effects import Effects
from .freshness import Freshness
from .leading import Leading
from .light import light
from .located import completed
from .loop import plan_loop
from .nodes import walk
from .refusal import Refusal, Shown
from .regions import Site, sites
from .resolve import Resolver
from .serial import clocked
from .slices import Slice

if TYPE_CHECKING:
    from . import helps, reasons, refusals
else:
    reasons, refusals = Later("paracell.cell.reasons"), Later("paracell.cell.refusals")
    helps = Later("paracell.cell.helps")

_serial = itertools.count()

log = logging.getLogger("paracell")

PLANNING, PLANNING_A_LINE = 0.4e-3, 0.4e-3
"""Seconds to plan a loop: so many, and so many for each of its lines."""


@record
class Region:
    """One outermost loop of the cell."""

    index: int
    kind: str
    """"for", "listcomp", "setcomp", "dictcomp", "genexp", "map" or "filter"."""
    line: int
    end_line: int
    source: str
    """The region's first line as it stands in the cell."""
    column: int = 0
    refusal: Refusal | None = None
    """Why it is not parallel (or ``refusal.trivial``: nothing to compute); None if it is."""
    variables: dict[str, str] = field(default_factory=dict)
    """Name -> loop, broadcast, temporary, reduction, sliced, committed or carried."""
    compute: ast.Module | None = None
    """Defines the function ``compute``."""
    whole_task: bool = False
    temporaries: dict[str, int] = field(default_factory=dict)
    """Names that only the compute part binds -> line of the last assignment."""
    partial: set[str] = field(default_factory=set)
    """Names that residues bind, but that a failing compute part may have bound further."""
    skips: bool = False
    """Whether the commit part may leave an iteration before it reaches a residue that failed."""
    inner: bool = False
    """Whether the commit part has inner loops, over items that workers compute: nobody knows how many before."""
    leading: Leading = field(default_factory=Leading)
    """For a for statement: which of its residues are reached before the commit part has done anything."""
    slots: int = 0
    """Of how many slots the tuple is that is an iteration's value; 0: it is none that the compute function makes."""
    bulk: Bulk | None = None
    """For a for statement: what its iterations do, where many of them can be committed at a time."""
    target: ast.expr | None = None
    """What a for statement binds to each item: a name, or a tuple of names."""
    computed: set[int] = field(default_factory=set)
    """Lines of the statements that only workers run; for ``explain``."""
    assumes_numbers: Refusal | None = None
    """Why it is not parallel unless its items and what it reads are values that ``+=`` does not change."""
    parked: set[str] = field(default_factory=set)
    """Names of which only the last value matters: it is fetched when the loop is over."""
    reads: set[str] = field(default_factory=set)
    """Notebook names that the body reads."""
    computed_from: set[str] = field(default_factory=set)
    """Those of them that the compute function itself names."""
    changes: dict[str, bool] = field(default_factory=dict)
    """Notebook names whose objects the commit part changes -> whether also what these hold."""
    added: frozenset[str] = frozenset()
    """Those whose elements or attributes it adds to in place."""
    unsaid: list[Any] = field(default_factory=list)
    """Methods that the commit part may run without a word of it in the text and that change something."""
    blind: bool = False
    """Whether the commit part changes objects to which no name is known to lead."""
    changes_items: bool = False
    beside: dict[str, frozenset[Any]] = field(default_factory=dict)
    """Names of whose objects the loop goes over one part and changes others -> those others (see ``beside``)."""
    parts: frozenset[str] = frozenset()
    """Parts of objects that are variables of their own (``dotted``)."""
    methods: dict[str, frozenset[str]] = field(default_factory=dict)
    """Those of them that are methods, with the attributes that they read (``selves``)."""
    slices: list[Slice] = field(default_factory=list)
    """Containers of which each iteration uses its own element: looked at when the region begins."""
    consumer: str = ""
    """Name of the function that a lazy region is handed to, where that is a plain name."""
    closed: frozenset[str] = frozenset()
    """Names that hold nothing any more when an exception leaves the loop."""
    may_stop: bool = False
    """Whether the cell may go on after the loop was left early (``break``, a consumer that stops, a ``try``)."""
    again: Callable[[Mapping[str, Any]], Region] | None = None
    """Plan the region once more when it begins, if the cell itself binds names that it uses."""
    unsure: frozenset[str] = frozenset()
    """Those names."""
    residues: list[tuple[int, str]] = field(default_factory=list)
    order: tuple[str, ...] = ()
    """Names that the loop binds, in the order of their first assignment in the text."""
    remains: list[ast.stmt] = field(default_factory=list)
    """Of a for statement that was planned late: what runs the iterations that remain."""
    later: Callable[[Mapping[str, Any]], Region] | None = None
    """Plans the region; None once it is planned (``cell.later``). Until then only its place and kind are known."""
    together: list[Region] = field(default_factory=list, repr=False, compare=False)
    """A loop and what it goes over, where they are planned later: together, for one of them may run elsewhere."""
    left_out: bool = False
    """Planned later, it has turned out to be none: it is left to the loop that goes over it."""

    @property
    def planning(self) -> float:
        """Seconds that planning it takes, about."""
        return PLANNING + PLANNING_A_LINE * (self.end_line - self.line + 1)

    @property
    def parallel(self) -> bool:
        return self.refusal is None and self.later is None and not self.left_out

    def settle(self, namespace: Mapping[str, Any]) -> None:
        """Plan it, if that has been put off, with the notebook's names as they are now."""
        if self.later is None:
            return
        later, self.later = self.later, None
        try:
            planned = later(namespace)
        except Exception as error:
            log.exception("planning a loop failed")
            self.refusal = Refusal(self.line, detail=f"Planning it failed ({type(error).__name__}: {error})")
            return
        for name in _OF_A_PLAN:
            setattr(self, name, getattr(planned, name))


_BEGUN = Region(0, "", 0, 0, "").__dict__
"""Fields of a region that is not planned yet; what is empty here stays so."""
_OF_A_PLAN = tuple(
    one.name for one in fields(Region) if one.name not in ("index", "column", "consumer", "later", "together")
)


@record
class Plan:
    """What a parallel cell means; see the package."""

    source: str
    tree: ast.Module
    """Runs in the cell's place. It refers to a ``run.Runtime`` under the name ``runtime_name``, in builtins."""
    regions: list[Region]
    runtime_name: str
    light: bool = False
    """Whether loops that do little but draw random numbers run as they stand (``light``)."""

    def text(self, region: Region) -> str:
        """The lines on which `region` stands."""
        return "\n".join(self.source.splitlines()[region.line - 1 : region.end_line])

    def explain(self) -> str:
        """Each region's body with its compute part, its commit part and the class of every variable."""
        from .explain import explain

        return explain(self)


def plan(source: str, filename: str, namespace: Mapping[str, Any]) -> Plan:
    """Plan a cell. Pure: runs nothing. SyntaxError as ``compile(source, filename, "exec")`` raises it."""
    return plan_tree(ast.parse(source, filename), source, namespace)


def plan_tree(tree: ast.Module, source: str, namespace: Mapping[str, Any], light: bool = False) -> Plan:
    """Plan a parsed cell, whose positions are those of `source`. `tree` is left as it is; ``Plan.tree`` is new.
    `light`: see ``Plan``."""
    written, tree = tree, clone(tree)
    made = Plan(source, tree, [], new_name(), light)
    planner = Planner(made, Resolver(namespace, tree))
    replaced: dict[int, ast.AST] = {}
    for site in sites(tree):
        if site.lazy_in_loop and planner.stays(site):
            continue
        planner.add(site, replaced)
    made.tree = completed(exchanged(tree, replaced))
    for new, statement in zip(made.tree.body, written.body, strict=True):
        stand_for(new, statement)
    return made


def new_name() -> str:
    """A name for a plan's run time, of which there is no second one."""
    return f"{HIDDEN}{next(_serial)}__"


def begun(plan: Plan, lines: list[str], node: ast.For | ast.expr, kind: str, consumer: str = "") -> Region:
    """The next region of the cell, of which no more is known than where it stands; in the plan from now on."""
    number = node.lineno
    line = lines[number - 1].strip() if number <= len(lines) else ast.unparse(node).split("\n")[0]
    region = Region.__new__(Region)
    region.__dict__.update(
        _BEGUN,
        index=len(plan.regions),
        kind=kind,
        line=number,
        end_line=node.end_lineno or number,
        source=line,
        column=node.col_offset,
        consumer=consumer,
    )
    plan.regions.append(region)
    return region


def fresh(region: Region) -> Region:
    """One that stands where `region` does, to be planned."""
    new = Region(region.index, region.kind, region.line, region.end_line, region.source)
    new.column, new.consumer = region.column, region.consumer
    return new


class Planner:
    """Plans the regions of one cell."""

    def __init__(self, plan: Plan, resolver: Resolver, again: bool = False) -> None:
        """`again`: it is the cell with an edit that is to be shown, if it helps."""
        self.again = again
        self.plan = plan
        self.resolver = resolver
        self.lines = plan.source.splitlines()

    def stays(self, site: Site, before: Region | None = None) -> bool:
        """Whether what a loop goes over is left to that: it runs elsewhere itself, or binds what is read for it.
        `before`: the region before it, if that is not the last one that there is."""
        before = before or (self.plan.regions[-1] if self.plan.regions else None)
        if before is not None and before.parallel:
            return True
        effects = Effects(self.resolver, Freshness([], set(), self.resolver))
        read = names.loads(site.node) | effects.reads(site.node)
        return bool(read & names.stores(*site.loop))

    def add(self, site: Site, replaced: dict[int, ast.AST]) -> None:
        """Plan one more region; `replaced` gets what takes its place, by the id of its node."""
        node = site.node
        begun(self.plan, self.lines, node, site.kind, site.consumer)
        region, new = self.planned(site, fresh(self.plan.regions[-1]))
        self.plan.regions[region.index] = region
        if region.refusal is not None and not region.refusal.trivial:
            new = clocked(node, region.index, self.plan.runtime_name)
        if new is not None:
            replaced[id(node)] = new

    def planned(self, site: Site, region: Region) -> tuple[Region, ast.AST | None]:
        """(`region`, planned, what takes its place or None); the node of `site` may change."""
        name = self.plan.runtime_name
        if self.plan.light and light(site, self.resolver):
            region.refusal = reasons.light(Case(site.node, self.lines, self.resolver))
            return region, None
        original = clone(site.node)
        new = _plan(site, region, self.resolver, self.lines, name)
        if region.changes_items or region.refusal is not None or _idle(region, original):
            copied = replace(site, node=original)
            region, new = _with_numbers(copied, region, new, self.resolver, self.lines, name)
        handled = {n.name for n in walk(original) if isinstance(n, ast.ExceptHandler) and n.name}
        held = map(root_of, region.parts)
        region.unsure = frozenset({*region.reads, *handled, *held} & set(self.resolver.defined))
        if region.parallel and region.unsure:
            region.again = _replanning(replace(site, node=original), region, self.lines, name)
        region.closed = site.closed - self._goes_on_with(site) if region.may_stop else site.closed
        region.may_stop = region.may_stop or site.caught
        if region.refusal is not None and region.refusal.edit is not None and not self.again:
            region.refusal = helps.checked(region.refusal, region, self.lines, self.resolver, self._with_edit)
        return region, new

    def _with_edit(self, site: Site, resolver: Resolver, lines: Sequence[str]) -> Refusal | None:
        """Why a region of the cell that has these lines is not parallel."""
        plan = Plan("\n".join(lines), ast.Module([], []), [], self.plan.runtime_name, self.plan.light)
        planner = Planner(plan, resolver, again=True)
        begun(plan, planner.lines, site.node, site.kind, site.consumer)
        try:
            return planner.planned(site, fresh(plan.regions[0]))[0].refusal
        except Exception:
            log.exception("planning a loop with an edit failed")
            return None

    def _goes_on_with(self, site: Site) -> set[str]:
        """Names that are used after it where they are not closed yet."""
        effects = Effects(self.resolver, Freshness([], set(), self.resolver))
        return names.loads(*site.after).union(*map(effects.reads, site.after))


def _plan(site: Site, region: Region, resolver: Resolver, lines: list[str], name: str) -> ast.AST | None:
    if isinstance(site.node, ast.For):
        return plan_loop(site.node, region, resolver, lines, name)
    return plan_expression(site, region, resolver, lines, name)


def _idle(region: Region, original: ast.AST) -> bool:
    """Whether the loop calls something and its workers do not."""
    body = original.body if isinstance(original, ast.For) else [original]  # what it goes over is evaluated here
    return not _calls(region) and any(isinstance(n, ast.Call) for part in body for n in walk(part))


def _calls(region: Region) -> bool:
    """Whether workers call anything but what keeps the region's own account."""
    mine = HIDDEN + "at"
    return region.compute is None or any(
        isinstance(n, ast.Call) and not (isinstance(end := names.root(n.func), ast.Name) and end.id == mine)
        for n in walk(region.compute)
    )


def _with_numbers(
    site: Site, strict: Region, planned: ast.AST | None, resolver: Resolver, lines: list[str], name: str
) -> tuple[Region, ast.AST | None]:
    """The region planned again as if ``+=`` in functions met numbers, if that makes a difference; else `strict`."""
    lenient = copy.copy(resolver)
    lenient.numbers, lenient._followed = True, {}
    region = fresh(strict)
    new = _plan(replace(site, node=clone(site.node)), region, lenient, lines, name)
    if strict.refusal is None:
        if region.refusal is None and not region.changes_items and (strict.changes_items or _calls(region)):
            region.assumes_numbers = in_place(region)
            return region, new
        return strict, planned
    if region.refusal is None:
        region.assumes_numbers = strict.refusal
        return region, new
    return (region if region.refusal.proven else strict), None


def in_place(region: Region) -> Refusal:
    """A function adds to its argument with ``+=``, which may change it."""
    detail = "A function adds to what it is given with '+=', which changes arrays and lists in place"
    advice = "Instead: make a new value in the function: v = v + ... for v += ..."
    return refusals.AddsInPlace(region.line, (Shown(region.line, region.source),), None, detail, None, advice)


def _replanning(site: Site, region: Region, lines: list[str], name: str) -> Callable[[Mapping[str, Any]], Region]:
    def again(namespace: Mapping[str, Any]) -> Region:
        new = fresh(region)
        copied = replace(site, node=clone(site.node))
        resolver = Resolver(namespace, None)
        resolver.numbers = region.assumes_numbers is not None
        _plan(copied, new, resolver, lines, name)
        return new

    return again


def surprise(region: Region, namespace: Mapping[str, Any]) -> Refusal | None:
    """Why `region`, which is about to begin, is not what the plan took it for: seen from the objects there are now."""
    if region.again is None or region.unsure.isdisjoint(namespace):
        return None  # what is not bound was taken for unknown
    new = region.again(namespace)
    if new.refusal is not None:
        return new.refusal
    if ast.dump(new.compute) != ast.dump(region.compute):  # type: ignore[arg-type]
        detail = "What it calls was bound in this cell, and was not known when the cell was planned"
        advice = "Instead: bind it in a cell before this one."
        return refusals.BoundInCell(region.line, (Shown(region.line, region.source),), None, detail, None, advice)
    return None


def exchanged(tree: Any, replaced: dict[int, ast.AST]) -> Any:
    """`tree` with the nodes that have these ids replaced."""
    return _Replace(replaced).visit(tree)


class _Replace(ast.NodeTransformer):
    def __init__(self, replaced: dict[int, ast.AST]):
        self.replaced = replaced

    def visit(self, node: ast.AST) -> Any:
        new = self.replaced.pop(id(node), None)
        if new is not None:
            return self.generic_visit(new)
        return self.generic_visit(node)
