"""Mutation check by hand: every rule of the analysis, disabled, must make a test fail.

    python bench/rules.py [--rule NAME ...] [--file reasons ...] [--list]

The rules stand in bench/rules/*.txt, each with a piece of source and what disables just it. Where a rule names tests,
they are run with a copy of the package, without the rule, first on the path. Else the rows of the differential table,
the notebooks and the texts of refusals are planned in a process forked from one that has them planned already, and
those that are planned otherwise without the rule are run there, then on worker processes. What is found is printed:
by which check a rule is killed, or that it survives; the exit code is 1 if one does. tests/test_rules.py sees that
every piece of source is still there, once, and that every reason for a refusal has a rule.
"""

from __future__ import annotations

import argparse
import ast
import gc
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "python" / "paracell"
RULES = ROOT / "bench" / "rules"
HEADER = re.compile(r"^## (.+)$", re.MULTILINE)
PATIENCE = 120
"""Seconds after which a check counts as one that hangs."""
ELSEWHERE_AT_MOST = 12
"""Checks with other plans that are run on worker processes, too, where they did well in this one."""


class Rule(NamedTuple):
    name: str
    file: str
    path: str
    """Below the package."""
    old: str
    new: str
    refusals: tuple[str, ...]
    tests: str
    """Arguments of pytest; "": what is planned otherwise."""
    survives: str
    """Why no check notices that it is gone, if none does."""


def rules() -> list[Rule]:
    """Every rule; names are unique."""
    found = [_rule(path.stem, *pair) for path in sorted(RULES.glob("*.txt")) for pair in _blocks(path.read_text())]
    names = [rule.name for rule in found]
    assert len(set(names)) == len(names), {name for name in names if names.count(name) > 1}
    return found


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    parts = HEADER.split(text)
    return zip(parts[1::2], parts[2::2], strict=True)


def _rule(file: str, name: str, block: str) -> Rule:
    said: dict[str, str] = {}
    old: list[str] = []
    new: list[str] = []
    for line in block.strip("\n").splitlines():
        if line[:1] in "-+" and line:
            (old if line[0] == "-" else new).append(line[1:])
        elif line.strip():
            key, _, value = line.partition(":")
            said[key] = value.strip()
    refusals = tuple(said.get("refusals", "").split())
    return Rule(
        name,
        file,
        said["path"],
        "\n".join(old),
        "\n".join(new),
        refusals,
        said.get("tests", ""),
        said.get("survives", ""),
    )


def disabled(rule: Rule, source: str) -> str:
    """The module without the rule. LookupError if its source is not there, or more than once."""
    if source.count(rule.old) != 1:
        raise LookupError(f"{rule.name}: its source stands {source.count(rule.old)} times in {rule.path}")
    return source.replace(rule.old, rule.new)


