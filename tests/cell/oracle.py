"""Run a cell plainly and split in two, and compare everything that a notebook would see."""

from __future__ import annotations

import ast
import codeop
import contextlib
import io
import linecache
import os
import random
import sys
import warnings
from collections.abc import Callable
from typing import Any

from portrait import Portraits

import paracell
from paracell import compiler as compiler_of_plans
from paracell.cell import Plan, plan, plan_later
from paracell.run.guard import guard_of
from paracell.run.runtime import Callbacks, Runtime
from paracell.run.trial import Choice
from paracell.ship import patched
from paracell.ship.errors import ShipError

with contextlib.suppress(ImportError):  # a Python without packages runs some of the table, too
    import numpy  # noqa: F401  (its import changes warning filters)

Opener = Callable[[Any, Any], Any]
BEFORE = "\n---\n"
"""Between cells of a row: all but the last have run before, plainly."""


def prepare(prelude: str) -> dict[str, Any]:
    """A namespace in which the prelude has run, its source readable as IPython's cells are."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    patched.history = lambda: [*prelude.split(BEFORE), "".join(linecache.getlines("<cell>"))]
    for part in prelude.split(BEFORE):
        filename = f"<prelude-{hash(part)}>"
        linecache.cache[filename] = (len(part), None, part.splitlines(True), filename)
        exec(compile(part, filename, "exec", dont_inherit=True), namespace)
    return namespace


class Stream(io.StringIO):
    """A stream that also writes to the record that it shares with others."""

    def __init__(self, name: str, record: list[tuple[str, str]]) -> None:
        super().__init__()
        self._name, self._record = name, record

    def write(self, text: str) -> int:
        same = self._record and self._record[-1][0] == self._name
        before = self._record.pop()[1] if same else ""
        self._record.append((self._name, before + text))
        return len(text)


def surroundings() -> dict[str, Any]:
    return {
        "directory": os.getcwd(),
        "environ": dict(os.environ),
        "path": list(sys.path),
        "recursion": sys.getrecursionlimit(),
        "filters": len(warnings.filters),
        "random": hash(random.getstate()),
    }


def _written(*warned: Any, file: Any = None, line: str | None = None) -> None:
    sys.stderr.write(warnings.formatwarning(*warned[:4], line))


def observe(run: Callable[[], None], namespace: dict[str, Any]) -> dict[str, Any]:
    """What the cell leaves: names in order, values and who shares them, output, exception, surroundings."""
    portraits = Portraits()
    portraits.before(v for n, v in namespace.items() if n != "__builtins__")
    record: list[tuple[str, str]] = []
    error = None
    random.seed(7)
    with (
        contextlib.redirect_stdout(Stream("stdout", record)),
        contextlib.redirect_stderr(Stream("stderr", record)),
        warnings.catch_warnings(),
    ):
        warnings.showwarning = _written  # pytest keeps to itself what is not
        warnings.simplefilter("default")
        warnings.simplefilter("ignore", ResourceWarning)  # which comes when it comes
        before = surroundings()
        try:
            run()
        except BaseException as e:
            error = e
        after = surroundings()
    namespace.get("__warningregistry__", {}).pop("version", None)
    # From 3.14 on the compiler puts there what makes a unit's annotations; a cell's statements are units of their own.
    unseen = ("__builtins__", "__annotate__", "__conditional_annotations__")
    shown = {n: v for n, v in namespace.items() if n not in unseen}
    return {
        "noted": len(namespace.get("__warningregistry__", ())),
        # Python binds the registry with the first warning.
        "names": sorted(shown, key=lambda name: name == "__warningregistry__"),
        "values": {n: portraits.of(v) for n, v in shown.items()},
        "output": record,
        "error": portraits.error(error),
        "lines": None if error is None else lines(error),
        "iterators": portraits.drained(),
        "surroundings": {name: (v, after[name]) for name, v in before.items() if after[name] != v},
    }


PACKAGE = os.path.dirname(paracell.__file__)


def lines(error: BaseException) -> list[tuple[str, int, int]]:
    """Where the traceback goes through notebook code: functions and the last line in each; and for the cell the line on
    which its frame stands, which is the one that IPython shows. And what stands of paracell in between."""
    found: list[tuple[str, int, int]] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == "<cell>" or code.co_filename.startswith("<prelude"):
            stands = trace.tb_frame.f_lineno if code.co_name == "<module>" else 0
            if found and found[-1][0] == code.co_name:
                found[-1] = found[-1][0], trace.tb_lineno, stands
            else:
                found.append((code.co_name, trace.tb_lineno, stands))
        elif found and code.co_filename.startswith(PACKAGE):
            found.append((code.co_filename, trace.tb_lineno, 0))
        trace = trace.tb_next
    return found


def plainly(prelude: str, cell: str) -> dict[str, Any]:
    namespace = prepare(prelude)
    readable(cell)
    return observe(lambda: exec(compile(cell, "<cell>", "exec", dont_inherit=True), namespace), namespace)


def readable(cell: str) -> None:
    """Its lines can be shown: warnings and tracebacks do."""
    linecache.cache["<cell>"] = (len(cell), None, cell.splitlines(True), "<cell>")


class After:
    """An opener whose regions run `count` iterations here first, then the rest on `opener`; "here" with None.

    `late`: they are planned only then, where that can be."""

    def __init__(self, count: int, opener: Opener | None, late: bool):
        self.count = count
        self.late = late
        self._opener = opener

    def __call__(self, region: Any, job: Any) -> Any:
        assert self._opener is not None
        return self._opener(region, job)

    def judge(self, region: Any, total: int | None) -> Any:
        return Fixed(self.count, self._opener is None)


class Fixed:
    """A judge that goes by the number of iterations."""

    def __init__(self, count: int, here: bool):
        self.count, self.here = count, here

    def look(self, items: int, seconds: float, item: Any) -> Any:
        if items < self.count:
            return 0.0
        # One look more before what remains is let go.
        return (
            (0.0 if items == self.count else None) if self.here else Choice("here" if items == 2 else "", 1, "told so")
        )

    def confirm(self, choice: Choice, value: Any) -> Any:
        return None if choice.backend == "here" else choice


class Told(Callbacks):
    """What the user would be told of: names that could not be brought back, and loops that ran serially after all."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.reasons: list[str] = []
        self.changed: list[str] = []
        self.runs: list[Any] = []

    def unbound(self, region: Any, name: str, why: str) -> None:
        self.names.append(name)

    def serial(self, region: Any, reason: str) -> None:
        self.reasons.append(" ".join(str(reason).split()))

    def fell_back(self, region: Any, names: list[str], iteration: int, late: bool, copied: str) -> None:
        self.reasons.append(f"fell back: {' '.join(names) or copied}")

    def unable(self, region: Any, why: str, iteration: int) -> None:
        self.reasons.append(why)

    def opener(self, opener: Opener) -> Opener:
        """As `opener`, but what cannot be sent makes its loop run serially, as in a notebook."""

        def open_run(region: Any, job: Any) -> Any:
            try:
                run = opener(region, job)
            except ShipError as error:
                self.reasons.append(str(error))
                return None
            if run is None and "guard" in job.options:
                self.reasons.append(" ".join(str(guard_of(job).reason(region)).split()))
            self.runs.append(run)
            return run

        return open_run

    def finish(self) -> None:
        self.changed = [name for run in self.runs for name in getattr(run, "changed", [])]


