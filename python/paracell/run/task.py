"""Run one task, wherever that is: on the kernel's thread, on a thread of the pool, in a worker process."""

from __future__ import annotations

import re
import reprlib
import sys
from collections.abc import Callable
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from . import capture, written
from .columns import Slots
from .events import Live
from .iterations import Iterations, item_done
from .job import Job, Task, TaskResult
from .residue import Replay
from .state import State, cancelled

if TYPE_CHECKING:
    from .streams import Streams


def run_task(job: Job, task: Task, live: Live | None = None) -> TaskResult:
    """Call the job's compute function for the task's items. Raises nothing but KeyboardInterrupt (cancelled).

    `live` is told of the events of the first iteration as they happen (of all iterations of a comprehension), up to the
    first that the commit part may be ahead of: a beginning of what the result says of them. It is told nothing where
    iterations may be tried again."""
    if job.options.get("files"):
        from .touching import recorded

        with recorded(job.options["files"], task.start) as touched:
            result = _run(job, task, live)
        result.touched = touched.packed()
        return result
    return _run(job, task, live)


def _run(job: Job, task: Task, live: Live | None) -> TaskResult:
    capture.hooks.renewed()
    if "timeout" in job.options or "retries" in job.options:
        from .tries import carefully

        result = carefully(job, task, partial(_drawing, done=_uncounted), item_done)
    else:
        result = _drawing(job, task, live=live)
    result.renewed = capture.hooks.renewed()
    if job.options.get("copies") and "random" in sys.modules:  # numpy.random imports it too
        _note_items(task, result)
    return result


def _note_items(task: Task, result: TaskResult) -> None:
    """The notebook's own generators among the items are to end where the copies have got to."""
    from . import sources

    if task.items and sources.held(task.items[0]):
        result.item_states = tuple([sources.save(one) for one in sources.held(item)] for item in task.items)


def _uncounted(count: int = 1) -> None:
    """Whoever runs the iteration counts it."""


def _drawing(job: Job, task: Task, done: Callable[[int], None] = item_done, live: Live | None = None) -> TaskResult:
    run = _whole if job.whole_task else _each
    if not job.seed:
        return run(job, task, None, done, live)
    # A worker that never draws starts faster without it.
    from .streams import Streams

    drawing = Streams(job.seed, job.compute.__globals__)
    try:
        result = run(job, task, drawing, done, live)
    finally:
        drew = drawing.leave()
    result.drew = drew
    return result


def _each(job: Job, task: Task, drawing: Streams | None, done: Callable[[int], None], live: Live | None) -> TaskResult:
    state = State()
    state.live, state.leading = live, job.options.get("leading", 0)
    wanted = {*job.temporaries, *job.options.get("partial", ())}
    values: list[Any] = []
    keep: dict[str, Any] | None = None
    journal = _journal(job)
    over = False
    with capture.collected(state.write):
        looks = written.Looks(state.write)

        def between() -> float | None:
            """An iteration has ended; in how many seconds to look again, or None if it is the last one."""
            nonlocal over
            wait = looks.look()
            state.live = None
            if state.special:
                value = values[-1] = _special(state, values[-1], wanted)
                if value.error is not None:
                    at = len(values) - 1
                    _annotate(value.error, task.start + at, task.items[at])
                    over = not job.options.get("skips")
            return None if over else wait

        # What the last iteration binds is wanted, so it is a call apart.
        split = len(task.items) - task.final
        for first, items in ((0, task.items[:split]), (split, task.items[split:])):
            if not items or over:
                continue
            keep = {} if first or not split else None
            entering = _entering(items, task.start + first, drawing)
            if journal is not None:
                entering = journal.over(entering, task.start + first)
            iterations = Iterations(entering, between, done is item_done)
            state.ask = iterations.ask
            try:
                values.extend(map(job.compute, iterations, repeat(keep), repeat(state)))
            finally:
                state.ask = None
    return TaskResult(_slots(job, values), temporaries=keep)


def _slots(job: Job, values: list[Any]) -> list[Any]:
    """`values` as such, if they are tuples of slots."""
    return Slots(values) if values and job.options.get("slots") and Replay not in map(type, values) else values


