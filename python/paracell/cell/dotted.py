"""Parts of a plain object as variables of their own: ``a.results.append(f(v, a.scale))`` changes one and reads another.

While a body is analysed the nodes ``a.results`` and ``a.scale`` are names, ``Name("a.results")``. In the commit part
they are again what they were. The compute function keeps them: while the region runs, the namespace has what stands
there under these names (``run.dotted``), which no code can spell. That the object is a plain one, and its parts have
nothing in common, is seen when the region begins.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from types import MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from paracell.records import field, record

from . import names, selves
from .beside import Step, first_step, has_parts, part, step_of
from .clone import clone
from .effects import Change, Effects
from .freshness import UNKNOWN
from .nodes import parts, walk
from .resolve import Resolver
from .roots import augmented

if TYPE_CHECKING:
    from .plan import Region

Chain = tuple[Step, ...]
MARKS = (".", "[")


@record
class _Uses:
    """How a body uses one name."""

    loaded: dict[int, tuple[ast.AST, Chain]] = field(default_factory=dict)
    """The longest chain that begins with each of the name's nodes (by their ids), and its node."""
    stored: set[Chain] = field(default_factory=set)
    methods: dict[int, ast.Attribute] = field(default_factory=dict)
    """Its methods that are called."""
    plain: bool = True
    """Whether the name never stands by itself."""


def is_part(name: str) -> bool:
    """Whether `name` is one of a part."""
    return name[:1] not in "<." and any(mark in name for mark in MARKS)


def root_of(name: str) -> str:
    """The name of the object of which `name` is a part."""
    return name.partition(".")[0].partition("[")[0]


def found_in(name: str, resolver: Any) -> Any:
    """What a part's name stands for; UNKNOWN if that is not known."""
    node: Any = ast.parse(name, mode="eval").body
    return _value(node, resolver)


def _value(node: ast.expr, resolve: Any) -> Any:
    if isinstance(node, ast.Name):
        return resolve(node.id)
    step = step_of(node)
    value = _value(node.value, resolve) if step is not None else UNKNOWN  # type: ignore[attr-defined]
    if step is None or value is UNKNOWN:
        return UNKNOWN
    if step[0] == "attribute" and (method := selves.method_of(value, step[1])) is not None:
        return method
    return part(value, step, UNKNOWN) if has_parts(value, step) else UNKNOWN


def distinguish(
    target: ast.expr, body: list[ast.stmt], iterable: ast.expr, effects: Effects
) -> tuple[ast.expr, list[ast.stmt]]:
    """(`iterable`, `body`) with the parts of objects of which the body changes something as names. The nodes of `body`
    may change."""
    own = names.stores(target, *body)
    over = clone(iterable)
    uses = _uses([*body, over], own)
    if not uses:
        return iterable, body
    changes = [change for s in body for change in effects.changes(s)]
    read = {name for s in body for name in effects.reads(s)}
    found: dict[int, ast.Name] = {}
    for name, use in uses.items():
        mine = [change for change in changes if name in change.owners]
        # What is changed must be seen in the text to be a part: a function may put others in their places.
        if not mine or name in read or not all(_is_of_part(change, name) for change in mine):
            continue
        chains = {chain for _, chain in use.loaded.values()}
        touched = {chain[0] for chain in use.stored} | {first_step(change.changed, name) for change in mine}
        if use.methods and not _readable(name, use, touched, effects):
            continue
        known = _known(name, chains, use.stored, effects.resolver) if chains else set()
        for node, chain in use.loaded.values():
            for chosen in (one for one in known if chain[: len(one)] == one):
                _exchanged(_cut(node, len(chain) - len(chosen)), found)
        for method in use.methods.values() if known or not chains else ():
            _exchanged(method, found)
    if not found:
        return iterable, body
    exchange = _Exchange(found)
    return exchange.visit(over), [exchange.visit(s) for s in body]


def _exchanged(node: Any, found: dict[int, ast.Name]) -> None:
    found[id(node)] = ast.copy_location(ast.Name(ast.unparse(node), ast.Load()), node)


def _is_of_part(change: Change, name: str) -> bool:
    """Whether `change` is seen to be one of a part of the object of `name`."""
    end = names.root(change.changed) if change.changed is not None else None
    if not isinstance(end, ast.Name) or end.id != name:
        return False
    node = change.node
    stored = isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
    return stored or change.changed is not end


def _readable(name: str, use: _Uses, touched: set[Step | None], effects: Effects) -> bool:
    """Whether the methods that are called read nothing of what is touched, and change nothing."""
    value = effects.resolver.name(name)
    for method in use.methods.values():
        found = selves.read_by(value, method.attr, effects) if value is not UNKNOWN else None
        if found is None or any(("attribute", one) in touched for one in found):
            return False
    return True


def methods(region: Region, effects: Effects) -> dict[str, frozenset[str]]:
    """Those of the region's parts that are methods, with the attributes that they read."""
    found: dict[str, frozenset[str]] = {}
    for name in region.parts:
        node: Any = ast.parse(name, mode="eval").body
        if isinstance(found_in(name, effects.resolver.name), MethodType):
            read = selves.read_by(_value(node.value, effects.resolver.name), node.attr, effects)
            found[name] = read or frozenset()
    return found


def _cut(node: Any, levels: int) -> Any:
    for _ in range(levels):
        node = node.value
    return node


