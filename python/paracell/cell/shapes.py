"""Small questions about statements and expressions that ``split`` asks."""

from __future__ import annotations

import ast

from . import names, tables
from .effects import Effects
from .nodes import walk
from .parts import Both, Branch, Commit, Guarded, Inner, Part, Place, Resource

WORTH = (ast.Call, *names.COMPREHENSIONS, ast.BinOp, ast.Await)


def shallow(node):  # type: ignore[no-untyped-def]
    new = type(node)(**{name: getattr(node, name) for name in node._fields if hasattr(node, name)})
    return ast.copy_location(new, node)


def with_test(s: ast.If, test: ast.expr) -> ast.If:
    new = shallow(s)
    new.test = test
    return new


def start_of(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def function_body(function: ast.FunctionDef | ast.Lambda) -> list[ast.AST]:
    return list(function.body) if isinstance(function.body, list) else [function.body]


def asks_id(node: ast.AST) -> bool:
    """Whether `node` asks where an object is: workers may have copies, elsewhere."""
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "id" and len(n.args) == 1
        for n in walk(node)
    )


def lazy_function(node: ast.AST) -> bool:
    """Whether a call of the function gives a generator or a coroutine, a ``map`` or the like."""
    if isinstance(node, ast.AsyncFunctionDef):
        return True
    if isinstance(node, ast.Lambda):
        return _makes_lazy(node.body)
    waiting: list[ast.AST] = list(getattr(node, "body", []))
    while waiting:
        one = waiting.pop()
        if isinstance(one, (ast.Yield, ast.YieldFrom)):
            return True
        if isinstance(one, ast.Return) and one.value is not None and _makes_lazy(one.value):
            return True
        if not isinstance(one, (*names.FUNCTIONS, ast.ClassDef)):
            waiting += ast.iter_child_nodes(one)
    return False


def _makes_lazy(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _makes_lazy(node.body) or _makes_lazy(node.orelse)
    called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    return isinstance(node, ast.GeneratorExp) or called in ("map", "filter")


def worth(node: ast.AST) -> bool:
    return any(isinstance(n, WORTH) for n in walk(node))


def prints(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "print" for n in walk(node))


def harmless(s: ast.stmt) -> bool:
    """Whether running `s` although serial Python would not have is only wasted work: it binds names."""
    return isinstance(s, (ast.Assign, ast.AnnAssign)) and not prints(s)


def has_jump(s: ast.stmt) -> bool:
    """Whether a break or continue in `s` leaves it."""
    if isinstance(s, (ast.Break, ast.Continue)):
        return True
    if isinstance(s, names.LOOPS):
        return any(has_jump(n) for n in s.orelse)
    blocks = [getattr(s, b, []) for b in ("body", "orelse", "finalbody")]
    blocks += [h.body for h in getattr(s, "handlers", [])] + [c.body for c in getattr(s, "cases", [])]
    if isinstance(s, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return False
    return any(has_jump(n) for block in blocks for n in block)


def consumed(whole: ast.AST, call: ast.Call) -> bool:
    return any(
        isinstance(n, ast.Call)
        and call in n.args
        and (getattr(n.func, "id", None) or getattr(n.func, "attr", "")) in tables.CONSUMERS
        for n in walk(whole)
    )


def touched(statement: ast.stmt, effects: Effects) -> list[tuple[str, ast.AST]]:
    """(temporary, where) for every change of a temporary's object."""
    found: list[tuple[str, ast.AST]] = []
    for n in walk(statement):
        target: ast.AST | None = None
        if isinstance(n, (ast.Subscript, ast.Attribute)) and not isinstance(n.ctx, ast.Load):
            target = names.root(n)
        elif isinstance(n, ast.AugAssign):
            target = names.root(n.target)
        elif isinstance(n, ast.Call):
            if isinstance(n.func, ast.Attribute) and n.func.attr not in tables.PURE_METHODS:
                target = names.root(n.func)
            followed = effects.follow(n.func)
            parameters = effects.summary(followed).parameters if followed is not None else {}
            for parameter in parameters:
                assert followed is not None
                argument = effects.argument(n, followed, parameter)
                if argument is not None:
                    found += [(name, n) for name in names.loads(argument)]
        if isinstance(target, ast.Name):
            found.append((target.id, n))
    return found


def commit_loads(node: ast.AST) -> set[str]:
    """Names that a commit statement reads itself: those in its places are left out, since Place has no fields."""
    return names.loads(node)


def parts_loads(parts: list[Part]) -> set[str]:
    """Names that the commit side of `parts` reads."""
    found: set[str] = set()
    for part in parts:
        if isinstance(part, (Commit, Both)):
            found |= commit_loads(part.node)
        elif isinstance(part, Branch):
            found |= commit_loads(part.node.test) | parts_loads(part.body) | parts_loads(part.orelse)
        elif isinstance(part, Inner):
            found |= parts_loads(part.body) | parts_loads(part.orelse)
        elif isinstance(part, Resource):
            found |= parts_loads(part.body)
        elif isinstance(part, Guarded):
            found |= parts_loads(part.body)
            if isinstance(part.node, ast.With):
                found |= names.loads(*(i.context_expr for i in part.node.items))
            else:
                found |= names.loads(*part.node.handlers, *part.node.orelse, *part.node.finalbody)
    return found


_MOVES = tables.words("append add extend appendleft extendleft insert setdefault update discard remove")


def moves_only(parts: list[Part]) -> bool:
    """Whether the commit side of `parts` does nothing but to put values where they belong, which no setting touches."""
    for part in parts:
        if isinstance(part, Commit):
            if not _moves(part.node):
                return False
        elif isinstance(part, Guarded) or (isinstance(part, Branch) and not part.by_worker):
            return False
        for block in ("body", "orelse"):
            if not moves_only(getattr(part, block, [])):
                return False
    return True


def _moves(s: ast.stmt) -> bool:
    if isinstance(s, ast.Assign):
        return all(map(_is_place, s.targets)) and _is_value(s.value)
    call = s.value if isinstance(s, ast.Expr) else None
    if not isinstance(call, ast.Call) or call.keywords or not isinstance(call.func, ast.Attribute):
        return False
    return call.func.attr in _MOVES and _is_value(call.func.value) and all(map(_is_value, call.args))


def _is_place(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return _is_value(node.value) and _is_value(node.slice)
    return isinstance(node, ast.Name) or (isinstance(node, (ast.Tuple, ast.List)) and all(map(_is_place, node.elts)))


def _is_value(node: ast.expr) -> bool:
    """A value that is there: computing it runs nothing."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(_is_value, node.elts))
    return isinstance(node, (ast.Name, ast.Constant, Place))
