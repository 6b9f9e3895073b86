"""The invariants of docs/architecture.md that the tree itself can show."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIMIT = 500
"""Lines of a source file; the aim is below 400."""


def rust(folder: str = "src") -> list[Path]:
    return sorted((ROOT / folder).rglob("*.rs"))


def python(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def code(path: Path) -> str:
    """A Rust file without comments and without its tests."""
    text = path.read_text()
    text = text.split("#[cfg(test)]\nmod tests")[0]
    return re.sub(r"//.*", "", text)


def test_pyo3_is_named_only_under_src_python():
    assert [p for p in rust() if "pyo3" in code(p) and p.parent.name != "python"] == []


def test_the_kernel_has_sockets_of_its_own():
    assert [p for p in rust() if re.search(r"\bzeromq::", code(p))] == []


def test_the_pool_knows_neither_python_nor_jupyter():
    assert [p for p in rust("src/pool") if re.search(r"crate::(jupyter|python|progress)", code(p))] == []


def test_the_wire_and_progress_know_only_themselves():
    assert [p for p in rust("src/jupyter") if re.search(r"crate::(pool|python|progress)", code(p))] == []
    assert [p for p in rust("src/progress") if re.search(r"crate::(pool|python|jupyter)", code(p))] == []


def imports(path: Path) -> set[str]:
    """Modules of the package that a file imports, as ``paracell.x``."""
    found = set()
    package = ("paracell", *path.relative_to(ROOT / "python" / "paracell").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", python("python/paracell/cell"), ids=lambda path: path.stem)
def test_the_meaning_of_cells_knows_no_backend_and_no_shipping(path):
    for room in ("backends", "ship", "run", "kernel", "_native"):
        assert not [name for name in imports(path) if name.startswith(f"paracell.{room}")]


def test_no_panic_is_left_where_input_can_reach():
    asked = re.compile(r"\.(unwrap|expect)\(|panic!|todo!")
    tests = re.compile(r"_tests?\.rs$|tests\.rs$")
    assert {p.name: asked.findall(code(p)) for p in rust() if asked.search(code(p)) and not tests.search(p.name)} == {}


def test_nothing_sleeps_to_synchronise():
    sleep = re.compile(r"\b(time|thread)(\.|::)sleep\(")
    others = {
        ROOT / "src/jupyter/gate.rs",  # between two tries to accept while the process has no descriptor left
        ROOT / "src/python/threads.rs",  # so that who waits for the GIL has time to take it; nothing hangs on it
        ROOT / "python/paracell/run/claims.py",  # between two tries to lock a file: there is no such wait with an end
    }
    assert [p for p in rust() if p not in others and sleep.search(code(p))] == []
    assert [p for p in python("python/paracell") if p not in others and sleep.search(p.read_text())] == []


def test_files_stay_small_enough_to_hold_in_ones_head():
    files = [*rust(), *rust("tests"), *python("python"), *python("tests"), *python("tools"), *python("bench")]
    sizes = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in files}
    assert {name: size for name, size in sizes.items() if size > LIMIT} == {}
