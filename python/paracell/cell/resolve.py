"""What a name in the cell stands for, as far as it is known before the cell runs."""

from __future__ import annotations

import ast
import builtins
import functools
import linecache
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from paracell.attributes import attribute, of_class
from paracell.installed import is_users_code
from paracell.records import field, record
from paracell.silence import Silence

from . import names
from .freshness import UNKNOWN
from .nodes import walk

CACHED = type(functools.lru_cache(lambda: None))
GENEXP = "<genexpr>"
_REMEMBERED = 200
_parsed: dict[tuple[str, int], ast.Module] = {}
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_sources: dict[int, tuple[CodeType, list[str], _Function | None]] = {}
"""Code that was looked for, in these lines of its file, and what was found; by the code's id."""


@record(eq=False)
class Followed:
    """A function whose source can be read."""

    name: str
    node: _Function
    resolver: Resolver
    home: str | None
    """None: its globals are the notebook's; else the module in whose globals it lives."""
    closed: dict[str, Any] = field(default_factory=dict)
    file: str = ""
    """File name of its code; "" for a function of the cell that is being planned."""


PROPERTIES = {"property", "setter", "deleter", "cached_property"}
"""Decorators whose methods run where an attribute is read or set."""
_PROPERTY = (property, functools.cached_property)


