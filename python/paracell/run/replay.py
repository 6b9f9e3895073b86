"""Run one iteration of a stopped loop again, on the main thread, with the item and the random stream that it had.

It is the compute part that runs, as a function of the cell's own code: its names are the function's, so the notebook's
stay what they are. The commit part, which changes the notebook's objects, does not run.
"""

from __future__ import annotations

import copy
from types import TracebackType
from typing import Any

from . import dotted, streams
from .residue import ABSENT, UNSET, Raised
from .resume import Stopped
from .state import State


class NotReplayed(Exception):
    """There is no such iteration to run; the text says why. Nothing has run."""

    def _render_traceback_(self) -> list[str]:
        return [f"NotReplayed: {self}"]


class _Raising(State):
    """Lets an iteration fail where a worker's would leave a residue."""

    def __init__(self) -> None:
        super().__init__()
        self.first: tuple[BaseException, TracebackType | None] | None = None
        """What failed first, as it left the user's code."""

    def failed(self, error: BaseException, slots: tuple[Any, ...]) -> Any:
        if self.first is None or self.first[0] is not error:
            self.first = error, error.__traceback__
        raise error

    def caught(self, error: BaseException) -> None:
        trace = error.__traceback__
        super().caught(error)
        if self.first is None:
            self.first = error, trace


def item_of(stopped: Stopped, index: int) -> Any:
    """The item of iteration `index`. NotReplayed where it is not there any more."""
    ahead = index - stopped.committed
    if 0 <= ahead < len(stopped.waiting):
        return stopped.waiting[ahead]
    iterable = stopped.iterable
    if index >= 0 and (isinstance(iterable, (list, tuple, range, str)) or type(iterable).__module__ == "numpy"):
        if index < len(iterable):
            return iterable[index]
        raise NotReplayed(f"the loop has {len(iterable):,} iterations, there is none with number {index:,}")
    kept = f"{stopped.committed:,} to {stopped.committed + len(stopped.waiting) - 1:,}"
    what = f"those of iterations {kept}" if stopped.waiting else "none"
    raise NotReplayed(
        f"the item of iteration {index:,} is not there any more: of a {type(iterable).__name__}, "
        f"only items that were read ahead are kept ({what})"
    )


def replay(stopped: Stopped, index: int, namespace: dict[str, Any]) -> Any:
    """The value of iteration `index`; raises what it raises, with a traceback of the user's frames only."""
    __tracebackhide__ = True
    item = item_of(stopped, index)
    if stopped.region.changes_items:
        item = copy.deepcopy(item)
    state = _Raising()
    try:
        with dotted.bound(stopped.region, namespace), streams.within(stopped.job.seed, namespace, index):
            return _whole(stopped, item) if stopped.job.whole_task else _one(stopped, item, state)
    except BaseException as error:
        trace = state.first[1] if state.first is not None and state.first[0] is error else error.__traceback__
        while trace is not None and trace.tb_frame.f_code is not stopped.job.compute.__code__:
            trace = trace.tb_next
        raise error.with_traceback(trace)  # noqa: B904 - it is the same error


def _whole(stopped: Stopped, item: Any) -> Any:
    """Of a comprehension: the element, or a list of them where one item makes none or several."""
    values = stopped.job.compute(iter([item]))
    if stopped.region.kind == "filter":
        return values[0][0]
    return values[0] if len(values) == 1 else values


def _one(stopped: Stopped, item: Any, state: _Raising) -> Any:
    """Of a loop: the one value that its commit part is given, or a dict of the names that the iteration bound."""
    keep: dict[str, Any] = {}
    value = stopped.job.compute(item, keep, state)
    caught = state.first
    if caught is not None and (_holds(value) or type(caught[0]) is type(stopped.error)):
        raise caught[0]
    if len(stopped.region.residues) == 1 and not stopped.region.parked:
        return value
    names = {name: bound for name, bound in keep.items() if not name.startswith("__paracell_")}
    if len(stopped.region.residues) == 1 or not isinstance(value, tuple) or names:
        return names
    texts = [text for _, text in stopped.region.residues]
    return {text: slot for text, slot in zip(texts, value, strict=False) if slot is not UNSET and slot is not ABSENT}


def _holds(value: Any) -> bool:
    """Whether a slot has an error in it."""
    return any(type(slot) is Raised for slot in (value if isinstance(value, tuple) else (value,)))
