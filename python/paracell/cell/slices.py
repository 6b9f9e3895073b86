"""Sliced variables: containers of which each iteration reads and writes only its own element (``a[i] = f(a[i])``).

What can be seen in the text is found here: every use of the container stands under one and the same key, a variable of
the loop. That keys differ from iteration to iteration, and that elements are apart, is looked at when the loop begins
(``run.own``).
"""

from __future__ import annotations

import ast
from typing import Any

from paracell.records import field, record

from . import names, tables
from .freshness import Freshness
from .nodes import walk
from .parts import Commit, Compute, Inner, Part, Resource

LOCATORS = ("loc", "at", "iloc", "iat")
SHAPE = ("shape", "ndim", "dtype")
KINDS = ("list", "dict", "OrderedDict", "bytearray", "array", "ndarray", "DataFrame", "Series")


@record
class Slice:
    """One container and how the body uses it."""

    name: str
    key: str
    """Source of the own key."""
    position: int
    """Where in an index tuple the key stands; -1 if the index is the key."""
    locator: str | None
    """``loc``, ``at``, ``iloc``, ``iat`` for a table, None for a plain subscript."""
    mixed: bool = False
    """Whether it also stands alone: ``a[i]`` beside ``a[i, :]``."""
    offset: int = 0
    """What is added to the loop's variable."""
    nested: bool = False
    """Whether elements are changed, and not only replaced."""
    added: bool = False
    """Whether elements are added to in place."""
    columns: set[str] = field(default_factory=set)
    """Columns of a table that are written; ``*``: not known which."""
    columns_read: set[str] = field(default_factory=set)
    sized: bool = False
    """Whether its length or shape is asked for."""
    reads: set[int] = field(default_factory=set)
    """ids of the Name nodes that read the own element, or what stays as it is."""
    varying: set[str] = field(default_factory=set)
    """Where every use has the very same index: the names in it, inner loops' variables among them."""
    loose: bool = False
    """Whether workers hand on what may be, or look into, an element: elements must then be immutable."""
    iterated: bool = False
    """Whether the loop goes over the container, or its keys."""


@record
class _Use:
    node: ast.Name
    index: ast.expr | None
    locator: str | None
    written: bool
    direct: bool
    whole: str = ""
    """Source of the whole chain of subscripts and attributes."""
    variables: frozenset[str] = frozenset()


def find(target: ast.expr, body: list[ast.stmt], iterable: ast.expr, own: set[str]) -> dict[str, Slice]:
    """Container name -> Slice, for the containers of `body` that can be sliced. `own`: names that the body binds."""
    keys = _keys(target, iterable)
    inside = [n.id for s in body for n in walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    bound = {*inside, *names.stores(*body)}
    keys = {k for k in keys if k.split(".")[0] not in bound and not _parameter(k, body)}
    if not keys:
        return {}
    uses: dict[str, list[_Use] | None] = {}
    for statement in body:
        _collect(statement, [], uses, False)
    found: dict[str, Slice] = {}
    for name, some in uses.items():
        if some and name not in own and any(u.written for u in some):
            made = _slice(name, some, keys)
            if made is not None:
                found[name] = made
    return found


def _keys(target: ast.expr, iterable: ast.expr) -> set[str]:
    """Sources of what may differ in every iteration."""
    called = iterable.func if isinstance(iterable, ast.Call) else None
    function = getattr(called, "id", None) or getattr(called, "attr", None)
    if isinstance(target, ast.Name):
        return {f"{target.id}.Index"} if function == "itertuples" else {target.id}
    if isinstance(target, ast.Tuple) and target.elts and isinstance(target.elts[0], ast.Name):
        return {target.elts[0].id} if function in ("enumerate", "items", "iterrows") else set()
    return set()


def _parameter(key: str, body: list[ast.stmt]) -> bool:
    return any(isinstance(n, ast.arg) and n.arg == key.split(".")[0] for s in body for n in walk(s))


def _collect(node: ast.AST, above: list[ast.AST], uses: dict[str, list[_Use] | None], hidden: bool) -> None:
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load):
            use = None if hidden else _use(node, above)
            some = uses.setdefault(node.id, [])
            if use is None or some is None:
                uses[node.id] = None
            else:
                some.append(use)
        return
    hidden = hidden or isinstance(node, (*names.FUNCTIONS, ast.ClassDef, ast.GeneratorExp))
    for child in ast.iter_child_nodes(node):
        _collect(child, [*above, node], uses, hidden)


