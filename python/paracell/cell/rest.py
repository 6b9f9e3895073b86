"""What is left to run of a cell that a loop of it was stopped in: the cell from that loop on.

Code before the loop has run and is not run again, but for definitions and imports that were mended. Blocks around the
loop: an ``if`` or ``match`` is not decided again, a ``try`` stands around the rest, a ``with`` is entered again where
that leaves what the first iterations did.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

from paracell.records import record

from .clone import clone
from .entered import may_enter_again
from .nodes import walk
from .regions import Site, sites

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
Lookup = Callable[[str], Any]
"""What a name of the notebook is now; None if it is nothing."""


class NoRest(Exception):
    """There is no telling what is left of the cell; the text says why and what to do."""


@record
class Rest:
    """The cell from the stopped loop on."""

    tree: ast.Module
    line: int
    column: int
    """Where the loop stands (in the cell as it is now)."""
    kind: str
    same_iterable: bool
    """Whether the text of its iterable is what it was."""
    evaluate: bool
    """Whether its iterable may be evaluated again (it holds no loop, whose work would be done again)."""
    reopened: bool
    """Whether its iterable uses what a ``with`` around makes anew."""


def rest(old: ast.Module, line: int, column: int, kind: str, new: ast.Module, lookup: Lookup) -> Rest:
    """The rest of `new`, a cell that is `old` perhaps with mended code, from the loop on that stood there in `old`.

    Changes neither. Raises NoRest."""
    new = clone(new)
    before, after = list(sites(old)), list(sites(new))
    number = next(n for n, s in enumerate(before) if (s.node.lineno, s.node.col_offset, s.kind) == (line, column, kind))
    stopped, site = before[number], after[_found(before, number, after)]
    cut = _Cut(site.node, lookup, {ast.dump(s) for s in _ran_before(old.body, stopped.node)})
    tree = ast.Module(cut.block(new.body), [])
    return Rest(
        tree,
        site.node.lineno,
        site.node.col_offset,
        site.kind,
        _iterable(stopped) == _iterable(site),
        not any(True for _ in _regions(site)),
        bool(cut.opened & _loads(_given(site))),
    )


def _regions(site: Site) -> Iterator[ast.AST]:
    """Regions in the loop's iterable."""
    for expression in _given(site):
        for inner in sites(ast.Module([ast.Expr(expression)], [])):
            yield inner.node


def _given(site: Site) -> list[ast.expr]:
    """What the loop goes over; several iterables for ``map``."""
    node: Any = site.node
    if isinstance(node, ast.For):
        return [node.iter]
    return list(node.args[1:]) if isinstance(node, ast.Call) else [node.generators[0].iter]


def _loads(expressions: list[ast.expr]) -> set[str]:
    return {n.id for e in expressions for n in walk(e) if isinstance(n, ast.Name)}


# -------------------------------------------------------------------------------------------------- the loop's place


def _iterable(site: Site) -> str:
    return " ".join(ast.dump(e) for e in _given(site))


def _header(site: Site) -> str:
    node: Any = site.node
    target = (
        node.target if isinstance(node, ast.For) else None if isinstance(node, ast.Call) else node.generators[0].target
    )
    return f"{site.kind} {ast.dump(target) if target is not None else ''} {_iterable(site)}"


def same_loop(old: ast.Module, line: int, column: int, kind: str, new: ast.Module) -> bool:
    """Whether `new` has a loop with the header of that one of `old`."""
    wanted = [_header(s) for s in sites(old) if (s.node.lineno, s.node.col_offset, s.kind) == (line, column, kind)]
    return any(_header(s) in wanted for s in sites(new))


def _found(before: list[Site], number: int, after: list[Site]) -> int:
    """Which loop of the cell as it is now is the `number`-th that it had."""
    header = _header(before[number])
    old = [n for n, s in enumerate(before) if _header(s) == header]
    new = [n for n, s in enumerate(after) if _header(s) == header]
    if len(new) == len(old):
        return new[old.index(number)]
    if len(new) == 1:
        return new[0]
    text = _head(before[number])
    if new:
        raise NoRest(f"the cell has {len(new)} loops `{text}` now, and it cannot be told which one was stopped")
    if [s.kind for s in before] == [s.kind for s in after]:
        return number
    raise NoRest(f"the loop that was stopped, `{text}`, is not in the cell")


def _head(site: Site) -> str:
    node: Any = site.node
    if isinstance(node, ast.For):
        return f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}"
    return ast.unparse(node)


# -------------------------------------------------------------------------------------------------------- cutting


def _holds(statement: ast.AST, node: ast.AST) -> bool:
    return any(n is node for n in walk(statement))


