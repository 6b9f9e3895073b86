"""Which residues the commit part reaches before it does anything: what they print may be shown ahead of it."""

from __future__ import annotations

import ast


def leading(commit: list[ast.stmt], runtime: str) -> int:
    """So many of the first slots are reached before any of the user's own code runs in the notebook."""
    last = -1
    for statement in commit:
        slots = [slot for node in ast.walk(statement) if (slot := _slot(node, runtime)) is not None]
        if _takes_over(statement, runtime):
            last = max([last, *slots])
            continue
        if slots and _reads_first(statement, runtime):
            last = max(last, min(slots))
        break
    return last + 1


def _slot(node: ast.AST, runtime: str) -> int | None:
    """The slot that `node` reads, if it is a read of one of the iteration's own."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        value = node.value
        if isinstance(value, ast.Attribute) and value.attr == "v" and _is(value.value, runtime):
            return int(node.slice.value)  # type: ignore[arg-type]
    return None


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _takes_over(statement: ast.stmt, runtime: str) -> bool:
    """Whether a statement does nothing but bind a name to what the worker has bound, or note that it has."""
    if isinstance(statement, ast.If):
        return _ours(statement.test, runtime) and all(_takes_over(inner, runtime) for inner in statement.body)
    if isinstance(statement, ast.Assign):
        return isinstance(statement.targets[0], ast.Name) and _slot(statement.value, runtime) is not None
    if isinstance(statement, ast.Expr):
        return _slot(statement.value, runtime) is not None or _ours(statement.value, runtime)
    return False


def _ours(node: ast.expr, runtime: str) -> bool:
    """A call of the run time itself."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is(node.func.value, runtime)


def _reads_first(statement: ast.stmt, runtime: str) -> bool:
    """Whether the statement reads its first slot before it calls anything."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        parts: list[ast.AST] = [statement.value.func, *statement.value.args, *statement.value.keywords]
    elif isinstance(statement, (ast.Assign, ast.AugAssign)):
        parts = [statement]
    elif isinstance(statement, (ast.If, ast.For)):
        head = statement.test if isinstance(statement, ast.If) else statement.iter
        return _slot(head, runtime) is not None
    else:
        return False
    return not any(isinstance(node, ast.Call) for part in parts for node in ast.walk(part))