def _use(node: ast.Name, above: list[ast.AST]) -> _Use | None:
    """How `node` is used, None if it may be anything."""
    chain = [*above]
    here: ast.AST = node
    parent = chain.pop()
    locator = None
    if isinstance(parent, ast.Attribute) and parent.attr in LOCATORS:
        locator, here, parent = parent.attr, parent, chain.pop()
    elif _asks_size(parent, node):
        return _Use(node, None, None, False, False)
    if not isinstance(parent, ast.Subscript) or parent.value is not here or isinstance(parent.ctx, ast.Del):
        return None
    outer: Any = parent
    written = isinstance(parent.ctx, ast.Store)
    while chain and isinstance(chain[-1], (ast.Attribute, ast.Subscript)) and chain[-1].value is outer:
        outer = chain.pop()
        written = written or not isinstance(outer.ctx, ast.Load)
    method = outer.attr if isinstance(outer, ast.Attribute) else ""
    called = bool(chain) and isinstance(chain[-1], ast.Call) and chain[-1].func is outer and method in tables.MUTATORS
    direct = outer is parent
    return _Use(
        node, parent.slice, locator, written or called, direct, ast.unparse(outer), frozenset(names.loads(outer))
    )


def _asks_size(parent: ast.AST, node: ast.Name) -> bool:
    if isinstance(parent, ast.Attribute):
        return parent.attr in SHAPE and isinstance(parent.ctx, ast.Load)
    return isinstance(parent, ast.Call) and getattr(parent.func, "id", None) == "len" and node in parent.args


def _slice(name: str, uses: list[_Use], keys: set[str]) -> Slice | None:
    made: Slice | None = None
    full: set[str] = set()
    for use in uses:
        if use.index is None:
            continue
        place = _place(use.index, keys)
        if place is None:
            return None
        key, position, offset = place
        if made is None:
            made = Slice(name, key, position, use.locator, offset=offset)
        label = {"at": "loc", "iat": "iloc"}
        if {position, made.position} == {-1, 0}:
            position, made.position, made.mixed = 0, 0, True
        here, there = (label.get(one or "", one) for one in (use.locator, made.locator))
        if (key, position, offset, here) != (made.key, made.position, made.offset, there):
            return None
        if use.locator is not None:
            (made.columns if use.written else made.columns_read).update(_columns(use.index))
        made.nested = made.nested or (use.written and not use.direct)
        full.add(use.whole)
    if made is None or (made.locator is not None and made.position > 0):
        return None
    if len(full) == 1:
        made.varying = set(next(u.variables for u in uses if u.index is not None))
    made.sized = any(u.index is None for u in uses)
    made.reads = {id(u.node) for u in uses}
    return made


def _place(index: ast.expr, keys: set[str]) -> tuple[str, int, int] | None:
    """(key, position, offset) of the own key in `index`."""
    if not isinstance(index, ast.Tuple):
        found = _key(index, keys)
        return (found[0], -1, found[1]) if found is not None else None
    for position, part in enumerate(index.elts):
        if (isinstance(part, ast.Constant) and part.value in (None, ...)) or isinstance(part, ast.Starred):
            return None
        found = _key(part, keys)
        if found is not None:
            return found[0], position, found[1]
    return None


def _key(part: ast.expr, keys: set[str]) -> tuple[str, int] | None:
    if isinstance(part, (ast.Name, ast.Attribute)) and ast.unparse(part) in keys:
        return ast.unparse(part), 0
    if isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Add, ast.Sub)):
        inner = _key(part.left, keys)
        right: Any = getattr(part.right, "value", None) if isinstance(part.right, ast.Constant) else None
        if inner is not None and type(right) is int:
            return inner[0], inner[1] + (right if isinstance(part.op, ast.Add) else -right)
    return None