class Resolver:
    """Names of one global scope: a notebook's namespace as the cell will find it, or a module's globals."""

    def __init__(self, namespace: Mapping[str, Any], tree: ast.Module | None, home: str | None = None):
        self.namespace = namespace
        self.home = home
        self.numbers = False
        """Whether ``x += <number>`` on a parameter is taken for one that changes nothing: looked at when it runs."""
        self.defined: dict[str, ast.AST] = {}
        """Names that the cell itself binds: one def, class or import each, or the cell (unknown)."""
        self.given: dict[CodeType, tuple[int, set[str]]] = {}
        """What functions return (``instances.given``)."""
        self.making: set[type] = set()
        """Classes of which it is being asked what their objects share."""
        self._followed: dict[int, Followed | None] = {}
        self._classes: list[type] | None = None
        for statement in tree.body if tree else ():
            for kind, name, node in names.events(statement):
                if kind != "load":
                    known = isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom))
                    self.defined[name] = node if known and name not in self.defined else statement

    def name(self, name: str) -> Any:
        """The object that a global name stands for, or UNKNOWN."""
        node = self.defined.get(name)
        if node is not None:
            return _imported(node, name)
        if name in self.namespace:
            return self.namespace[name]
        if not name.isidentifier():
            from . import dotted  # which asks for names in turn

            return dotted.found_in(name, self.name) if dotted.is_part(name) else UNKNOWN
        return getattr(builtins, name, UNKNOWN)

    def __call__(self, node: ast.expr) -> Any:
        """The object that `node` stands for: a name, or an attribute of a module or class."""
        if isinstance(node, ast.Name):
            return self.name(node.id)
        if isinstance(node, ast.Attribute):
            owner = self(node.value)
            if isinstance(owner, type):
                return of_class(owner, node.attr, UNKNOWN)
            if isinstance(owner, ModuleType):
                return getattr(owner, node.attr, UNKNOWN)
        return UNKNOWN

    def module_of(self, node: ast.expr) -> str | None:
        """Dotted name of the module that `node` stands for, loaded or not."""
        if isinstance(node, ast.Name):
            stated = self.defined.get(node.id)
            if isinstance(stated, ast.Import):
                for alias in stated.names:
                    if (alias.asname or alias.name.split(".")[0]) == node.id:
                        return alias.name if alias.asname else node.id
            value = self.name(node.id)
            return value.__name__ if isinstance(value, ModuleType) else None
        if isinstance(node, ast.Attribute):
            owner = self.module_of(node.value)
            value = self(node)
            return f"{owner}.{node.attr}" if owner and (value is UNKNOWN or isinstance(value, ModuleType)) else None
        return None

    def qualified(self, func: ast.expr) -> tuple[str, str] | None:
        """(module, function) of a library callable."""
        if isinstance(func, ast.Attribute):
            module = self.module_of(func.value)
            if module:
                return module, func.attr
        elif isinstance(func, ast.Name):
            stated = self.defined.get(func.id)
            if isinstance(stated, ast.ImportFrom) and stated.module:
                for alias in stated.names:
                    if (alias.asname or alias.name) == func.id:
                        return stated.module, alias.name
        value = self(func)
        bound = attribute(value, "__self__")
        if value is not UNKNOWN and bound is not None and type(bound).__module__ == "random":
            return "random", attribute(value, "__name__", "")
        module, name = attribute(value, "__module__"), attribute(value, "__name__")
        return (module.lstrip("_"), name) if isinstance(module, str) and isinstance(name, str) else None

    def follow(self, func: ast.expr) -> Followed | None:
        """The source of the notebook's own function that `func` stands for; None for library code."""
        if isinstance(func, ast.Name):
            node = self.defined.get(func.id)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return Followed(func.id, node, self, self.home)
            if isinstance(node, ast.ClassDef):
                return self._initialiser(node)
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            owner = self.name(func.value.id)
            if owner is not UNKNOWN and not isinstance(owner, (ModuleType, type)):
                method = of_class(type(owner), func.attr)
                return self.object(method) if isinstance(method, (FunctionType, CACHED)) else None
        value = self(func)
        if isinstance(value, type):
            value = value.__dict__.get("__init__")
        elif isinstance(value, CACHED):
            value = value.__wrapped__
        elif value is not UNKNOWN and not isinstance(value, (FunctionType, MethodType, ModuleType, partial)):
            value = type(value).__dict__.get("__call__")
        return self.object(value)

    def _initialiser(self, node: ast.ClassDef) -> Followed | None:
        for s in node.body:
            if isinstance(s, ast.FunctionDef) and s.name == "__init__":
                return Followed(f"{node.name}.__init__", s, self, self.home)
        return None

    def object(self, value: Any) -> Followed | None:
        """The source of a function object, if it is the user's own."""
        if isinstance(value, partial):
            value = value.func
        value = getattr(value, "__wrapped__", value) if not isinstance(value, type) else value
        return self.plainly(getattr(value, "__func__", value))

    def members(self, name: str, properties: bool = False) -> list[Followed]:
        """Methods (or properties) of this name in the notebook's own classes, as far as its names lead to them."""
        held = [m for m in self.attributes(name) if isinstance(m, _PROPERTY) == properties]
        functions = [m.func if isinstance(m, functools.cached_property) else getattr(m, "fget", m) for m in held]
        functions = [f.__wrapped__ if isinstance(f, CACHED) else f for f in functions]
        known = [followed for f in functions if (followed := self.plainly(f)) is not None]
        return [*self._stated(name, properties), *known]

    def _stated(self, name: str, properties: bool) -> Iterator[Followed]:
        """Methods (or properties) of this name in the classes that the cell itself makes."""
        for node in self.defined.values():
            for s in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)) and s.name == name:
                    decorators = {getattr(d, "id", getattr(d, "attr", "")) for d in s.decorator_list}
                    if bool(decorators & PROPERTIES) == properties:
                        yield Followed(f"{node.name}.{name}", s, self, self.home)  # type: ignore[attr-defined]

    def attributes(self, name: str) -> list[Any]:
        """What the notebook's own classes hold under this name, as far as its names lead to them."""
        return [cls.__dict__[name] for cls in self.classes() if name in cls.__dict__]

    def classes(self) -> list[type]:
        """The notebook's own classes, as far as its names lead to them."""
        if self._classes is None:
            found = {}
            for value in list(self.namespace.values()):
                first = value[0] if type(value) is list and value else value
                for one in (first if isinstance(first, type) else type(first)).__mro__[:-1]:
                    if one.__module__ == "__main__":
                        found[id(one)] = one
            self._classes = list(found.values())
        return self._classes

    def plainly(self, value: Any) -> Followed | None:
        """The source of this very function, not of one that it wraps."""
        if not isinstance(value, FunctionType) or not _own(value, self.namespace):
            return None
        key = id(value.__code__)
        if key not in self._followed:
            self._followed[key] = self._read(value)
        return self._followed[key]

    def _read(self, value: FunctionType) -> Followed | None:
        node = _source(value)
        if node is None:
            return None
        mine = value.__globals__ is self.namespace
        resolver = self if mine else Resolver(value.__globals__, None, value.__module__)
        closed = {}
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=False):
            try:
                closed[name] = cell.cell_contents
            except ValueError:
                continue
        home = None if mine else value.__module__
        return Followed(value.__qualname__, node, resolver, home, closed, value.__code__.co_filename)


