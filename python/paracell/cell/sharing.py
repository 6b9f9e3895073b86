"""Which names of one scope may hold parts of the same object."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import partial
from types import BuiltinFunctionType, FunctionType

from paracell.attributes import attribute

from . import names, tables
from .freshness import UNKNOWN, VALUES, Freshness, immutable
from .nodes import walk

NUMBERS = tables.words("len int float str bool bytes complex abs round ord chr hash divmod isinstance repr format")
"""Builtins that give numbers and texts."""
APART = (ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift, ast.RShift, ast.MatMult)
"""Operators whose value holds nothing that their operands hold."""
NEW = tables.FRESH_METHODS - tables.words("copy read json group groups groupby apply")
"""Methods whose value holds nothing that their object holds."""


class Sharing:
    """The names that a body binds. `fresh` knows their values, `numbers` are names that hold nothing else."""

    def __init__(self, body: list[ast.stmt], fresh: Freshness, numbers: Iterable[str]) -> None:
        self._fresh = fresh
        self.functions: dict[str, list[ast.AST]] = {}
        """Functions that the body makes, by name."""
        for node in (n for s in body for n in walk(s) if isinstance(n, (*names.FUNCTIONS, ast.ClassDef))):
            if not isinstance(node, ast.Lambda):
                self.functions.setdefault(node.name, []).append(node)
        self._plain = self._numbers(set(numbers))
        self._known: dict[str, frozenset[str]] = {}

    def of(self, name: str) -> frozenset[str]:
        """Names of whose objects the object of `name` may hold something, itself among them."""
        if name not in self._known:
            found, waiting = {name}, [name]
            while waiting:
                more = self._held(waiting.pop()) - found
                found |= more
                waiting += more
            self._known[name] = frozenset(found)
        return self._known[name]

    def reach(self, held: Iterable[str]) -> set[str]:
        """The same for all of some names."""
        return {other for name in held for other in self.of(name)}

    def _held(self, name: str) -> set[str]:
        found: set[str] = set()
        for value in self._fresh.values.get(name, ()):
            found |= self.by(value) if value is not None else set()
        for function in self.functions.get(name, ()):
            found |= names.loads(function)
        return (found & self._fresh.own) - self._plain

    def by(self, value: ast.expr) -> set[str]:
        """Names whose objects the object of `value` may hold, or be."""
        if isinstance(value, VALUES) or (isinstance(value, ast.BinOp) and isinstance(value.op, APART)):
            return set()
        if isinstance(value, ast.Name):
            return {value.id}
        if isinstance(value, (ast.Subscript, ast.Attribute, ast.Starred, ast.NamedExpr)):
            return self.by(value.value)
        if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
            return {name for one in value.elts for name in self.by(one)}
        if isinstance(value, ast.Dict):
            return {name for one in (*value.keys, *value.values) if one is not None for name in self.by(one)}
        if isinstance(value, ast.BinOp):
            return self.by(value.left) | self.by(value.right)
        if isinstance(value, ast.IfExp):
            return self.by(value.body) | self.by(value.orelse)
        if isinstance(value, ast.Call):
            if self._makes_new(value):
                return set()
            if getattr(value.func, "attr", "") in ("get", "setdefault"):  # the key only says which element is meant
                found = self.by(value.func.value)  # type: ignore[attr-defined]
                return found.union(*map(self.by, value.args[1:]))
        return names.loads(value)

    def _makes_new(self, call: ast.Call) -> bool:
        """Whether what `call` gives holds nothing of what it was given."""
        end = names.root(call.func)
        own = isinstance(end, ast.Name) and end.id in self._fresh.own
        called = UNKNOWN if own else self._fresh.resolve(call.func)
        if called is UNKNOWN:
            return isinstance(call.func, ast.Attribute) and call.func.attr in NEW
        if isinstance(called, type):
            return immutable(called) and called.__module__ == "builtins" and called.__name__ in NUMBERS
        if not isinstance(called, (FunctionType, BuiltinFunctionType)) or isinstance(called, partial):
            return False
        if attribute(called, "__module__") == "__main__":
            return self._fresh.depth(call) == 2
        name = attribute(called, "__name__", "")
        return name not in tables.ALIASING | tables.HANDING | tables.HOLDING | tables.VIEWS | {"sum", "max"}

    def _numbers(self, numbers: set[str]) -> set[str]:
        """Names that hold numbers and texts, which nobody changes."""
        found = {name for name, values in self._fresh.values.items() if values} | numbers
        while True:
            kept = {n for n in found if n in numbers or all(self._is_plain(v, found) for v in self._fresh.values[n])}
            if kept == found:
                return found
            found = kept

    def _is_plain(self, value: ast.expr | None, plain: set[str]) -> bool:
        if isinstance(value, (ast.Constant, ast.JoinedStr)):
            return True
        if isinstance(value, ast.UnaryOp):
            return isinstance(value.op, ast.Not) or self._is_plain(value.operand, plain)
        if isinstance(value, ast.BinOp):
            return self._is_plain(value.left, plain) and self._is_plain(value.right, plain)
        if isinstance(value, ast.Name):
            return value.id in plain or (value.id not in self._fresh.own and immutable(self._fresh.resolve(value)))
        if isinstance(value, ast.Subscript):  # an item of what is gone over
            value = value.value
            return isinstance(value, ast.Call) and self._fresh.resolve(value.func) is range
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            return value.func.id in NUMBERS and value.func.id not in self._fresh.own
        return False