def _uses(code: list[Any], own: set[str]) -> dict[str, _Uses]:
    """The names that are only ever used by their parts."""
    above: dict[int, ast.AST] = {}
    hidden: set[int] = set()
    nodes = [n for one in code for n in walk(one)]
    for n in nodes:
        for _, below in parts(n):
            for child in below if isinstance(below, list) else (below,):
                above[id(child)] = n
        if isinstance(n, (*names.FUNCTIONS, ast.ClassDef)):
            hidden |= {id(inner) for inner in walk(n)}
    found: dict[str, _Uses] = {}
    for n in nodes:
        if isinstance(n, ast.Name) and n.id not in own:
            use = found.setdefault(n.id, _Uses())
            use.plain = use.plain and id(n) not in hidden and _follow(n, above, use)
    return {name: use for name, use in found.items() if use.plain and (use.loaded or use.methods)}


def _follow(node: ast.Name, above: Mapping[int, ast.AST], use: _Uses) -> bool:
    """Note what begins with `node`: a chain that is read, one that is stored to, a method that is called; False if it
    is none."""
    chain: list[Step] = []
    here: ast.AST = node
    while True:
        up = above.get(id(here))
        step = step_of(up) if isinstance(up, (ast.Attribute, ast.Subscript)) and up.value is here else None
        if step is None or not _is_text(step):
            break
        if not isinstance(up.ctx, ast.Load):  # type: ignore[union-attr]
            use.stored.add((*chain, step))
            if not chain:
                return True
            break
        call = above.get(id(up))
        if isinstance(call, ast.Call) and call.func is up:
            if not chain and isinstance(up, ast.Attribute):
                use.methods[id(node)] = up
                return True
            break
        chain.append(step)
        here = up  # type: ignore[assignment]
    if chain:
        use.loaded[id(node)] = here, tuple(chain)
    return bool(chain)


def _is_text(step: Step) -> bool:
    return isinstance(step[1], str)


def _known(name: str, chains: set[Chain], stored: set[Chain], resolver: Resolver) -> set[Chain]:
    """The beginnings of `chains` that lead to parts; none if the object is not known to be a plain one."""
    value = resolver.name(name)
    if value is UNKNOWN:
        found = {chain[:1] for chain in chains} if _is_made_plain(name, {c[0] for c in chains}, resolver) else set()
    elif isinstance(value, (ModuleType, type)):
        return set()
    else:
        found = {_reached(value, chain) for chain in chains}
    if () in found or any(not has_parts(_after(value, one[:-1]), one[-1]) for one in stored if value is not UNKNOWN):
        return set()
    found = {one for one in found if not any(one[: len(changed)] == changed for changed in stored)}
    return {one for one in found if not any(other != one and one[: len(other)] == other for other in found)}


def _reached(value: Any, chain: Chain) -> Chain:
    """So much of `chain` as leads through plain objects."""
    for number, step in enumerate(chain):
        if not has_parts(value, step) or (value := part(value, step, UNKNOWN)) is UNKNOWN:
            return chain[:number]
    return chain


def _after(value: Any, chain: Chain) -> Any:
    for step in chain:
        value = part(value, step, UNKNOWN) if has_parts(value, step) else UNKNOWN
    return value


def _is_made_plain(name: str, wanted: Iterable[Step], resolver: Resolver) -> bool:
    """Whether the cell itself makes the object, a dictionary with these keys or one of a class of the notebook's."""
    stated = resolver.defined.get(name)
    value = stated.value if isinstance(stated, ast.Assign) else None
    if isinstance(value, ast.Dict):
        keys = {k.value for k in value.keys if isinstance(k, ast.Constant)}
        return all(step[0] == "key" and step[1] in keys for step in wanted)
    if not isinstance(value, ast.Call) or any(step[0] == "key" for step in wanted):
        return False
    made = resolver.defined.get(value.func.id) if isinstance(value.func, ast.Name) else None
    cls = resolver(value.func)
    known = isinstance(cls, type) and (cls.__module__ == "__main__" or cls.__name__ == "SimpleNamespace")
    return known or isinstance(made, ast.ClassDef)


def added_to(region: Region, body: list[ast.stmt]) -> None:
    """What the body adds to in place, where that is a part, is no more than that part."""
    targets = [one for one in augmented(body) if isinstance(one, (ast.Attribute, ast.Subscript))]
    for name in region.added & set(map(root_of, region.parts)):
        mine = [one for one in targets if isinstance(one.value, ast.Name) and one.value.id == name]
        if all((step := step_of(one)) is not None and _is_text(step) for one in mine):
            found = {ast.unparse(one) for one in mine}
            region.added -= {name}
            region.parts |= found
            region.changes.update(dict.fromkeys(found, False))


class _Exchange(ast.NodeTransformer):
    """Puts names where the nodes with these ids stand."""

    def __init__(self, found: Mapping[int, ast.Name]) -> None:
        self.found = found

    def visit(self, node: ast.AST) -> Any:
        if id(node) in self.found:
            return self.found[id(node)]
        if isinstance(node, ast.Call) and id(node.func) in self.found and node.func.end_lineno is not None:
            # A method's call stands where the method's name ends, and that of a name where the name begins.
            node.lineno, node.col_offset = node.func.end_lineno, max(node.func.end_col_offset or 0, 1) - 1
        return self.generic_visit(node)


class _Restore(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not is_part(node.id):
            return node
        new = ast.parse(node.id, mode="eval").body
        for n in walk(new):
            ast.copy_location(n, node)
        return new


def restored(statements: list[ast.stmt]) -> list[ast.stmt]:
    """`statements` with the parts as the cell has them."""
    return [_Restore().visit(clone(s)) for s in statements]
