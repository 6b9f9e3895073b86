"""What a new object of one of the notebook's classes may share with others: its class's attributes, and what its
methods put into it that is not new."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Iterable, Iterator
from enum import Enum
from types import FunctionType
from typing import Any

from . import names, tables
from .freshness import Freshness, immutable
from .nodes import walk
from .resolve import Followed, Resolver


def shared(cls: type, resolver: Resolver, code: Iterable[ast.AST]) -> set[str] | None:
    """Names that hold what a new `cls()` may reach (``<...>`` where none does). None: it may not even be new itself.

    `code` is what uses it: a class's attribute matters where something of its name is changed there or in a method.
    """
    if issubclass(cls, Enum) or _made_otherwise(cls):
        return None
    found: set[str] = set()
    methods = [followed for function in _functions(cls) if (followed := resolver.plainly(function)) is not None]
    for followed in methods:
        found |= _put(followed, resolver)
    attributes = {name: value for name, value in _attributes(cls) if not immutable(value)}
    if attributes:
        touched = _changed_attributes([*code, *(m.node for m in methods)])
        for name in attributes.keys() & touched:
            found |= _named(attributes[name], resolver) | {cls.__name__}
    for value in getattr(cls, "_field_defaults", {}).values():  # of a named tuple
        found |= _named(value, resolver)
    return found


def made_with(cls: type, attribute: str, call: ast.Call, resolver: Resolver) -> int:
    """How deep the attribute of the new object is new that `call` of `cls` gives: 0 where that may be anybody's object,
    or cannot be told."""
    known = {name for name, _ in _parts(cls)}
    strange = any(not is_own(one, resolver) for one in cls.__mro__[:-1])
    if strange or attribute in known or not known.isdisjoint(_HANDLED):
        return 0
    depths: list[int] = []
    if attribute in getattr(cls, "__dataclass_fields__", ()):
        depths.append(_by_factory(cls, attribute, call, resolver))
    for function in map(_unwrapped, _functions(cls)):
        if function is not None and _is_generated(function):
            continue
        followed = resolver.plainly(function)
        if followed is None:
            return 0
        node, parameters = followed.node, names.parameters(followed.node.args)
        first = next((a.arg for a in (*node.args.posonlyargs, *node.args.args)), None)
        body: list[Any] = node.body if isinstance(node.body, list) else [ast.Return(node.body)]
        local = set(names.locals_of(node)) | set(parameters) | set(followed.closed)
        fresh = Freshness(body, local, followed.resolver, {name: {name} for name in (*parameters, *followed.closed)})
        for n in (n for s in body for n in walk(s)):
            if isinstance(n, ast.Attribute) and n.attr == "__dict__":
                return 0
            if isinstance(n, ast.Call) and getattr(n.func, "id", "") in ("setattr", "vars"):
                return 0
            if not isinstance(n, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.withitem)):
                continue
            for target, value in _assigned(n):
                plain = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
                own = plain and target.value.id == first  # type: ignore[attr-defined]
                for one in _named_so(target, attribute):
                    # An element is another one then, and the attribute what it was.
                    inside = isinstance(one, ast.Subscript)
                    whole = one is target and own and value is not None
                    depths.append(1 if inside else fresh.depth(value) if whole else 0)  # type: ignore[arg-type]
    return min(depths, default=0)


def _assigned(node: Any) -> Iterator[tuple[ast.AST, ast.expr | None]]:
    """Targets of a statement, or of an item of ``with``, and what each is given, where that is an expression."""
    if not isinstance(node, ast.Assign):
        value = node.value if isinstance(node, ast.AnnAssign) else None
        yield getattr(node, "target", None) or node.optional_vars or ast.Pass(), value
        return
    for target in node.targets:
        parts, values = getattr(target, "elts", ()), getattr(node.value, "elts", ())
        if parts and len(parts) == len(values) and not any(isinstance(e, ast.Starred) for e in (*parts, *values)):
            yield from zip(parts, values, strict=True)
        else:
            yield target, node.value


def _named_so(target: ast.AST, attribute: str) -> Iterator[ast.AST]:
    """The attributes of this name that are assigned to, and what is assigned to inside of their objects."""
    for one in walk(target):
        if not isinstance(one, (ast.Attribute, ast.Subscript)) or isinstance(one.ctx, ast.Load):
            continue
        if one.attr == attribute if isinstance(one, ast.Attribute) else attribute in _chain(one):
            yield one


_HANDLED = frozenset({"__getattr__", "__getattribute__", "__setattr__", "__slots__", "__new__"})
"""Members of classes whose instances get, or give, attributes in ways of their own."""


def _by_factory(cls: type, attribute: str, call: ast.Call, resolver: Resolver) -> int:
    """How deep the field of a new data class is new, which its ``default_factory`` makes if `call` does not give it."""
    fields = {field.name: field for field in dataclasses.fields(cls)}
    field = fields.get(attribute)
    taken = [name for name, one in fields.items() if one.init and not one.kw_only]
    given = {*taken[: len(call.args)], *(keyword.arg for keyword in call.keywords)}
    unsure = any(isinstance(argument, ast.Starred) for argument in call.args) or None in given
    if field is None or attribute in given or unsure:
        return 0
    factory: Any = field.default_factory
    if isinstance(factory, FunctionType):
        return _given_by(factory, resolver)
    return 2 if isinstance(factory, type) and factory.__module__ in ("builtins", "collections") else 0


def _given_by(factory: FunctionType, resolver: Resolver) -> int:
    depth, handed_on = given(factory, resolver)
    return 0 if handed_on else depth


def _is_generated(function: FunctionType) -> bool:
    """Whether ``dataclasses`` has made it, for a class that has none of the name: it sets fields alone. Or Python, from
    3.14 on, to give the annotations."""
    file, name = function.__code__.co_filename, function.__name__
    return name == "__annotate__" or file == dataclasses.__file__ or (file == "<string>" and name.startswith("__"))


def _unwrapped(function: Any) -> FunctionType | None:
    """What decorators of a library have put something around; None if it is no function."""
    try:
        inner = inspect.unwrap(function)
    except ValueError:  # they go round in a circle
        return None
    return inner if isinstance(inner, FunctionType) else None


def given(function: FunctionType, resolver: Resolver) -> tuple[int, set[str]]:
    """How deep what one of the notebook's functions returns is new, and the names of what it hands on if it is not."""
    followed = resolver.plainly(function)
    if followed is None or followed.home is not None:
        return 0, set()
    node = followed.node
    body: list[Any] = node.body if isinstance(node.body, list) else [ast.Return(node.body)]
    if isinstance(node, ast.AsyncFunctionDef):
        return 0, set()
    parameters = names.parameters(node.args)
    local = set(names.locals_of(node)) | set(parameters) | set(followed.closed)
    fresh = Freshness(body, local, followed.resolver, {name: {name} for name in (*parameters, *followed.closed)})
    ends = [n for s in body for n in walk(s) if isinstance(n, (ast.Return, ast.Yield, ast.YieldFrom))]
    returned = [n.value for n in ends if n.value is not None]
    found: set[str] = set()
    for value in returned:
        if fresh.depth(value) < 2:
            found |= {name for name in fresh.bases(value) - local if name in resolver.namespace}
    lazy = any(not isinstance(n, ast.Return) for n in ends)
    return 0 if lazy else min(map(fresh.depth, returned), default=2), found


