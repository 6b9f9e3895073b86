"""Where a change stands if not in the loop itself: in a function of the notebook, or in one that it calls."""

from __future__ import annotations

import ast
import linecache
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paracell.records import record

if TYPE_CHECKING:
    from .resolve import Followed


@record(frozen=True, eq=False)
class Origin:
    """The statement or expression `node`, in the source of `function`."""

    node: ast.AST
    function: Followed

    @property
    def line(self) -> int:
        return getattr(self.node, "lineno", self.function.node.lineno)

    def text(self, cell: list[str]) -> str:
        """Its source line, with its indentation. `cell`: the lines of the cell that is being planned."""
        return source_line(self.function.file, self.line, cell)


class How(str):
    """What a change does, in words. A plain ``str`` will do where it stands in the loop itself."""

    origin: Origin | None = None
    calls: tuple[str, ...] = ()
    """Functions through which it is reached, the outermost first."""
    code: str = ""

    def _with(self, text: str, function: Followed, node: ast.AST, code: str) -> How:
        new = How(text)
        new.origin = self.origin or Origin(node, function)
        new.calls = (function.name, *self.calls)
        new.code = self.code or code
        return new


def inside(how: str, function: Followed, node: ast.AST, code: str = "") -> How:
    """`how`, seen from a call of `function`, in whose body `node` stands."""
    line = getattr(node, "lineno", function.node.lineno)
    text = how if isinstance(how, How) and how.origin else f"{how} at line {line}"
    return (how if isinstance(how, How) else How(how))._with(text, function, node, code)


def called(how: str, function: Followed) -> How:
    """`how` as a sentence about `function`."""
    new = How(f"{function.name}() {how}")
    if isinstance(how, How):
        new.origin, new.calls, new.code = how.origin, how.calls, how.code
    return new


def origin_of(how: Any) -> Origin | None:
    return getattr(how, "origin", None)


def source_line(file: str, number: int, cell: list[str]) -> str:
    """A source line without its line end; of the cell itself for an empty `file`."""
    lines = linecache.getlines(file) if file else cell
    return lines[number - 1].rstrip() if 0 < number <= len(lines) else ""


def of_cell(file: str, cell: list[str]) -> bool:
    """Whether `file` is that of the cell itself, which has defined what stands in it before its loop began: but for
    magics, which IPython has put into words of Python, the lines are the same."""
    lines = [line.rstrip("\n") for line in linecache.getlines(file)]
    if len(lines) != len(cell):
        return False
    return all(one == own or own.lstrip().startswith(("%", "!")) for one, own in zip(lines, cell, strict=True))


def place(file: str, namespace: Mapping[str, Any]) -> str:
    """What a person calls the code in `file`: ``In [4]`` for a cell, else the file's own name; "" for this cell."""
    if not file:
        return ""
    shell = namespace.get("get_ipython")
    try:
        number = shell().compile._filename_map.get(file) if shell is not None else None
    except Exception:
        number = None
    if number is not None:
        return f"In [{number}]"
    return "an earlier cell" if file.startswith("<") or "ipykernel_" in file else os.path.basename(file)
