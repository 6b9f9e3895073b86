"""Run a cell plainly and split in two, and compare everything that a notebook would see."""

from __future__ import annotations

import contextlib
import io
import linecache
from collections.abc import Callable
from typing import Any

from paracell.cell import Plan, plan
from paracell.run.runtime import Callbacks, Runtime
from paracell.run.trial import Choice

Opener = Callable[[Any, Any], Any]


def prepare(prelude: str) -> dict[str, Any]:
    """A namespace in which the prelude has run, its source readable as IPython's cells are."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    filename = f"<prelude-{hash(prelude)}>"
    linecache.cache[filename] = (len(prelude), None, prelude.splitlines(True), filename)
    exec(compile(prelude, filename, "exec"), namespace)
    return namespace


def observe(run: Callable[[], None], namespace: dict[str, Any]) -> dict[str, Any]:
    """What the cell leaves: names in order, values, shared objects, output, exception."""
    out, err = io.StringIO(), io.StringIO()
    error = None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run()
        except BaseException as e:
            error = e
    shown = {n: v for n, v in namespace.items() if n not in ("__builtins__",)}
    return {
        "names": list(shown),
        "values": {n: describe(v) for n, v in shown.items()},
        "shared": sharing(shown),
        "stdout": out.getvalue(),
        "stderr": err.getvalue(),
        "error": None if error is None else (type(error).__name__, str(error), lines(error)[-1:]),
    }


def lines(error: BaseException) -> list[int]:
    """Lines of the cell in the traceback (repeats count once)."""
    found: list[int] = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<cell>" and trace.tb_lineno not in found[-1:]:
            found.append(trace.tb_lineno)
        trace = trace.tb_next
    return found


def describe(value: Any) -> Any:
    """A value as text in which types and dict order show, without addresses."""
    if isinstance(value, dict):
        return type(value).__name__, [(describe(k), describe(v)) for k, v in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [describe(v) for v in value]
    if type(value).__name__ in ("P", "Q"):
        return type(value).__name__, describe(vars(value))
    if callable(value) or type(value).__name__ == "module":
        return type(value).__name__, getattr(value, "__qualname__", ""), getattr(value, "__name__", "")
    if type(value).__repr__ is object.__repr__ or " at 0x" in repr(value):
        return (type(value).__name__,)
    return type(value).__name__, repr(value)


def sharing(namespace: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of places (two levels deep) that hold the same mutable object."""
    places: dict[int, str] = {}
    pairs = []
    for name, value in namespace.items():
        inside = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
        for path, held in [(name, value), *((f"{name}[{i}]", v) for i, v in enumerate(inside))]:
            if isinstance(held, (list, dict, set)) or type(held).__name__ == "P":
                if id(held) in places:
                    pairs.append((places[id(held)], path))
                else:
                    places[id(held)] = path
    return pairs


def plainly(prelude: str, cell: str) -> dict[str, Any]:
    namespace = prepare(prelude)
    return observe(lambda: exec(compile(cell, "<cell>", "exec"), namespace), namespace)


class After:
    """An opener whose regions run `count` iterations here first, then the rest on `opener`; "here" with None."""

    def __init__(self, count: int, opener: Opener | None):
        self.count = count
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

    def look(self, items: int, seconds: float) -> Any:
        if items < self.count:
            return self.count - items
        # Two more blocks of uneven size before what remains is let go.
        return [2, 3, 0][min(items - self.count, 2)] if self.here else Choice("", 1, "told so")

    def over(self, items: int, seconds: float) -> None:
        """Nothing is kept."""


class Unbound(Callbacks):
    """Notes the names that a backend says it could not bring back."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def unbound(self, region: Any, name: str, why: str) -> None:
        self.names.append(name)


def in_two_parts(prelude: str, cell: str, opener: Opener, calls: Callbacks) -> tuple[Plan, dict[str, Any]]:
    namespace = prepare(prelude)
    made = plan(cell, "<cell>", namespace)

    def run() -> None:
        with Runtime(made, namespace, opener, calls, getattr(opener, "judge", None)):
            exec(compile(made.tree, "<cell>", "exec"), namespace)

    return made, observe(run, namespace)


def compare(prelude: str, cell: str, opener: Opener) -> Plan:
    """Assert that the cell means the same either way, but for names that are said to be missing; its plan."""
    want = plainly(prelude, cell)
    told = Unbound()
    made, got = in_two_parts(prelude, cell, opener, told)
    for name in told.names:
        assert name not in got["names"]
        want["names"].remove(name)
        del want["values"][name]
    for part in want:
        if part == "values":
            for name, value in want[part].items():
                assert got[part].get(name) == value, f"{name}: {got[part].get(name)!r} instead of {value!r}"
        assert got[part] == want[part], f"{part}: {got[part]!r} instead of {want[part]!r} ({got['error']})"
    return made
