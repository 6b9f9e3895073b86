"""The mutants of ``mutations.py``: small changes of one module, put into the process in place of what it has loaded."""

from __future__ import annotations

import ast
import builtins
import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1] / "python" / "paracell"
MESSAGES = ("explain.py", "serial.py", "origin.py", "__init__.py")
"""What only decides what is said, not what is done."""
RUN = ("alias", "doubts", "memory", "own", "reach", "readahead", "unchanged")
"""Modules of ``run/`` that look at objects before a region begins."""


@dataclass(frozen=True)
class Mutant:
    path: str
    """Below the package: ``cell/split.py``."""
    scope: str
    """Qualified name of the outermost function that holds it; empty for the module's own code."""
    what: str
    line: int
    watched: tuple[str, int, int]
    """The expression on which it depends whether the change makes a difference (see ``watching``)."""
    when: bool | None
    """It does where that is true, or where it is false, or wherever it is evaluated."""
    source: str
    """All of the changed module."""
    word: str = ""
    """The entry of a table that is gone."""

    @property
    def name(self) -> str:
        return f"{self.path} {self.scope or '<module>'} | {self.what}"


def modules() -> list[str]:
    """The modules that analyse."""
    cell = [p for p in sorted((PACKAGE / "cell").glob("*.py")) if p.name not in MESSAGES]
    reasons = [p for p in sorted((PACKAGE / "cell" / "reasons").glob("*.py")) if p.name not in MESSAGES]
    run = [PACKAGE / "run" / f"{name}.py" for name in RUN]
    return [str(p.relative_to(PACKAGE)) for p in [*cell, *reasons, *run]]


def mutants(path: str) -> list[Mutant]:
    """Every mutant of a module; names are unique."""
    source = (PACKAGE / path).read_text()
    found: dict[str, Mutant] = {}
    for change, scope in _changes(ast.parse(source)):
        changed = _put(source, change.node, change.new)
        try:
            compile(changed, path, "exec")
        except (SyntaxError, ValueError):
            continue
        what = change.what
        while f"{path} {scope or '<module>'} | {what}" in found:
            what += " (again)"
        word = what.removeprefix("without ").strip("'") if what.startswith("without '") and not scope else ""
        mutant = Mutant(path, scope, what, change.node.lineno, _at(path, change.watched), change.when, changed, word)
        found[mutant.name] = mutant
    return list(found.values())


@dataclass(frozen=True)
class Change:
    node: Any
    new: str
    """What stands in its place."""
    what: str
    watched: Any
    when: bool | None


def _at(path: str, node: Any) -> tuple[str, int, int]:
    return path, node.lineno * 1000 + node.col_offset, node.end_lineno * 1000 + node.end_col_offset


def _changes(tree: ast.Module) -> Iterator[tuple[Change, str]]:
    """Every change, with the qualified name of the outermost function in whose body it is ("" for none)."""
    for node, parent, scope in _places(tree, "", False):
        for change in _of_node(node, parent):
            yield change, scope


def _places(node: ast.AST, scope: str, inside: bool) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """Every node but messages, in the order of the text: (node, its parent, the function)."""
    for name, child in ((f, c) for f, value in ast.iter_fields(node) for c in _nodes(value)):
        if isinstance(child, ast.JoinedStr):
            continue
        now, within = scope, inside
        if not inside and isinstance(node, (ast.FunctionDef, ast.ClassDef)) and name == "body":
            now, within = f"{scope}.{node.name}".lstrip("."), isinstance(node, ast.FunctionDef)
        yield child, node, now if within else ""
        yield from _places(child, now, within)


def _nodes(value: Any) -> list[ast.AST]:
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.AST)]


def _of_node(node: Any, parent: Any) -> Iterator[Change]:
    if isinstance(node, (ast.If, ast.IfExp)) and not _typing(node.test):
        yield Change(node.test, "False", f"never: if {_text(node.test)}", node.test, True)
        if isinstance(node, ast.IfExp) or not _leaves(node):
            yield Change(node.test, "True", f"always: if {_text(node.test)}", node.test, False)
    elif isinstance(node, ast.BoolOp):
        word = "and" if isinstance(node.op, ast.And) else "or"
        tested = node is getattr(parent, "test", None) or node in getattr(parent, "ifs", ())
        for value in node.values:
            joined = f" {word} ".join(f"({ast.unparse(v)})" for v in node.values if v is not value)
            when = word == "or" if tested or value is not node.values[-1] else None
            yield Change(node, f"({joined})", f"dropped: {_text(value)} of {_text(node)}", value, when)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield Change(node, f"bool({ast.unparse(node.operand)})", f"negated: {_text(node)}", node, None)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
        yield Change(node.value, str(not node.value.value), f"returns {not node.value.value}", node.value, None)
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield Change(test, "True", f"without filter: {_text(test)}", test, False)
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        for changed, new, what in _entries(node.value):
            yield Change(changed, new, what, node.value, None)