def _blocks(statement: ast.AST) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    """(owner, field, statements) of each block of a compound statement; owner is its handler or case."""
    for owner in (statement, *getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(owner, name, None)
            if isinstance(block, list):
                yield owner, name, block


def _ran_before(block: list[ast.stmt], node: ast.AST) -> Iterator[ast.stmt]:
    """Statements on the way to `node`, in the blocks that hold it."""
    for statement in block:
        if not _holds(statement, node):
            yield statement
            continue
        for _, _, inner in _blocks(statement):
            if any(_holds(s, node) for s in inner):
                yield from _ran_before(inner, node)
        return


class _Cut:
    """Takes away what is not to run again."""

    def __init__(self, node: ast.AST, lookup: Lookup, ran: set[str]) -> None:
        self.node = node
        self.lookup = lookup
        self.ran = ran
        self.opened: set[str] = set()
        """Names that a ``with`` around binds anew."""

    def block(self, block: list[ast.stmt]) -> list[ast.stmt]:
        at = next(n for n, s in enumerate(block) if _holds(s, self.node))
        kept = [s for s in block[:at] if self._runs_again(s)]
        return [*kept, *self._statement(block[at]), *block[at + 1 :]]

    def _runs_again(self, statement: ast.stmt) -> bool:
        """Whether a statement before the loop is to run (again). Raises NoRest where that would be a guess."""
        loads = {n.id for n in walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        if loads & self.opened:
            raise NoRest(
                f"line {statement.lineno} uses {sorted(loads & self.opened)[0]!r}, which the `with` around the loop "
                "would make anew: what that line made belongs to what was closed when the loop stopped"
            )
        if ast.dump(statement) in self.ran:
            return False
        if isinstance(statement, DEFINITIONS):
            return True
        if isinstance(statement, ast.Pass):
            return False
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return False
        raise NoRest(
            f"line {statement.lineno} is new or changed and stands before the loop, of which only definitions and "
            "imports are run again: run it in a cell of its own, put the line back as it was, and resume"
        )

    def _statement(self, statement: ast.stmt) -> list[ast.stmt]:
        if statement is self.node:
            return [statement]
        for owner, name, block in _blocks(statement):
            if any(_holds(s, self.node) for s in block):
                return self._inside(statement, owner, name, block)
        self._evaluated_again(statement)
        return [statement]

    def _inside(self, statement: ast.stmt, owner: ast.AST, name: str, block: list[ast.stmt]) -> list[ast.stmt]:
        if isinstance(statement, (ast.If, ast.For)) or type(owner).__name__ == "match_case":
            return self.block(block)
        if isinstance(statement, ast.With):
            self._enter(statement)
            return [_with_blocks(statement, body=self.block(block))]
        if isinstance(statement, ast.Try) and owner is statement and name == "body":
            return [_with_blocks(statement, body=self.block(block))]
        if isinstance(statement, ast.Try) and owner is statement and name == "orelse":
            rest_ = self.block(block)
            if not statement.finalbody:
                return rest_
            return [_with_blocks(statement, body=rest_, handlers=[], orelse=[])]
        where = "an `except` or `finally` block" if isinstance(statement, ast.Try) else type(statement).__name__
        raise NoRest(f"line {block[0].lineno}: the loop stands in {where}, which cannot be entered again by itself")

    def _enter(self, statement: ast.With) -> None:
        for item in statement.items:
            reason = may_enter_again(item.context_expr, self.lookup)
            if reason is not None:
                raise NoRest(f"line {statement.lineno}: `with {ast.unparse(item.context_expr)}` was left when the loop "
                             f"stopped, and {reason}")  # fmt: skip
            if item.optional_vars is not None:
                self.opened |= {n.id for n in walk(item.optional_vars) if isinstance(n, ast.Name)}

    def _evaluated_again(self, statement: ast.stmt) -> None:
        """The loop is a part of `statement`: nothing that was evaluated before it may have had an effect."""
        for node in _before(statement, self.node):
            for part in walk(node):
                if isinstance(part, (ast.Call, ast.Await, ast.NamedExpr, ast.ListComp, ast.SetComp, ast.DictComp)):
                    raise NoRest(
                        f"line {part.lineno}: `{ast.unparse(part)}` was evaluated before the loop in the same "
                        "statement, and would be again: give it a name in a cell of its own, use that here, then resume"
                    )


def _before(node: ast.AST, target: ast.AST) -> Iterator[ast.AST]:
    """What is evaluated to its end before `target`, which is inside `node`, begins."""
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        children = [node.value] if node.value is not None else []
    for child in children:
        if child is target:
            return
        if _holds(child, target):
            yield from _before(child, target)
            return
        yield child


def _with_blocks(statement: ast.stmt, **blocks: Any) -> ast.stmt:
    new = copy.copy(statement)
    for name, block in blocks.items():
        setattr(new, name, block)
    return new
