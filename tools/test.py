"""Run every check of the project, mostly one step after the other, and count what ran.

usage: tools/test.py [STEP ...]      without steps: all of them

A failing step does not stop the later ones, but fails the command. Each step's output goes to the terminal and to
target/test/STEP.log. Runs inside the venv that `make test` made, where this tree's wheel is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "target" / "test"
# The plug-ins that ipykernel's own tests need are not for ours.
NOT_OURS = [word for name in ("asyncio", "flaky", "pytest_cov", "timeout") for word in ("-p", f"no:{name}")]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *NOT_OURS]
# Each needs the machine to itself (a browser, what a kernel leaves behind) or its process (whose descriptors the pool's
# tests count), and is a step of its own.
APART = ["tests/browser", "tests/cell", "tests/pool", "tests/test_leaves_nothing.py", "tests/test_packaging.py"]

BESIDE = frozenset(("cells", "ship"))
"""Steps that run, one after the other, beside the next one that is not such a step, since they mostly use one processor
at a time, as that one does; their output follows it."""

SHIP = ["tests/line", "tests/ship"]

NOTEBOOK_PROCESSORS = 2


def rust_tests() -> list[str]:
    """The command for the Rust tests: nextest where it is installed, else cargo's own runner."""
    if shutil.which("cargo-nextest"):
        return ["cargo", "nextest", "run", "--locked", "--no-fail-fast", "--status-level", "fail"]
    return ["cargo", "test", "--locked", "--no-fail-fast", "--lib", "--bins", "--tests"]


STEPS: dict[str, list[str]] = {
    "rustfmt": ["cargo", "fmt", "--check"],
    "clippy": ["cargo", "clippy", "--locked", "--all-targets", "--", "-D", "warnings"],
    "free-threaded": ["cargo", "check", "--locked", "--lib"],
    "ruff": [sys.executable, "-m", "ruff", "check", "."],
    "ruff-format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "mypy": [sys.executable, "-m", "mypy"],
    "rust": rust_tests(),
    "cells": [*PYTEST, "tests/cell"],
    "ship": [*PYTEST, *SHIP],
    "python": [*PYTEST, "tests", *(f"--ignore={path}" for path in APART + SHIP)],
    "pool": [*PYTEST, "tests/pool"],
    "packaging": [*PYTEST, "tests/test_packaging.py"],
    "leaves-nothing": [*PYTEST, "tests/test_leaves_nothing.py"],
    "notebooks": [*PYTEST, "--nbval", "--nbval-sanitize-with=notebooks/sanitize.cfg", "notebooks"],
    "browser": [*PYTEST, "tests/browser"],
    "ipykernel-suite": [sys.executable, "tests/kernel/ipykernel_suite.py"],
}


@dataclass
class Result:
    """One step: its exit code, duration, and the tests it counted (None where it counts none)."""

    step: str
    code: int
    seconds: float
    counts: dict[str, int] | None


def environment(step: str, home: str) -> Mapping[str, str]:
    """The user's environment, but with Jupyter's and IPython's own folders in `home`, so that neither the user's
    settings change the tests nor the tests the user's settings."""
    # Worker processes of the tests hash strings as the tests do, as those of an installed kernel do.
    env = dict(os.environ, CARGO_TERM_COLOR="never", PYO3_PYTHON=sys.executable, PYTHONHASHSEED="0")
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        env[name] = os.path.join(home, name.lower())
    env["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), env.get("PATH", "")])
    # The Rust tests embed this Python and find its library here.
    library = sysconfig.get_config_var("LIBDIR")
    env["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, [library, env.get("LD_LIBRARY_PATH")]))
    if step == "free-threaded":
        # No free-threaded interpreter is needed for a check; a target folder of its own keeps pyo3 from being rebuilt.
        env["PYO3_CONFIG_FILE"] = str(ROOT / "tools" / "free-threaded.cfg")
        env["CARGO_TARGET_DIR"] = str(ROOT / "target" / "free-threaded")
    return env


def count(log: str) -> dict[str, int] | None:
    """The tests that pytest, nextest or cargo test say they ran."""
    line = r"(?m)^(?:=* ?\d+ (?:passed|failed|error).* in [\d.]+s.*|\s*Summary .*tests? run.*|test result: .*)$"
    found: dict[str, int] = {}
    for closing in re.findall(line, log):
        for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?|ignored)", closing):
            word = {"error": "failed", "errors": "failed", "ignored": "skipped"}.get(word, word)
            found[word] = found.get(word, 0) + int(number)
    return found or None


def say(text: str) -> None:
    print(text, end="", flush=True)


def run(step: str, home: str, say: Callable[[str], None] = say) -> Result:
    """Run a step; `say` gets its output, a line at a time."""
    say(f"\n=== {step}: {' '.join(STEPS[step])}\n")
    start = time.monotonic()
    lines = []
    # Whether a progress display appears in a notebook depends on how many processors there are.
    small = sorted(os.sched_getaffinity(0))[:NOTEBOOK_PROCESSORS] if step == "notebooks" else None
    with (
        open(LOGS / f"{step}.log", "w") as log,
        subprocess.Popen(
            STEPS[step],
            cwd=ROOT,
            env=environment(step, home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=(lambda: os.sched_setaffinity(0, small)) if small else None,
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            say(line)
            log.write(line)
            lines.append(line)
    counts = count("".join(lines))
    code = process.returncode
    if code == 0 and counts is not None and not counts.get("passed"):
        say(f"{step}: no test ran\n")
        code = 1
    return Result(step, code, time.monotonic() - start, counts)


def run_all(steps: list[str], home: str) -> list[Result]:
    """One step after the other, in order, but for those of BESIDE."""
    results: list[Result] = []
    with ThreadPoolExecutor(1) as beside:
        waiting: list[tuple[Future[Result], list[str]]] = []
        for step, after in zip(steps, [*steps[1:], None], strict=True):
            if step in BESIDE and after is not None:
                said: list[str] = []
                waiting.append((beside.submit(run, step, home, said.append), said))
                continue
            last = run(step, home)
            for one, lines in waiting:
                results.append(one.result())
                say("".join(lines))
            waiting.clear()
            results.append(last)
    return results


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"no step {', '.join(unknown)}; steps are {', '.join(STEPS)}", file=sys.stderr)
        return 2
    # Who is started in the background may have been told to ignore interrupts, and would tell the tests' programs so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    LOGS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="paracell-test-") as home:
        results = run_all(names or list(STEPS), home)
    print("\n" + "-" * 72)
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for result in results:
        counts = result.counts or {}
        # A linter that complains, or a runner that broke before it counted, is one failure.
        if result.code != 0 and not counts.get("failed"):
            counts = {**counts, "failed": 1}
        for word, number in counts.items():
            total[word] = total.get(word, 0) + number
        verdict = "ok" if result.code == 0 else f"FAILED ({result.code})"
        told = ", ".join(f"{number} {word}" for word, number in counts.items()) if result.counts else ""
        print(f"{result.step:16s} {verdict:12s} {result.seconds:7.1f} s  {told}")
    print("-" * 72)
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return int(any(result.code for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
