"""The region's compute function: the tree that the planner made, compiled as code of the cell."""

from __future__ import annotations
import __future__

import ast
import functools
import sys
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from paracell.silence import Silence

if TYPE_CHECKING:
    from ..cell import Region

_INSIDE = "compute.<locals>."
_NAMES = {
    "dictcomp": "<dictcomp>",
    "setcomp": "<setcomp>",
    "genexp": "<genexpr>",
    "map": "<module>",
    "filter": "<module>",
}
"""Kind of a region -> name of the frame that is below the cell's; a map's function has none in between."""
_OURS: Any = {"co_filename": __file__}
_FUTURES = functools.reduce(
    int.__or__, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


def futures(code: CodeType) -> int:
    """The ``from __future__ import`` that `code` was compiled under, as flags for ``compile``."""
    return code.co_flags & _FUTURES


def recompiled(tree: ast.Module | None, filename: str, flags: int = 0) -> CodeType:
    """The code of `tree`, statements of a cell that was compiled before: that has said what there is to warn of."""
    with Silence(filename):
        return compile(tree, filename, "exec", flags, dont_inherit=True)  # type: ignore[arg-type,no-any-return]


def function(region: Region, filename: str, namespace: Mapping[str, Any], flags: int = 0) -> FunctionType:
    """The region's compute function, with the notebook's namespace as its globals; `flags` as ``futures`` has them."""
    code = recompiled(region.compute, filename, flags)
    inner = next(c for c in code.co_consts if hasattr(c, "co_code") and c.co_name == "compute")
    # From Python 3.12 on a list comprehension has no frame of its own, and a generator expression still has one.
    name = "<genexpr>" if region.kind == "genexp" and sys.version_info >= (3, 12) else "<module>"
    called = _renamed(_called(_outside(inner), region), name)
    return FunctionType(called, namespace, "compute")  # type: ignore[arg-type]


def nested(region: Region) -> bool:
    """Whether a generator expression's tasks give a list of values for each item."""
    if region.kind != "genexp" or region.compute is None:
        return False
    value = region.compute.body[0].body[0].value  # type: ignore[attr-defined]
    return (
        isinstance(value, ast.ListComp)
        and isinstance(value.elt, ast.ListComp)
        and len(value.generators) == 1
        and getattr(value.generators[0].target, "id", "").startswith("__paracell_")
    )


def _called(code: CodeType, region: Region) -> CodeType:
    """The outermost comprehension of the compute function's code is called what it is called in the cell."""
    name = _NAMES.get(region.kind)
    if name is None:
        return code
    if nested(region) and sys.version_info < (3, 12):
        # Two comprehensions stand for one: the outer one's frame, and what is around it, is ours.
        return _within(code, lambda outer: _within(outer, lambda one: _renamed(one, name)).replace(**_OURS)).replace(
            **_OURS
        )
    return _within(code, lambda one: _renamed(one, name))


def _within(code: CodeType, changed: Callable[[CodeType], CodeType]) -> CodeType:
    """`code`, the list comprehensions in it `changed`."""
    consts = tuple(
        changed(one) if isinstance(one, CodeType) and one.co_name == "<listcomp>" else one for one in code.co_consts
    )
    return code.replace(co_consts=consts)


def _renamed(code: CodeType, name: str) -> CodeType:
    names = {"co_name": name}
    if sys.version_info >= (3, 11):
        names["co_qualname"] = name
    return code.replace(**names)  # type: ignore[arg-type]


def _outside(code: CodeType) -> CodeType:
    """What is defined in the loop is called what it is called in the cell: not ``compute.<locals>.f``."""
    changes: dict[str, Any] = {"co_consts": tuple(map(_constant, code.co_consts))}
    if sys.version_info >= (3, 11):
        changes["co_qualname"] = code.co_qualname.removeprefix(_INSIDE)
    return code.replace(**changes)


def _constant(value: Any) -> Any:
    if isinstance(value, CodeType):
        return _outside(value)
    # Classes name themselves by a constant, before 3.11 functions too.
    return value.removeprefix(_INSIDE) if type(value) is str else value