def is_own(cls: type, resolver: Resolver) -> bool:
    """Whether it is a class that the notebook made."""
    return cls.__module__ == "__main__" or cls.__module__ == resolver.namespace.get("__name__")


def _made_otherwise(cls: type) -> bool:
    named_tuple = issubclass(cls, tuple) and hasattr(cls, "_fields")
    made = [c.__dict__["__new__"] for c in cls.__mro__[:-1] if "__new__" in c.__dict__ and not named_tuple]
    called = [c.__dict__["__call__"] for c in type.mro(type(cls)) if "__call__" in c.__dict__]
    return any(isinstance(getattr(f, "__func__", f), FunctionType) for f in [*made, *called])


def _parts(cls: type) -> Iterator[tuple[str, Any]]:
    for one in cls.__mro__[:-1]:
        yield from one.__dict__.items()


def _functions(cls: type) -> Iterator[FunctionType]:
    for _, value in _parts(cls):
        for part in (value, *(getattr(value, a, None) for a in ("fget", "fset", "__func__", "func"))):
            if isinstance(part, FunctionType):
                yield part
    for field in getattr(cls, "__dataclass_fields__", {}).values():
        if isinstance(field.default_factory, FunctionType):
            yield field.default_factory


def _attributes(cls: type) -> Iterator[tuple[str, Any]]:
    for name, value in _parts(cls):
        if not name.startswith("__") and not hasattr(type(value), "__get__"):
            yield name, value


