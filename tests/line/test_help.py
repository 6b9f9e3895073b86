"""What the parser accepts, what the help shows and what the manual says are the same words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from paracell.line.available import available
from paracell.line.options import parse_line
from paracell.line.words import BACKENDS, OPTIONS
from paracell.magic import ParallelMagics

MANUAL = (Path(__file__).parents[2] / "docs" / "magic.md").read_text()
HELP = ParallelMagics.parallel.__doc__ or ""
VALUES = {"--otherwise": "serial", "--timeout": "1.5", "--start": "fork"}


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.word)
def test_every_option_is_accepted_and_explained(option):
    value = VALUES.get(option.word, "2") if option.value else ""
    parse_line(f"{option.word} {value}")
    assert option.shown in HELP and option.help.split()[0] in HELP
    assert f"`{option.word}" in MANUAL


@pytest.mark.parametrize("text", [HELP, MANUAL], ids=["help", "manual"])
def test_no_option_is_explained_that_is_not_accepted(text):
    assert set(re.findall(r"(?<![-\w])--[a-z][a-z-]*", text)) == {option.word for option in OPTIONS}


@pytest.mark.parametrize("text", [HELP, MANUAL], ids=["help", "manual"])
def test_backends_are_explained(text):
    assert f"%%parallel [{'|'.join(BACKENDS)}] [N] [options]" in text
    for word in BACKENDS:
        if word in available():
            parse_line(word)
        assert re.search(rf"^(\| `|\s*){word}\b", text, re.MULTILINE)


def test_verbs_of_the_line_magic_are_explained():
    for verb in ("on", "off", "reset"):
        assert f"%parallel {verb}" in (ParallelMagics.defaults.__doc__ or "") and f"%parallel {verb}" in MANUAL