def tested(rule: Rule) -> str:
    """How its tests fare in a copy of the package without it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "paracell"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        for native in PACKAGE.glob("*.so"):
            (copy / native.name).symlink_to(native)
        module = copy / rule.path
        module.write_text(disabled(rule, module.read_text()))
        path = os.pathsep.join([folder, *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *shlex.split(rule.tests)]
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if ran.returncode == 0:
        return "survives"
    failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", ran.stdout, re.MULTILINE)
    return f"killed by {failed[1] if failed else (ran.stdout + ran.stderr)[-200:]}"


class Planned:
    """Tries rules in processes forked from one that has everything loaded and every check planned."""

    def __init__(self) -> None:
        sys.path[:0] = [str(ROOT / "tests" / "cell"), str(ROOT / "tests"), str(ROOT / "bench")]
        import numpy  # noqa: F401 - rows use them
        import pandas  # noqa: F401

        import mutants
        import mutation_checks
        from apart import apart

        self._apart = apart
        self._mutants: Any = mutants
        self._made: Any = mutation_checks
        self._checks = mutation_checks.checks(mutation_checks.Warm())
        self._plans = {check.name: check.plan(mutation_checks.namespaces)[0] for check in self._checks}
        self._loaded = mutants.functions()
        gc.freeze()

    def tried(self, rule: Rule) -> str:
        """What becomes of the checks without it."""
        told, _ = self._apart(lambda: self._told(rule).encode())
        return told.decode() or "killed by a process that died"

    def _told(self, rule: Rule) -> str:
        try:
            return self._verdict(rule)
        except BaseException as error:
            return f"killed by {type(error).__name__}: {error}"

    def _verdict(self, rule: Rule) -> str:
        made = self._made
        source = disabled(rule, (PACKAGE / rule.path).read_text())
        mutant = self._mutants.Mutant(rule.path, _scope(rule), rule.name, 0, (rule.path, 0, 0), None, source)
        self._mutants.put_in_place(mutant, self._loaded)
        at_work = rule.path.startswith("run/")
        other = []
        for check in sorted(self._checks, key=lambda one: _distance(rule, one)):
            planned, regions = check.plan(made.namespaces)
            if planned == self._plans[check.name] and not check.said and not (at_work and _told(check)):
                continue
            if check.row is not None and not _kinds(check.row.kinds, regions):
                return f"killed by {check.name} (its plan)"
            for backend in made.HERE[:1] if check.said else made.HERE:
                if (error := self._error(check, backend)) is not None:
                    return f"killed by {check.name} on {backend} ({error})"
            if not check.said:
                other.append(check)
        for check in other[:ELSEWHERE_AT_MOST]:
            if (error := self._error(check, made.ELSEWHERE)) is not None:
                return f"killed by {check.name} on {made.ELSEWHERE} ({error})"
        return f"survives ({len(other)} planned otherwise: {[check.name for check in other[:5]]})"

    def _error(self, check: Any, backend: str) -> str | None:
        signal.alarm(PATIENCE)
        try:
            with self._made.Put():
                check.run(backend)
        except BaseException as error:
            return type(error).__name__
        finally:
            signal.alarm(0)
        return None


def _distance(rule: Rule, check: Any) -> tuple[bool, int]:
    """Checks that are likely to notice come first: those of its refusals, then those with words of its name."""
    kinds = check.row.kinds if check.row is not None else ()
    words = set(re.findall(r"\w{4,}", rule.name))
    return set(rule.refusals).isdisjoint(kinds), -sum(word in check.name for word in words)


def _told(check: Any) -> bool:
    """Whether something is said of the row when its loop begins."""
    return check.row is not None and "told" in check.row.options


def _scope(rule: Rule) -> str:
    """The outermost function in which the rule's source stands."""
    text = (PACKAGE / rule.path).read_text()
    line = text[: text.index(rule.old)].count("\n") + 1

    def within(body: list[ast.stmt], prefix: str) -> str:
        for node in body:
            if node.lineno <= line <= (node.end_lineno or 0):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    return prefix + node.name
                if isinstance(node, ast.ClassDef):
                    return within(node.body, f"{prefix}{node.name}.")
        return ""

    return within(ast.parse(text).body, "")


def _kinds(expected: list[str], regions: list[Any]) -> bool:
    import test_table

    return len(expected) == len(regions) and all(map(test_table.is_kind, regions, expected))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rule", action="append", help="only this rule (a part of its name will do)")
    parser.add_argument("--file", action="append", help="only the rules of this file of bench/rules")
    parser.add_argument("--after", help="only the rules behind the one of this name")
    parser.add_argument("--list", action="store_true", help="print their names and try none")
    said = parser.parse_args()
    chosen = [
        rule
        for rule in rules()
        if (not said.rule or any(part in rule.name for part in said.rule)) and (not said.file or rule.file in said.file)
    ]
    if said.after:
        chosen = chosen[[rule.name for rule in chosen].index(said.after) + 1 :]
    if said.list:
        print(*(f"{rule.file}: {rule.name}" for rule in chosen), f"{len(chosen)} rules", sep="\n")
        return 0
    planned = Planned() if any(not rule.tests for rule in chosen) else None
    alive = 0
    for rule in chosen:
        verdict = tested(rule) if rule.tests or planned is None else planned.tried(rule)
        alive += verdict.startswith("survives") and not rule.survives
        print(f"{rule.file}: {rule.name}: {verdict}", flush=True)
    print(f"{len(chosen) - alive} of {len(chosen)} killed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
