"""``--check K``: sampled iterations are computed here as well, and compared with what workers made of them.

An iteration is computed here at its turn, when all before it are committed: that is when serial Python computes it. So
the check also finds iterations that need what an earlier one left.
"""

from __future__ import annotations

import copy
import random
from typing import Any

from paracell.followed import shortened
from paracell.records import replace
from paracell.run.job import Job, Task, TaskResult
from paracell.run.residue import Raised, Replay
from paracell.run.rows import Row
from paracell.run.same import same
from paracell.run.task import run_task

_UNKNOWN_TOTAL = 8
"""Without a known number of iterations, one of the first of so many is taken, then of twice as many, and so on."""


class CheckFailed(AssertionError):
    """An iteration gave another value on a worker than here. Those before it are committed, and none above."""


class Check:
    """The check of one region. Sampled iterations are tasks of their own."""

    def __init__(self, job: Job, count: int, names: list[str]) -> None:
        self._job = replace(job, options={key: value for key, value in job.options.items() if key != "copies"})
        self._names = names
        self._count = count
        self._next: int | None = None
        """The first iteration that was not handed out; None: none was."""
        self._sample: list[int] = []
        self._kept: dict[int, Any] = {}
        self.unchecked: list[str] = []
        """Why iterations of the sample were not compared."""
        self.compared = 0

    def cut(self, wanted: int) -> int:
        """`wanted`, but so that a sampled iteration comes alone."""
        if self._next is None:
            return min(wanted, 1)
        if wanted <= 0 or not self._sample:
            return wanted
        distance = self._sample[0] - self._next
        return min(wanted, distance) if distance > 0 else 1

    def sees(self, task: Task) -> None:
        """`task` is about to be handed out: nothing has changed its items yet."""
        if self._next is None:
            self._sample = _sample(self._count, task.start, self._job.total)
        self._next = task.start + len(task.items)
        while self._sample and self._sample[0] < self._next:
            number = self._sample.pop(0)
            if len(task.items) != 1:
                continue
            try:
                self._kept[number] = copy.deepcopy(task.items[0])
            except Exception as error:
                self.unchecked.append(f"iteration {number}: its item cannot be copied ({error})")

    def compare(self, task: Task, result: TaskResult) -> None:
        """Raises CheckFailed if the iteration was sampled and gives something else here."""
        if task.start not in self._kept or len(task.items) != 1:
            return
        item = self._kept.pop(task.start)
        here = run_task(self._job, Task(0, task.start, [item], task.final))
        for name, made, wanted in self._parts(result, here):
            try:
                differs = not same(made, wanted)
            except TypeError as error:
                self.unchecked.append(f"iteration {task.start}, {name}: {error}")
                continue
            if differs:
                raise CheckFailed(_text(task, name, made, wanted))
        self.compared += 1

    def _parts(self, made: TaskResult, wanted: TaskResult) -> list[tuple[str, Any, Any]]:
        """(name, the worker's, ours) of everything that the iteration leaves."""
        one, other = (_unfolded(result, len(self._names)) for result in (made, wanted))
        parts = [("the exception", _raised(one["error"]), _raised(other["error"]))]
        slots, others = one["slots"], other["slots"]
        if len(slots) == len(others) == len(self._names):
            parts += list(zip(self._names, slots, others, strict=True))
        else:
            name = self._names[0] if len(self._names) == 1 else "the value"
            parts.append((name, *(all[0] if len(all) == 1 else all for all in (slots, others))))
        parts.append(("what it printed", one["output"], other["output"]))
        return parts


def _sample(count: int, first: int, total: int | None) -> list[int]:
    """Numbers of the iterations to check, ascending."""
    draw = random.Random()  # not the notebook's source
    if total is not None:
        return sorted(first + at for at in draw.sample(range(total), min(count, total)))
    below, numbers = 0, []
    for at in range(count):
        above = below + _UNKNOWN_TOTAL * 2 ** min(at, 40)
        numbers.append(first + draw.randrange(below, above))
        below = above
    return numbers


def _unfolded(result: TaskResult, slots: int) -> dict[str, Any]:
    """`slots`: how many values an iteration sends; more than one are a tuple, and so may one be."""
    values, error, output = list(result.values), result.error, [list(event[1:]) for event in result.output]
    several = slots > 1
    if len(values) == 1 and type(values[0]) is Replay:
        replay = values[0]
        values, error = [replay.slots], replay.error
        several = type(replay.slots) is tuple
        output += [list(event) for event in replay.output]
    value = values[0] if len(values) == 1 else values
    found = [_plain(slot) for slot in value] if several and type(value) is tuple else [_plain(value)]
    return {"slots": found, "error": error, "output": output}


def _plain(value: Any) -> Any:
    """Slots as they compare: a row as a list, what was raised as its exception."""
    if isinstance(value, Row):
        return [_plain(one) for one in list.__iter__(value)]
    return ("raised", _raised(value.error)) if type(value) is Raised else value


def _raised(error: BaseException | None) -> Any:
    return None if error is None else (type(error).__qualname__, str(error))


def _text(task: Task, name: str, made: Any, wanted: Any) -> str:
    return (
        f"iteration {task.start} (item {shortened(task.items[0])}): {name} is {shortened(made)} from a worker and "
        f"{shortened(wanted)} here. Either the iteration depends on something that differs from run to run (the time, "
        "ids, files, a seed), or iterations depend on each other in a way that paracell has not seen. All earlier "
        "iterations are kept; without %%parallel the cell is right."
    )
