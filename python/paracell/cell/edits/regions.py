"""Edits of the region itself."""

from __future__ import annotations

import ast
from typing import Any

from paracell.attributes import attribute

from .. import names, tables
from ..case import Case
from ..freshness import UNKNOWN
from ..nodes import walk
from ..refusal import Edit, Swap
from .pieces import before, one, replaced, with_instead
from .sound import free, readable


def anew(case: Case, name: str) -> Edit:
    """The name is assigned at the beginning of each iteration."""
    value = case.resolver.name(name)
    text = repr(value) if isinstance(value, (int, float, str, bool, type(None))) else "None"
    first = before(case, case.body[0], f"{name} = {text if len(text) < 20 else 'None'}")
    return Edit((first,), "if each iteration should start anew")


def copied(case: Case, read: ast.AST | None, name: str) -> Edit | None:
    """Reads go to a copy that was made before the loop."""
    if read is None or not isinstance(case.node, ast.For):
        return None
    old = free(case, "old")
    swaps = _renamed_reads(case, name, old)
    if not swaps or _changes_inside(case, name):
        return None
    value = case.resolver.name(name)
    made = isinstance(case.resolver.defined.get(name), ast.ClassDef)
    if made or isinstance(value, type) or (value is not UNKNOWN and attribute(value, "copy") is None):
        return None
    condition = "if the values from before the loop are meant"
    return Edit((before(case, case.node, f"{old} = {name}.copy()"), *swaps), condition)


def _renamed_reads(case: Case, name: str, new: str) -> list[Swap]:
    """Lines in which the body reads `name` other than to change it, with `new` in its place; none if they are many."""
    changed = {id(names.root(n)) for s in case.body for n in walk(s) if _changes(n)}
    places: dict[int, list[Any]] = {}
    for n in (n for s in case.body for n in walk(s)):
        if isinstance(n, ast.Name) and n.id == name and id(n) not in changed:
            places.setdefault(n.lineno, []).append(n)
    return _lines_with(case, places, new) if len(places) < 4 else []


def _changes_inside(case: Case, name: str) -> bool:
    """Whether it is something that `name` holds that changes: a copy would hold it as well."""
    changed = [n for s in case.body for n in walk(s) if _changes(n)]
    return any(
        not isinstance(n.value, ast.Name)  # type: ignore[attr-defined]
        for n in changed
        if isinstance(end := names.root(n), ast.Name) and end.id == name
    )


def _changes(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and node.attr in tables.MUTATORS:
        return True
    return isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load)


def _lines_with(case: Case, places: dict[int, list[Any]], new: str) -> list[Swap]:
    """Each line with `new` instead of the nodes on it."""
    return with_instead(case, dict.fromkeys((n for nodes in places.values() for n in nodes), new))


AGAIN = (list, tuple, range, str, bytes, dict, set, frozenset)
"""What can be gone over twice."""


def shifted(case: Case, name: str) -> Edit | None:
    """``for prev, x in zip([prev, *xs], xs)`` instead of a last line ``prev = x``."""
    last, target, iterable = case.body[-1], case.node.target, case.node.iter
    text = case.text(case.line)
    plain = isinstance(target, ast.Name) and not any(isinstance(n, ast.Call) for n in walk(iterable))
    if not plain or len(case.body) < 2 or not text.endswith(":") or last.lineno != last.end_lineno:
        return None
    if not (isinstance(last, ast.Assign) and isinstance(last.value, ast.Name) and last.value.id == target.id):
        return None
    if names.stores(last) != {name} or {name, target.id} & names.stores(*case.body[:-1]):
        return None
    skips = any(isinstance(n, ast.Continue) for s in case.body for n in walk(s))
    if skips or (isinstance(iterable, ast.Name) and not isinstance(case.resolver.name(iterable.id), AGAIN)):
        return None
    items = ast.unparse(iterable)
    head = f"for {name}, {target.id} in zip([{name}, *{items}], {items}):"
    gone = case.swap(last.lineno, case.text(last.lineno))
    return Edit((case.swap(case.line, text, head), gone), f"if '{name}' is not needed after the loop")


