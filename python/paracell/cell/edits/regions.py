"""Edits of the region itself."""

from __future__ import annotations

import ast
import copy
import re
from typing import Any

from paracell.attributes import attribute
from paracell.silence import Silence

from .. import names, tables
from ..case import Case
from ..freshness import UNKNOWN
from ..nodes import walk
from ..refusal import Edit, Swap
from .pieces import before, holder, one, replaced, with_instead
from .sound import always, free, readable


def anew(case: Case, name: str) -> Edit:
    """The name is assigned at the beginning of each iteration."""
    value = case.resolver.name(name)
    text = repr(value) if isinstance(value, (int, float, str, bool, type(None))) else "None"
    first = before(case, case.body[0], f"{name} = {text if len(text) < 20 else 'None'}")
    return Edit((first,), "if each iteration should start anew")


def copied(case: Case, read: ast.AST | None, name: str) -> Edit | None:
    """Reads go to a copy that was made before the loop."""
    if read is None or not isinstance(case.node, ast.For):
        return None
    old = free(case, "old")
    swaps = _renamed_reads(case, name, old)
    if not swaps or _changes_inside(case, name):
        return None
    value = case.resolver.name(name)
    if value is not UNKNOWN and attribute(value, "copy") is None:
        return None
    condition = "if the values from before the loop are meant"
    return Edit((before(case, case.node, f"{old} = {name}.copy()"), *swaps), condition)


def _renamed_reads(case: Case, name: str, new: str) -> list[Swap]:
    """Lines in which the body reads `name` other than to change it, with `new` in its place; none if they are many."""
    changed = {id(names.root(n)) for s in case.body for n in walk(s) if _changes(n)}
    places: dict[int, list[Any]] = {}
    for n in (n for s in case.body for n in walk(s)):
        if isinstance(n, ast.Name) and n.id == name and id(n) not in changed:
            places.setdefault(n.lineno, []).append(n)
    return _lines_with(case, places, new) if len(places) < 4 else []


def _changes_inside(case: Case, name: str) -> bool:
    """Whether it is something that `name` holds that changes: a copy would hold it as well."""
    changed = [n for s in case.body for n in walk(s) if _changes(n)]
    return any(
        not isinstance(n.value, ast.Name)  # type: ignore[attr-defined]
        for n in changed
        if isinstance(end := names.root(n), ast.Name) and end.id == name
    )


def _changes(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and node.attr in tables.MUTATORS:
        return True
    return isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load)


def _lines_with(case: Case, places: dict[int, list[Any]], new: str) -> list[Swap]:
    """Each line with `new` instead of the nodes on it."""
    return with_instead(case, dict.fromkeys((n for nodes in places.values() for n in nodes), new))


def taken_by_loop(case: Case, call: ast.AST, name: str) -> Edit | None:
    """``for x, item in zip(xs, it)`` instead of ``next(it)``."""
    if not isinstance(call, ast.Call) or len(call.args) != 1 or not _one_each(case, call, name):
        return None
    item, condition = free(case, "item"), f"if '{name}' has an item for each"
    if not isinstance(case.node, ast.For):
        return _taken_by_comprehension(case, call, name, item, condition)
    target, iterable = ast.unparse(case.node.target), ast.unparse(case.node.iter)
    target = f"({target})" if isinstance(case.node.target, ast.Tuple) and not target.startswith("(") else target
    swap = replaced(case, call, item)
    text = case.text(case.line)
    head = f"for {target}, {item} in zip({iterable}, {name}):"
    if swap is None or call.lineno == case.line or not text.rstrip().endswith(":"):
        return None
    return Edit((case.swap(case.line, text, head), swap), condition)


def _one_each(case: Case, call: ast.Call, name: str) -> bool:
    """Whether each iteration makes the call once, whatever happens before, and uses `name` for nothing else."""
    if sum(isinstance(n, ast.Name) and n.id == name for n in walk(case.node)) != 1:
        return False
    if isinstance(case.node, ast.For):
        where = holder(case, call)
        first = case.body[: case.body.index(where)] if where in case.body else None
        leaves = first is None or any(isinstance(n, (ast.Continue, ast.Break)) for s in first for n in walk(s))
        return not leaves and where is not None and always(where, call)
    generators = getattr(case.node, "generators", [])
    values = [case.node.key, case.node.value] if isinstance(case.node, ast.DictComp) else [case.node.elt]
    return len(generators) == 1 and not generators[0].ifs and any(always(v, call) for v in values)


