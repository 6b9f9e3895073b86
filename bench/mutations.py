"""Mutation check: every rule of the analysis, when it is taken out, must make a cell of the differential table fail.

    python bench/mutations.py [--module cell/split.py ...] [--budget SECONDS] [--list]

A mutant is one small change of one module: an `if` that is never (or always) taken, an operand of `and` or `or` that
is dropped, a `not` that is gone, a returned True that is False, an entry of a table that is missing. Each runs in a
process of its own, forked from one that has what is expensive already loaded. Rows that the mutated planner plans as
before are not run; the others are, until one fails. Survivors are printed: each is a rule without a row, or a rule that
nobody needs. The whole of it takes about an hour.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.abc
import importlib.util
import os
import pickle
import re
import select
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "python" / "paracell"
TESTS = ROOT / "tests" / "cell"
BACKENDS = ("serial 3", "serial 1 after 1")
PATIENCE = 60.0
"""Seconds after which a mutant hangs; unmutated the table takes a few."""
MESSAGES = ("explain.py", "serial.py", "origin.py", "__init__.py")
"""What only decides what is said, not what is done."""
RUN = ("alias.py", "unchanged.py", "readahead.py")


@dataclass(frozen=True)
class Mutant:
    path: str
    """Below the package: ``cell/split.py``."""
    line: int
    what: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


# --------------------------------------------------------------------------------------------------------- mutants


def modules() -> list[str]:
    """The modules that analyse."""
    cell = [p for p in sorted((PACKAGE / "cell").glob("*.py")) if p.name not in MESSAGES]
    return [str(p.relative_to(PACKAGE)) for p in [*cell, *(PACKAGE / "run" / name for name in RUN)]]


def mutants(path: str) -> Iterator[Mutant]:
    """Every mutant of a module."""
    source = (PACKAGE / path).read_text()
    for node, new, what in _changes(ast.parse(source)):
        changed = _put(source, node, new)
        try:
            compile(changed, path, "exec")
        except (SyntaxError, ValueError):
            continue
        yield Mutant(path, node.lineno, what, changed)


def _changes(tree: ast.Module) -> Iterator[tuple[Any, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.IfExp)) and not _typing(node.test):
            yield node.test, "False", f"never: if {_text(node.test)}"
            if isinstance(node, ast.IfExp) or not _leaves(node):
                yield node.test, "True", f"always: if {_text(node.test)}"
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                rest = [v for v in node.values if v is not value]
                joined = f" {'and' if isinstance(node.op, ast.And) else 'or'} ".join(
                    f"({ast.unparse(v)})" for v in rest
                )
                yield node, f"({joined})", f"dropped: {_text(value)} of {_text(node)}"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, f"bool({ast.unparse(node.operand)})", f"negated: {_text(node)}"
        elif (
            isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool)
        ):
            yield node.value, str(not node.value.value), f"returns {not node.value.value}"
        elif isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield test, "True", f"without filter: {_text(test)}"
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            yield from _entries(node.value)


def _entries(value: ast.expr | None) -> Iterator[tuple[Any, str, str]]:
    """Tables: words, dictionaries and tuples of names, each without one entry."""
    call = value
    if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) == "words":
        words = ast.literal_eval(call.args[0]).split()
        for word in words:
            yield call.args[0], repr(" ".join(w for w in words if w != word)), f"without {word!r}"
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
    return text if len(text) < 100 else text[:97] + "..."


def _put(source: str, node: Any, new: str) -> str:
    lines = source.encode().splitlines(True)
    head = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    tail = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    gone = b"\n" * (node.end_lineno - node.lineno)  # the lines behind keep their numbers
    return (head + b"(" + new.encode() + gone + b")" + tail).decode()


# --------------------------------------------------------------------------------------------------------- running


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutated module instead of the module."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = "paracell." + mutant.path[:-3].replace("/", ".")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def exec_module(self, module: Any) -> None:
        file = str(PACKAGE / self.mutant.path)
        module.__file__ = file
        exec(compile(self.mutant.source, file, "exec"), module.__dict__)


def plans(test_table: Any) -> dict[str, str]:
    """What the planner makes of each row: all that running it depends on."""
    import oracle  # type: ignore[import-not-found]

    from paracell.cell import plan

    common = oracle.prepare(test_table.PRELUDE)
    found = {}
    for row in test_table.every_row():
        if "open" in row.options:
            continue
        *before, text = row.text.split(oracle.BEFORE)
        namespace = oracle.prepare(oracle.BEFORE.join([test_table.PRELUDE, *before])) if before else common
        try:
            made = plan(text, "<cell>", namespace)
            shown = [ast.dump(made.tree), *map(_fingerprint, made.regions)]
            found[row.name] = re.sub(r"__paracell_\d+__", "runtime", "\n".join(shown))
        except Exception as error:
            found[row.name] = repr(error)
    return found


def _fingerprint(region: Any) -> str:
    parts = []
    for field in fields(region):
        value = getattr(region, field.name)
        if isinstance(value, ast.AST):
            value = ast.dump(value)
        elif field.name in ("refusal", "assumes_numbers"):
            value = value and value.code
        elif callable(value):
            value = True
        elif isinstance(value, (set, frozenset)):
            value = sorted(value)
        elif isinstance(value, dict):
            value = [(key, sorted(v) if isinstance(v, set) else v) for key, v in value.items()]
        parts.append(f"{field.name}={value}")
    return " ".join(parts)


def run_table(mutant: Mutant | None, known: dict[str, str], backends: tuple[str, ...]) -> Any:
    """The row that fails, or None; without a mutant: the plans."""
    if mutant is not None:
        sys.meta_path.insert(0, Finder(mutant))
    sys.path[:0] = [str(TESTS), str(ROOT / "tests")]
    import test_table  # type: ignore[import-not-found]

    import conftest  # type: ignore[import-not-found]

    found = plans(test_table)
    if mutant is None:
        return found
    rows = {row.name: row for row in test_table.every_row() if "open" not in row.options}
    at_work = mutant.path.startswith("run/")
    order = [name for name in rows if at_work or found[name] != known[name]]
    warm = conftest.Warm()
    try:
        for backend in backends:
            for name in order:
                try:
                    test_table.test_means_the_same(rows[name], backend, warm.opener)
                except BaseException:
                    return name
    finally:
        warm.shutdown()
    return f"other plans for {order[:3]}" if order and not at_work else None


def judged(mutant: Mutant | None, known: dict[str, str], backends: tuple[str, ...]) -> tuple[str, Any]:
    """("killed", row), ("hangs", None), ("dies", None), ("survives", None or which plans it changes)."""
    with tempfile.TemporaryFile() as told:
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            if mutant is not None:
                os.dup2(null, 2)
            result: tuple[str, Any] = ("killed", "import")
            with contextlib.suppress(BaseException):
                row = run_table(mutant, known, backends)
                alive = not isinstance(row, str) or row.startswith("other plans")
                result = ("survives" if alive else "killed", row)
            told.write(pickle.dumps(result))
            told.flush()
            os._exit(0)
        ended = _wait(pid)
        told.seek(0)
        data = told.read()
        return pickle.loads(data) if data else ("dies" if ended else "hangs", None)


def _wait(pid: int) -> bool:
    """Whether the process ended by itself; nothing of its group is left."""
    pidfd = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([pidfd], [], [], PATIENCE)
        return bool(ready)
    finally:
        os.close(pidfd)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", action="append", help="only these modules, below the package")
    parser.add_argument("--budget", type=float, default=float("inf"), help="seconds")
    parser.add_argument("--processes", action="store_true", help="survivors run on worker processes, too")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    said = parser.parse_args()
    every = [m for path in said.module or modules() for m in mutants(path)]
    if said.list:
        print(*every, f"{len(every)} mutants", sep="\n")
        return 0
    for heavy in ("numpy", "pytest", "IPython.core.interactiveshell"):
        importlib.import_module(heavy)
    how, known = judged(None, {}, BACKENDS)
    if how != "survives":
        print(f"without a change: {how}")
        return 2
    path = every[0].path
    same = judged(Mutant(path, 1, "unchanged", (PACKAGE / path).read_text()), known, BACKENDS)
    if same != ("survives", None):
        print(f"a module that is not changed at all is {same}: the check says nothing")
        return 2
    return _all(every, known, time.monotonic() + said.budget, said.processes)


def _all(every: list[Mutant], known: dict[str, str], until: float, processes: bool) -> int:
    counts: dict[str, int] = {}
    for number, mutant in enumerate(every):
        if time.monotonic() > until:
            print(f"out of time after {number} of {len(every)} mutants")
            break
        how, row = judged(mutant, known, BACKENDS)
        if how == "survives" and row is not None and processes:
            how, row = judged(mutant, known, ("processes 2",))
        counts[how] = counts.get(how, 0) + 1
        if how == "survives":
            print(f"SURVIVES {mutant}" + (f" ({row})" if row else ""), flush=True)
        elif number % 50 == 0:
            print(f"  {number} of {len(every)}", flush=True)
    print(", ".join(f"{count} {how}" for how, count in sorted(counts.items())))
    return 1 if counts.get("survives") else 0


if __name__ == "__main__":
    sys.exit(main())
