"""Plan a comprehension, generator expression, ``map`` or ``filter``: a worker evaluates it over its task's items."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from paracell.later import Later

from . import names, outright
from .build import HIDDEN
from .calls import position, runtime_call, shallow
from .case import Case
from .clone import clone
from .effects import Effects
from .freshness import Freshness
from .nodes import walk
from .refusal import Refusal
from .regions import Site
from .resolve import Resolver
from .roots import added, changed, in_place
from .shapes import start_of
from .split import Splitter

if TYPE_CHECKING:
    from . import reasons
    from .plan import Region
else:
    reasons = Later("paracell.cell.reasons")

LAZY = ("genexp", "map", "filter")


def plan_expression(site: Site, region: Region, resolver: Resolver, lines: list[str], runtime: str) -> ast.AST | None:
    """Fill `region`; the expression that takes its place, or None where it stays as it is."""
    node: Any = site.node
    region.whole_task = True
    case = Case(node, lines, resolver)
    region.refusal = _unfit(site, case)
    if region.refusal is not None:
        return None
    element: Any
    if site.kind in ("map", "filter"):
        iterable, element, target = _as_call(node, site.kind)
    else:
        iterable, target = node.generators[0].iter, node.generators[0].target
        element = clone(node)
    region.refusal = _refuse(case, element, target, iterable, site.kind)
    loop = names.stores(target)
    read = names.loads(element if site.kind in ("map", "filter") else node) - loop
    region.variables = {
        **dict.fromkeys(sorted(loop), "loop"),
        **{n: "broadcast" for n in sorted(read) if not names.is_builtin(n)},
    }
    if region.refusal is not None:
        return None
    region.reads = read
    region.computed_from = read if site.kind in ("map", "filter") else _read_by_workers(node) - loop
    region.may_stop = site.kind in LAZY
    if site.kind in LAZY:
        # What the call that takes the values may change between two of them (``out.extend(... for ...)``), or the loop.
        taking = [ast.Expr(site.around)] if site.around is not None else []
        fresh = Freshness(site.loop, names.stores(*site.loop), resolver)
        region.changes = changed([*site.loop, *taking], Effects(resolver, fresh))
        if (found := _sets_meanwhile(case, [*site.loop, *taking], Effects(resolver, fresh))) is not None:
            region.refusal = found
            return None
        region.changes = {**dict.fromkeys(in_place(site.loop), False), **region.changes}
        region.added = added(site.loop)
    bound = [name for kind, name, _ in names.events(element) if kind == "store"]
    region.slots = 2 if site.kind == "dictcomp" else 0
    region.temporaries = dict.fromkeys(bound, node.lineno)
    region.variables.update(dict.fromkeys(bound, "temporary"))
    region.order = tuple(region.temporaries)
    region.compute = _compute(element, target, site.kind, node, list(region.temporaries))
    return trial_form(site, region.index, runtime)


def _sets_meanwhile(case: Case, taking: list[ast.stmt], effects: Effects) -> Refusal | None:
    """What takes the values changes a setting of the process between two of them."""
    for statement in taking:
        for change in effects.changes(statement):
            if (setting := next(filter(outright.is_setting, sorted(change.owners)), None)) is not None:
                return reasons.change(case, setting, change.node, change.how, effects)
    return None


def _unfit(site: Site, case: Case) -> Refusal | None:
    """Why the expression is none whose items could be handed out; seen from the expression alone."""
    node: Any = site.node
    if site.kind in LAZY and not site.handed_on:
        return reasons.kept_generator(case, site.kind)
    if site.kind not in ("map", "filter"):
        return None
    builtin = case.resolver.name(node.func.id) in (map, filter)
    if not builtin or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
        return reasons.not_builtin(case)
    plain = isinstance(node.args[0], (ast.Name, ast.Attribute, ast.Lambda))
    if not plain or (site.kind == "filter" and len(node.args) != 2):
        return reasons.computed_function(case)
    return None


def fits(site: Site, lines: list[str], resolver: Callable[[], Resolver]) -> bool:
    """Whether ``trial_form`` may take the expression's place, whatever it computes."""
    if (site.kind in LAZY and not site.handed_on) or any(g.is_async for g in getattr(site.node, "generators", ())):
        return False
    return site.kind not in ("map", "filter") or _unfit(site, Case(site.node, lines, resolver())) is None


