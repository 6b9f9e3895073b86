"""What a refusal says, word for word, for at least three cells a reason; and its edit does make the region parallel.

The cells and texts stand in refusals.txt. ``python tests/cell/test_refusals.py`` writes the texts anew, to be read.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from oracle import plainly
from reasons import MORE, edited, refusal_of
from tabled import PRELUDE

from paracell.cell.refusals import REASONS

FILE = Path(__file__).parent / "refusals.txt"
EDITS = Path(__file__).parent / "edits.txt"
FEWER = {
    "no-source": "a function without source takes more than a cell",
    "module-state": "takes a module file",
    "unpicklable": "seen by the processes backend",
    "threads-draw": "seen by the threads backend",
    "shared-generator": "an error, raised by the iteration",
    "yields": "only inside a function",
    "trivial": "says the same of each",
    "ends-session": "there are two such functions",
    "environment": "seen in functions only",
    "adds-in-place": "seen in functions only",
    "bound-in-cell": "there is one form",
    "read-ahead": "there is one form",
    "alias": "there is one form",
    "shared-items": "there is one form",
    "shared-elements": "seen when the loop begins",
    "walrus": "most such comprehensions are parallel",
    "items-depend": "there is one form",
    "maybe-carried": "most such loops are parallel",
    "loop-variable": "most such loops are parallel",
    "item-read-later": "most such loops are parallel",
    "not-builtin": "there are few forms",
    "global-read": "most such loops are parallel",
}
"""Reasons with fewer than three cells here, and why."""


def parts():
    """(cell, message)."""
    for block in FILE.read_text().split("\n=====\n"):
        text, _, said = f"{block.strip(chr(10))}\n".partition("\n-----\n")
        yield text, said.rstrip("\n")


CASES = [pytest.param(text, said, id=re.sub(r"\W+", " ", text)[:60]) for text, said in parts()]


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """Cells are run until their loops begin, and some write files."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("text", "said"), CASES)
def test_the_message(text, said):
    refusal = refusal_of(text)
    assert refusal is not None
    assert refusal.message("runs serially") == said
    assert max(map(len, said.splitlines())) <= 100


@pytest.mark.parametrize(("text", "said"), [case for case in CASES if "To make it parallel" in case.values[1]])
def test_the_edit_makes_it_parallel(text, said):
    refusal = refusal_of(text)
    cell, prelude = edited(text, refusal)
    again = refusal_of(cell, prelude, reads(refusal))
    assert again is None, f"{cell}\n{again}"


def reads(refusal):
    """Where the loop begins that reads what the parallel one computes from, if the edit makes one."""
    if "read first" not in refusal.edit.condition:
        return 0
    loops = (n for n, text in enumerate(refusal.edit.swaps[0].new, refusal.line) if re.search(r"\bfor\b", text))
    return next(loops)


LEAVES_IT = re.compile(r"nothing else (calls|uses)|has an item|is not needed|another afterwards|read first")
"""Conditions that are true of the cells here, or say which names may be left as something else."""


def edits() -> list[tuple[str, str]]:
    """(whether there is an edit, cell): the cells above that have one, and those of which it would be easily wrong."""
    blocks = [block.strip("\n").split("\n", 1) for block in EDITS.read_text().split("\n=====\n")]
    above = [("edit", case.values[0]) for case in CASES if "To make it parallel" in case.values[1]]
    return [*above, *((head.removeprefix("# "), text) for head, text in blocks)]


@pytest.mark.parametrize(("kind", "text"), [pytest.param(*e, id=re.sub(r"\W+", " ", e[1])[:60]) for e in edits()])
def test_an_edit_leaves_what_the_cell_means(kind, text):
    refusal = refusal_of(text)
    assert refusal is not None and (refusal.edit is not None) == (kind == "edit"), refusal
    if refusal.edit is None:
        assert "Instead" in refusal.message() or "No edit" in refusal.message()
        return
    cell, prelude = edited(text, refusal)
    assert refusal_of(cell, prelude, reads(refusal)) is None, cell
    if refusal.edit.condition and not LEAVES_IT.search(refusal.edit.condition):
        return  # it means something else, and says so
    want, got = plainly(PRELUDE + MORE, text), plainly(prelude, cell)
    for name in set(bound(want)) & set(bound(got)):
        if f"'{name}'" not in refusal.edit.condition:
            assert content(got["values"][name]) == content(want["values"][name]), (name, cell)
    missing = set(bound(want)) - set(bound(got))
    assert all(f"'{name}'" in refusal.edit.condition for name in missing), (missing, cell)
    assert (got["output"], got["error"]) == (want["output"], want["error"])


def bound(left):
    """Names of values that an edit leaves alone: no functions, whose text it may change."""
    kinds = ("function", "type", "_lru_cache_wrapper", "module", "Line2D")
    return [n for n, value in left["values"].items() if not any(f"'{kind}'" in str(value)[:200] for kind in kinds)]


def content(value):
    """Without the numbers that tell which of the notebook's objects it is."""
    return re.sub(r"'(old|#)[ \d]*\d'|\bold \d+|#\d+", "", str(value))


def test_every_reason_has_its_cells():
    found = [said.rsplit("paracell.why('", 1)[-1].removesuffix("')") for _, said in parts()]
    assert set(FEWER) <= set(REASONS)
    assert [code for code in REASONS if found.count(code) < 3 and code not in FEWER] == []


if __name__ == "__main__":
    texts = [text for text, _ in parts()]
    blocks = []
    for text in texts:
        refusal = refusal_of(text)
        blocks.append(f"{text}\n-----\n{refusal.message('runs serially') if refusal else 'PARALLEL'}")
    FILE.write_text("\n=====\n".join(blocks) + "\n")
    sys.exit()
