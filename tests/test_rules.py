"""The rules of bench/rules: each is still where it says, and every reason for a refusal has one."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("rules", ROOT / "bench" / "rules.py")
assert SPEC is not None and SPEC.loader is not None
checks = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(checks)


@pytest.mark.parametrize("rule", checks.rules(), ids=lambda rule: rule.name)
def test_its_source_stands_there_once_and_can_be_taken_out(rule):
    module = checks.PACKAGE / rule.path
    ast.parse(checks.disabled(rule, module.read_text()))
    assert rule.old != rule.new
    for word in rule.tests.split():
        assert not word.startswith("tests/") or (ROOT / word).exists(), word


def test_every_reason_for_a_refusal_has_a_rule():
    folder = checks.PACKAGE / "cell" / "refusals"
    codes = {
        line.split('"')[1]
        for path in folder.glob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith('    code = "')
    }
    assert codes - {""} == {code for rule in checks.rules() for code in rule.refusals}
