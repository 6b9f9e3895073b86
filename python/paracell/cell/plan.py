"""The plan of a parallel cell: its regions, what each one is made of, and the tree that runs in the cell's place."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import names
from .build import HIDDEN
from .clone import clone
from .comprehension import plan_expression
from .explain import explain
from .leading import Leading
from .loop import plan_loop
from .nodes import walk
from .refusals import AddsInPlace, BoundInCell, Refusal, Shown
from .regions import Site, sites
from .resolve import Resolver
from .serial import clocked
from .slices import Slice

_serial = itertools.count()


@dataclass
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
    leading: Leading = field(default_factory=Leading)
    """For a for statement: which of its residues are reached before the commit part has done anything."""
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
    changes_items: bool = False
    slices: list[Slice] = field(default_factory=list)
    """Containers of which each iteration uses its own element: looked at when the region begins."""
    consumer: str = ""
    """Name of the function that a lazy region is handed to, where that is a plain name."""
    may_stop: bool = False
    """Whether the loop may be left before its end (``break``, or a consumer that stops)."""
    again: Callable[[Mapping[str, Any]], Region] | None = None
    """Plan the region once more when it begins, if the cell itself binds names that it uses."""
    residues: list[tuple[int, str]] = field(default_factory=list)
    order: tuple[str, ...] = ()
    """Names that the loop binds, in the order of their first assignment in the text."""

    @property
    def parallel(self) -> bool:
        return self.refusal is None


@dataclass
class Plan:
    """What a parallel cell means; see the package."""

    source: str
    tree: ast.Module
    """Runs in the cell's place. It refers to a ``run.Runtime`` under the name ``runtime_name``, in builtins."""
    regions: list[Region]
    runtime_name: str

    def explain(self) -> str:
        """Each region's body with its compute part, its commit part and the class of every variable."""
        return explain(self)


def plan(source: str, filename: str, namespace: Mapping[str, Any]) -> Plan:
    """Plan a cell. Pure: runs nothing. SyntaxError as ``compile(source, filename, "exec")`` raises it."""
    return plan_tree(ast.parse(source, filename), source, namespace)


def plan_tree(tree: ast.Module, source: str, namespace: Mapping[str, Any]) -> Plan:
    """Plan a parsed cell, whose positions are those of `source`. `tree` is left as it is; ``Plan.tree`` is new."""
    tree = clone(tree)
    name = f"{HIDDEN}{next(_serial)}__"
    resolver = Resolver(namespace, tree)
    made = Plan(source, tree, [], name)
    lines = source.splitlines()
    replaced: dict[int, ast.AST] = {}
    for site in sites(tree):
        node = site.node
        line = lines[node.lineno - 1].strip() if node.lineno <= len(lines) else ast.unparse(node).split("\n")[0]
        region = Region(len(made.regions), site.kind, node.lineno, node.end_lineno or node.lineno, line)
        if site.lazy_in_loop and made.regions and made.regions[-1].parallel:
            continue
        original = clone(node)
        new = _plan(site, region, resolver, lines, name)
        if region.changes_items or region.refusal is not None or _idle(region, original):
            copied = Site(original, site.kind, site.handed_on)
            region, new = _with_numbers(copied, region, new, resolver, lines, name)
        handled = {n.name for n in walk(original) if isinstance(n, ast.ExceptHandler) and n.name}
        if region.parallel and (region.reads | handled) & set(resolver.defined):
            region.again = _replanning(Site(original, site.kind, site.handed_on), region, lines, name)
        region.column = node.col_offset
        region.consumer = site.consumer
        made.regions.append(region)
        if region.refusal is not None and not region.refusal.trivial:
            new = clocked(node, region.index, name)
        if new is not None:
            replaced[id(node)] = new
    made.tree = ast.fix_missing_locations(_Replace(replaced).visit(tree))
    return made


def _plan(site: Site, region: Region, resolver: Resolver, lines: list[str], name: str) -> ast.AST | None:
    if isinstance(site.node, ast.For):
        return plan_loop(site.node, region, resolver, lines, name)
    return plan_expression(site, region, resolver, lines, name)


def _idle(region: Region, original: ast.AST) -> bool:
    """Whether the loop calls something and its workers do not."""
    return not _calls(region) and any(isinstance(n, ast.Call) for n in walk(original))


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
    region = Region(strict.index, strict.kind, strict.line, strict.end_line, strict.source)
    new = _plan(Site(clone(site.node), site.kind, site.handed_on), region, lenient, lines, name)
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
    return AddsInPlace(region.line, (Shown(region.line, region.source),), None, detail, None, advice)


def _replanning(site: Site, region: Region, lines: list[str], name: str) -> Callable[[Mapping[str, Any]], Region]:
    def again(namespace: Mapping[str, Any]) -> Region:
        new = Region(region.index, region.kind, region.line, region.end_line, region.source)
        copied = Site(clone(site.node), site.kind, site.handed_on)
        resolver = Resolver(namespace, None)
        resolver.numbers = region.assumes_numbers is not None
        _plan(copied, new, resolver, lines, name)
        return new

    return again


def surprise(region: Region, namespace: Mapping[str, Any]) -> Refusal | None:
    """Why `region`, which is about to begin, is not what the plan took it for: seen from the objects there are now."""
    if region.again is None:
        return None
    new = region.again(namespace)
    if new.refusal is not None:
        return new.refusal
    if ast.dump(new.compute) != ast.dump(region.compute):  # type: ignore[arg-type]
        detail = "What it calls was bound in this cell, and was not known when the cell was planned"
        advice = "Instead: bind it in a cell before this one."
        return BoundInCell(region.line, (Shown(region.line, region.source),), None, detail, None, advice)
    return None


class _Replace(ast.NodeTransformer):
    def __init__(self, replaced: dict[int, ast.AST]):
        self.replaced = replaced

    def visit(self, node: ast.AST) -> Any:
        new = self.replaced.pop(id(node), None)
        if new is not None:
            return self.generic_visit(new)
        return self.generic_visit(node)
