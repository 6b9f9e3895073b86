"""Whether a region's iterable may be read ahead of the loop: what its own code does each time it is asked for an item.

Lists, ranges and library iterators may. The notebook's own generators, iterator classes, and functions under ``map``
and ``filter`` may unless they do something that the loop's body could see, or see something that the body does.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from ..cell import tables
from ..cell.dotted import root_of
from ..cell.effects import Effects
from ..cell.freshness import Freshness, immutable
from ..cell.resolve import GENEXP, Followed, Resolver, unreadable
from .alias import reaches
from .beneath import LEAVES, moved, wrapped
from .doubts import items_depend
from .reach import is_users

if TYPE_CHECKING:
    from ..cell import Refusal, Region

_BOUND = ("loop", "temporary", "reduction", "committed", "carried", "sliced")
"""Classes of the variables that a loop itself gives values."""
_MAKERS = ("__new__", "__init__", "__post_init__")


def disturbed(region: Region, namespace: Mapping[str, Any], iterable: Any) -> Refusal | None:
    """Why the iterable cannot be read ahead of the loop, or None."""
    reason = _disturbed(region, namespace, iterable)
    return items_depend(region, reason) if reason is not None else None


def _disturbed(region: Region, namespace: Mapping[str, Any], iterable: Any) -> str | None:
    resolver = Resolver(namespace, None)
    bound = {name for name, kind in region.variables.items() if kind in _BOUND} | region.changes.keys()
    bound |= {root_of(name) for name in region.changes}  # whoever reads the object may read the part
    passed = {own.name for own in region.slices if own.iterated}  # what it has passed alone is changed
    changed = {id(namespace[n]): n for n in region.changes.keys() - passed if n in namespace}
    changed = {key: name for key, name in changed.items() if not isinstance(namespace[name], LEAVES)}
    body = {*(region.variables if region.kind == "for" else region.computed_from), *map(root_of, region.parts)}
    named = {id(namespace[name]): name for name in body if name in namespace}
    seen = next((named[at] for at in moved(iterable) if at in named), None)
    if seen is not None:
        return f"the loop looks at '{seen}', which it goes over"
    for source in wrapped(iterable):
        if isinstance(source, groupby):
            return "it goes over groupby(), whose groups end when the next one is asked for"
        called = list(_called(source))
        for one in called:
            if (what := _acts(one)) is not None:
                return f"reading its items has an effect: {what}"
            if region.may_stop and isinstance(one, MethodType) and not is_users(one.__func__.__module__):
                return f"the loop may stop early, and {one.__func__.__qualname__}() would have been called ahead of it"
        own = [function for one in called for function in _functions(one)]
        for held, where in _held(source):
            path = reaches(held, changed, where)
            if path is not None:
                return f"{path[0]} of its iterator is '{path[1]}', which the loop changes"
        for function in own:
            reason = _does(function, resolver, bound)
            if reason is not None:
                return reason
    return None


def _called(source: Any) -> Iterator[Any]:
    """What runs when `source` is asked for an item, but for what its type does."""
    if isinstance(source, GeneratorType):
        if source.gi_frame is not None:
            frame = source.gi_frame
            yield _function(source.gi_code, frame.f_globals, frame.f_locals)
            given = (v for v in frame.f_locals.values() if not _of_same_module(v, frame.f_globals))
            yield from given  # it may call what it was given
    elif type(source).__module__ not in ("builtins", "itertools"):
        yield from (getattr(type(source), name, None) for name in ("__iter__", "__next__", "__getitem__"))
        yield from getattr(source, "__dict__", {}).values()
    elif not isinstance(source, (list, tuple, dict, set, frozenset, str, range)):
        for held in gc.get_referents(source):
            while isinstance(held, partial):
                held = held.func
            yield held


def _of_same_module(value: Any, module: dict[str, Any]) -> bool:
    """Whether a generator's local value is a method that stands in a library's module beside the generator itself."""
    own = isinstance(value, MethodType) and getattr(value.__func__, "__globals__", None) is module
    return own and not is_users(module.get("__name__"))


def _acts(called: Any) -> str | None:
    """What a built-in function does that the loop could see, in words."""
    if called is print:
        return "print() prints"
    if isinstance(called, BuiltinFunctionType) and called.__name__ in tables.MUTATORS:
        holder = called.__self__
        if not isinstance(holder, ModuleType) and not immutable(holder):
            return f"{type(holder).__name__}.{called.__name__}() changes its object"
    return None


def _functions(called: Any) -> Iterator[FunctionType]:
    """The Python functions that run when `called` is."""
    if isinstance(called, type):
        found = [getattr(called, name, None) for name in _MAKERS]
    elif isinstance(called, (FunctionType, MethodType)):
        found = [called]
    else:
        found = [vars(base)["__call__"] for base in type(called).__mro__ if "__call__" in vars(base)][:1]
    for one in found:
        function = getattr(one, "__func__", one)
        while function is not None:
            if isinstance(function, FunctionType):
                yield function
            function = getattr(function, "__wrapped__", None)  # the decorator's own function runs, too


def _function(code: CodeType, namespace: dict[str, Any], values: Mapping[str, Any]) -> FunctionType:
    """A generator's function, as far as it can be had from the generator."""
    closure = tuple(CellType(values[name]) if name in values else CellType() for name in code.co_freevars)
    return FunctionType(code, namespace, code.co_name, None, closure)