def _journal(job: Job) -> Any:
    """Where it is noted which iteration does what to files."""
    if not job.options.get("files"):
        return None
    from .touching import writer

    return writer()


def _special(state: State, value: Any, wanted: Any) -> Replay:
    """The iteration printed or failed: its value as one that replays."""
    replay = Replay(value, state.output, state.error)
    replay.kept = {n: v for n, v in (state.kept or {}).items() if n in wanted}
    state.kept = None
    state.output, state.error, state.special, state.row = [], None, False, None
    return replay


def _whole(job: Job, task: Task, drawing: Streams | None, done: Callable[[int], None], live: Live | None) -> TaskResult:
    items: Any = _entering(task.items, task.start, drawing)
    parts: Any = (items,)
    apart = job.options.get("files")
    if apart:
        # What an iteration has done to files it has done for good: none runs again for its value (``_before``).
        items = journal.over(items, task.start) if (journal := _journal(job)) is not None else items
        parts = ([item] for item in items)
    count = len(task.items)
    found: list[list[Any]] = []
    output: list[tuple[int, int, str, Any]] = []
    keep: dict[str, Any] | None = {} if job.temporaries else None
    lazy = job.options.get("lazy")

    def write(kind: str, content: Any) -> None:
        nonlocal live
        at = count - items.__length_hint__() - 1
        output.append((at, 0, kind, content))
        if live is not None and ((lazy and at > 0) or not live(kind, content)):
            live = None

    with capture.collected(write):
        try:
            for part in parts:
                found.append(job.compute(part) if keep is None else job.compute(part, keep))
            written.flush(write)
        except BaseException as error:
            written.flush(write)
            if isinstance(error, KeyboardInterrupt) and cancelled():
                raise
            at = count - items.__length_hint__() - 1
            _annotate(error, task.start + at, task.items[at] if 0 <= at < count else None)
            interrupted = isinstance(error, KeyboardInterrupt)
            if apart:
                at, values = len(found), list(chain.from_iterable(found))
            else:
                at, values = (0, []) if interrupted else _before(job, task, min(max(at, 0), count), drawing)
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            return TaskResult(values, output, error, finished=at, temporaries=keep)
    done(count)
    values = list(chain.from_iterable(found)) if apart else found[0]
    return TaskResult(_slots(job, values), output, finished=count, temporaries=keep)


def _entering(items: list[Any], start: int, drawing: Streams | None) -> Any:
    """The items of iterations from `start` on, each in its random streams."""
    return iter(items) if drawing is None else drawing.items(items, start)


def _before(job: Job, task: Task, at: int, drawing: Streams | None) -> tuple[int, list[Any]]:
    """Values of the iterations before the failing one: a lazy consumer still gets them, and a loop that is to go on.

    How many they are, and the values; none if this time one of those fails."""
    with capture.collected(lambda kind, content: None):
        try:
            return at, job.compute(_entering(task.items[:at], task.start, drawing))
        except KeyboardInterrupt:
            raise
        except BaseException:
            return 0, []
        finally:
            written.flush(_nowhere)


def _nowhere(kind: str, content: Any) -> None:
    """An event that nobody is to see."""


def _text(item: Any) -> str:
    """``repr(item)``; of what is large and built in, its beginning alone is looked at."""
    if isinstance(item, (str, bytes, bytearray)):
        return repr(item[:300])
    if isinstance(item, (list, tuple, dict, set, frozenset)) and len(item) > 300:
        return reprlib.repr(item)
    return re.sub(" at 0x[0-9a-fA-F]+", "", repr(item))  # where it is in a worker says nothing


def _annotate(error: BaseException, index: int, item: Any) -> None:
    """Say which iteration it was."""
    try:
        with capture.collected(_nowhere):  # what a __repr__ prints is no output of the iteration
            text = _text(item)
    except Exception:
        text = f"<{type(item).__name__}>"
    note = f"in iteration {index}, item {text if len(text) <= 200 else text[:197] + '...'}"
    try:
        if hasattr(error, "add_note"):
            error.add_note(note)
        else:
            error.__notes__ = [*getattr(error, "__notes__", []), note]
    except Exception:  # an exception class that takes no attributes goes without
        return
