"""Shell commands that run without IPython."""

from __future__ import annotations

import ast
import re

from .. import names
from ..case import Case
from ..nodes import walk
from ..refusal import Edit, Swap
from .pieces import replaced

BANG = re.compile(r"^\s*(?:([^\W\d]\w*)\s*=\s*)?!(?!!)\s*(.+?)\s*$")
"""``!ls`` and ``files = !ls``, as a line of the cell."""
FIELD = re.compile(r"\{[^{}]*\}")
METHODS = ("getoutput", "system")


def as_subprocess(case: Case, inner: ast.AST) -> Edit | None:
    """``subprocess.getoutput(...)`` instead of ``!...`` and ``get_ipython().getoutput(...)``; `inner`: get_ipython."""
    call = next((n for n in walk(case.node) if isinstance(n, ast.Call) and _is_shell(n, inner)), None)
    if call is None or not isinstance(case.node, ast.For) or call.lineno == case.line:
        return None
    swap = _of_line(case, call.lineno) or _of_call(case, call)
    if swap is None:
        return None
    swaps = [swap]
    if getattr(case.resolver.name("subprocess"), "__name__", "") != "subprocess":
        head = case.text(case.line)
        swaps.insert(0, case.swap(case.line, head, "import subprocess", head.lstrip()))
    return Edit(tuple(swaps), _condition(case, call))


def _is_shell(call: ast.Call, inner: ast.AST) -> bool:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in METHODS or len(call.args) != 1 or call.keywords:
        return False
    return isinstance(func.value, ast.Call) and func.value.func is inner


def _condition(case: Case, call: ast.Call) -> str:
    if call.func.attr == "system":  # type: ignore[attr-defined]
        return "if its output may come when the command has ended"
    return "if a plain list of lines will do"


def _of_line(case: Case, number: int) -> Swap | None:
    """A line that only IPython can read; what it puts into the command is put in by an f-string."""
    text = case.text(number)
    found = BANG.match(text)
    if found is None or "$" in found[2]:
        return None
    name, command = found.groups()
    literal = f"f{command!r}" if FIELD.search(command) else repr(command)
    run = f"subprocess.getoutput({literal})"
    return case.swap(number, text, f"{name} = {run}.splitlines()" if name else f"print({run})")


def _of_call(case: Case, call: ast.Call) -> Swap | None:
    try:
        same = ast.dump(ast.parse(case.text(call.lineno).encode()[call.col_offset : call.end_col_offset], mode="eval"))
    except (SyntaxError, ValueError):
        return None
    if same != ast.dump(ast.Expression(call)) or names.stores(call):
        return None
    run = f"subprocess.getoutput({ast.unparse(call.args[0])})"
    system = call.func.attr == "system"  # type: ignore[attr-defined]
    return replaced(case, call, f"print({run})" if system else f"{run}.splitlines()")
