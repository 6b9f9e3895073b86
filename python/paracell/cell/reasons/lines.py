"""The source lines that show a reason."""

from __future__ import annotations

import ast
from typing import Any

from ..case import Case
from ..origin import Origin
from ..refusal import Shown


def shown(case: Case, node: ast.AST | None, role: str = "") -> list[Shown]:
    """The line of the cell on which `node` stands."""
    number = getattr(node, "lineno", None)
    text = case.text(number) if number is not None else ""
    return [Shown(number, text.strip(), role)] if number is not None and text else []


def shown_in(case: Case, origin: Origin, role: str) -> list[Shown]:
    """The line of the function in which something happens."""
    text = origin.text(case.lines).strip()
    where = ", ".join(filter(None, (case.place(origin.function.file), f"{short(origin.function.name)}")))
    return [Shown(origin.line, text, role, where)] if text else []


def together(*parts: list[Shown]) -> tuple[Shown, ...]:
    """Lines in the order given; a line that has several roles is shown once."""
    found: dict[tuple[int, str], Shown] = {}
    for line in (line for part in parts for line in part):
        key = (line.number, line.place)
        before = found.get(key)
        if before is None:
            found[key] = line
        elif line.role and line.role not in before.role:
            found[key] = before._replace(role=f"{before.role}, {line.role}" if before.role else line.role)
    return tuple(found.values())


def short(name: str) -> str:
    """What a function is called in messages, with its parentheses."""
    last = name.split("<locals>.")[-1].removesuffix(".__init__")
    return "the lambda" if last == "<lambda>" else f"{last}()"


def chain(how: Any) -> str:
    """ "indirect() calls logs(), which" or "logs()"."""
    calls = [f"{short(name)}" for name in how.calls]
    return f"{calls[0]} calls {calls[-1]}, which" if len(calls) > 1 else calls[0]
