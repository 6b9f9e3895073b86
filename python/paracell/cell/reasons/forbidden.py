"""What cannot run on a worker at all."""

from __future__ import annotations

import ast

from .. import edits, names, tables
from ..case import Case
from ..edits.sound import free
from ..effects import COPIES
from ..made import FINALIZED
from ..nodes import walk
from ..origin import origin_of
from ..refusals import (
    AsksWhere,
    Awaits,
    ComparesIdentity,
    DynamicCode,
    Edit,
    EndsSession,
    Interactive,
    MakesFinalized,
    NoSource,
    ReachesNamespace,
    Refusal,
    Trivial,
    UsesIPython,
    Yields,
)
from .lines import chain, short, shown, shown_in, together

BY_NAME: dict[str, type[Refusal]] = {
    **dict.fromkeys(("input", "help", "breakpoint"), Interactive),
    **dict.fromkeys(("exit", "quit"), EndsSession),
    **dict.fromkeys(("exec", "eval"), DynamicCode),
    **dict.fromkeys(("globals", "locals", "vars", "dir"), ReachesNamespace),
    "get_ipython": UsesIPython,
}


def forbidden(case: Case, node: ast.AST, how: str) -> Refusal:
    """`node` (or what the function does that it calls) cannot run on a worker."""
    node, origin = case.own(node), origin_of(how)
    inner = origin.node if origin is not None else node
    kind = MakesFinalized if FINALIZED in how else _forbidden_kind(inner)
    what = ast.unparse(inner).split("\n")[0]
    what = (
        f"{what}()" if isinstance(inner, ast.Name) and inner.id in BY_NAME else f"'{what}'" if len(what) < 60 else "it"
    )
    detail = f"{what} {_FORBIDDEN.get(kind, str(how))}"
    lines = together(shown(case, node))
    edit, advice = None, ""
    coroutine = origin is not None and isinstance(origin.function.node, ast.AsyncFunctionDef)
    if kind is Awaits and coroutine and len(how.calls) == 1:  # type: ignore[attr-defined]
        detail = f"{short(how.calls[0])} runs when it is awaited, not when it is called"  # type: ignore[attr-defined]
        return Trivial(case.line, lines, None, detail)
    if origin is not None:
        detail = f"{chain(how)} {_FORBIDDEN.get(kind, 'does something that cannot be seen')}"
        lines = together(shown_in(case, origin, "here"), shown(case, node, f"calls {short(how.calls[0])}"))  # type: ignore[attr-defined]
    elif kind is ComparesIdentity and isinstance(inner, ast.Compare) and len(inner.ops) == 1:
        operator = "==" if isinstance(inner.ops[0], ast.Is) else "!="
        new = f"{ast.unparse(inner.left)} {operator} {ast.unparse(inner.comparators[0])}"
        edit = edits.one(case, inner, new, "if equal values will do")
    else:
        edit, advice = _forbidden_edit(case, kind, inner)
    return kind(case.line, lines, None, detail, edit, advice or ("" if edit else _INSTEAD.get(kind, "")))


_FORBIDDEN: dict[type[Refusal], str] = {
    Interactive: "talks to the user",
    EndsSession: "ends the session",
    DynamicCode: "runs code that is only text so far: what it changes cannot be seen",
    ReachesNamespace: "reaches names by their text: which ones cannot be seen",
    UsesIPython: "talks to IPython, which workers do not have",
    Awaits: "waits on the notebook's event loop",
    Yields: "hands values to whoever runs this code",
    ComparesIdentity: COPIES,
    AsksWhere: "asks which process or thread runs it, and workers are others",
    MakesFinalized: FINALIZED,
}
_INSTEAD: dict[type[Refusal], str] = {
    Interactive: "Instead: ask before the loop, and loop over the answers.",
    EndsSession: "Instead: leave the loop with 'break', or raise an exception.",
    DynamicCode: "Instead: write the code itself, or look functions up in a dictionary.",
    ReachesNamespace: "Instead: use the names themselves, or a dictionary of your own.",
    UsesIPython: "Instead: do it before or after the loop; for shell commands: subprocess.run([...]).",
    Awaits: "Workers cannot wait on the notebook's event loop. Instead: a function that does not await, on threads.",
    Yields: "Instead: collect the values in a list.",
    ComparesIdentity: "Instead: compare values with '=='.",
    AsksWhere: "Instead: ask once, before the loop.",
    MakesFinalized: "Instead: give the class an __exit__(), and use its objects in a 'with' block.",
    NoSource: "Instead: define the function in a cell, or in a module file.",
}


_WHERE = frozenset[str]().union(*tables.WHERE.values())
_SAME = frozenset[str]().union(*tables.SAME.values())


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _forbidden_kind(node: ast.AST) -> type[Refusal]:
    if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.comprehension)):
        return Awaits
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        return Yields
    if isinstance(node, ast.Compare):
        return ComparesIdentity
    if isinstance(node, ast.Attribute):
        return Interactive  # sys.stdin
    if isinstance(node, ast.Name):
        return BY_NAME.get(node.id, Interactive)
    if isinstance(node, ast.Call) and _called(node) in _WHERE:
        return AsksWhere
    if isinstance(node, ast.Call) and _called(node) in _SAME:
        return ComparesIdentity
    return NoSource


def _forbidden_edit(case: Case, kind: type[Refusal], inner: ast.AST) -> tuple[Edit | None, str]:
    """Names reached by constant texts can be written as names."""
    if kind is ReachesNamespace:
        return edits.as_names(case, [word for word, one in BY_NAME.items() if one is ReachesNamespace]), ""
    if kind is Awaits:
        return None, _gathered(case, inner)
    if kind is UsesIPython:
        return edits.as_subprocess(case, inner), ""
    if kind is Interactive and isinstance(inner, ast.Name) and inner.id in ("help", "breakpoint"):
        return edits.left_out(case, inner), ""
    for n in walk(case.node):
        if isinstance(n, ast.Call) and n.func is inner and kind is Interactive:
            return edits.asked_first(case, n), ""
        if isinstance(n, ast.Call) and n.func is inner and kind is DynamicCode and inner.id == "eval":  # type: ignore[attr-defined]
            return edits.as_code(case, n), ""
        if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call) and n.value.func is inner and kind is EndsSession:
            return edits.left(case, n), ""
    return None, ""


def _gathered(case: Case, inner: ast.AST) -> str:
    """The event loop waits for all at once, where each iteration waits for one thing that depends on its item alone."""
    node = case.node
    awaits = [n for n in walk(node) if isinstance(n, (ast.Await, ast.AsyncFor, ast.AsyncWith))]
    generators = getattr(node, "generators", None) or [ast.comprehension(node.target, node.iter, [], 0)]
    if len(awaits) != 1 or not isinstance(inner, ast.Await) or len(generators) != 1 or generators[0].ifs:
        return ""
    if generators[0].is_async or names.stores(*case.body) & names.loads(inner):
        return ""
    each = f"{ast.unparse(inner.value)} for {ast.unparse(generators[0].target)} in {ast.unparse(generators[0].iter)}"
    return (
        "Workers cannot wait on the notebook's event loop, which can wait for all at once, without %%parallel:\n"
        f"    import asyncio\n    {free(case, 'results')} = await asyncio.gather(*({each}))"
    )