def unreadable(value: Any, namespace: Mapping[str, Any]) -> bool:
    """Whether `value` is the notebook's own function whose source cannot be found."""
    return isinstance(value, FunctionType) and value.__globals__ is namespace and _source(value) is None


def _own(value: FunctionType, namespace: Mapping[str, Any]) -> bool:
    if value.__globals__ is namespace or value.__module__ == "__main__":
        return True
    return is_users_code(value.__code__.co_filename)


def _source(value: FunctionType) -> _Function | None:
    code = value.__code__
    lines = linecache.getlines(code.co_filename, value.__globals__)
    known = _sources.get(id(code))
    if known is not None and known[0] is code and known[1] is lines:
        return known[2]
    found = _find_source(code, "".join(lines))
    while len(_sources) > _REMEMBERED:
        _sources.pop(next(iter(_sources)))
    _sources[id(code)] = code, lines, found
    return found


def _find_source(code: CodeType, text: str) -> _Function | None:
    key = (code.co_filename, hash(text))
    if key not in _parsed:
        try:
            with Silence("<unknown>"):
                _parsed[key] = ast.parse(text)
        except (SyntaxError, ValueError):
            return None
        while len(_parsed) > _REMEMBERED:
            _parsed.pop(next(iter(_parsed)))
    if code.co_name == GENEXP:
        return _generator_expression(code, _parsed[key])
    found = []
    for node in walk(_parsed[key]):
        if isinstance(node, names.FUNCTIONS):
            decorators = getattr(node, "decorator_list", ())
            first = min([node.lineno, *(d.lineno for d in decorators)])
            if first == code.co_firstlineno and getattr(node, "name", "<lambda>") == code.co_name:
                found.append(node)
    same = [n for n in found if _arguments(n) == code.co_varnames[: len(_arguments(n))]]
    return same[0] if len(same) == 1 else None


def _generator_expression(code: CodeType, tree: ast.Module) -> ast.Lambda | None:
    """A function that does what each of the generator expressions does that begin in the line of this one's code."""
    found: list[ast.expr] = []
    for node in walk(tree):
        if isinstance(node, ast.GeneratorExp) and node.lineno == code.co_firstlineno:
            first, *more = node.generators  # what the first goes over was asked for where the expression stands
            started = ast.comprehension(first.target, ast.Tuple([], ast.Load()), first.ifs, first.is_async)
            found.append(ast.copy_location(ast.GeneratorExp(node.elt, [started, *more]), node))
    nothing = ast.arguments([], [], None, [], [], None, [])
    return ast.copy_location(ast.Lambda(nothing, ast.Tuple(found, ast.Load())), found[0]) if found else None


def _arguments(node: ast.AST) -> tuple[str, ...]:
    args = node.args  # type: ignore[attr-defined]
    plain = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return tuple(a.arg for a in (*plain, args.vararg, args.kwarg) if a is not None)


def _imported(node: ast.AST, name: str) -> Any:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if (alias.asname or alias.name.split(".")[0]) == name:
                return sys.modules.get(alias.name if alias.asname else name, UNKNOWN)
    if isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            if (alias.asname or alias.name) == name:
                module = sys.modules.get(node.module)
                return getattr(module, alias.name, UNKNOWN) if module is not None else UNKNOWN
    return UNKNOWN