def named_item(case: Case) -> Edit | None:
    """``for item in xs: d[k] = item``."""
    places_of_target = [n for n in walk(case.node.target) if isinstance(n, (ast.Attribute, ast.Subscript))]
    stored = [n for n in places_of_target if isinstance(n.ctx, ast.Store)]
    if len(stored) != 1 or case.body[0].lineno == case.line:
        return None
    target, item = stored[0], free(case, "item")
    head = replaced(case, target, item)
    owner = names.root(target)
    same = [n for s in case.body for n in walk(s) if type(n) is type(target) and ast.unparse(n) == ast.unparse(target)]
    uses = [n for s in case.body for n in walk(s) if isinstance(owner, ast.Name) and _is_name(n, owner.id)]
    if head is None or len(uses) != len(same) or not all(isinstance(n.ctx, ast.Load) for n in same):
        return None  # what is read may not be what was stored
    places: dict[int, list[Any]] = {}
    for n in same:
        places.setdefault(n.lineno, []).append(n)
    store = f"{ast.unparse(target)} = {item}"
    first = case.body[0].lineno
    swaps = {swap.number: swap for swap in _lines_with(case, places, item)}
    then = swaps.pop(first, None)
    text = case.text(first)
    into = case.swap(first, text, store, *(then.new if then is not None else (text.lstrip(),)))
    return Edit((head, into, *swaps.values()))


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def as_list(case: Case) -> Edit | None:
    """The lazy expression as a list comprehension."""
    node: Any = case.node
    condition = "if a list will do"
    if isinstance(node, ast.GeneratorExp):
        whole = ast.unparse(ast.ListComp(node.elt, node.generators))
        return one(case, node, whole, condition)
    if len(node.args) != 2 or not isinstance(node.args[0], (ast.Name, ast.Attribute)):
        return None
    function, iterable = map(ast.unparse, node.args)
    x = "x" if "x" not in names.loads(*node.args) else free(case, "x")
    new = f"[{function}({x}) for {x} in {iterable}]"
    if node.func.id == "filter":
        new = f"[{x} for {x} in {iterable} if {function}({x})]"
    return one(case, node, new, condition)


def as_list_inside(case: Case, node: ast.GeneratorExp) -> Edit | None:
    """A list instead of a generator expression within the region."""
    made = ast.unparse(ast.ListComp(node.elt, node.generators))
    end = node.end_lineno, node.end_col_offset
    if any(
        isinstance(n, ast.Call) and n.args == [node] and (n.end_lineno, n.end_col_offset) == end
        for n in walk(case.node)
    ):
        made = f"({made})"  # the parentheses that it stands in are the call's
    return one(case, node, made, "if a list will do")


def with_own_values(case: Case, function: ast.Lambda, bound: set[str]) -> Edit | None:
    """``lambda v, x=x: f(v) + x``: a function that keeps the values that names have where it is made."""
    args = function.args
    kept = sorted(bound & names.free_names(function))
    if not kept or args.vararg or args.kwonlyargs or args.kwarg:
        return None
    given = ", ".join([*([ast.unparse(args)] if args.args or args.posonlyargs else []), *(f"{n}={n}" for n in kept)])
    condition = f"if each function is to keep the {' and '.join(map(repr, kept))} of its iteration"
    return one(case, function, f"lambda {given}: {ast.unparse(function.body)}", condition)


def unpacked(case: Case) -> Edit | None:
    """``[pow(*items) for items in zip(*lists)]`` instead of ``map(pow, *lists)``."""
    node: Any = case.node
    function, *given = node.args
    if node.func.id != "map" or node.keywords or not isinstance(function, (ast.Name, ast.Attribute)) or not given:
        return None
    items, several = free(case, "items"), ", ".join(map(ast.unparse, given))
    new = f"[{ast.unparse(function)}(*{items}) for {items} in zip({several})]"
    return one(case, node, new, "if a list will do")


def named_function(case: Case) -> Edit | None:
    """``call = make()`` before ``map(call, xs)``."""
    call = free(case, "call")
    swap = replaced(case, case.node.args[0], call)
    if swap is None:
        return None
    return readable(case, Edit((swap._replace(new=(f"{call} = {ast.unparse(case.node.args[0])}", *swap.new)),)))


def renamed(case: Case, name: str, write: ast.AST) -> Edit | None:
    """The loop's variable keeps its value: what the body assigns gets another name from there on."""
    new = free(case, f"new_{name}")
    start = (getattr(write, "lineno", 0), getattr(write, "col_offset", 0))
    statement = next(
        (s for s in case.body if any((n.lineno, n.col_offset) == start for n in walk(s) if isinstance(n, ast.Name))),
        None,
    )
    inner = any(isinstance(n, names.FUNCTIONS) for s in case.body for n in walk(s))
    if not isinstance(statement, ast.Assign) or inner:
        return None
    places: dict[int, list[Any]] = {}
    for s in case.body[case.body.index(statement) :]:
        for n in walk(s):
            if isinstance(n, ast.Name) and n.id == name and not (s is statement and isinstance(n.ctx, ast.Load)):
                places.setdefault(n.lineno, []).append(n)
    swaps = _lines_with(case, places, new) if len(places) < 6 else []
    return Edit(tuple(swaps), f"if {name!r} is not needed with its new value after the loop") if swaps else None
