"""Iterators that are used up where they are made: ``out.extend(f(y) for y in x)``.

What takes them takes everything, one by one, and does nothing in between that they could see: a worker may have
computed it all by then. What the commit part is given is an iterator, too (``run.rows``): what a value printed, and
what the next one raised, happens at its turn.
"""

from __future__ import annotations

import ast
from typing import Any

from . import tables
from .effects import Effects
from .freshness import UNKNOWN
from .nodes import walk
from .shapes import WORTH

METHODS = tables.words(
    """
    extend extendleft update difference_update intersection_update symmetric_difference_update union intersection
    difference symmetric_difference join writelines
    """
)
"""Methods of built-in containers, texts and files."""
FUNCTIONS = (
    tables.CONSUMERS
    | tables.words(
        """
        fsum prod bytes bytearray OrderedDict nlargest nsmallest fromiter mean fmean median mode multimode stdev pstdev
        variance pvariance
        """
    )
) - tables.words("any all len enumerate map filter")
BUILT_IN = ("builtins", "collections", "array", "_io", "functools", "math", "heapq", "statistics", "numpy")
LAZY = tables.words("map filter zip enumerate")
HANDED = tables.words("map filter starmap accumulate takewhile dropwhile filterfalse")
"""Those that are handed a function."""
PLAIN = (ast.Name, ast.Constant, ast.Lambda)


def takes(effects: Effects, call: ast.Call) -> bool:
    """Whether `call` takes everything that its arguments give."""
    func = call.func
    if isinstance(func, ast.Attribute) and effects.resolver.module_of(func.value) is None:
        return func.attr in METHODS and is_built_in(effects, func.value, func.attr)
    name = getattr(func, "id", None) or getattr(func, "attr", "")
    return name in FUNCTIONS and _of_library(effects.resolve(func))


def follows_nothing(call: ast.Call, argument: ast.expr) -> bool:
    """Whether nothing is computed between the moment at which `argument` is made and that at which it is taken."""
    everything = [*call.args, *(k.value for k in call.keywords)]
    return all(isinstance(one, PLAIN) for one in everything[everything.index(argument) + 1 :])


def is_built_in(effects: Effects, node: ast.expr, method: str) -> bool:
    """Whether a method of the object of `node` is none of a class of the notebook's, as far as is known."""
    value = effects.resolve(node)
    if value is not UNKNOWN:
        return type(value).__module__ in BUILT_IN
    return not effects.resolver.members(method)


def _of_library(value: Any) -> bool:
    return value is not UNKNOWN and getattr(value, "__module__", "").lstrip("_") in BUILT_IN


def works(effects: Effects, node: ast.expr) -> bool:
    """Whether `node` makes an iterator of Python's own that computes what it gives when it is asked for that."""
    if isinstance(node, ast.GeneratorExp):
        given = [node.elt, *(g.iter for g in node.generators[1:]), *(test for g in node.generators for test in g.ifs)]
        return any(isinstance(n, WORTH) for part in given for n in walk(part))
    if not isinstance(node, ast.Call) or node.keywords:
        return False
    home, name = effects.resolver.qualified(node.func) or ("", "")
    if home != "itertools" and (home != "builtins" or name not in LAZY):
        return False
    handed = name in HANDED and bool(node.args) and not isinstance(node.args[0], ast.Constant)
    return handed or any(isinstance(n, WORTH) for a in node.args for n in walk(a))


def as_list(node: ast.expr) -> ast.Call:
    """`node`, used up at once, to ask what stands against that."""
    return ast.copy_location(ast.Call(ast.Name("list", ast.Load()), [node], []), node)
