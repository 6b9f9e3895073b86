"""The first line of a parallel cell, from IPython's input to its syntax tree.

An input transformer puts a marker statement where ``%%parallel …`` stood, on the same line, so that the rest of the
cell keeps its line numbers and goes IPython's usual way: shell escapes, ``await``, displays, history, tracebacks. The
AST transformer then finds the marker as the tree's first statement, takes it out and plans the rest.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import re
from collections import OrderedDict

from IPython.core.inputtransformer2 import leading_indent

MARKER = "_parallel_cell"
"""The line magic that the marker calls; it runs only where nothing took the marker out."""
BELOW_CODE = "%parallel"
"""The line magic that IPython sees where ``%%parallel`` does not stand first."""

_FIRST_LINE = re.compile(r"%%parallel(?=\s|$)(?P<line>.*)")
_HELP = re.compile(r"%%parallel\s*\?+\s*$")
_NOTHING = re.compile(r"\s*(#.*)?$")
"""A line that says nothing: blank, or a comment."""
_REMEMBERED_CELLS = 64


class Marker:
    """Marks parallel cells in input and finds the mark again in trees. Remembers the text of the last cells."""

    def __init__(self) -> None:
        self._sources: OrderedDict[str, str] = OrderedDict()
        self.latest: str | None = None
        """The text that was transformed last, if it was no parallel cell."""

    def mark(self, lines: list[str]) -> list[str]:
        """An IPython line transformer: `lines` with a marker for ``%%parallel``, or as they are."""
        first = _first_that_speaks(lines, 0)
        match = _FIRST_LINE.match(lines[first]) if first < len(lines) else None
        if match is None or _HELP.match(lines[first]):
            self.latest = "".join(lines)
            return lines
        self.latest = None
        lines = [*lines[: first + 1], *_not_indented(lines[first + 1 :])]
        second = _first_that_speaks(lines, first + 1)
        if second < len(lines) and lines[second].startswith("%%") and not _FIRST_LINE.match(lines[second]):
            # A cell magic inside: %%time over %%parallel is the same, and each then gets its own body. IPython takes it
            # for one only where it stands first.
            return [lines[second], *lines[:second], *lines[second + 1 :]]
        source = "".join(lines)
        key = hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        self._sources[key] = source
        self._sources.move_to_end(key)
        while len(self._sources) > _REMEMBERED_CELLS:
            self._sources.popitem(last=False)
        mark = f"get_ipython().run_line_magic({MARKER!r}, {f'{key} ' + match['line'].strip()!r})\n"
        return [*lines[:first], mark, *lines[first + 1 :]]

    def take(self, tree: ast.Module) -> tuple[str, str | None] | None:
        """Take the marker out of `tree`: (magic line, the cell's text if remembered), or None where there is none."""
        argument = _marker_argument(tree.body[0]) if tree.body else None
        if argument is None:
            return None
        del tree.body[0]
        key, _, line = argument.partition(" ")
        _show_as_comment(argument, f"# %%parallel {line}".rstrip())
        return line, self._sources.get(key)


def _first_that_speaks(lines: list[str], start: int) -> int:
    """Index of the first line from `start` on that is neither blank nor a comment; their number if there is none."""
    return next((at for at in range(start, len(lines)) if not _NOTHING.match(lines[at])), len(lines))


def _not_indented(body: list[str]) -> list[str]:
    """What stands below the first line, as IPython takes a cell that is indented as a whole."""
    start = next((at for at, line in enumerate(body) if line.strip()), len(body))
    return [*body[:start], *leading_indent(body[start:])]


def _show_as_comment(argument: str, text: str) -> None:
    """Let tracebacks show `text` where they would show the marker: in the source that IPython keeps for them."""
    for entry in reversed(list(linecache.cache.values())):  # the latest cell is mostly the last
        if len(entry) != 4 or entry[1] is not None:
            continue
        size, mtime, lines, name = entry
        at = next((at for at, line in enumerate(lines) if MARKER in line and argument in line), None)
        if at is not None:
            linecache.cache[name] = (size, mtime, [*lines[:at], text + "\n", *lines[at + 1 :]], name)
            return


def misplaced(tree: ast.Module) -> bool:
    """Whether ``%%parallel`` stands below other code of the cell, where IPython takes it for a line magic."""
    return any(_argument_of(node, BELOW_CODE) is not None for node in tree.body)


def _marker_argument(node: ast.stmt) -> str | None:
    return _argument_of(node, MARKER)


def _argument_of(node: ast.stmt, magic: str) -> str | None:
    """What stands behind the line magic `magic`, if `node` is a call of it."""
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and len(node.value.args) == 2):
        return None
    function, (name, argument) = node.value.func, node.value.args
    if not (isinstance(function, ast.Attribute) and function.attr == "run_line_magic"):
        return None
    if not (isinstance(name, ast.Constant) and name.value == magic):
        return None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None
