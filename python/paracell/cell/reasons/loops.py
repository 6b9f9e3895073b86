"""Reasons of ``for`` loops."""

from __future__ import annotations

import ast

from .. import edits, names
from ..case import Case
from ..effects import Effects
from ..nodes import walk
from ..refusals import (
    AssignsLoopVariable,
    Carried,
    ChangesIterable,
    GlobalRead,
    ItemReadLater,
    KeepsFunction,
    MaybeCarried,
    Refusal,
    StoresItems,
    Trivial,
    WithBlock,
)
from ..versions import plain
from .changes import change
from .lazy import asked_for
from .lines import short, shown, together


def stored_items(case: Case) -> Refusal:
    target = ast.unparse(case.node.target)
    detail = f"The loop stores its items into '{target}'"
    edit = edits.named_item(case)
    advice = "" if edit else "Instead: take the item under a plain name, and store it in the first line of the body."
    return StoresItems(case.line, together(shown(case, case.node)), None, detail, edit, advice)


def stored_items_of_comprehension(case: Case) -> Refusal:
    detail = "The comprehension stores its items into an object"
    advice = "Instead: take the item under a plain name, and store it in a for loop."
    return StoresItems(case.line, together(shown(case, case.node)), None, detail, None, advice)


def iterated(case: Case, name: str, write: ast.AST, how: str, hopeless: bool = False) -> Refusal:
    """`hopeless`: what would be computed waits for that, too, whatever the loop goes over."""
    name = plain(name)
    lines = together(shown(case, case.node, "goes over it"), shown(case, write, f"changes '{name}'"))
    edit = edits.one(
        case, case.node.iter, f"list({ast.unparse(case.node.iter)})", "if the loop need not see the changes"
    )
    detail = f"The body changes '{name}' while the loop goes over it"
    if hopeless:
        advice = f"Instead: first take everything from '{name}', in a loop of its own, then compute."
        return ChangesIterable(case.line, lines, name, detail, None, advice)
    return ChangesIterable(case.line, lines, name, detail, edit)


def waits(case: Case, name: str, write: ast.AST, how: str, read: ast.AST, effects: Effects) -> Refusal:
    """What is worth computing reads `name`, which the commit part writes."""
    name, write, read = plain(name), case.own(write), case.own(read)
    if "loop variable" in how:
        return loop_variable(case, name, write, read)
    if "which a function reads" in how:
        return _global_read(case, name, write, read, effects)
    if how.startswith("opens"):
        return _opened(case, name, write, read)
    if how.startswith("assigns"):
        return carried(case, name, write, read)
    return change(case, name, write, how, effects, read)


def within(case: Case, block: ast.With, call: ast.Call) -> Refusal:
    """`call` would be worth a worker, but for the block around it."""
    block, call = case.own(block), case.own(call)
    head = f"with {', '.join(map(ast.unparse, block.items))}"
    lines = together(shown(case, block, "may set or catch something"), shown(case, call, "inside it"))
    edit = edits.before_block(case, block, call)
    advice = "" if edit else "Instead: compute before the block, in a statement of its own."
    detail = f"What '{head}' does to the code inside it is not known"
    return WithBlock(case.line, lines, None, detail, edit, advice)


def within_class(case: Case, made: ast.ClassDef, call: ast.Call) -> Refusal:
    """`call` would be worth a worker, but that a ``class`` statement makes it."""
    made, call = case.own(made), case.own(call)
    lines = together(shown(case, made, f"makes '{made.name}'"), shown(case, call, "computes meanwhile"))
    detail = f"What the body of class '{made.name}' computes is computed where the class is made, in the notebook"
    edit = edits.before_class(case, made, call)
    advice = "" if edit else "Instead: compute before the class statement, in a statement of its own."
    return KeepsFunction(case.line, lines, None, detail, edit, advice)


