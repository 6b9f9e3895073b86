"""Loops that do little more than draw random numbers, as a Monte Carlo estimate does.

Each iteration would be given random streams of its own, which takes some microseconds: longer than such an iteration.
So under ``auto`` they run as they stand, with the serial cell's numbers. It is told from the code alone: what is drawn
must not depend on how long anything took.
"""

from __future__ import annotations

import ast
from typing import Any

from paracell.attributes import module_of

from . import tables
from .regions import Site
from .resolve import Resolver

_DEEP = 3
"""Functions that call one another are followed so far."""
_DRAWS = {
    "random": tables.words(
        """random uniform randint randrange getrandbits choice gauss normalvariate expovariate triangular betavariate
        gammavariate lognormvariate vonmisesvariate paretovariate weibullvariate"""
    ),
    "numpy.random": tables.words(
        """rand randn random random_sample ranf sample uniform normal standard_normal randint exponential poisson
        standard_exponential"""
    ),
}
"""Functions that draw one number, or a few."""
_WHOLE = tables.words("rand randn random random_sample ranf sample standard_normal standard_exponential")
"""Those of numpy's of which every argument is a size."""
_OF_GENERATORS = {
    ("random", "Random"): _DRAWS["random"],
    ("numpy.random", "RandomState"): _DRAWS["numpy.random"],
    ("numpy.random", "Generator"): tables.words("random uniform normal standard_normal integers exponential poisson"),
}
"""The same for generators of the notebook's own, by their class."""
_MATH = tables.words(
    """sqrt exp expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh hypot floor ceil trunc fabs
    fmod copysign isnan isinf isfinite degrees radians erf pow"""
)
_QUICK = tables.words("abs bool complex divmod float int len max min pow round")
_NUMBERS = (int, float, complex, bool)


def light(site: Site, resolver: Resolver) -> bool:
    """Whether the region's iterations draw numbers, reckon with these, and do nothing that may take longer."""
    look = _Look(resolver, set(), _DEEP)
    node: Any = site.node
    try:
        if isinstance(node, ast.For):
            look.bind(node.target, _counts(node.iter))
            look.block(node.body)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            if len(node.generators) != 1 or node.generators[0].is_async:
                return False
            made = node.generators[0]
            look.bind(made.target, _counts(made.iter))
            for part in (*made.ifs, *([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])):
                look.small(part)
        else:
            return False
    except _Heavy:
        return False
    return look.draws


class _Heavy(Exception):
    """Something that may take longer."""


def _counts(iterable: ast.expr) -> bool:
    """Whether its items are numbers for sure."""
    return isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and iterable.func.id == "range"