def _taken_by_comprehension(case: Case, call: ast.Call, name: str, item: str, condition: str) -> Edit | None:
    if not isinstance(case.node, names.COMPREHENSIONS) or len(case.node.generators) != 1:
        return None

    class Put(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            same = ast.unparse(node) == ast.unparse(call)
            return ast.Name(item, ast.Load()) if same else self.generic_visit(node)

    new = Put().visit(copy.deepcopy(case.node))
    generator = new.generators[0]
    generator.iter = ast.Call(ast.Name("zip", ast.Load()), [generator.iter, ast.Name(name, ast.Load())], [])
    generator.target = ast.Tuple([generator.target, ast.Name(item, ast.Store())], ast.Store())
    return one(case, case.node, ast.unparse(new), condition)


AGAIN = (list, tuple, range, str, bytes, dict, set, frozenset)
"""What can be gone over twice."""


def shifted(case: Case, name: str) -> Edit | None:
    """``for prev, x in zip([prev, *xs], xs)`` instead of a last line ``prev = x``."""
    last, target, iterable = case.body[-1], case.node.target, case.node.iter
    text = case.text(case.line)
    plain = isinstance(target, ast.Name) and not any(isinstance(n, ast.Call) for n in walk(iterable))
    if not plain or len(case.body) < 2 or not text.endswith(":") or last.lineno != last.end_lineno:
        return None
    if not (isinstance(last, ast.Assign) and isinstance(last.value, ast.Name) and last.value.id == target.id):
        return None
    if names.stores(last) != {name} or {name, target.id} & names.stores(*case.body[:-1]):
        return None
    skips = any(isinstance(n, ast.Continue) for s in case.body for n in walk(s))
    if skips or (isinstance(iterable, ast.Name) and not isinstance(case.resolver.name(iterable.id), AGAIN)):
        return None
    items = ast.unparse(iterable)
    head = f"for {name}, {target.id} in zip([{name}, *{items}], {items}):"
    gone = case.swap(last.lineno, case.text(last.lineno))
    return Edit((case.swap(case.line, text, head), gone), f"if '{name}' is not needed after the loop")


def named_item(case: Case) -> Edit | None:
    """``for item in xs: d[k] = item``."""
    places_of_target = [n for n in walk(case.node.target) if isinstance(n, (ast.Attribute, ast.Subscript))]
    stored = [n for n in places_of_target if isinstance(n.ctx, ast.Store)]
    if len(stored) != 1 or case.body[0].lineno == case.line:
        return None
    target, item = stored[0], free(case, "item")
    head = replaced(case, target, item)
    owner = names.root(target)
    same = [n for s in case.body for n in walk(s) if type(n) is type(target) and ast.unparse(n) == ast.unparse(target)]
    uses = [n for s in case.body for n in walk(s) if isinstance(owner, ast.Name) and _is_name(n, owner.id)]
    if head is None or len(uses) != len(same) or not all(isinstance(n.ctx, ast.Load) for n in same):
        return None  # what is read may not be what was stored
    places: dict[int, list[Any]] = {}
    for n in same:
        places.setdefault(n.lineno, []).append(n)
    store = f"{ast.unparse(target)} = {item}"
    first = case.body[0].lineno
    swaps = {swap.number: swap for swap in _lines_with(case, places, item)}
    then = swaps.pop(first, None)
    text = case.text(first)
    into = case.swap(first, text, store, *(then.new if then is not None else (text.lstrip(),)))
    return Edit((head, into, *swaps.values()))


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _alone(case: Case) -> ast.stmt | None:
    """The one-line statement whose value is the region: ``r = [...]`` or ``[...]``."""
    text = case.text(case.line)
    try:
        with Silence("<unknown>"):
            (statement,) = ast.parse(text.strip()).body
    except (SyntaxError, ValueError):
        return None
    value = getattr(statement, "value", None)
    same = value is not None and ast.dump(value) == ast.dump(case.node)
    return statement if same and isinstance(statement, (ast.Assign, ast.Expr)) else None


def loop_instead(
    case: Case, first: tuple[str, ...] = (), gone: tuple[Swap, ...] = (), bare: bool = False, condition: str = ""
) -> Edit | None:
    """A ``for`` loop instead of a comprehension; `first`: statements of its body; `bare`: its values are not wanted."""
    node, statement = case.node, _alone(case)
    kinds = {ast.ListComp: ("[]", "append"), ast.SetComp: ("set()", "add"), ast.DictComp: ("{}", "")}
    if type(node) not in kinds or statement is None or any(g.is_async for g in node.generators):
        return None
    empty, method = kinds[type(node)]
    body, lines, ifs = list(first), [], [condition.removeprefix("if ")]
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if isinstance(statement, ast.Assign) and (not isinstance(target, ast.Name) or len(statement.targets) > 1):
        return None
    if bare or not isinstance(target, ast.Name):
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        body += [ast.unparse(value) for value in values if not isinstance(value, (ast.Name, ast.Constant))]
        ifs.append(f"'{target.id}' is not needed" if isinstance(target, ast.Name) else _unless_shown(case))
    elif target.id in names.loads(node):
        return None
    else:
        lines.append(f"{target.id} = {empty}")
        if isinstance(node, ast.DictComp):
            body.append(f"{target.id}[{ast.unparse(node.key)}] = {ast.unparse(node.value)}")
        else:
            body.append(f"{target.id}.{method}({ast.unparse(node.elt)})")
    indent = ""
    for generator in node.generators:
        lines.append(f"{indent}for {ast.unparse(generator.target)} in {ast.unparse(generator.iter)}:")
        indent += "    "
        for test in generator.ifs:
            lines.append(f"{indent}if {ast.unparse(test)}:")
            indent += "    "
    lines += [indent + line for line in body]
    ifs += [f"'{name}' may be another afterwards" for name in sorted(_leaked(case))]
    text = " and ".join(filter(None, ifs))
    return Edit((*gone, case.swap(case.line, case.text(case.line), *lines)), f"if {text}" if text else "")


def _unless_shown(case: Case) -> str:
    """A comprehension that ends the cell is shown below it."""
    behind = [line for line in case.lines[case.line :] if line.strip() and not line.lstrip().startswith("#")]
    return "" if behind else "its value need not be shown"


def _leaked(case: Case) -> set[str]:
    """Names of the comprehension's own that a loop would take from the notebook or the rest of the cell."""
    own = {name for generator in case.node.generators for name in names.stores(generator.target)}
    rest = "\n".join(line for number, line in enumerate(case.lines, 1) if number != case.line)
    return {name for name in own if name in case.resolver.namespace or re.search(rf"\b{name}\b", rest)}


GIVES_NONE = ("append", "add", "extend", "update", "insert", "remove", "discard", "clear", "sort", "setattr", "print")


def as_loop(case: Case) -> Edit | None:
    """The comprehension as a ``for`` loop; without its list where that holds nothing but None."""
    element = getattr(case.node, "elt", None)
    function = element.func if isinstance(element, ast.Call) else None
    name = getattr(function, "attr", getattr(function, "id", ""))
    return loop_instead(case, bare=name in GIVES_NONE)


def as_list(case: Case) -> Edit | None:
    """The lazy expression as a list comprehension."""
    node: Any = case.node
    condition = "if a list will do"
    if isinstance(node, ast.GeneratorExp):
        whole = ast.unparse(ast.ListComp(node.elt, node.generators))
        return one(case, node, whole, condition)
    if len(node.args) != 2 or not isinstance(node.args[0], (ast.Name, ast.Attribute)):
        return None
    function, iterable = map(ast.unparse, node.args)
    x = "x" if "x" not in names.loads(*node.args) else free(case, "x")
    new = f"[{function}({x}) for {x} in {iterable}]"
    if node.func.id == "filter":
        new = f"[{x} for {x} in {iterable} if {function}({x})]"
    return one(case, node, new, condition)


def named_function(case: Case) -> Edit | None:
    """``call = make()`` before ``map(call, xs)``."""
    call = free(case, "call")
    swap = replaced(case, case.node.args[0], call)
    if swap is None:
        return None
    return readable(case, Edit((swap._replace(new=(f"{call} = {ast.unparse(case.node.args[0])}", *swap.new)),)))


def renamed(case: Case, name: str, write: ast.AST) -> Edit | None:
    """The loop's variable keeps its value: what the body assigns gets another name from there on."""
    new = free(case, f"new_{name}")
    start = (getattr(write, "lineno", 0), getattr(write, "col_offset", 0))
    statement = next(
        (s for s in case.body if any((n.lineno, n.col_offset) == start for n in walk(s) if isinstance(n, ast.Name))),
        None,
    )
    inner = any(isinstance(n, names.FUNCTIONS) for s in case.body for n in walk(s))
    if not isinstance(statement, ast.Assign) or inner:
        return None
    places: dict[int, list[Any]] = {}
    for s in case.body[case.body.index(statement) :]:
        for n in walk(s):
            if isinstance(n, ast.Name) and n.id == name and not (s is statement and isinstance(n.ctx, ast.Load)):
                places.setdefault(n.lineno, []).append(n)
    swaps = _lines_with(case, places, new) if len(places) < 6 else []
    return Edit(tuple(swaps), f"if {name!r} is not needed with its new value after the loop") if swaps else None
