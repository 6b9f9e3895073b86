"""What has been shown of the first iteration that is not committed, while it still runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from . import capture
from .events import play
from .handlers import runs_users
from .job import TaskResult
from .residue import Replay


class Shown:
    """Events that were played as they happened: they are left out when the iteration is committed.

    They belong to the lowest task, whose result begins with the same events. An iteration that is run again, because
    its worker has died or the rest of the loop runs here, may do other things than the first time: what was shown
    stays, and what it repeats is not shown twice, up to the first event that differs."""

    def __init__(self) -> None:
        self._events: list[tuple[str, Any]] = []
        self._waits = False
        """Whether one has come that is not shown before the iteration is committed."""

    def play(self, events: list[tuple[str, Any]]) -> None:
        """Show these now."""
        for event in events:
            self._waits = self._waits or runs_users(*event)
            if not self._waits:
                self._events.append(event)
                play(*event)

    def rest(self, result: TaskResult) -> None:
        """Take out of `result` what was shown of it."""
        self._waits = False
        if not self._events:
            return
        shown, self._events = self._events, []
        first = result.values[0] if result.values else None
        if result.output:
            count = _common(shown, [event for _, _, *event in result.output])
            del result.output[:count]
        elif type(first) is Replay:
            count = _common(shown, [event for _, *event in first.output])
            first.output = first.output[count:]

    def skipping(self) -> contextlib.AbstractContextManager[None]:
        """Around the iteration if it runs here instead: what it repeats of what was shown is dropped."""
        shown, self._events, self._waits = self._events, [], False
        return _skipping(shown) if shown else contextlib.nullcontext()


@contextlib.contextmanager
def _skipping(shown: list[tuple[str, Any]]) -> Iterator[None]:
    def sink(kind: str, content: Any) -> None:
        nonlocal shown
        if shown and _common(shown[:1], [(kind, content)]):
            del shown[0]
            return
        shown = []
        with capture.collected(None):
            play(kind, content)

    with capture.collected(sink):
        yield


def _common(shown: list[tuple[str, Any]], events: list[Any]) -> int:
    """How many events at the beginning of both are the same."""
    count = 0
    for (kind, content), (other, what) in zip(shown, events, strict=False):
        if kind != other or (kind in ("stdout", "stderr") and content != what):
            break
        count += 1
    return count