class _Look:
    """Goes over code that is run for each iteration; raises _Heavy at what is not known to be quick."""

    def __init__(self, resolver: Resolver, numbers: set[str], deep: int) -> None:
        self.draws = False
        self._resolver = resolver
        self._numbers = numbers
        """Names that the code binds to numbers."""
        self._bound: set[str] = set()
        self._deep = deep

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, s: ast.stmt) -> None:
        if isinstance(s, ast.Assign):
            self.small(s.value)
            for target in s.targets:
                self._assign(target, s.value)
        elif isinstance(s, ast.AugAssign) and isinstance(s.target, ast.Name):
            # What a loop adds up it adds up here in any case.
            self.number(s.value)
        elif isinstance(s, ast.If):
            self.small(s.test)
            self.block(s.body)
            self.block(s.orelse)
        elif isinstance(s, ast.Return):
            self.small(s.value or ast.Constant(None))
        elif isinstance(s, ast.Expr):
            self._expression_statement(s.value)
        elif not isinstance(s, (ast.Pass, ast.Continue, ast.Break)):
            raise _Heavy

    def _expression_statement(self, value: ast.expr) -> None:
        if isinstance(value, ast.Constant):  # a docstring
            return
        if (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in ("append", "add")
            and len(value.args) == 1
            and not value.keywords
            and isinstance(value.func.value, ast.Name)
        ):
            self.small(value.args[0])
        else:
            self.small(value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            numbers = [self._is_number(one) for one in value.elts]
            for one, number in zip(target.elts, numbers, strict=True):
                self.bind(one, number)
        else:
            self.bind(target, self._is_number(value))

    def bind(self, target: ast.expr, number: bool) -> None:
        if isinstance(target, ast.Name):
            self._bound.add(target.id)
            (self._numbers.add if number else self._numbers.discard)(target.id)
        elif isinstance(target, ast.Tuple):
            for one in target.elts:
                self.bind(one, False)
        elif not (isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)):
            raise _Heavy
        else:
            self.small(target.slice)

    def small(self, node: ast.expr) -> None:
        """A number, some text, or a few of them."""
        if isinstance(node, (ast.Tuple, ast.List)):
            for one in node.elts:
                self.small(one)
        elif not isinstance(node, (ast.Constant, ast.Name)):  # which are only handed on
            self.number(node)

    def _is_number(self, node: ast.expr) -> bool:
        try:
            self.number(node)
        except _Heavy:
            return False
        return True

    def number(self, node: ast.expr) -> None:
        """What is a number for sure, and no array."""
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, _NUMBERS):
                raise _Heavy
        elif isinstance(node, ast.Name):
            if node.id not in self._numbers and (node.id in self._bound or not self._known_number(node.id)):
                raise _Heavy
        elif isinstance(node, ast.BinOp):
            if isinstance(node.op, (ast.LShift, ast.MatMult)):
                raise _Heavy
            if isinstance(node.op, ast.Pow) and not isinstance(node.right, ast.Constant):
                raise _Heavy
            self.number(node.left)
            self.number(node.right)
        elif isinstance(node, ast.UnaryOp):
            self.number(node.operand)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                self.number(value)
        elif isinstance(node, ast.Compare):
            for value in (node.left, *node.comparators):
                self.number(value)
        elif isinstance(node, ast.IfExp):
            for value in (node.test, node.body, node.orelse):
                self.number(value)
        elif isinstance(node, ast.Call):
            self._call(node)
        else:
            raise _Heavy

    def _known_number(self, name: str) -> bool:
        bound = self._resolver.defined.get(name)
        if isinstance(bound, ast.Assign):
            return isinstance(bound.value, ast.Constant) and isinstance(bound.value.value, _NUMBERS)
        value = self._resolver.name(name)
        return isinstance(value, _NUMBERS)

    def _call(self, call: ast.Call) -> None:
        if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
            raise _Heavy
        found = self._resolver.qualified(call.func) or ("", "")
        module, name = self._generator(call.func) or found
        if name in _DRAWS.get(module, ()):
            self._draw(call, module, name)
            return
        quick = name in {"math": _MATH, "builtins": _QUICK}.get(module, frozenset())
        followed = None if quick else self._resolver.follow(call.func)
        if not quick and followed is None:
            raise _Heavy
        for argument in (*call.args, *(k.value for k in call.keywords)):
            self.number(argument)
        if followed is not None:
            self._function(followed)

    def _generator(self, func: ast.expr) -> tuple[str, str] | None:
        """What a generator of the notebook's own is asked for, by the module that has a function of that name."""
        if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)):
            return None
        if func.value.id in self._bound or func.value.id in self._resolver.defined:
            return None
        kind = type(self._resolver.name(func.value.id))
        module = "numpy.random" if module_of(kind).startswith("numpy.random") else kind.__module__
        draws = _OF_GENERATORS.get((module, kind.__name__), frozenset())
        return (module, "uniform" if func.attr == "integers" else func.attr) if func.attr in draws else None

    def _draw(self, call: ast.Call, module: str, name: str) -> None:
        """One number, or a few: what gives an array has a size."""
        if module == "numpy.random" and (name in _WHOLE or len(call.args) > 2) and (call.args or call.keywords):
            raise _Heavy
        if any(keyword.arg in ("size", "dtype", "out") for keyword in call.keywords):
            raise _Heavy
        for argument in (*call.args, *(k.value for k in call.keywords)):
            if name != "choice":
                self.number(argument)
            elif not isinstance(argument, (ast.Name, ast.Tuple, ast.List, ast.Constant)):
                raise _Heavy
        self.draws = True

    def _function(self, followed: Any) -> None:
        node = followed.node
        if self._deep == 0 or not isinstance(node, ast.FunctionDef) or node.decorator_list or followed.closed:
            raise _Heavy
        a = node.args
        if a.vararg or a.kwarg or any(not isinstance(d, ast.Constant) for d in (*a.defaults, *a.kw_defaults) if d):
            raise _Heavy
        parameters = {one.arg for one in (*a.posonlyargs, *a.args, *a.kwonlyargs)}
        inner = _Look(followed.resolver, set(parameters), self._deep - 1)
        inner.block(node.body)
        self.draws = self.draws or inner.draws
