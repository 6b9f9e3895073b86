"""What ``mutations.py`` lets mutants fail at: rows of the differential table, notebooks, and the texts of refusals."""

from __future__ import annotations

import ast
import functools
import os
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import notebooks
import oracle
import reasons
import tabled
import test_refusals
import test_table

from conftest import Warm
from paracell.cell import plan
from paracell.records import fields

HERE = ("serial 3", "serial 1 after 1")
"""Where each runs, in this process."""
ELSEWHERE = "processes 2"


@dataclass(frozen=True)
class Check:
    name: str
    text: str
    """All of its code, for whether a word is in it."""
    before: tuple[str, ...]
    cell: str
    run: Callable[[str], None]
    """Raises where the cell does not mean the same on a backend."""
    row: tabled.Row | None = None
    """With the kinds of its regions."""
    said: bool = False
    """Whether it is about what is said: run once, whatever the plan."""

    def plan(self, namespaces: Callable[[tuple[str, ...]], dict[str, Any]]) -> tuple[str, list[Any]]:
        """All of the plan that running depends on, as text; and the regions."""
        try:
            made = plan(self.cell, "<cell>", namespaces(self.before))
        except Exception as error:
            return repr(error), []
        shown = [ast.dump(made.tree), *map(_fingerprint, made.regions)]
        return re.sub(r"__paracell_\d+__", "runtime", "\n".join(shown)), made.regions


@functools.cache
def namespaces(before: tuple[str, ...]) -> dict[str, Any]:
    """The namespace that these cells leave, for plans alone. Most share one."""
    return oracle.prepare(oracle.BEFORE.join(before))


def checks(warm: Warm) -> list[Check]:
    """Every check, by unique names."""
    found = [_row(row, warm) for row in tabled.every_row() if "seed" not in row.options]
    found += [_notebook(one, warm) for one in notebooks.notebooks()]
    found += [_text(number, text, said) for number, (text, said) in enumerate(test_refusals.parts())]
    return found


def _row(row: tabled.Row, warm: Warm) -> Check:
    *before, cell = row.text.split(oracle.BEFORE)

    def run(backend: str) -> None:
        test_table.test_means_the_same(row, backend, warm.opener)

    return Check(row.name, tabled.PRELUDE + row.text, (tabled.PRELUDE, *before), cell, run, row)


def _notebook(one: notebooks.Notebook, warm: Warm) -> Check:
    def run(backend: str) -> None:
        if backend.split()[0] not in one.without:
            oracle.compare(one.before, one.cell, warm.opener(backend))

    return Check(one.name, one.before + one.cell, (one.before,), one.cell, run)


def _text(number: int, text: str, said: str) -> Check:
    def run(backend: str) -> None:
        test_refusals.test_the_message(text, said)

    prelude = tabled.PRELUDE + reasons.MORE
    return Check(f"refusal {number}", prelude + text, (prelude,), text, run, said=True)


def remember_plain_runs() -> None:
    """What a cell leaves without its first line is found out once, not for every mutant."""
    plainly = functools.cache(oracle.plainly)

    def remembered(prelude: str, cell: str) -> dict[str, Any]:
        known = plainly(prelude, cell)
        return {**known, "names": list(known["names"]), "values": dict(known["values"])}

    oracle.plainly = remembered


class Put:
    """Puts back what cells change in this process."""

    def __enter__(self) -> None:
        self.kept = dict(os.environ), list(sys.path), sys.getrecursionlimit(), os.getcwd()
        self.filters = warnings.catch_warnings()
        self.filters.__enter__()

    def __exit__(self, *error: object) -> None:
        self.filters.__exit__(*error)
        environ, path, limit, directory = self.kept
        if os.environ != environ:
            os.environ.clear()
            os.environ.update(environ)
        sys.path[:] = path
        sys.setrecursionlimit(limit)
        os.chdir(directory)


def _fingerprint(region: Any) -> str:
    shown = {field.name: getattr(region, field.name) for field in fields(region)}
    for name in ("refusal", "assumes_numbers"):
        shown[name] = shown[name] and shown[name].code
    return _shown(shown)


def _shown(value: Any) -> str:
    """What does not depend on the order of sets and on where objects are."""
    if isinstance(value, ast.AST):
        return ast.dump(value)
    if isinstance(value, (set, frozenset)):
        return f"{{{', '.join(sorted(map(_shown, value)))}}}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_shown(k)}: {_shown(v)}' for k, v in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_shown, value))}]"
    if hasattr(type(value), "__record_fields__"):
        return _shown({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, int) and value > 1 << 32:
        return "identity"
    return "function" if callable(value) else repr(value)
