"""The manual of reasons why a loop is not parallel, made from their own docstrings: docs/refusals.md and ``why``."""

from __future__ import annotations

import difflib
import re

from paracell.cell.refusals import REASONS, Refusal, page
from paracell.report import last_run

_INTRO = """\
# Why a loop is not parallel

Each reason has a code, which messages end with: `paracell.why("carried")` prints its page. A reason says one of these:

- **iteration i+1 needs what iteration i wrote**: that is how the loop is, and only another loop could be parallel;
- **could not prove that iterations are independent**: they may be, but the text does not show it;
- **it does what only the notebook's own process can do**: workers have no user, no figure, no event loop;
- **nothing to compute**: the loop is fine, and workers could not help.

This page is made from the code: `tools/manual.py`.
"""


def why(code: str | None = None) -> str:
    """The page of the reason `code`, or of those that the last cell met."""
    if code is not None:
        return _page(_known(code))
    run = last_run()
    codes = dict.fromkeys(region.code for region in run.regions if region.code) if run is not None else {}
    if not codes:
        return f"No loop of the last cell was refused. Reasons: {', '.join(REASONS)}."
    return "\n\n\n".join(_page(REASONS[code]) for code in codes)


def _known(code: str) -> type[Refusal]:
    if code not in REASONS:
        near = difflib.get_close_matches(code, REASONS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"reasons: {', '.join(REASONS)}"
        raise ValueError(f"no reason is called {code!r}; {hint}")
    return REASONS[code]


def _page(kind: type[Refusal]) -> str:
    return f"{kind.code}: {kind.verdict}\n\n{page(kind)}"


def markdown() -> str:
    """docs/refusals.md."""
    parts = [_INTRO]
    parts += [f"## {code}\n\n*{kind.verdict}*\n\n{_fenced(page(kind))}\n" for code, kind in REASONS.items()]
    return "\n".join(parts)


def _fenced(text: str) -> str:
    """Indented blocks behind ``::`` as fenced Python; ``x`` as `x`."""
    out: list[str] = []
    inside = False
    for line in [*text.replace("``", "`").splitlines(), "end"]:
        if inside and line and not line.startswith("    "):
            while not out[-1]:
                out.pop()
            out += ["```", ""]
            inside = False
        if line.endswith("::") and not inside:
            out += [line[:-1], "", "```python"]
            inside = True
        elif inside and out[-1] == "```python" and not line:
            continue
        else:
            out.append(re.sub("^    ", "", line) if inside else line)
    return "\n".join(out[:-1]).rstrip()


def examples(text: str) -> list[tuple[str, str]]:
    """(the line before a block of code, the block), in order."""
    found = re.findall(r"^(\S.*)::\n\n((?:    .*\n|\n)+)", text + "\n", re.MULTILINE)
    return [(head, re.sub("^    ", "", block, flags=re.MULTILINE).strip("\n")) for head, block in found]