def trial_form(site: Site, index: int, runtime: str) -> ast.expr:
    """The expression as it stood, over items that run here; what it makes is handed on to be completed. It shares parts
    with the site's node."""
    node: Any = site.node
    plain = shallow(node)
    if isinstance(node, ast.Call) and len(node.args) > 2:
        where = position(node)
        starmap = ast.Attribute(ast.Name(runtime, ast.Load(), **where), "starmap", ast.Load(), **where)
        zipped = ast.Attribute(ast.Name(runtime, ast.Load(), **where), "Zipped", ast.Load(), **where)
        given = runtime_call(runtime, "trial", index, [ast.Call(zipped, node.args[1:], [], **where)], node)
        plain = ast.Call(starmap, [node.args[0], given], [], **where)
    elif isinstance(node, ast.Call):
        plain.args = [node.args[0], runtime_call(runtime, "trial", index, [node.args[1]], node)]
    else:
        first = shallow(node.generators[0])
        first.iter = runtime_call(runtime, "trial", index, [first.iter], node)
        plain.generators = [first, *node.generators[1:]]
    return runtime_call(runtime, "lazy" if site.kind in LAZY else "whole", index, [plain], node)


def _as_call(node: ast.Call, kind: str) -> tuple[ast.expr, ast.expr, ast.expr]:
    """(iterable, the call on one item, target) of a map or filter."""
    item = ast.Name(f"{HIDDEN}x", ast.Load())
    target: ast.expr = ast.Name(f"{HIDDEN}x", ast.Store())
    function = clone(node.args[0])
    if len(node.args) == 2:
        iterable: ast.expr = node.args[1]
        call = ast.Call(function, [item], [])
    else:
        iterable = ast.Tuple(node.args[1:], ast.Load())
        call = ast.Call(function, [ast.Starred(item, ast.Load())], [])
    for n in (*walk(call), target, *([iterable] if isinstance(iterable, ast.Tuple) else [])):
        if getattr(n, "lineno", None) is None and isinstance(n, ast.expr):
            ast.copy_location(n, node)
    return iterable, call, target


def _refuse(case: Case, element: ast.expr, target: ast.expr, iterable: ast.expr, kind: str) -> Refusal | None:
    node = case.node
    splitter = Splitter(target, [ast.Expr(element)], iterable, case.resolver)
    found = splitter.effects.forbidden(node)
    if found is None and kind in ("map", "filter"):
        found = splitter.effects.forbidden(element)
    if found is not None:
        return reasons.forbidden(case, *found)
    if any(isinstance(n, ast.NamedExpr) for n in walk(node)) and not _binds_first(element, kind, splitter):
        return reasons.binds(case)
    if any(
        isinstance(n, (ast.Attribute, ast.Subscript)) for g in getattr(node, "generators", []) for n in walk(g.target)
    ):
        return reasons.stored_items_of_comprehension(case)
    # The iterable is evaluated once, by the notebook, before the first iteration.
    outside = {id(n) for g in getattr(element, "generators", [])[:1] for n in walk(g.iter)}
    for change in splitter.effects.changes(element):
        if id(change.node) in outside:
            continue
        return reasons.change(case, sorted(change.owners)[0], change.node, change.how, splitter.effects)
    whole = ast.Expr(_stripped(element))
    results: dict[tuple[int, int], ast.AST] = {}
    own = names.stores(target, element, *(g.target for g in getattr(element, "generators", ())))
    for n in walk(whole):
        if (
            isinstance(n, (ast.Lambda, ast.GeneratorExp))
            and n is not whole.value
            and not splitter._used_at_once(whole, n)
            and not _called(element, n)
        ):
            # Workers run lists: made elsewhere a function would have another __qualname__.
            if kind != "listcomp" or not isinstance(n, ast.Lambda) or names.free_names(n) & own:
                return reasons.kept_function(case, n, "comprehension")
            results[start_of(n)] = n  # it sees the same names whenever it is called
    element = _without_bodies(element, results)
    body = [element] if kind in ("map", "filter") else _evaluated(element)
    if not any(splitter.worth(b) and not (isinstance(b, ast.expr) and splitter._lazy(b)) for b in body):
        return reasons.only_makes(case, *results.values()) if results else reasons.trivial(case)
    return None


def _without_bodies(element: ast.expr, functions: Collection[tuple[int, int]]) -> ast.expr:
    """`element`, without what these lambdas will compute when they are called."""
    made = clone(element) if functions else element
    for n in walk(made):
        if isinstance(n, ast.Lambda) and start_of(n) in functions:
            n.body = ast.Constant(None)
    return made


