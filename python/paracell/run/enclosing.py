"""The frame of a comprehension or of a generator expression: it stands in the serial cell's tracebacks between the cell
and what the values are asked from, and here nothing runs in it."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, TracebackType
from typing import TYPE_CHECKING, Any

from .trimmed import enclosed, enclosing, of_the_cell

if TYPE_CHECKING:
    from ..cell import Region

_FRAMES = {"genexp": "<genexpr>"}
if sys.version_info < (3, 12):  # since then the others are part of the code that they stand in
    _FRAMES.update(listcomp="<listcomp>", setcomp="<setcomp>", dictcomp="<dictcomp>")


def stand_around(error: BaseException, region: Region, filename: str, namespace: dict[str, Any]) -> None:
    """Put the region's frame, if it has one, around what an error has come from that the iterable, or the set or dict
    that takes the values, has raised."""
    of_the_cell(error)
    name = _FRAMES.get(region.kind)
    if name is None:
        return
    from ..ship.standing import stand_in
    from ..ship.tracebacks import Arguments, Frame

    line, *rest = _place(region)
    taken, local = Arguments((".0",), 1, 1, 0, 0), ((".0", None),)
    frame = Frame(filename, name, line, line, "", (rest[0], rest[1], rest[2]), local, taken, name)
    standing, instruction = stand_in(frame, namespace)
    error.__traceback__ = TracebackType(enclosed(error), standing, instruction, line)


def generator(region: Region, filename: str, namespace: dict[str, Any], values: Iterator[Any]) -> Iterator[Any]:
    """`values` as the cell's own generator expression gives them, to a function that may know a generator."""
    made: Iterator[Any] = FunctionType(_code(filename, _place(region)), namespace)(values)
    return made


@functools.lru_cache(maxsize=64)  # a cell may run many times
def _code(filename: str, place: tuple[int, int, int, int]) -> CodeType:
    """Of a generator of what it is given, whose errors leave it as if they had come from there."""
    tree = ast.parse(
        "def f(values):\n try:\n  yield from values\n except BaseException:\n  (values and enclosing)()\n  raise"
    )
    for node in ast.walk(tree):
        if isinstance(node, (ast.stmt, ast.expr, ast.arg, ast.excepthandler)):
            node.lineno, node.end_lineno, node.col_offset, node.end_col_offset = place
        if isinstance(node, ast.BoolOp):  # to call a constant as such is warned of
            node.values[1] = ast.copy_location(ast.Constant(_ENCLOSING), node.values[1])
        if isinstance(node, ast.arg):
            node.arg = ".0"
        if isinstance(node, ast.Name) and node.id == "values":
            node.id = ".0"
    outer = compile(tree, filename, "exec")
    code = next(constant for constant in outer.co_consts if isinstance(constant, CodeType))
    # Any object may be a constant of code, but none such that the compiler takes. The cell's names are not to be asked.
    constants = tuple(enclosing if constant == _ENCLOSING else constant for constant in code.co_consts)
    names = {"co_qualname": "<genexpr>"} if sys.version_info >= (3, 11) else {}
    return code.replace(co_consts=constants, co_name="<genexpr>", **names)  # type: ignore[arg-type]


_ENCLOSING = ".enclosing"


def _place(region: Region) -> tuple[int, int, int, int]:
    """First and last line, first and last column of the region's expression."""
    tree = region.compute  # as workers run it, it stands where it stands in the cell
    node = next((node for node in ast.walk(tree) if isinstance(node, ast.ListComp)), None) if tree is not None else None
    if node is None:
        return region.line, region.end_line, region.column, region.column + 1
    return node.lineno, node.end_lineno or node.lineno, node.col_offset, node.end_col_offset or node.col_offset + 1
