"""The manual of reasons: its examples are refused for that reason, and what it says instead is parallel."""

from __future__ import annotations

from pathlib import Path

import pytest
from reasons import refusal_of

import paracell
from paracell.cell.refusals import REASONS, page
from paracell.manual import examples, markdown, why

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks():
    for code, kind in REASONS.items():
        for head, block in examples(page(kind)):
            yield pytest.param(code, head, block, id=f"{code}: {head.split(',')[0]}")


@pytest.mark.parametrize(("code", "head", "block"), blocks())
def test_examples_are_what_they_are_said_to_be(code, head, block):
    refusal = refusal_of(block)
    if head.startswith(("Not parallel", "Seen")):
        assert refusal is not None and refusal.code == code, refusal
    else:
        assert refusal is None, refusal


@pytest.mark.parametrize("code", REASONS)
def test_each_reason_has_a_page(code):
    text = page(REASONS[code])
    assert "Instead" in text or code == "trivial"
    assert max(map(len, text.splitlines())) <= 120
    assert REASONS[code].__doc__ is None or "manual" not in REASONS[code].__doc__


def test_docs_are_made_from_the_pages():
    assert (DOCS / "refusals.md").read_text() == markdown(), "run tools/manual.py"


def test_why_prints_a_page_and_knows_the_nearest_code(capsys):
    paracell.why("carried")
    assert capsys.readouterr().out.startswith("carried: iteration i+1 needs what iteration i wrote\n\n")
    with pytest.raises(ValueError, match="did you mean 'carried'"):
        why("caried")
