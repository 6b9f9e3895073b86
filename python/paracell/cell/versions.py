"""A loop variable that the body binds again is another variable from there on: ``line = line.strip()``.

While a body is analysed each such binding at the body's own level has a name of its own, so that what is known of the
item (others hold it, it may be changed in place) is not taken for true of what replaced it. Before code is made every
name is what it was.
"""

from __future__ import annotations

import ast
import re

from paracell.records import field, record

from . import names
from .nodes import walk

MARK = "\u2032"


@record
class Versions:
    """Names that stand in a body under another name for a while."""

    renamed: list[tuple[ast.Name, str]] = field(default_factory=list)

    def restore(self) -> None:
        """Give the nodes their own names again."""
        for node, name in self.renamed:
            node.id = name
        self.renamed.clear()


def plain(text: str) -> str:
    """`text` with the notebook's own names."""
    return re.sub(f"{MARK}[0-9]+", "", text)


def distinguish(target: ast.expr, body: list[ast.stmt]) -> Versions:
    """Rename the later versions of loop variables in `body`, in place."""
    made = Versions()
    for name in sorted(names.stores(target)):
        if _simple(name, body):
            _rename(name, body, made)
    return made


def _simple(name: str, body: list[ast.stmt]) -> bool:
    """Whether `name` is only bound by assignments, and no inner scope has a variable of that name."""
    for statement in body:
        for kind, other, node in names.events(statement):
            if other == name and kind != "load" and (kind == "del" or not isinstance(node, ast.Name)):
                return False
        for n in walk(statement):
            if isinstance(n, names.FUNCTIONS) and name in names.locals_of(n):
                return False
            if isinstance(n, (ast.ClassDef, ast.Global, ast.Nonlocal)):
                return False
    return True


def _rename(name: str, body: list[ast.stmt], made: Versions) -> None:
    now = name
    version = 0
    for number, statement in enumerate(body):
        targets = _targets(statement, name)
        for n in walk(statement):
            if isinstance(n, ast.Name) and n.id == name and n not in targets and now != name:
                made.renamed.append((n, name))
                n.id = now
        if targets and not any(_kept(s, {name, now}) for s in body[: number + 1]):
            version += 1
            now = f"{name}{MARK}{version}"
        for n in targets:
            if now != name:
                made.renamed.append((n, name))
                n.id = now


def _targets(statement: ast.stmt, name: str) -> list[ast.Name]:
    """The nodes by which a plain assignment binds `name`."""
    found: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        found = statement.targets
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        found = [statement.target]
    return [
        n
        for target in found
        for n in walk(target)
        if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
    ]


def _kept(statement: ast.stmt, known: set[str]) -> bool:
    """Whether a function or generator made in `statement` sees the variable, and may see it when it is bound again."""
    return any(
        isinstance(n, (*names.FUNCTIONS, ast.GeneratorExp))
        and any(isinstance(i, ast.Name) and i.id in known for i in walk(n))
        for n in walk(statement)
    )
