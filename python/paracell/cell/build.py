"""Pieces of code that ``emit`` puts together: slots, residues and the bodies around them."""

from __future__ import annotations

import ast
from typing import Any

from paracell.records import field, record

from .located import on_first_line
from .nodes import walk
from .parts import Place

HIDDEN = "__paracell_"


@record
class Level:
    """Slots of the iteration (number 0) or of one inner loop's rows."""

    number: int
    count: int = 0
    set: list[int] = field(default_factory=list)


class Returns(ast.NodeTransformer):
    """In the compute function the iteration's own ``continue`` and ``break`` end the call."""

    def __init__(self, result: ast.expr):
        self.result = result

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [self.visit(s) for s in body]

    def visit_Continue(self, node: ast.Continue) -> ast.stmt:
        return ast.copy_location(ast.Return(self.result), node)

    def visit_Break(self, node: ast.Break) -> ast.stmt:
        return ast.copy_location(ast.Return(self.result), node)

    def visit_For(self, node: ast.For) -> ast.stmt:
        node = ast.copy_location(ast.For(node.target, node.iter, node.body, self.block(node.orelse)), node)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        return ast.copy_location(ast.While(node.test, node.body, self.block(node.orelse)), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node

    def visit_If(self, node: ast.If) -> ast.stmt:
        return ast.copy_location(ast.If(node.test, self.block(node.body), self.block(node.orelse)), node)


class Fill(ast.NodeTransformer):
    """Put slots where places stand."""

    def __init__(self, reads: dict[int, ast.expr]):
        self.reads = reads

    def visit_Place(self, node: Place) -> ast.expr:
        return self.reads[id(node)]


class Single(ast.NodeTransformer):
    """With one slot the iteration's value is the slot's."""

    def __init__(self, runtime: str):
        self.runtime = runtime

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        value = node.value
        if (
            isinstance(value, ast.Attribute)
            and isinstance(value.value, ast.Name)
            and value.value.id == self.runtime
            and value.attr == "v"
        ):
            return value
        self.generic_visit(node)
        return node


def is_mark(s: ast.stmt) -> bool:
    return getattr(s, "is_mark", False)


def name_of(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def at(attribute: str, ctx: ast.expr_context | None = None) -> ast.Attribute:
    return ast.Attribute(load(f"{HIDDEN}at"), attribute, ctx or ast.Load())


def slot_value(level: Level, slot: int) -> ast.expr:
    if level.number == 0:
        return load(f"{HIDDEN}{slot}")
    return ast.Subscript(load(f"{HIDDEN}row{level.number}"), ast.Constant(slot), ast.Load())


def slot_place(level: Level, slot: int) -> list[ast.expr]:
    """A slot's value for ``fault``: rows may replay already and must not be asked."""
    if level.number == 0:
        return [load(f"{HIDDEN}{slot}")]
    return [load(f"{HIDDEN}row{level.number}"), ast.Constant(slot)]


def set_slot(level: Level, slot: int, value: ast.expr, node: ast.AST | None = None) -> ast.stmt:
    target = slot_value(level, slot)
    target.ctx = ast.Store()  # type: ignore[attr-defined]
    statement = ast.Assign([target], value)
    return placed(statement, node) if node is not None else statement


def placed(new: Any, node: ast.AST) -> Any:
    """Positions of `node` for `new` and what was made with it."""
    ast.copy_location(new, node)
    for child in walk(new):
        if hasattr(child, "lineno") or isinstance(child, (ast.expr, ast.stmt)):  # noqa: SIM102
            if getattr(child, "lineno", None) is None:
                ast.copy_location(child, node)
                if type(child) is ast.Attribute:
                    on_first_line(child)
    return new


def effect(read: ast.expr, node: ast.AST) -> ast.stmt:
    """Reach a residue for its output and its exception only, as a statement that displays nothing."""
    return placed(ast.If(read, [ast.Pass()], []), node)
