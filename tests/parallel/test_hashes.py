"""Worker processes hash strings as the notebook does, so sets have the order that the serial cell would see."""

import sys
import types

import pytest
from kernel_client import Client

from paracell.run import hashseed

CELL = """
words = "the quick brown fox jumps over the lazy dog".split()
r = [(hash(w), list({*w}), list(set(w + "x"))) for w in words]
s = [{c + w for c in w} for w in words]
"""


def test_sets_of_strings_are_in_the_order_of_the_serial_cell(kernel: Client) -> None:
    kernel.run(CELL + "wanted, same = r, s")
    ran = kernel.run("%%parallel processes 2\n" + CELL)
    assert ran.reply["status"] == "ok", ran.reply
    assert "PYTHONHASHSEED" not in ran.text()
    ran = kernel.run("print(r == wanted, s == same, paracell.last_run().regions[0].ran)")
    assert ran.text().split() == ["True", "True", "processes"]


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("hash(x)", True),
        ("{x, 1}", True),
        ("[set(y) for y in x]", True),
        ("{y for y in x}", True),
        ("helper(x)", True),
        ("x + 1", False),
        ("x in {1, 2}", False),
    ],
)
def test_a_note_where_hashes_may_show(text: str, shows: bool) -> None:
    names: dict[str, object] = {}
    exec(f"def helper(x):\n    return frozenset(x)\ndef compute(x):\n    return {text}", names)
    compute = names["compute"]
    assert isinstance(compute, types.FunctionType)
    assert hashseed.shows(compute) == shows


def test_a_salt_is_known_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    assert not hashseed.salted()
    monkeypatch.delenv("PYTHONHASHSEED")
    assert hashseed.salted() == bool(sys.flags.hash_randomization)
