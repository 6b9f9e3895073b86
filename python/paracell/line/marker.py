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

MARKER = "_parallel_cell"
"""The line magic that the marker calls; it runs only where nothing took the marker out."""

_FIRST_LINE = re.compile(r"%%parallel(?=\s|$)(?P<line>.*)")
_REMEMBERED_CELLS = 64


class Marker:
    """Marks parallel cells in input and finds the mark again in trees. Remembers the text of the last cells."""

    def __init__(self) -> None:
        self._sources: OrderedDict[str, str] = OrderedDict()

    def mark(self, lines: list[str]) -> list[str]:
        """An IPython line transformer: `lines` with a marker for ``%%parallel``, or as they are."""
        match = _FIRST_LINE.match(lines[0]) if lines else None
        if match is None:
            return lines
        if len(lines) > 1 and lines[1].startswith("%%"):
            # A cell magic inside: %%time over %%parallel is the same, and each then gets its own body.
            return [lines[1], lines[0], *lines[2:]]
        source = "".join(lines)
        key = hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        self._sources[key] = source
        self._sources.move_to_end(key)
        while len(self._sources) > _REMEMBERED_CELLS:
            self._sources.popitem(last=False)
        return [f"get_ipython().run_line_magic({MARKER!r}, {f'{key} ' + match['line'].strip()!r})\n", *lines[1:]]

    def take(self, tree: ast.Module) -> tuple[str, str | None] | None:
        """Take the marker out of `tree`: (magic line, the cell's text if remembered), or None where there is none."""
        argument = _marker_argument(tree.body[0]) if tree.body else None
        if argument is None:
            return None
        del tree.body[0]
        key, _, line = argument.partition(" ")
        _show_as_comment(argument, f"# %%parallel {line}".rstrip())
        return line, self._sources.get(key)


def _show_as_comment(argument: str, text: str) -> None:
    """Let tracebacks show `text` where they would show the marker: in the source that IPython keeps for them."""
    for size, mtime, lines, name in [entry for entry in linecache.cache.values() if len(entry) == 4]:
        if lines and mtime is None and MARKER in lines[0] and argument in lines[0]:
            linecache.cache[name] = (size, mtime, [text + "\n", *lines[1:]], name)


def _marker_argument(node: ast.stmt) -> str | None:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and len(node.value.args) == 2):
        return None
    function, (name, argument) = node.value.func, node.value.args
    if not (isinstance(function, ast.Attribute) and function.attr == "run_line_magic"):
        return None
    if not (isinstance(name, ast.Constant) and name.value == MARKER):
        return None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None