def _named(value: Any, resolver: Resolver) -> set[str]:
    """The notebook's names for an object; a word that is no name for one that has none."""
    if immutable(value):
        return set()
    return {n for n, v in resolver.namespace.items() if v is value} or {f"<a {type(value).__name__}>"}


def _put(followed: Followed, resolver: Resolver) -> set[str]:
    """Names that hold what a method puts into its object, or a factory gives, that is not new."""
    node, args = followed.node, followed.node.args
    body: list[Any] = node.body if isinstance(node.body, list) else [ast.Return(node.body)]
    parameters = names.parameters(args)
    first = next((a.arg for a in (*args.posonlyargs, *args.args)), None)
    local = set(names.locals_of(node)) | set(parameters)
    fresh = Freshness(body, local, followed.resolver, {}, parameters)
    defaults = dict(_defaults(followed))
    found: set[str] = set()
    for value in (v for s in body for v in _given(s, first)):
        if fresh.depth(value) == 2 and not names.loads(value) & defaults.keys():
            continue
        reached = fresh.bases(value) | names.loads(value)
        found |= {f"<{name} of {followed.name}>" for name in reached & (followed.closed.keys() | defaults.keys())}
        outside = reached - local - followed.closed.keys()
        found |= {name for name in outside if not immutable(followed.resolver.name(name))}
    return found


def _given(statement: ast.AST, first: str | None) -> Iterator[ast.expr]:
    """What is stored into the first parameter's object, or returned by a lambda."""
    for n in walk(statement):
        if isinstance(n, ast.Return) and n.value is not None and first is None:
            yield n.value
        targets = n.targets if isinstance(n, ast.Assign) else [getattr(n, "target", None)]
        value = getattr(n, "value", None)
        if isinstance(value, ast.expr) and any(_of(t, first) for t in targets):
            yield value
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and _of(n.func, first):
            yield from (*n.args, *(k.value for k in n.keywords))
        elif isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "setattr":
            yield from n.args[2:]


def _of(target: ast.AST | None, first: str | None) -> bool:
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
    return any(
        isinstance(p, (ast.Attribute, ast.Subscript)) and isinstance(r := names.root(p), ast.Name) and r.id == first
        for p in parts
    )


def _defaults(followed: Followed) -> Iterator[tuple[str, ast.expr]]:
    """Parameters whose default is an object that every call gets."""
    args = followed.node.args
    plain = [*args.posonlyargs, *args.args]
    pairs = [*zip(plain[len(plain) - len(args.defaults) :], args.defaults, strict=True)]
    pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None]
    for argument, default in pairs:
        if isinstance(default, ast.Name) and immutable(followed.resolver.name(default.id)):
            continue
        if not isinstance(default, (ast.Constant, ast.UnaryOp, ast.BinOp)):
            yield argument.arg, default


def _changed_attributes(code: Iterable[ast.AST]) -> set[str]:
    """Attributes whose objects are changed somewhere."""
    found: set[str] = set()
    for n in (n for one in code for n in walk(one)):
        if isinstance(n, (ast.Subscript, ast.Attribute)) and not isinstance(n.ctx, ast.Load):
            found |= _chain(n.value)
        elif isinstance(n, ast.AugAssign):
            found |= _chain(n.target)
        elif isinstance(n, ast.Call):
            if isinstance(n.func, ast.Attribute) and n.func.attr in tables.MUTATORS:
                found |= _chain(n.func.value)
            for argument in (*n.args, *(k.value for k in n.keywords)):
                found |= _chain(argument)
        elif isinstance(n, (ast.Assign, ast.Return, ast.NamedExpr)) and n.value is not None:
            found |= _chain(n.value)  # under another name it may be changed as well
    return found


def _chain(node: ast.AST) -> set[str]:
    found = set()
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        node = node.value
    return found
