"""A cell whose regions are planned when it is known that they are worth it.

Under ``auto`` the first iterations run as they stand, and that needs no plan. IPython compiles and runs a cell one
statement at a time: behind a loop that stands by itself comes a statement that is empty until the loop is planned, and
then holds the form that runs the rest elsewhere. Where the loop is a part of another statement, which is compiled by
then, the run time runs that form; and it completes a list, set or dict, and what is lazy.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any

from paracell.records import replace

from .calls import Made, exchanged
from .clone import clone
from .compiled import stand_for
from .comprehension import fits, trial_form
from .located import completed
from .loop import trial_loop
from .place import Place
from .plan import Plan, Planner, Region, begun, fresh, new_name
from .plan import exchanged as replacing
from .regions import Site, has_sites, may_have_sites, sites_in
from .resolve import Resolver


def plan_later(tree: ast.Module, source: str, namespace: Mapping[str, Any], light: bool = False) -> Plan:
    """As ``plan_tree``, but that regions are planned by ``Region.settle``, where they can be.

    The tree is to be compiled and run one statement after the other. It shares parts with `tree`."""
    plan = Plan(source, ast.Module([], tree.type_ignores), [], new_name(), light)
    if not may_have_sites(source):
        plan.tree.body = tree.body
        return plan
    later = _Later(plan, tree, namespace)
    for statement in tree.body:
        plan.tree.body += later.statement(statement)
    return plan


def _waits(site: Site, statement: ast.stmt) -> bool:
    """Whether the loop's other form can be run when the loop has begun. (Before 3.11 tracebacks would show where.)"""
    return site.kind != "for" or site.node is statement or sys.version_info >= (3, 11)


def _goes_over(loop: ast.For, found: list[Site]) -> Site | None:
    """The region that the loop goes over item by item, if that can wait until it is known which of the two is to run
    elsewhere: from then on what it would give next can be made anew."""
    if len(found) != 2 or loop.orelse or found[1].node is not loop.iter or not found[1].lazy_in_loop:
        return None
    site: Any = found[1]
    if site.kind == "genexp":
        generators = site.node.generators
        waits = len(generators) == 1 and not generators[0].ifs and not generators[0].is_async
    else:
        waits = site.kind == "map" and len(site.node.args) == 2 and not site.node.keywords
    return site if waits else None


class _Later:
    def __init__(self, plan: Plan, tree: ast.Module, namespace: Mapping[str, Any]) -> None:
        self._plan = plan
        self._tree = tree
        self._namespace = namespace

    @cached_property
    def _now(self) -> Planner:
        """Plans what is not put off."""
        return Planner(self._plan, Resolver(self._namespace, self._tree))

    @cached_property
    def _lines(self) -> list[str]:
        return self._plan.source.splitlines()

    def statement(self, statement: ast.stmt) -> list[ast.stmt]:
        """What takes the place of one statement of the cell."""
        if type(statement) is ast.For and not statement.orelse and not has_sites(statement.iter):
            return self._alone(statement, None)
        found = list(sites_in(statement)) if has_sites(statement) else []
        if not found:
            return [statement]
        if type(statement) is ast.For and (over := _goes_over(statement, found)) is not None:
            return self._alone(statement, over)
        if any(site.lazy_in_loop or not _waits(site, statement) for site in found):
            return [stand_for(self._planned(clone(statement)), statement)]
        made: Made = {}
        before = len(self._plan.regions)
        for site in found:
            if site.kind == "for":
                self._loop(site, made, site.node is statement)
            elif fits(site, self._lines, lambda: self._now.resolver):
                self._expression(site, made)
            else:
                self._at_once(site, made)
        new = exchanged(statement, made)
        first, *behind = new if isinstance(new, list) else [new]
        if any(region.later is None for region in self._plan.regions[before:]):
            stand_for(first, statement)  # else it holds the cell's own code, and nothing twice
        return [first, *behind]

    def _planned(self, statement: ast.stmt) -> ast.stmt:
        """A statement whose regions are planned now, but for what is left to the loop that goes over it: which of the
        two runs elsewhere is to be known before."""
        replaced: dict[int, ast.AST] = {}
        for site in sites_in(statement):
            if not (site.lazy_in_loop and self._now.stays(site)):
                self._now.add(site, replaced)
        return completed(replacing(statement, replaced))

    def _at_once(self, site: Site, made: Made) -> None:
        replaced: dict[int, ast.AST] = {}
        copied = replace(site, node=clone(site.node))
        self._now.add(copied, replaced)
        new = replaced.get(id(copied.node))
        if new is not None:
            made[id(site.node)] = lambda _: completed(new)

    def _expression(self, site: Site, made: Made) -> None:
        region = self._begun(site)
        region.whole_task = True
        region.later = lambda namespace: self._settled(region, site, namespace)[0]
        new = trial_form(site, region.index, self._plan.runtime_name)
        made[id(site.node)] = lambda _: new

    def _alone(self, node: ast.For, over: Site | None) -> list[ast.stmt]:
        """A loop that is a statement of the cell itself, and the place behind it for its other form. It goes `over`
        what would be a region of its own if the loop were none."""
        region = begun(self._plan, self._lines, node, "for")
        plain, place = trial_loop(node, region.index, self._plan.runtime_name)
        region.later = partial(self._split, region, node, place)
        if over is not None:
            inner = self._begun(over)
            inner.whole_task = True
            inner.later = partial(self._gone_over, inner, over, region)
            region.together = inner.together = [region, inner]
        return [plain, place]

    def _gone_over(self, region: Region, site: Site, loop: Region, namespace: Mapping[str, Any]) -> Region:
        """What `loop`, which is planned by now, goes over, planned unless it is left to that."""
        if Planner(self._plan, Resolver(namespace, None)).stays(site, loop):
            left = fresh(region)
            left.left_out = True
            return left
        return self._settled(region, site, namespace)[0]

    def _loop(self, site: Site, made: Made, alone: bool) -> None:
        """The loop, and behind it the place for its other form; `alone`: it is a statement of the cell itself."""
        region = self._begun(site)
        place: Place | None = None

        def stands(node: Any) -> list[ast.AST]:
            nonlocal place
            plain, place = trial_loop(node, region.index, self._plan.runtime_name)
            return [plain, place]

        made[id(site.node)] = stands
        region.later = lambda namespace: self._split(region, site, place if alone else None, namespace)

    def _begun(self, site: Site) -> Region:
        return begun(self._plan, self._lines, site.node, site.kind, site.consumer)

    def _split(self, region: Region, site: Site | ast.For, place: Place | None, namespace: Mapping[str, Any]) -> Region:
        """The loop planned; what runs the iterations that remain is in its `place`, if it has one."""
        site = Site(site, "for") if isinstance(site, ast.For) else site
        planned, new = self._settled(region, site, namespace)
        if planned.parallel:
            planned.remains = new.orelse[0].body
            completed(ast.Module(planned.remains, []))
            if place is not None:
                place.fill(planned.remains)
                stand_for(place, None)
        return planned

    def _settled(self, region: Region, site: Site, namespace: Mapping[str, Any]) -> tuple[Region, Any]:
        """The region planned, and its form as ``plan_tree`` has it."""
        planner = Planner(self._plan, Resolver(namespace, None))
        copied = replace(site, node=clone(site.node))
        return planner.planned(copied, fresh(region))
