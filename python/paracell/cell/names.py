"""Which names a piece of code reads and writes, as seen from the scope in which it stands.

What counts as read and written, and in which order, is in ``events``.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from . import tables
from .events import COMPREHENSIONS as COMPREHENSIONS
from .events import FUNCTIONS as FUNCTIONS
from .events import LOOPS as LOOPS
from .events import Event as Event
from .events import events as events
from .events import free_names as free_names
from .events import locals_of as locals_of
from .events import parameters as parameters
from .nodes import walk

PASSIVE = tables.words(
    """
    open closing nullcontext errstate catch_warnings localcontext no_grad inference_mode TemporaryDirectory
    NamedTemporaryFile TemporaryFile ZipFile urlopen redirect_stdout printoptions option_context
    """
)
"""Context managers that let every exception through and matter only to the code inside."""
SETTING = tables.words(
    "errstate catch_warnings localcontext no_grad inference_mode redirect_stdout printoptions option_context"
)
"""Those of them that set something for the code inside."""


def loads(*nodes: ast.AST) -> set[str]:
    """Names that `nodes` read."""
    return {name for node in nodes for kind, name, _ in events(node) if kind == "load"}


def stores(*nodes: ast.AST) -> set[str]:
    """Names that `nodes` bind or delete."""
    return {name for node in nodes for kind, name, _ in events(node) if kind != "load"}


def is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


def root(node: ast.AST) -> ast.AST:
    """The expression at the left end of an attribute and subscript chain: ``a`` of ``a.b[c].d``."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node


Defined: TypeAlias = "frozenset[str] | None"


class Exposed:
    """Names read before the same iteration has certainly written them, found by a walk over the paths.

    ``None`` for the set of defined names means that the point is not reached.
    """

    def __init__(self, assigned: set[str]):
        self.assigned = assigned
        self.names: dict[str, list[ast.AST]] = {}
        self.ends: list[frozenset[str]] = []
        self._exits: list[list[frozenset[str]]] = []

    def body(self, statements: Sequence[ast.stmt], defined: frozenset[str]) -> Defined:
        """Walk one iteration's statements; afterwards ``names`` holds the exposed reads, ``ends`` what each
        normal end of the iteration has surely defined."""
        end = self.block(statements, defined)
        if end is not None:
            self.ends.append(end)
        return end

    def block(self, statements: Iterable[ast.stmt], defined: Defined) -> Defined:
        for statement in statements:
            if defined is None:
                return None
            defined = self.statement(statement, defined)
        return defined

    def expression(self, node: ast.AST, defined: frozenset[str]) -> frozenset[str]:
        gained: set[str] = set()
        conditional = _conditional(node)
        for kind, name, where in events(node):
            if kind == "load":
                if name in self.assigned and name not in defined and name not in gained:
                    self.names.setdefault(name, []).append(where)
            elif kind == "del":
                defined = defined - {name}
                gained.discard(name)
            elif where not in conditional:
                gained.add(name)
        return defined | gained

    def statement(self, s: ast.stmt, defined: frozenset[str]) -> Defined:
        if isinstance(s, ast.If):
            defined = self.expression(s.test, defined)
            return join(self.block(s.body, defined), self.block(s.orelse, defined))
        if isinstance(s, (ast.For, ast.AsyncFor)):
            defined = self.expression(s.iter, defined)
            return self._loop(s, defined, defined | stores(s.target))
        if isinstance(s, ast.While):
            defined = self.expression(s.test, defined)
            return self._loop(s, defined, defined)
        if isinstance(s, (ast.With, ast.AsyncWith)):
            for item in s.items:
                defined = self.expression(item.context_expr, defined)
                if item.optional_vars is not None:
                    defined = self.expression(item.optional_vars, defined)
            inside = self.block(s.body, defined)
            return inside if inside is not None and cannot_swallow(s) else defined
        if isinstance(s, ast.Try) or type(s).__name__ == "TryStar":
            return self._try(s, defined)  # type: ignore[arg-type]
        if isinstance(s, ast.Match):
            defined = self.expression(s.subject, defined)
            out: Defined = defined
            for case in s.cases:
                inner = defined | stores(case.pattern)
                if case.guard is not None:
                    inner = self.expression(case.guard, inner)
                out = join(out, self.block(case.body, inner))
            return out
        if isinstance(s, (ast.Continue, ast.Break)):
            (self._exits[-1] if self._exits else self.ends).append(defined)
            return None
        defined = self.expression(s, defined)
        return None if isinstance(s, (ast.Raise, ast.Return)) else defined

    def _loop(self, s: ast.For | ast.AsyncFor | ast.While, before: frozenset[str], inside: frozenset[str]) -> Defined:
        self._exits.append([])
        self.block(s.body, inside)
        self._exits.pop()
        after = self.block(s.orelse, before)
        return before if after is None else after & before if s.body else after

    def _try(self, s: ast.Try, defined: frozenset[str]) -> Defined:
        end = self.block(s.body, defined)
        if end is not None:
            end = self.block(s.orelse, end)
        for handler in s.handlers:
            inner = defined if handler.type is None else self.expression(handler.type, defined)
            after = self.block(handler.body, inner | ({handler.name} if handler.name else set()))
            if after is not None and handler.name:
                after = after - {handler.name}
            end = join(end, after)
        if s.finalbody:
            final = self.block(s.finalbody, defined)
            end = None if final is None or end is None else end | final
        return end


def join(a: Defined, b: Defined) -> Defined:
    return b if a is None else a if b is None else a & b


def _conditional(node: ast.AST) -> set[ast.AST]:
    """Store nodes inside `node` that may be skipped: right sides of and/or, branches, comprehensions."""
    skipped: set[ast.AST] = set()

    def collect(part: ast.AST) -> None:
        skipped.update(walk(part))

    for n in walk(node):
        if isinstance(n, ast.BoolOp):
            for value in n.values[1:]:
                collect(value)
        elif isinstance(n, ast.IfExp):
            collect(n.body)
            collect(n.orelse)
        elif isinstance(n, ast.Compare):
            for value in n.comparators[1:]:
                collect(value)
        elif isinstance(n, COMPREHENSIONS):
            collect(n)
        elif isinstance(n, ast.Assert) and n.msg is not None:
            collect(n.msg)
    return skipped


def cannot_swallow(s: ast.With | ast.AsyncWith) -> bool:
    """Whether every context manager is one that is known not to swallow exceptions (``open``)."""
    return all(_manager(item) in PASSIVE for item in s.items)


def sets(s: ast.With) -> bool:
    """Whether a context manager of it sets something for the code inside."""
    return any(_manager(item) in SETTING for item in s.items)


def _manager(item: ast.withitem) -> str | None:
    made = item.context_expr
    if not isinstance(made, ast.Call):
        return None
    return made.func.id if isinstance(made.func, ast.Name) else getattr(made.func, "attr", None)
