"""Which ``with`` around a loop may be entered a second time, so that the loop goes on inside it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from .tables import words

HARMLESS = words(
    """
    errstate catch_warnings suppress nullcontext localcontext redirect_stdout redirect_stderr tqdm trange no_grad
    inference_mode option_context rc_context printoptions ThreadPoolExecutor ProcessPoolExecutor Pool ThreadPool
    Lock RLock Semaphore BoundedSemaphore Condition threadpool_limits parallel_config parallel_backend config_context
    """
)
"""Context managers of libraries that keep nothing of what is done inside them."""
READS = frozenset(("r", "rb", "rt", "a", "ab", "at", "a+", "ab+", "a+b"))


def may_enter_again(expression: ast.expr, lookup: Callable[[str], Any]) -> str | None:
    """None if entering ``with expression`` again leaves what was done inside the first time; else why not."""
    if isinstance(expression, ast.Call):
        name, function = _callee(expression.func, lookup)
        if function is builtins.open or name == "open":
            mode = _mode(expression)
            if mode in READS:
                return None
            return (
                "opening the file again would lose what the first iterations have written: open it for appending "
                "(mode 'a'), then resume"
            )
        kind = function
    else:
        name, value = _callee(expression, lookup)
        kind = type(value)
    name = getattr(kind, "__name__", name).lstrip("_")
    module = getattr(kind, "__module__", None) or ""
    if (name in HARMLESS or name.lower() in ("lock", "rlock")) and module != "__main__":
        return None
    return "it is not known what entering it again would do: put the loop's rest into a cell of its own"


def _mode(call: ast.Call) -> str | None:
    """The mode in which a file is opened; None if it cannot be read off."""
    given: ast.expr | None = call.args[1] if len(call.args) > 1 else None
    if isinstance(call.func, ast.Attribute) and call.args and _is_mode(call.args[0]):
        given = call.args[0]  # path.open("w")
    for keyword in call.keywords:
        if keyword.arg == "mode":
            given = keyword.value
        elif keyword.arg is None:
            return None
    if given is None:
        return "r"
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None


def _is_mode(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and set(node.value) <= set("rwaxbt+")


def _callee(node: ast.expr, lookup: Callable[[str], Any]) -> tuple[str, Any]:
    """(last name, object) of ``a.b.c``."""
    if isinstance(node, ast.Name):
        value = lookup(node.id)
        return node.id, value if value is not None else getattr(builtins, node.id, None)
    if isinstance(node, ast.Attribute):
        _, owner = _callee(node.value, lookup)
        return node.attr, getattr(owner, node.attr, None) if owner is not None else None
    return "", None