def _entries(value: ast.expr | None) -> Iterator[tuple[Any, str, str]]:
    """Tables: words, dictionaries and tuples of names, each without one entry."""
    if isinstance(value, ast.Call) and getattr(value.func, "id", getattr(value.func, "attr", "")) == "words":
        words = ast.literal_eval(value.args[0]).split()
        for word in words:
            yield value.args[0], repr(" ".join(w for w in words if w != word)), f"without {word!r}"
    elif isinstance(value, ast.Dict) and len(value.keys) > 2 and all(k is not None for k in value.keys):
        for at, key in enumerate(value.keys):
            pairs = [
                f"{ast.unparse(k)}: {ast.unparse(v)}"
                for i, (k, v) in enumerate(zip(value.keys, value.values, strict=True))
                if i != at and k is not None
            ]
            yield value, "{" + ", ".join(pairs) + "}", f"without {_text(key)}"
    elif isinstance(value, ast.Tuple) and len(value.elts) > 2:
        for element in value.elts:
            rest = ", ".join(ast.unparse(e) for e in value.elts if e is not element)
            yield value, f"({rest},)", f"without {_text(element)}"


def _typing(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _leaves(node: ast.If) -> bool:
    """Whether the branch always taken would make the rest dead: seldom a rule, mostly everything fails."""
    return isinstance(node.body[-1], (ast.Return, ast.Continue, ast.Raise))


def _text(node: ast.AST | None) -> str:
    text = " ".join(ast.unparse(node).split()) if node is not None else ""
    return text if len(text) < 140 else text[:137] + "..."


def _put(source: str, node: Any, new: str) -> str:
    lines = source.encode().splitlines(True)
    head = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    tail = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    gone = b"\n" * (node.end_lineno - node.lineno)  # the lines behind keep their numbers
    return (head + b"(" + new.encode() + gone + b")" + tail).decode()


# ------------------------------------------------------------------------------------------------------- put in place

Functions = dict[tuple[str, str], list[FunctionType]]


def functions() -> Functions:
    """The package's functions that are loaded, by module and qualified name."""
    found: Functions = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(str(PACKAGE)):
            path = str(Path(one.__code__.co_filename).relative_to(PACKAGE))
            found.setdefault((path, one.__code__.co_qualname), []).append(one)
    return found


Seen = dict[tuple[tuple[str, int, int], bool], set[str]]


class Watch:
    """Which checks (``now``) evaluate an expression of the analysis as true, and which as false."""

    def __init__(self, every: list[Mutant], loaded: Functions) -> None:
        self.now = ""
        self.seen: Seen = {}
        for path in {m.path for m in every}:
            at = {m.watched for m in every if m.path == path and m.scope}
            code = _watching(path, at)
            for (where, name), mine in loaded.items():
                if where == path and (new := _code_of(code, name)) is not None:
                    for function in mine:
                        function.__code__ = new
        setattr(builtins, _Watched.NAME, self.note)

    def note(self, path: str, begin: int, end: int, value: Any) -> Any:
        """Called in the place of each expression."""
        try:
            truth = bool(value)
        except ValueError:  # an array
            truth = True
        self.seen.setdefault(((path, begin, end), truth), set()).add(self.now)
        return value


def _watching(path: str, at: set[tuple[str, int, int]]) -> CodeType:
    tree = _Watched(path, at).visit(ast.parse((PACKAGE / path).read_text()))
    return compile(ast.fix_missing_locations(tree), str(PACKAGE / path), "exec", dont_inherit=True)


class _Watched(ast.NodeTransformer):
    NAME = "__mutation_watch__"

    def __init__(self, path: str, at: set[tuple[str, int, int]]) -> None:
        self.path, self.at = path, at

    def visit(self, node: Any) -> Any:
        self.generic_visit(node)
        if not isinstance(node, ast.expr) or (at := _at(self.path, node)) not in self.at:
            return node
        if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)) or isinstance(node, ast.Starred):
            return node
        arguments: list[ast.expr] = [*map(ast.Constant, at), node]
        return ast.copy_location(ast.Call(ast.Name(self.NAME, ast.Load()), arguments, []), node)


def put_in_place(mutant: Mutant, loaded: Functions) -> None:
    """Change what this process has loaded. LookupError if that is not there."""
    file = str(PACKAGE / mutant.path)
    code = compile(mutant.source, file, "exec", dont_inherit=True)
    if not mutant.scope:
        return _tables(mutant, code)
    new = _code_of(code, mutant.scope)
    mine = loaded.get((mutant.path, mutant.scope), [])
    if new is None or not mine:
        raise LookupError(mutant.name)
    for function in mine:
        function.__code__ = new
    return None


def _code_of(code: CodeType, name: str) -> CodeType | None:
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    return next((c for c in inner if c.co_qualname == name), None) or next(
        (found for c in inner if (found := _code_of(c, name)) is not None), None
    )


def _tables(mutant: Mutant, code: CodeType) -> None:
    """The values that the changed module makes otherwise, wherever they are known in the package."""
    name = "paracell." + mutant.path[:-3].replace("/", ".")
    old, fresh = sys.modules[name], ModuleType(name)
    fresh.__dict__.update(__file__=str(PACKAGE / mutant.path), __package__=old.__package__, __spec__=old.__spec__)
    exec(code, fresh.__dict__)
    package = [m for n, m in sys.modules.items() if n.startswith("paracell")]
    done = False
    for key, new in vars(fresh).items():
        before = vars(old).get(key)
        if key.startswith("__") or isinstance(new, (FunctionType, ModuleType, type)) or _same(before, new):
            continue
        for module in package:
            for k, v in list(vars(module).items()):
                if v is before:
                    setattr(module, k, new)
                    done = True
    if not done:
        raise LookupError(mutant.name)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and (one == other or type(one).__eq__ is object.__eq__)