def _binds_first(element: Any, kind: str, splitter: Splitter) -> bool:
    """Whether every iteration binds with ``:=`` what it reads under that name: then the last value alone matters."""
    if kind in LAZY or any(isinstance(n, ast.Lambda) for n in walk(element)):
        return False
    bound = names.stores(element)
    exposed = names.Exposed(bound)
    exposed.body([ast.Expr(part) for part in _in_order(element)], frozenset())
    return not exposed.names and not splitter.effects.reads(element) & bound


def _in_order(node: Any) -> list[ast.expr]:
    parts: list[ast.expr] = []
    for i, g in enumerate(node.generators):
        parts += [g.iter, *g.ifs] if i else g.ifs
    return [*parts, *([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])]


def _called(element: ast.expr, function: ast.AST) -> bool:
    return isinstance(element, ast.Call) and element.func is function


def _stripped(element: ast.expr) -> ast.expr:
    """The comprehension as the list comprehension that a worker runs."""
    if isinstance(element, ast.GeneratorExp):
        return ast.copy_location(ast.ListComp(element.elt, element.generators), element)
    return element


def _evaluated(node: Any) -> list[ast.AST]:
    """What is evaluated once for each item."""
    parts: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for i, g in enumerate(node.generators):
        parts += g.ifs
        if i:
            parts.append(g.iter)
    if len(node.generators) > 1:
        parts.append(ast.BinOp(ast.Constant(0), ast.Add(), ast.Constant(0)))
    return parts


def _compute(element: Any, target: ast.expr, kind: str, node: ast.expr, bound: list[str]) -> ast.Module:
    """``def compute(items): return [...]``: a list of values, of (key, value) pairs, or of lists of values.

    With names that are `bound` by ``:=`` it is ``compute(items, keep)``, and leaves their values in ``keep``."""
    items = ast.Name(f"{HIDDEN}items", ast.Load())
    if kind in ("map", "filter"):
        one: ast.expr = element
        if kind == "filter":
            one = ast.Tuple([ast.IfExp(element, ast.Constant(True), ast.Constant(False))], ast.Load())
        value: ast.expr = ast.ListComp(one, [ast.comprehension(target, items, [], 0)])
    else:
        elt = ast.Tuple([element.key, element.value], ast.Load()) if kind == "dictcomp" else element.elt
        generators = element.generators
        if kind == "genexp" and (len(generators) > 1 or generators[0].ifs):
            one_item = ast.Name(f"{HIDDEN}x", ast.Load())
            first = ast.comprehension(target, ast.Tuple([one_item], ast.Load()), generators[0].ifs, 0)
            value = ast.ListComp(
                ast.ListComp(elt, [first, *generators[1:]]),
                [ast.comprehension(ast.Name(f"{HIDDEN}x", ast.Store()), items, [], 0)],
            )
        else:
            generators[0].iter = items
            value = ast.ListComp(elt, generators)
    given = ast.arg(f"{HIDDEN}keeps") if bound else None
    args = ast.arguments([], [ast.arg(f"{HIDDEN}items")], given, [], [], None, [])
    body: list[ast.stmt] = [ast.Return(value)]
    if bound:
        body = [ast.Try(body, [], [], _keeping(bound))]
    extra: dict[str, Any] = {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
    function = ast.FunctionDef("compute", args, body, [], None, **extra)
    for n in walk(function):
        if isinstance(n, (ast.expr, ast.stmt, ast.arg, ast.excepthandler)) and getattr(n, "lineno", None) is None:
            ast.copy_location(n, node)
    function.lineno = 1  # the code is one of the module, which begins on its first line
    return ast.Module([function], [])


def _keeping(bound: list[str]) -> list[ast.stmt]:
    """``for keep in keeps: keep[name] = name``, for the names that are bound by then."""
    keep = f"{HIDDEN}keep"
    body: list[ast.stmt] = []
    for name in bound:
        place = ast.Subscript(ast.Name(keep, ast.Load()), ast.Constant(name), ast.Store())
        save = ast.Assign([place], ast.Name(name, ast.Load()))
        body.append(ast.Try([save], [ast.ExceptHandler(None, None, [ast.Pass()])], [], []))
    return [ast.For(ast.Name(keep, ast.Store()), ast.Name(f"{HIDDEN}keeps", ast.Load()), body, [])]


def _read_by_workers(node: Any) -> set[str]:
    """Names that the comprehension reads; its first iterable is evaluated, and gone over, by the notebook."""
    inner = copy.copy(node)
    first = node.generators[0]
    inner.generators = [ast.comprehension(first.target, ast.Tuple([], ast.Load()), first.ifs, 0), *node.generators[1:]]
    return names.loads(inner)
