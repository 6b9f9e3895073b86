"""The statement behind a loop that begins before it is planned: for the iterations that remain, if any do.

Of most loops none do, and then it is never made: its parts come into being when somebody looks at them.
"""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any

from .calls import position, runtime_call

_NOTHING = compile("", "", "exec")


class Place(ast.If):
    """Asks the run time to see to the iterations that remain, until it is given the statements that do."""

    _loop: ast.For
    _index: int
    _runtime: str
    filled = False
    """Whether it was given its statements."""

    def __getattr__(self, name: str) -> Any:
        if name not in self._fields:
            raise AttributeError(name)
        node, index, runtime = self._loop, self._index, self._runtime
        where = position(node)
        # Not try/finally: after that the frame would stand on the line of the clean-up, and tracebacks would show it.
        completed = ast.Expr(runtime_call(runtime, "completed", index, [], node), **where)
        around = ast.With([ast.withitem(runtime_call(runtime, "completing", index, [], node))], [completed], **where)
        self._set([around])
        return self.__dict__[name]

    def fill(self, statements: list[ast.stmt]) -> None:
        """These run the iterations that remain."""
        self.filled = True
        self._set(statements)

    def _set(self, body: list[ast.stmt]) -> None:
        self.test = runtime_call(self._runtime, "remain", self._index, [], self._loop)
        self.body, self.orelse = body, []


def place_behind(node: ast.For, index: int, runtime: str) -> Place:
    """The place for the other form of the loop `node`."""
    place = Place.__new__(Place)
    place.__dict__.update(position(node), _loop=node, _index=index, _runtime=runtime)
    return place


def empty(statements: list[ast.stmt], filename: str) -> CodeType | None:
    """The code of `statements` if they are a place alone behind a loop of which nothing remains: it does nothing."""
    if len(statements) != 1 or type(place := statements[0]) is not Place or place.filled:
        return None
    return _NOTHING.replace(co_filename=filename, co_firstlineno=place.lineno)
