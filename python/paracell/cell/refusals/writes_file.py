"""A function writes a file that other iterations may write or read as well.

Not parallel::

    def save(x):
        with open("results.txt", "a") as fh:
            fh.write(str(x))
        return x * x
    for x in xs:
        out.append(save(x))

Workers would write in any order, and between each other.

Instead, return the text and write it in the loop, or give each iteration a file of its own::

    def save(x):
        return str(x), x * x
    with open(os.devnull, "a") as fh:
        for x in xs:
            text, square = save(x)
            fh.write(text)
            out.append(square)"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class WritesFile(Refusal):
    code = "writes-file"
    family = "changes"
    verdict = UNPROVEN