def _held(source: Any) -> list[tuple[Any, str]]:
    """What a generator's variables hold, with their names."""
    if isinstance(source, GeneratorType) and source.gi_frame is not None:
        return [(value, f"'{name}'") for name, value in source.gi_frame.f_locals.items()]
    return []


def _does(function: FunctionType, resolver: Resolver, bound: set[str]) -> str | None:
    """What a function does that keeps it from being called ahead of its time, or None."""
    name = "its generator expression" if function.__name__ == GENEXP else f"{function.__name__}()"
    over = name if function.__name__ == GENEXP else f"{name}, which it goes over,"
    if unreadable(function, resolver.namespace):
        return f"it goes over {name}, whose source cannot be found"
    followed = resolver.plainly(function)
    if followed is None:
        return None
    summary = Effects(resolver, Freshness([], set(), resolver)).summary(followed)
    changes = {name: how for name, how in summary.parameters.items() if not _is_self(followed, name)}
    for how in (*summary.outside.values(), *changes.values(), *([summary.shows] if summary.shows else ())):
        return f"reading its items has an effect: {name} {how}"
    seen = bound & summary.reads
    if seen:
        return f"{over} reads '{min(seen)}', which the loop changes"
    again = _yields_again(followed.node, followed.resolver)
    if again is not None:
        return f"{over} yields '{again}' and changes it later"
    return None


def _is_self(followed: Followed, name: str) -> bool:
    args = followed.node.args
    first = [*args.posonlyargs, *args.args][:1]
    return followed.name.endswith(("__next__", "__iter__", *_MAKERS)) and bool(first) and first[0].arg == name


def _yields_again(node: ast.AST, resolver: Resolver) -> str | None:
    """A name whose object a generator yields in a loop, and changes there without making a new one."""
    for loop in ast.walk(node):
        if not isinstance(loop, (ast.For, ast.While)):
            continue
        for block in _blocks(loop):
            for statement in block:
                if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Yield):
                    continue
                for name in _handed_out(statement.value.value):
                    made = _made(loop.body, name) or _made(block, name)
                    if not made and _changed(loop, name, node, resolver):
                        return name
    return None


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for inner in ast.walk(node):
        for part in ("body", "orelse", "finalbody"):
            block = getattr(inner, part, None)
            if isinstance(block, list):
                yield block


def _handed_out(value: ast.expr | None) -> Iterator[str]:
    """Names whose objects, or parts or views of them, an expression gives."""
    if isinstance(value, ast.Name):
        yield value.id
    elif isinstance(value, (ast.Attribute, ast.Subscript, ast.Starred)):
        yield from _handed_out(value.value)
    elif isinstance(value, (ast.Tuple, ast.List)):
        for element in value.elts:
            yield from _handed_out(element)
    elif isinstance(value, ast.Dict):
        for element in value.values:
            yield from _handed_out(element)


def _made(block: list[ast.stmt], name: str) -> bool:
    """Whether a statement of the block itself gives the name a new value."""
    for statement in block:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        stored = (n for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        if any(n.id == name for n in stored):
            return True
    return False


def _changed(loop: ast.AST, name: str, function: ast.AST, resolver: Resolver) -> bool:
    """Whether the loop may change the object that the name holds."""
    numbers = any(
        isinstance(n, ast.Assign)
        and isinstance(n.value, ast.Constant)
        and any(isinstance(t, ast.Name) and t.id == name for t in n.targets)
        for n in ast.walk(function)
    )
    for node in ast.walk(loop):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            if name in _handed_out(node):
                return True
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            if node.target.id == name and not numbers:
                return True
        elif isinstance(node, ast.Call):
            func = node.func
            if isinstance(func, ast.Attribute) and func.attr in tables.MUTATORS and name in _handed_out(func.value):
                return True
            if any(isinstance(a, ast.Name) and a.id == name for a in node.args) and not _pure(func, resolver):
                return True
            if any(k.arg == "out" and name in _handed_out(k.value) for k in node.keywords):
                return True
    return False


_PURE = tables.words(
    """
    len sum min max sorted list tuple dict set str repr any all print open int float bool range enumerate zip isinstance
    """
)


def _pure(func: ast.expr, resolver: Resolver) -> bool:
    """Whether it is a builtin, or a library's function, that leaves its arguments as they are."""
    if isinstance(func, ast.Attribute) and resolver.module_of(func.value) is not None:
        return resolver.qualified(func) not in tables.LIBRARY_CHANGES
    return isinstance(func, ast.Name) and func.id in _PURE
