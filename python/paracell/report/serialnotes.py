"""What is said of loops that are not parallel: in full the first time, shortly when it has been said before."""

from __future__ import annotations

import os
import re
import time
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from paracell.attributes import attribute
from paracell.backends import weigh
from paracell.records import field, record
from paracell.report.units import seconds_text

if TYPE_CHECKING:
    from paracell.cell import Refusal, Region
    from paracell.report.notes import Notes

_REMEMBERED = 1000
Seen = dict[str, Any]
"""Names that a loop and the notebook's functions use -> what a plan goes by: code of functions, modules, types."""


def seen_by(text: str, namespace: dict[str, Any]) -> Seen:
    """What the loop of this text sees."""
    held = weigh.reached(set(re.findall(r"[^\W\d]\w*", text)), namespace)
    return {name: _goes_by(value) for name, value in held.items()}


def _same(before: Any, now: Any) -> bool:
    return before is now or (isinstance(now, CodeType) and before == now)


def _goes_by(value: Any) -> Any:
    if isinstance(value, (type, ModuleType)):
        return value
    return attribute(value, "__code__") or type(value)


class NotParallel(Exception):
    """A cell was refused before anything ran, or a loop before it began; the text says why and what would help."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the reason alone, since no frame of the user's says more."""
        return [f"NotParallel: {self}"]


@record
class Said:
    """What a session has said, and what serial runs have cost, by the text of the loop."""

    messages: set[str] = field(default_factory=set)
    costs: dict[str, str] = field(default_factory=dict)
    parallel: set[str] = field(default_factory=set)
    """Loops of which there was nothing to say when they had run: they may be parallel."""
    reasons: dict[tuple[int, str], tuple[Seen, Refusal]] = field(default_factory=dict)
    """Why short loops are not parallel, by their line and text, as long as they see the same."""

    def reason(self, loop: tuple[int, str], seen: Seen) -> Refusal | None:
        """What was said of this loop when it saw the same."""
        before, refusal = self.reasons.get(loop, (None, None))
        same = before is not None and before.keys() == seen.keys()
        return refusal if same and all(_same(before[name], seen[name]) for name in seen) else None  # type: ignore[index]

    def not_parallel(self, loop: tuple[int, str], seen: Seen, refusal: Refusal) -> None:
        """Keep the reason."""
        if len(self.reasons) >= _REMEMBERED:
            self.reasons.clear()
        self.reasons[loop] = seen, refusal

    def may_be_parallel(self, loop: str) -> None:
        """Of this text there is nothing to say."""
        if len(self.parallel) >= _REMEMBERED:
            self.parallel.clear()
        self.parallel.add(loop)

    def cost(self, region: Region, refusal: Refusal, text: str) -> None:
        if len(self.costs) >= _REMEMBERED:
            self.costs.clear()
            self.messages.clear()
        self.costs[_key(region, refusal)] = text


def _key(region: Region, refusal: Refusal) -> str:
    return f"{region.source}\n{refusal.message()}"


def refused_here(refusal: Refusal) -> str:
    """The text of the exception that refuses a loop which was about to begin."""
    return (
        f"{refusal.message()}\n\nThis was seen when the loop was about to begin: what stands before it in the cell has "
        "run. To run it serially: --otherwise serial."
    )


def refused(regions: list[tuple[Region, Refusal]], said: Said) -> str:
    """The text of the exception that refuses a cell: each loop once, each reason in full once."""
    parts, codes = [], set()
    for region, refusal in regions:
        last = said.costs.get(_key(region, refusal), "")
        cost = f"Its last serial run took {last}. " if last else ""
        parts.append(refusal.brief(cost=cost) if refusal.code in codes else refusal.message(cost=cost))
        codes.add(refusal.code)
    return "\n\n".join([*parts, "Nothing has run. To run it serially: %%parallel auto, or --otherwise serial."])


@record
class _Note:
    region: Region
    refusal: Refusal
    full: bool
    display: str
    seconds: float | None = None
    items: int | None = None

    def text(self, whole: float | None = None) -> str:
        does, cost = "runs serially", ""
        if self.seconds is not None:
            does, cost = "ran serially", f"{self._cost(whole)}. "
            cost = cost[0].upper() + cost[1:]
        return self.refusal.message(does, cost) if self.full else self.refusal.brief(does, cost)

    def _cost(self, whole: float | None) -> str:
        assert self.seconds is not None
        text = seconds_text(self.seconds)
        if self.items is not None:
            text = f"{self.items:,} item{'' if self.items == 1 else 's'} in {text}"
        if whole and self.seconds > 0.1:
            text += f", {min(100, round(100 * self.seconds / whole))}% of the cell"
        return text


class SerialNotes:
    """The notes of one cell. In a notebook a note appears when its loop begins, and gets the cost at the end."""

    def __init__(self, notes: Notes, said: Said, shell: Any) -> None:
        self._notes = notes
        self._said = said
        self._live = getattr(shell, "kernel", None) is not None
        self._open: list[_Note] = []
        self._began = time.perf_counter()

    def begin(self, region: Region, refusal: Refusal) -> None:
        """`region` is about to run serially."""
        key = _key(region, refusal)
        full = key not in self._said.messages and all(n.refusal.code != refusal.code for n in self._open)
        self._said.messages.add(key)
        note = _Note(region, refusal, full, os.urandom(16).hex())
        self._open.append(note)
        if self._live:
            self._notes.say(note.text(), display=note.display)

    def end(self, region: Region, items: int | None, seconds: float) -> None:
        """`region` has run."""
        for note in self._open:
            if note.region is region:
                note.items, note.seconds = items, (note.seconds or 0.0) + seconds

    def close(self) -> None:
        """The cell has ended: what its serial loops cost is known."""
        whole = time.perf_counter() - self._began
        for note in self._open:
            if note.seconds is not None:
                self._said.cost(note.region, note.refusal, note._cost(None))
            if not self._live:
                self._notes.say(note.text(whole))
            elif note.seconds is not None:
                self._notes.say(note.text(whole), display=note.display, again=True)
        self._open.clear()
