"""What every refusal has: a code, a verdict, the source lines that show it, and the smallest edit."""

from __future__ import annotations

import inspect
import textwrap
from typing import ClassVar, NamedTuple

from paracell.records import record

WIDTH = 88

NEEDS = "iteration i+1 needs what iteration i wrote"
UNPROVEN = "could not prove that iterations are independent"
NOTEBOOK_ONLY = "it does what only the notebook's own process can do"
NOTHING = "nothing to compute"
NO_EDIT = "No small edit is sure to keep what the cell means. "
"""Said before the advice where there is no edit."""


class Shown(NamedTuple):
    """A source line that shows the reason."""

    number: int
    text: str
    role: str = ""
    """What the line does: "writes 'log'"."""
    place: str = ""
    """Where the line stands if not in this cell: "In [4]", "helpers.py"."""


class Swap(NamedTuple):
    """A line of an edit: `old` becomes `new`, which is indented as `old` is; no lines: it goes.

    `old` may be several lines, of which `number` is the first."""

    number: int
    old: str
    new: tuple[str, ...]
    file: str = ""
    """The file name of the code that is edited if that is not this cell."""
    place: str = ""

    @property
    def indent(self) -> str:
        return self.old[: len(self.old) - len(self.old.lstrip())]

    def made(self, lines: list[str]) -> None:
        """Make the edit in the lines of its cell."""
        last = self.number - 1 + len(self.old.split("\n"))
        lines[self.number - 1 : last] = [self.indent + line for line in self.new]


@record(frozen=True)
class Edit:
    """The smallest change of code that makes a region parallel."""

    swaps: tuple[Swap, ...]
    condition: str = ""
    """What the user must know to be true, since the edit changes what the cell means otherwise."""
    before: tuple[str, ...] = ()
    """Lines of a cell to be run before this one."""

    def __str__(self) -> str:
        out, place = [], None
        if self.before:
            out += ["  in a cell before this one:", *(f"       + {line}" for line in self.before), "  in this cell:"]
        several = len({swap.place for swap in self.swaps}) > 1
        for swap in sorted(self.swaps, key=lambda swap: (not swap.file, swap.place, swap.number)):
            if (swap.place or several) and swap.place != place:
                out.append(f"  {swap.place or 'in this cell'}:")
            place = swap.place
            stays = swap.old.lstrip() in swap.new
            if not stays:
                out += [f"  {number:>4} - {old}" for number, old in enumerate(swap.old.split("\n"), swap.number)]
            for line in swap.new:
                same = stays and line == swap.old.lstrip()
                out.append(f"  {swap.number:>4}   {swap.old}" if same else f"       + {swap.indent}{line}")
        return "\n".join(out)


@record(frozen=True)
class Refusal:
    """Why a region is not parallel. A class a reason; its module's docstring is its page of the manual."""

    line: int
    lines: tuple[Shown, ...] = ()
    """The source lines that show it: the write first, then the read."""
    name: str | None = None
    """The name that ties the iterations together, if it is one."""
    detail: str = ""
    """One sentence that names the thing."""
    edit: Edit | None = None
    advice: str = ""
    """What to do, in words or code, where no edit of a few lines would do."""

    code: ClassVar[str] = "refused"
    family: ClassVar[str] = "refused"
    verdict: ClassVar[str] = UNPROVEN

    @property
    def proven(self) -> bool:
        """True: iterations depend on each other. False: it could not be proven that they do not."""
        return self.verdict == NEEDS

    @property
    def trivial(self) -> bool:
        """Nothing ties the iterations together, and there is nothing to compute."""
        return self.verdict == NOTHING

    def reason(self) -> str:
        """One sentence that names the thing."""
        return self.detail.rstrip(".")

    def message(self, does: str = "is not parallel", cost: str = "") -> str:
        """The text for the user: verdict, reason, source lines, the smallest edit, what the serial run cost."""
        parts = [_wrapped(f"Line {self.line} {does}: {self.verdict}.")]
        if self.detail:
            parts.append(_wrapped(f"{self.reason()}."))
        parts += self._shown()
        if self.edit is not None:
            parts.append(_wrapped(f"To make it parallel{', ' + self.edit.condition if self.edit.condition else ''}:"))
            parts.append(str(self.edit))
        elif self.advice:
            none = NO_EDIT if self.advice.startswith("Instead") and not self.trivial else ""
            parts.append("\n".join(_wrapped(line) for line in f"{none}{self.advice}".splitlines()))
        parts.append(f"{cost}More: paracell.why({self.code!r})")
        return "\n".join(parts)

    def brief(self, does: str = "is not parallel", cost: str = "") -> str:
        """One line, for what has been said in full before."""
        said = f"Line {self.line} {does}, as said before: {self.reason() or self.verdict}."
        return f"{said} {cost}More: paracell.why({self.code!r})"

    def _shown(self) -> list[str]:
        width = max((len(shown.text) for shown in self.lines), default=0)
        out = []
        for shown in self.lines:
            tail = "  # ".join(["", ", ".join(filter(None, (shown.role, shown.place)))])
            text = f"{shown.text:<{min(width, 50)}}{tail}" if shown.role or shown.place else shown.text
            out.append(f"  {shown.number:>4} | {text}")
        return out

    def __str__(self) -> str:
        return self.message()


def _wrapped(text: str) -> str:
    """`text` in lines of `WIDTH`; what is indented is code and stays."""
    return text if text.startswith("  ") else "\n".join(textwrap.wrap(text, WIDTH, break_long_words=False))


def page(kind: type[Refusal]) -> str:
    """The manual page of a reason: the docstring of its module."""
    return inspect.getdoc(inspect.getmodule(kind)) or ""