def in_two_parts(prelude: str, cell: str, opener: Opener, told: Callbacks) -> tuple[Plan, dict[str, Any]]:
    namespace = prepare(prelude)
    telling = told.opener if isinstance(told, Told) else lambda opener: opener
    readable(cell)
    made = planned = plan(cell, "<cell>", namespace)
    if getattr(opener, "late", False):
        made = plan_later(ast.parse(cell, "<cell>"), cell, namespace)

    def run() -> None:
        with Runtime(made, namespace, telling(opener), told, getattr(opener, "judge", None)):
            compiler = codeop.Compile()  # as IPython's, it remembers what comes from __future__
            compiler_of_plans.put(compiler)
            for part in made.tree.body if made is not planned else [made.tree]:  # as IPython runs cells
                alone = part if isinstance(part, ast.Module) else ast.fix_missing_locations(ast.Module([part], []))
                exec(compiler(alone, "<cell>", "exec"), namespace)
        if isinstance(told, Told):
            told.finish()

    return planned, observe(run, namespace)


def compare(prelude: str, cell: str, opener: Opener, told: Told | None = None) -> Plan:
    """Assert that the cell means the same either way, but for names that are said to be missing; its plan."""
    *before, cell = cell.split(BEFORE)
    prelude = BEFORE.join([prelude, *before])
    want = plainly(prelude, cell)
    told = told or Told()
    made, got = in_two_parts(prelude, cell, opener, told)
    for name in told.names:
        assert name not in got["names"]
        want["names"].remove(name)
        del want["values"][name]
    want.pop("noted")
    if "__warningregistry__" in {*got["names"]} - {*want["names"]} and not got.pop("noted"):
        # What an earlier cell has left open in a worker warns when it goes, which nobody is shown.
        got["names"].remove("__warningregistry__")
        del got["values"]["__warningregistry__"]
    for part in want:
        if part == "values":
            for name, value in want[part].items():
                assert got[part].get(name) == value, f"{name}: {got[part].get(name)!r} instead of {value!r}"
        assert got[part] == want[part], f"{part}: {got[part]!r} instead of {want[part]!r} ({got['error']})"
    return made
