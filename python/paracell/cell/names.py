"""Which names a piece of code reads and writes, as seen from the scope in which it stands.

Comprehension targets and the locals of nested functions are not names of that scope and are left out; what nested
functions and lambdas read from outside counts as read.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from . import tables

PASSIVE = tables.words(
    """
    open closing nullcontext errstate catch_warnings localcontext no_grad inference_mode TemporaryDirectory
    NamedTemporaryFile TemporaryFile ZipFile urlopen redirect_stdout printoptions option_context
    """
)
"""Context managers that let every exception through and matter only to the code inside."""

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LOOPS = (ast.For, ast.AsyncFor, ast.While)

Event: TypeAlias = tuple[str, str, ast.AST]
"""("load" | "store" | "del", name, node)"""


def events(node: ast.AST, hidden: frozenset[str] = frozenset()) -> Iterator[Event]:
    """Reads and writes of `node` in order of evaluation; names in `hidden` belong to an inner scope."""
    if isinstance(node, ast.Name):
        if node.id not in hidden:
            kind = {ast.Load: "load", ast.Store: "store", ast.Del: "del"}[type(node.ctx)]
            yield kind, node.id, node
    elif isinstance(node, COMPREHENSIONS):
        yield from _comprehension(node, hidden)
    elif isinstance(node, ast.Lambda):
        yield from _defaults(node.args, hidden)
        for kind, name, where in events(node.body, hidden | parameters(node.args)):
            if kind == "load":
                yield kind, name, where
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for child in node.decorator_list:
            yield from events(child, hidden)
        yield from _defaults(node.args, hidden)
        for name in sorted(free_names(node) - hidden):
            yield "load", name, node
        yield "store", node.name, node
    elif isinstance(node, ast.ClassDef):
        yield from _class(node, hidden)
    else:
        yield from _plain(node, hidden)


def _plain(node: ast.AST, hidden: frozenset[str]) -> Iterator[Event]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield "store", alias.asname or alias.name.split(".")[0], node
    elif isinstance(node, ast.Assign):
        yield from events(node.value, hidden)
        for target in node.targets:
            yield from events(target, hidden)
    elif isinstance(node, ast.AugAssign):
        if isinstance(node.target, ast.Name) and node.target.id not in hidden:
            yield "load", node.target.id, node.target
        yield from events(node.value, hidden)
        yield from events(node.target, hidden)
    elif isinstance(node, ast.AnnAssign):
        if node.value is not None:
            yield from events(node.value, hidden)
            yield from events(node.target, hidden)
        elif not isinstance(node.target, ast.Name):
            yield from events(node.target, hidden)
        yield from events(node.annotation, hidden)
    elif isinstance(node, ast.NamedExpr):
        yield from events(node.value, hidden)
        yield "store", node.target.id, node.target
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        for part in (node.iter, node.target, *node.body, *node.orelse):
            yield from events(part, hidden)
    elif isinstance(node, ast.ExceptHandler):
        if node.type is not None:
            yield from events(node.type, hidden)
        if node.name:
            yield "store", node.name, node
        for statement in node.body:
            yield from events(statement, hidden)
    elif isinstance(node, (ast.MatchAs, ast.MatchStar)):
        if isinstance(node, ast.MatchAs) and node.pattern is not None:
            yield from events(node.pattern, hidden)
        if node.name:
            yield "store", node.name, node
    elif isinstance(node, ast.MatchMapping):
        for child in ast.iter_child_nodes(node):
            yield from events(child, hidden)
        if node.rest:
            yield "store", node.rest, node
    elif isinstance(node, (ast.Global, ast.Nonlocal)):
        return
    else:
        for child in ast.iter_child_nodes(node):
            yield from events(child, hidden)


def _comprehension(node: ast.AST, hidden: frozenset[str]) -> Iterator[Event]:
    inner = hidden
    for generator in node.generators:  # type: ignore[attr-defined]
        yield from events(generator.iter, inner)
        inner = inner | {name for kind, name, _ in events(generator.target) if kind == "store"}
        yield from (e for e in events(generator.target, inner))
        for test in generator.ifs:
            yield from events(test, inner)
    for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):  # type: ignore[attr-defined]
        yield from events(part, inner)


def _defaults(args: ast.arguments, hidden: frozenset[str]) -> Iterator[Event]:
    for default in (*args.defaults, *args.kw_defaults):
        if default is not None:
            yield from events(default, hidden)


def _class(node: ast.ClassDef, hidden: frozenset[str]) -> Iterator[Event]:
    for child in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
        yield from events(child, hidden)
    own: set[str] = set()
    for statement in node.body:
        for kind, name, where in events(statement, hidden):
            if kind == "store":
                own.add(name)
            elif name not in own:
                yield kind, name, where
    yield "store", node.name, node


def parameters(args: ast.arguments) -> frozenset[str]:
    """The names that a function's parameter list binds."""
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return frozenset(a.arg for a in every if a is not None)


def locals_of(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """Parameters and names that the function's own body binds."""
    bound = set(parameters(function.args))
    body = function.body if isinstance(function.body, list) else [function.body]
    declared: set[str] = set()
    for statement in body:
        bound |= {name for kind, name, _ in events(statement) if kind != "load"}
        declared |= {n for s in ast.walk(statement) if isinstance(s, (ast.Global, ast.Nonlocal)) for n in s.names}
    return frozenset(bound - declared)


def free_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """What the function's body reads from outside."""
    own = locals_of(function)
    body = function.body if isinstance(function.body, list) else [function.body]
    return frozenset(name for s in body for kind, name, _ in events(s) if kind == "load" and name not in own)


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
        self.names: dict[str, ast.AST] = {}
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
                    self.names.setdefault(name, where)
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
        skipped.update(ast.walk(part))

    for n in ast.walk(node):
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
    calls = [item.context_expr for item in s.items]
    return all(
        isinstance(c, ast.Call)
        and (c.func.id if isinstance(c.func, ast.Name) else getattr(c.func, "attr", "")) in PASSIVE
        for c in calls
    )
