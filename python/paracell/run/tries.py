"""``--timeout`` and ``--retries``: a task's iterations one by one, each within its time, and again if it raises.

Every try begins with the item as it was and with the iteration's own random streams, and only the try that counts
leaves output. What an iteration did elsewhere (files, servers) is done again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from paracell.records import replace

from .job import Job, Task, TaskResult
from .limit import limited, overdue_text
from .original import Original, Unknown
from .residue import Replay
from .trimmed import at_end

RunOne = Callable[[Job, Task], TaskResult]


def carefully(job: Job, task: Task, run: RunOne, done: Callable[[int], None]) -> TaskResult:
    """The task's result; `run` runs tasks of one iteration and counts nothing, `done` counts iterations."""
    values: list[Any] = []
    output: list[tuple[int, int, str, Any]] = []
    drew: set[int] = set()
    finished = 0
    result = TaskResult([])
    for number, item in enumerate(task.items):
        final = task.final and number == len(task.items) - 1
        part = Task(task.index, task.start + number, [item], final)
        result = _tried(job, part, run)
        output += [(number, *rest) for _, *rest in result.output]  # type: ignore[misc]
        values += result.values
        finished += result.finished
        drew.update(result.drew)
        failed = _error(result)
        if failed is not None and not (result.error is None and job.options.get("skips")):
            break
        done(1)
    return replace(result, values=values, output=output, finished=finished, drew=tuple(sorted(drew)))


def _tried(job: Job, part: Task, run: RunOne) -> TaskResult:
    retries = job.options.get("retries", 0)
    original = Original(part.items[0]) if retries else None
    while True:
        result = _once(job, part, run)
        failed = _error(result)
        if failed is None or retries <= 0 or isinstance(failed, KeyboardInterrupt):
            return result
        retries -= 1
        assert original is not None
        try:
            original.restore()
        except Unknown as why:
            _note(failed, f"not tried again: {why}")
            return result


def _once(job: Job, part: Task, run: RunOne) -> TaskResult:
    seconds = job.options.get("timeout")
    text = overdue_text(part.start, part.items[0], seconds) if seconds else ""
    try:
        with limited(seconds, text) if seconds else nullcontext():
            result = run(job, part)
        failed = _error(result)
        if isinstance(failed, TimeoutError):
            at_end(failed)
        return result
    except TimeoutError as error:
        # It came between two steps of ours.
        return TaskResult([], error=error)


def _error(result: TaskResult) -> BaseException | None:
    """What the one iteration of `result` raised."""
    if result.error is not None:
        return result.error
    last = result.values[-1] if result.values else None
    return last.error if type(last) is Replay else None


def _note(error: BaseException, text: str) -> None:
    if hasattr(error, "add_note"):
        error.add_note(text)
    else:
        error.__notes__ = [*getattr(error, "__notes__", []), text]