def _opened(case: Case, name: str, write: ast.AST, read: ast.AST) -> Refusal:
    end = getattr(write, "end_lineno", 0)
    uses = (n for s in case.body for n in walk(s) if isinstance(n, ast.Name) and n.id == name and n.lineno > end)
    lines = together(shown(case, write, f"opens '{name}'"), shown(case, next(uses, read), "uses it"))
    detail = f"'{name}' is used after the block that opens it, and a worker keeps what it opens"
    advice = f"Instead: take what is needed of '{name}' inside the block, under a name of its own."
    return WithBlock(case.line, lines, name, detail, None, advice)


def loop_variable(case: Case, name: str, write: ast.AST, read: ast.AST | None) -> Refusal:
    name, write, read = plain(name), case.own(write), read and case.own(read)
    added = next((n for n in walk(case.node) if isinstance(n, ast.AugAssign) and write in (n, n.target)), None)
    if added is not None:
        return _item_added_to(case, name, added, read)
    lines = together(shown(case, write, f"assigns '{name}'"), shown(case, read, "reads it"))
    detail = f"The body assigns '{name}', the loop's own variable"
    edit = edits.renamed(case, name, write)
    advice = "" if edit else f"Instead: work on a copy of your own: '{name}_ = {name}' first, then only '{name}_'."
    return AssignsLoopVariable(case.line, lines, name, detail, edit, advice)


def _item_added_to(case: Case, name: str, added: ast.AugAssign, read: ast.AST | None) -> Refusal:
    """``item += ...`` may change the item itself, and the notebook does that."""
    lines = together(shown(case, added, f"may change '{name}'"), shown(case, read, "reads it"))
    detail = f"The body adds to its item '{name}', perhaps in place, and computes from it afterwards"
    new = ast.BinOp(ast.Name(name, ast.Load()), added.op, added.value)
    edit = edits.one(case, added, f"{name} = {ast.unparse(new)}", "if the item itself need not change")
    return ItemReadLater(case.line, lines, name, detail, edit)


def _global_read(case: Case, name: str, write: ast.AST, read: ast.AST, effects: Effects) -> Refusal:
    edit, reader, called = None, "a function", None
    for n in (n for s in case.body for n in walk(s)):
        followed = effects.follow(n.func) if isinstance(n, ast.Call) else None
        if followed is not None and name in effects.summary(followed).reads:
            reader, called = f"{short(followed.name)}", n
            edit = edits.handed_over(case, followed, n, name) if name in names.free_names(followed.node) else None
            break
    lines = together(shown(case, write, f"assigns '{name}'"), shown(case, called or read, f"calls {reader}"))
    detail = f"{reader[0].upper() + reader[1:] if called is None else reader} reads '{name}', which the loop assigns"
    advice = "" if edit else f"Instead: hand '{name}' to the function as an argument."
    return GlobalRead(case.line, lines, name, detail, edit, advice)


def carried(case: Case, name: str, write: ast.AST, read: ast.AST) -> Refusal:
    """The name is assigned in the body, and read before that."""
    lines = together(shown(case, write, f"writes '{name}'"), shown(case, read, f"reads '{name}'"))
    if isinstance(write, (ast.FunctionDef, ast.ClassDef)) and name not in _exposed(case):
        detail = f"The notebook makes '{name}' anew in each iteration, and what the loop computes waits for that"
        return KeepsFunction(case.line, lines, name, detail, None, f"Instead: define '{name}' before the loop.")
    if (generator := _made_lazily(case, name)) is not None and name not in _exposed(case):
        detail = f"What '{name}' gives is computed when it is asked for, where other lines of the body may have run"
        return KeepsFunction(case.line, lines, name, detail, edits.as_list_inside(case, generator))
    if not _surely(case, name):
        detail = f"An iteration may read '{name}' as an earlier one left it"
        return MaybeCarried(case.line, lines, name, detail, edits.anew(case, name))
    at = getattr(read, "lineno", case.line)
    detail = f"'{name}' is written in line {getattr(write, 'lineno', at)} and read in line {at}"
    edit = edits.shifted(case, name)
    return Carried(case.line, lines, name, detail, edit, "" if edit else _advice_on_chains(case, name))


