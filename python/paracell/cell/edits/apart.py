"""Copies, where iterations change what they share or read again what they have changed."""

from __future__ import annotations

import ast
from typing import Any

from .. import names
from ..case import Case
from ..nodes import walk
from ..refusal import Edit
from .pieces import before, with_instead
from .sound import fills_lines, free

LEAVE = (ast.Continue, ast.Break, ast.Return, ast.Delete, ast.Try)
TAKE_AWAY = ("pop", "popitem", "clear", "move_to_end")


def worked_on_copy(case: Case) -> Edit | None:
    """The body works on a copy of its item, a plain dictionary, and puts the new values back in its last line."""
    target, items = case.node.target, _items(case)
    if not isinstance(target, ast.Name) or not items or not all(type(item) is dict for item in items):
        return None
    last = case.body[-1]
    inner = (*LEAVE, *names.FUNCTIONS, *names.COMPREHENSIONS)
    nodes = [n for s in case.body for n in walk(s)]
    if any(isinstance(n, inner) or getattr(n, "attr", "") in TAKE_AWAY for n in nodes):
        return None
    if not isinstance(last, (ast.Expr, ast.Assign, ast.AugAssign)) or not fills_lines([case.text(last.lineno)], last):
        return None
    uses = [n for n in nodes if isinstance(n, ast.Name) and n.id == target.id]
    if target.id in names.stores(*case.body) or not _by_key_or_method(nodes, uses):
        return None
    new = free(case, f"new_{target.id}")
    swaps = {swap.number: swap for swap in with_instead(case, dict.fromkeys(uses, new))}
    first = case.body[0].lineno
    for number, ahead, behind in (
        (first, (f"{new} = {target.id}.copy()",), ()),
        (last.lineno, (), (f"{target.id}.update({new})",)),
    ):
        swap: Any = swaps.get(number) or case.swap(number, case.text(number), case.text(number).lstrip())
        swaps[number] = swap._replace(new=(*ahead, *swap.new, *behind))
    return Edit(tuple(swaps.values()), "if no iteration raises anything") if first > case.line else None


def _items(case: Case) -> Any:
    node = case.node.iter
    value = case.resolver.name(node.id) if isinstance(node, ast.Name) else None
    return value if isinstance(value, (list, tuple)) else None


def _by_key_or_method(nodes: list[ast.AST], uses: list[ast.Name]) -> bool:
    """Whether the item itself is used alone, by its keys or its methods: nobody else gets hold of it."""
    through = {id(n.value) for n in nodes if isinstance(n, (ast.Subscript, ast.Attribute))}
    return bool(uses) and all(id(n) in through for n in uses)


def made_apart(case: Case, name: str) -> Edit | None:
    """``name = [copy.deepcopy(item) for item in name]`` before the loop."""
    text = case.text(case.line)
    if not isinstance(case.node, ast.For) or type(case.resolver.name(name)) is not list:
        return None
    item = free(case, "item")
    lines = [f"{name} = [copy.deepcopy({item}) for {item} in {name}]"]
    if getattr(case.resolver.name("copy"), "__name__", "") != "copy":
        lines.insert(0, "import copy")
    condition = f"if the elements of '{name}' may be objects of their own"
    return Edit((case.swap(case.line, text, *lines, text.lstrip()),), condition)


def copied_first(case: Case, name: str) -> Edit | None:
    """``model = copy.deepcopy(model)`` as the first line of the body."""
    if not isinstance(case.node, ast.For) or name not in names.stores(case.node.target):
        return None
    first = case.body[0]
    if first.lineno == case.line or name in names.stores(*case.body):
        return None
    swaps = [before(case, first, f"{name} = copy.deepcopy({name})")]
    if getattr(case.resolver.name("copy"), "__name__", "") != "copy":
        swaps.append(before(case, case.node, "import copy"))
    return Edit(tuple(swaps), "if the items themselves need not change")
