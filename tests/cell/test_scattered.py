"""Cells of the table whose expressions go over many lines: positions in them are what serial Python has."""

import io
import random
import tokenize

import pytest
from oracle import Told, compare
from tabled import PRELUDE, every_row

NO_SPACE = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.COMMENT}
INSIDE_STRINGS = {getattr(tokenize, name, -1) for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")}


def scattered(text: str, seed: int = 0) -> str:
    """`text` with line breaks and indentation between the tokens that stand in brackets."""
    pick = random.Random(seed)
    lines = text.splitlines(keepends=True)
    made, depth, strings, row, column = [], 0, 0, 1, 0

    def up_to(place):
        nonlocal row, column
        while row < place[0]:
            made.append(lines[row - 1][column:])
            row, column = row + 1, 0
        made.append(lines[row - 1][column : place[1]] if row <= len(lines) else "")
        column = place[1]

    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        up_to(token.start)
        name = tokenize.tok_name[token.type]
        if depth and not strings and token.type not in NO_SPACE and pick.random() < 0.6:
            made.append("\n" + " " * pick.choice((0, 1, 4, 30)))
        strings += (name.endswith("STRING_START")) - (name.endswith("STRING_END"))
        if token.type == tokenize.OP and not strings:
            depth += (token.string in "([{") - (token.string in ")]}")
        up_to(token.end)
    return "".join(made)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in every_row() if "error" not in row.options])
def test_scattered_cells_mean_the_same(row, opener_on):
    number = sum(map(ord, row.name))
    backend = ("serial 3", "processes 2", "serial 2 after 1, planned late")[number % 3]
    compare(scattered(PRELUDE), scattered(row.text, number), opener_on(backend), Told())