def _made_lazily(case: Case, name: str) -> ast.GeneratorExp | None:
    """The generator expression that the body keeps under `name`."""
    made = (n for s in case.body for n in walk(s) if isinstance(n, ast.Assign) and name in names.stores(*n.targets))
    return next((n.value for n in made if isinstance(n.value, ast.GeneratorExp)), None)


def _exposed(case: Case) -> set[str]:
    """Names that an iteration may read before it has written them."""
    found = names.Exposed(names.stores(*case.body))
    found.body(case.body, frozenset(names.stores(case.node.target)))
    return set(found.names)


def _surely(case: Case, name: str) -> bool:
    """Whether the next iteration certainly reads what this one wrote."""
    written = read = False
    for s in case.body:
        for n in walk(s):
            if isinstance(n, ast.AugAssign) and name in names.stores(n):
                return True
            if isinstance(n, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and name in names.stores(n):
                if name in names.loads(n):
                    return True
                written = written or s is n
        if not isinstance(s, (ast.If, ast.Try, ast.Match)) and name in names.loads(s):
            read = True
    return written and read


def _advice_on_chains(case: Case, name: str) -> str:
    """A chain by itself is serial; several of them are not."""
    text = (
        f"No edit makes one such chain parallel. Several are, one a worker:\n"
        f"    def chain({name}):\n        ... this loop ...\n        return {name}\n"
        f"    ends = [chain({name}) for {name} in starts]"
    )
    return text


def kept_function(case: Case, node: ast.AST, where: str) -> Refusal:
    detail = f"A function made in the {where} may be called after its iteration, when names have other values"
    node, edit = case.own(node), None
    if isinstance(node, ast.GeneratorExp) and node is not case.node:
        edit = edits.as_list_inside(case, node)
    bound = _bound_by_iterations(case)
    advice = _MAKING
    if isinstance(node, ast.Lambda) and (own := edits.with_own_values(case, node, bound)) is not None:
        advice += (
            f"\nAs it is, each sees the last {_each(bound & names.free_names(node))}. To let it keep its own:\n{own}"
        )
    return KeepsFunction(case.line, together(shown(case, node)), None, detail, edit, "" if edit else advice)


def only_makes(case: Case, *functions: ast.AST) -> Refusal:
    """Functions that could come from workers are all that the comprehension makes."""
    lines = together(*(shown(case, case.own(one)) for one in functions))
    return KeepsFunction(case.line, lines, None, "It makes functions that are called later, if ever", None, _MAKING)


_MAKING = "To make a function computes nothing: workers could help where it is called."


def _bound_by_iterations(case: Case) -> set[str]:
    if isinstance(case.node, ast.For):
        return names.stores(case.node.target, *case.body)
    return {name for g in getattr(case.node, "generators", []) for name in names.stores(g.target)}


def _each(found: set[str]) -> str:
    return " and ".join(f"'{name}'" for name in sorted(found))


def item_read_later(case: Case, node: ast.AST) -> Refusal:
    detail = "The body changes its item and computes from the changed item afterwards"
    edit = edits.worked_on_copy(case)
    advice = "Instead: compute from names of the iteration's own, and change the item in the last line."
    advice = "" if edit else advice
    return ItemReadLater(case.line, together(shown(case, node)), None, detail, edit, advice)


def trivial(case: Case) -> Refusal:
    return _trivial(case, asked_for(case.body) or "It only moves values about; workers could not help")


def _trivial(case: Case, detail: str) -> Refusal:
    return Trivial(case.line, together(shown(case, case.node)), None, detail)


def light(case: Case) -> Refusal:
    return _trivial(
        case, "It does little more than draw random numbers; streams of its own for each iteration would take longer"
    )