def _columns(index: ast.expr) -> set[str]:
    if not isinstance(index, ast.Tuple) or len(index.elts) != 2:
        return {"*"}
    second = index.elts[1]
    if isinstance(second, (ast.List, ast.Tuple)):
        parts = second.elts
    else:
        parts = [second]
    if all(isinstance(p, ast.Constant) and isinstance(p.value, (str, int)) for p in parts):
        return {repr(p.value) for p in parts}  # type: ignore[attr-defined]
    return {"*"}


def counted(loop: ast.AST, body: list[ast.stmt], own: Slice) -> bool:
    """Whether `loop` is an inner ``for j in range(...)`` whose ``j`` tells the elements of each of its rounds apart."""
    if not (isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) and loop.target.id in own.varying):
        return False
    name, call = loop.target.id, loop.iter
    if not (isinstance(call, ast.Call) and getattr(call.func, "id", None) == "range" and not call.keywords):
        return False
    bound = [n for s in body for n in walk(s) if isinstance(n, ast.Name) and n.id == name]
    if sum(not isinstance(n.ctx, ast.Load) for n in bound) != 1:
        return False
    return len(call.args) == 1 or (len(call.args) == 2 and _not_negative(call.args[0], own.key))


def _not_negative(start: ast.expr, key: str) -> bool:
    if isinstance(start, ast.Constant):
        return type(start.value) is int and start.value >= 0
    found = _key(start, {key})
    return found is not None and found[1] >= 0


def goes_over(iterable: ast.expr, own: Slice) -> bool:
    """Whether the loop's keys are those of the container itself, each of which it has passed when it is written."""
    if own.nested or own.offset or own.position > 0:
        return False
    if isinstance(iterable, ast.Call):
        function = iterable.func
        if isinstance(function, ast.Attribute):
            return function.attr in ("items", "keys", "iterrows", "itertuples") and _is(function.value, own)
        enumerated = isinstance(function, ast.Name) and function.id == "enumerate" and len(iterable.args) == 1
        return enumerated and _is(iterable.args[0], own)
    if isinstance(iterable, ast.Attribute):
        keys = iterable.attr == "index" or (iterable.attr == "columns" and own.locator is None)
        return keys and _is(iterable.value, own)
    return _is(iterable, own)


def _is(node: ast.expr, own: Slice) -> bool:
    return isinstance(node, ast.Name) and node.id == own.name


def used(parts: list[Part], slices: dict[str, Slice], fresh: Freshness) -> list[Slice]:
    """The slices that workers read; notes which of them they may hand on."""
    found: dict[str, Slice] = {}
    for part in parts:
        codes: list[tuple[ast.AST, bool]] = []
        if isinstance(part, Compute):
            codes.append((part.node, False))
        elif isinstance(part, Resource):
            codes += [(i.context_expr, False) for i in part.node.items]
        elif isinstance(part, Inner):
            codes.append((part.node.iter, False))
        for hoist in getattr(part, "hoists", []):
            codes.append((hoist.expression, isinstance(part, Commit) and _stored(part.node, hoist.place, slices)))
        for code, stored in codes:
            handed = set() if stored else _handed_on(code, fresh)
            for n in walk(code):
                own = slices.get(n.id) if isinstance(n, ast.Name) else None
                if own is not None and id(n) in own.reads:
                    own.loose = own.loose or id(n) in handed
                    found[own.name] = own
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):
                found |= {s.name: s for s in used(getattr(part, block), slices, fresh)}
    return list(found.values())


def _handed_on(code: ast.AST, fresh: Freshness) -> set[int]:
    """ids of the names in `code` whose objects its value, or what it binds, may reach."""
    if isinstance(code, ast.expr) and fresh.depth(code) == 2:
        return set()
    if isinstance(code, ast.Name):
        return {id(code)}
    found: set[int] = set()
    for child in ast.iter_child_nodes(code):
        found |= _handed_on(child, fresh)
    return found


def _stored(node: ast.AST, place: ast.AST, slices: dict[str, Slice]) -> bool:
    """Whether the value of `place` becomes an own element and goes nowhere else."""
    if isinstance(node, ast.AugAssign):
        targets: list[Any] = [node.target]
    elif isinstance(node, ast.Assign):
        targets = node.targets
    else:
        return False
    end = names.root(targets[0])
    return len(targets) == 1 and node.value is place and isinstance(end, ast.Name) and end.id in slices
