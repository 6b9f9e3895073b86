"""Mutation check: every rule of the analysis, when it is taken out, must make a cell of the differential table fail.

    python bench/mutations.py [--module cell/split.py ...] [--budget SECONDS] [--survivors] [--list]

A mutant is one small change of one module: an `if` that is never (or always) taken, an operand of `and` or `or` that
is dropped, a `not` that is gone, a returned True that is False, an entry of a table that is missing. Each is tried in a
process forked from one that has everything loaded, on the rows for which the changed expression gives something else,
first those that others failed at, until one fails. Rows that the mutated planner plans as before are not run.

What was found stands in target/mutations/, so that a run can be cut and goes on where it was: what a changed module or
a changed row may alter is tried again. Survivors are of two kinds: mutants that change no plan, which are rules without
a row, or rules that nobody needs; and mutants whose other plans do as well. Those of which it is known why they must
survive stand in bench/equivalent_mutants.txt. The exit code is 1 if there are others.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import importlib
import json
import os
import pickle
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from apart import apart
from mutants import PACKAGE, Functions, Mutant, Seen, Watch, functions, modules, mutants, put_in_place

ROOT = Path(__file__).resolve().parents[1]
LISTED = ROOT / "bench" / "equivalent_mutants.txt"
STORE = ROOT / "target" / "mutations"
CPU, PATIENCE = 10.0, 90.0
"""Seconds of processor time, and of any, that a check may take before the mutant hangs."""
ELSEWHERE_AT_MOST = 6
"""Checks with other plans that run on worker processes, too, where they did well in this one."""


@dataclass
class Base:
    """What every mutant's process is forked from."""

    checks: dict[str, Any]
    loaded: Functions
    seen: Seen
    plans: dict[str, str]
    killers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Module, module and function, or "": checks at which mutants of it failed, with how many."""

    def order(self, mutant: Mutant) -> list[Any]:
        """The checks that may fail, those first that are likely to."""
        if mutant.word:
            names = {n for n, check in self.checks.items() if mutant.word in check.text}
        elif mutant.scope:
            truths = (True, False) if mutant.when is None else (mutant.when,)
            names = set().union(*(self.seen.get((mutant.watched, truth), set()) for truth in truths))
            names &= self.checks.keys()
        else:
            names = set(self.checks)
        about, scope = self.killers[mutant.path], self.killers[f"{mutant.path} {mutant.scope}"]
        said = "/reasons/" in mutant.path
        rank = {
            n: (-scope[n], -about[n], self.checks[n].said != said, -self.killers[""][n], _shuffled(n)) for n in names
        }
        return [self.checks[n] for n in sorted(names, key=rank.__getitem__)]

    def killed(self, mutant: Mutant, by: str) -> None:
        for key in ("", mutant.path, f"{mutant.path} {mutant.scope}"):
            self.killers[key][by] += 1


def _shuffled(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    how: str
    """"killed", "hangs", "dies", "survives" or "unplaced"."""
    by: str = ""
    """The check that fails."""
    others: tuple[str, ...] = ()
    """Checks with other plans that did well."""
    seconds: float = 0.0

    @property
    def alive(self) -> bool:
        return self.how in ("survives", "unplaced")


# ----------------------------------------------------------------------------------------------------------- running


def base(every: list[Mutant]) -> Base:
    """Everything loaded, every check found well without a change."""
    for heavy in ("numpy", "pandas", "pytest", "IPython.core.interactiveshell"):
        importlib.import_module(heavy)
    sys.path[:0] = [str(ROOT / "tests" / "cell"), str(ROOT / "tests")]
    import mutation_checks as made

    made.remember_plain_runs()
    loaded = functions()
    warm = made.Warm()
    checks = {check.name: check for check in made.checks(warm)}
    seen, unstable = _reached(checks, every, loaded)
    for name, error in unstable.items():
        print(f"left out, fails without a change: {name}: {error}")
        del checks[name]
    plans = {name: check.plan(made.namespaces)[0] for name, check in checks.items()}
    return Base(checks, loaded, seen, plans)


def _reached(checks: dict[str, Any], every: list[Mutant], loaded: Functions) -> tuple[Seen, dict[str, str]]:
    """Which checks evaluate what as what; and the checks that fail, with their errors. In a process of its own."""
    digest = _digest([p.read_text() for p in sorted(PACKAGE.rglob("*.py"))] + [c.text for c in checks.values()])
    kept = STORE / "reached.pickle"
    if not kept.exists() or pickle.loads(kept.read_bytes())[0] != digest:
        print(f"following {len(checks)} checks", flush=True)
        pid = os.fork()
        if pid == 0:
            with open(os.devnull, "w") as null:
                os.dup2(null.fileno(), 1)
            try:
                kept.write_bytes(pickle.dumps((digest, *_follow(checks, Watch(every, loaded)))))
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
    found = pickle.loads(kept.read_bytes())
    if found[0] != digest:
        raise RuntimeError("the checks could not be followed")
    return found[1], found[2]


def _follow(checks: dict[str, Any], watch: Watch) -> tuple[Seen, dict[str, str]]:
    import mutation_checks as made

    unstable: dict[str, str] = {}
    for name, check in checks.items():
        watch.now = name
        try:
            for backend in made.HERE:
                with made.Put():
                    check.run(backend)
        except BaseException as error:
            unstable[name] = f"{type(error).__name__}: {error}"[:300]
    return watch.seen, unstable


def tried(mutant: Mutant, known: Base, processes: bool = False) -> Verdict:
    """What becomes of a mutant, in a process of its own."""
    begun = time.monotonic()
    data, status = apart(lambda: pickle.dumps(_child(mutant, known, processes)))
    verdict = pickle.loads(data) if data else Verdict("hangs" if _timed_out(status) else "dies")
    return Verdict(verdict.how, verdict.by, verdict.others, round(time.monotonic() - begun, 2))


def _timed_out(status: int) -> bool:
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGVTALRM)


def _child(mutant: Mutant, known: Base, processes: bool) -> Verdict:
    import mutation_checks as made

    try:
        put_in_place(mutant, known.loaded)
    except LookupError:
        return Verdict("unplaced")
    except Exception:
        return Verdict("killed", "import")
    at_work = mutant.path.startswith("run/")
    others = []
    for check in known.order(mutant):
        _patience()
        if not check.said and not at_work:
            planned, regions = check.plan(made.namespaces)
            if planned == known.plans[check.name]:
                continue
            if check.row is not None and not _kinds(check.row.kinds, regions):
                return Verdict("killed", check.name)
        if not _well(check, made, made.HERE[:1] if check.said else made.HERE):
            return Verdict("killed", check.name)
        if not check.said and not (at_work and len(others) > 5):
            others.append(check.name)
    for name in others[:ELSEWHERE_AT_MOST] if processes else ():
        _patience()
        if not _well(known.checks[name], made, (made.ELSEWHERE,)):
            return Verdict("killed", name)
    return Verdict("survives", "", tuple(others[:5]))


def _patience() -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)


def _kinds(expected: list[str], regions: list[Any]) -> bool:
    import test_table

    return len(expected) == len(regions) and all(map(test_table.is_kind, regions, expected))


def _well(check: Any, made: Any, backends: Iterable[str]) -> bool:
    try:
        for backend in backends:
            with made.Put():
                check.run(backend)
    except BaseException:
        return False
    return True


# ----------------------------------------------------------------------------------------------------------- results


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


class Store:
    """Verdicts of this run and of earlier ones, as far as they hold."""

    def __init__(self, known: Base) -> None:
        self.known = known
        self.file = STORE / "results.jsonl"
        self.rows = {name: _digest([check.text]) for name, check in known.checks.items()}
        self.table = _digest(self.rows.values())
        self.verdicts: dict[str, tuple[Verdict, str, str]] = {}
        """Mutant -> verdict, digest of its module, digest of the row or the table."""
        for line in self.file.read_text().splitlines() if self.file.exists() else []:
            name, module, row, *said = json.loads(line)
            self.verdicts[name] = Verdict(said[0], said[1], tuple(said[2]), said[3]), module, row

    @cached_property
    def modules(self) -> dict[str, str]:
        return {path: _digest([(PACKAGE / path).read_text()]) for path in modules()}

    def learn(self, every: Iterable[Mutant]) -> None:
        """Which checks are worth trying first."""
        for mutant in every:
            if mutant.name in self.verdicts and (by := self.verdicts[mutant.name][0].by) in self.rows:
                self.known.killed(mutant, by)

    def get(self, mutant: Mutant) -> Verdict | None:
        """What holds still."""
        found = self.verdicts.get(mutant.name)
        if found is None or found[1] != self.modules[mutant.path]:
            return None
        verdict, _, row = found
        now = self.table if verdict.alive else self.rows.get(verdict.by, "")
        return verdict if row == now else None

    def put(self, mutant: Mutant, verdict: Verdict) -> None:
        row = self.table if verdict.alive else self.rows.get(verdict.by, "")
        module = self.modules[mutant.path]
        self.verdicts[mutant.name] = verdict, module, row
        said = [verdict.how, verdict.by, verdict.others, verdict.seconds]
        with self.file.open("a") as file:
            file.write(json.dumps([mutant.name, module, row, *said]) + "\n")
        if not verdict.alive and verdict.by:
            self.known.killed(mutant, verdict.by)


def listed() -> dict[str, str]:
    """Mutants that must survive -> why."""
    found, name = {}, ""
    for line in LISTED.read_text().splitlines() if LISTED.exists() else []:
        if line.startswith(" "):
            found[name] = f"{found[name]} {line.strip()}".strip()
        elif line and not line.startswith("#"):
            name = line
            found[name] = ""
    return found


def summary(every: list[Mutant], store: Store, reasons: dict[str, str]) -> Iterator[str]:
    """A table, a line a module."""
    yield f"{'module':24}{'mutants':>9}{'killed':>9}{'listed':>9}{'no plan':>9}{'as well':>9}{'not run':>9}"
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in every:
        verdict = store.get(mutant)
        if mutant.name in reasons:
            column = "listed"
        elif verdict is None:
            column = "not run"
        elif verdict.alive:
            column = "as well" if verdict.others else "no plan"
        else:
            column = "killed"
        for key in (mutant.path, "all"):
            counts[key][column] += 1
    for key in sorted(counts, key=lambda key: (key == "all", key)):
        found = counts[key]
        columns = "".join(f"{found[c]:>9}" for c in ("killed", "listed", "no plan", "as well", "not run"))
        yield f"{key:24}{found.total():>9}{columns}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", action="append", help="only these modules, below the package")
    parser.add_argument("--budget", type=float, default=float("inf"), help="seconds")
    parser.add_argument("--survivors", action="store_true", help="only tell of those known to survive; run nothing")
    parser.add_argument("--processes", action="store_true", help="survivors with other plans run on worker processes")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    said = parser.parse_args()
    until = time.monotonic() + said.budget
    everywhere = [m for path in modules() for m in mutants(path)]
    every = [m for m in everywhere if not said.module or m.path in said.module]
    if said.list:
        print(*(m.name for m in every), f"{len(every)} mutants", sep="\n")
        return 0
    STORE.mkdir(parents=True, exist_ok=True)
    known = base(everywhere)
    store, reasons = Store(known), listed()
    store.learn(everywhere)
    for name in reasons.keys() - {m.name for m in everywhere}:
        print(f"listed, and no such mutant: {name}")
    if not said.survivors:
        _run([m for m in every if m.name not in reasons and store.get(m) is None], known, store, until)
        if said.processes:
            others = [m for m in every if m.name not in reasons and (v := store.get(m)) and v.alive and v.others]
            _run(others, known, store, until, True)
    alive = [m for m in every if m.name not in reasons and (v := store.get(m)) is not None and v.alive]
    for mutant in alive:
        verdict = store.verdicts[mutant.name][0]
        print(f"{verdict.how} {mutant.line} {mutant.name}" + (f" ({list(verdict.others)})" if verdict.others else ""))
    print(*summary(every, store, reasons), sep="\n")
    return 1 if alive else 0


def _run(todo: list[Mutant], known: Base, store: Store, until: float, processes: bool = False) -> None:
    gc.collect()
    gc.freeze()
    for number, mutant in enumerate(todo):
        if time.monotonic() > until:
            print(f"out of time after {number} of {len(todo)} mutants")
            break
        if number % 100 == 0:
            print(f"  {number} of {len(todo)}", flush=True)
        store.put(mutant, tried(mutant, known, processes))


if __name__ == "__main__":
    sys.exit(main())
