"""What iterations read in turns, as the rows of a cursor, is read by a loop of its own, before."""

from __future__ import annotations

import ast
import copy
from typing import Any

from .. import names
from ..case import Case
from ..effects import Effects
from ..nodes import walk
from ..refusal import Edit
from .hoisted import twice
from .loops import KINDS, statement_around
from .pieces import piece
from .shared import taken_head
from .sound import always, fills_lines, free

CONDITION = "if all may be read first"
LEAVES = (ast.Break, ast.Continue, ast.NamedExpr, *names.COMPREHENSIONS, *names.FUNCTIONS)


def read_first(case: Case, name: str, effects: Effects) -> Edit | None:
    """``rows = [cur.execute(...).fetchone() for x in xs]``, and a loop over the rows."""
    if not isinstance(case.node, ast.For):
        return _of_comprehension(case, name)
    mine = {name}  # and names of what its methods give that is read on
    last = -1
    for number, s in enumerate(case.body):
        if mine & names.loads(s):
            last = number
            if isinstance(s, ast.Assign) and _is_cursor(s.value):
                mine |= names.stores(s)
    first, rest = case.body[: last + 1], case.body[last + 1 :]
    if not first or not rest or not twice(case, case.node.iter) or case.node.orelse:
        return None
    if any(not isinstance(s, (ast.Assign, ast.Expr)) or any(isinstance(n, LEAVES) for n in walk(s)) for s in first):
        return None
    if any(isinstance(n, ast.Break) for s in rest for n in walk(s)):
        return None
    changed = {owner for s in rest for change in effects.changes(s) for owner in change.owners} | names.stores(*rest)
    targets = [t for s in first if isinstance(s, ast.Assign) for t in s.targets]
    if changed & names.loads(*first) or not all(isinstance(t, (ast.Name, ast.Tuple)) for t in targets):
        return None
    wanted = [n for n in dict.fromkeys(_bound(first)) if n in names.loads(*rest)]
    lines = [case.text(s.lineno) for s in first]
    if not wanted or not all(fills_lines([text], s) for text, s in zip(lines, first, strict=True)):
        return None
    found = free(case, f"{wanted[0]}s" if len(wanted) == 1 else "found")
    one = ", ".join(wanted)
    head = taken_head(case, [one if len(wanted) == 1 else f"({one})"], [found])
    if head is None or case.body[0].lineno == case.line:
        return None
    over = f"for {ast.unparse(case.node.target)} in {ast.unparse(case.node.iter)}"
    only: Any = first[0]
    if len(first) == 1 and ast.unparse(only.targets[0]) == one:
        added = [f"{found} = [{ast.unparse(only.value)} {over}]"]
    else:
        kept = one if len(wanted) == 1 else f"({one})"
        body = [*(text.strip() for text in lines), f"{found}.append({kept})"]
        added = [f"{found} = []", f"{over}:", *(f"    {text}" for text in body)]
    gone = [case.swap(s.lineno, text) for s, text in zip(first, lines, strict=True)]
    return Edit((head._replace(new=(*added, *head.new)), *gone), CONDITION)


def _is_cursor(node: ast.expr) -> bool:
    """``cur.execute(...)``, which is the cursor once more."""
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("execute", "executemany")


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _bound(statements: list[ast.stmt]) -> list[str]:
    return [name for s in statements for kind, name, _ in names.events(s) if kind == "store"]


def _of_comprehension(case: Case, name: str) -> Edit | None:
    node: Any = case.node
    statement = statement_around(case)
    if type(node) not in KINDS or len(node.generators) != 1 or node.generators[0].ifs or statement is None:
        return None
    read = _chain(node, name)
    values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    if read is None or not twice(case, node.generators[0].iter) or not any(always(v, read) for v in values):  # type: ignore[arg-type]
        return None
    if sum(_is(n, name) for n in walk(node)) != 1 or _is_cursor(read):
        return None
    around = {id(n) for n in walk(read) if isinstance(n, ast.Call) and any(_is(one, name) for one in walk(n))}
    if any(isinstance(n, ast.Call) and id(n) not in around for n in walk(read)):
        return None  # what is to be computed by workers
    found, value = free(case, "found"), free(case, "value")
    generator = node.generators[0]
    added = f"{found} = [{ast.unparse(read)} for {ast.unparse(generator.target)} in {ast.unparse(generator.iter)}]"
    text = ast.unparse(read)

    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            same = isinstance(node, ast.expr) and ast.unparse(node) == text
            return ast.Name(value, ast.Load()) if same else self.generic_visit(node)

    made: Any = Put().visit(copy.deepcopy(node))
    over = ast.Call(ast.Name("zip", ast.Load()), [generator.iter, ast.Name(found, ast.Load())], [])
    made.generators[0].target = ast.Tuple([generator.target, ast.Name(value, ast.Store())], ast.Store())
    made.generators[0].iter = over
    new = piece(case, node, ast.unparse(made))
    if new is None or node.lineno != statement.lineno:
        return None
    return Edit((case.swap(node.lineno, case.text(node.lineno), added, new.lstrip()),), CONDITION)


def _chain(node: ast.AST, name: str) -> ast.expr | None:
    """``cur.execute(...).fetchone()[0]``: all that begins with `name`."""
    above = {id(child): n for n in walk(node) for child in ast.iter_child_nodes(n)}
    here: Any = next((n for n in walk(node) if _is(n, name)), None)
    found: ast.expr | None = None
    while here is not None:
        up: Any = above.get(id(here))
        begins = isinstance(up, (ast.Attribute, ast.Subscript)) and up.value is here
        if not begins and not (isinstance(up, ast.Call) and up.func is here):
            return found
        found = here = up
    return found
