"""Worker side of shipping: a process in which the notebook's code finds what it names.

A module that stands for the notebook's ``__main__`` holds the globals that the job reaches; its classes and functions
are one object per version. Nothing is built before a task needs it, so that what cannot be rebuilt is the error of a
task and not the end of a worker.
"""

from __future__ import annotations

import contextlib
import io
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from paracell.run.events import WARNED
from paracell.run.job import Job, Task, TaskResult

from . import figures, hashes, memos, missing
from .drift import Watcher, cost
from .environment import Surroundings
from .errors import ShipError
from .fingerprint import fingerprint, printed
from .hashing import buffer_marks
from .identity import MOST_BROADCAST, Primer, Resolver, reader_objects
from .link import using
from .modules import Mirror
from .orders import FROZEN, frozen, put_right
from .results import Received, pack
from .trailer import read_behind
from .workerlink import WorkerLink

_SERIAL = slice(-8, None)

Buffers = Sequence[Any]


class Value:
    """A broadcast value as this worker has it."""

    __slots__ = ("_again", "_buffers", "_parts", "cost", "names", "objects", "print", "spoiled", "value")

    def __init__(
        self, names: tuple[str, ...], payload: Any, buffers: Buffers, hashes: bytes | None, link: WorkerLink
    ) -> None:
        """`hashes` of the buffers, if they are known."""
        references, sets, apart = read_behind(payload)
        named = dict(references)
        self._parts = {source: link.parts(-source) for source, _, _ in named.values() if source != FROZEN}
        self._again = (names, payload, buffers, None) if self._parts else None
        held: dict[int, Any] = {source: dict(parts) for source, parts in self._parts.items()}
        held[FROZEN] = [frozen(one) for one in apart]
        unpickler = Resolver(payload, buffers, named, held)
        self.names = names
        self.value = unpickler.load()
        put_right(sets, unpickler)
        self.objects = reader_objects(unpickler, self.value)
        self.spoiled = False
        """Whether a task has changed it of which the notebook may never hear."""
        marks, read = buffer_marks(buffers, hashes)
        self.print, self._buffers = printed(self.value, buffers, marks)
        self.cost = cost(len(payload), read, sum(memoryview(buffer).nbytes for buffer in buffers) - read)

    def items(self) -> list[tuple[str, Any]]:
        return [(self.names[0], self.value)] if len(self.names) == 1 else list(zip(self.names, self.value, strict=True))

    def unchanged(self) -> bool:
        if self.spoiled or self.print is None:
            return not self.spoiled
        return self.print == fingerprint(self.value, self._buffers, buffer_marks(self._buffers)[0])

    def refreshed(self, link: WorkerLink) -> Value:
        """This, or itself anew if a definition that it shares objects with has been built anew."""
        if self._again is None or all(link.parts(-source) is parts for source, parts in self._parts.items()):
            return self
        return Value(*self._again, link)


class BuiltJob:
    """A job that tasks can be run on."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.job: Job | None = None
        self.bindings: dict[str, Any] = {}
        self.values: dict[int, Value] = {}
        self.primer = Primer()
        self.supplements: set[int] = set()
        self.watcher = Watcher()
        self._keeping: list[memos.Keeping] | None = None
        self._before: list[tuple[memos.Keeping, frozenset[str]]] = []
        """Objects that keep what they compute, with what they had when the task began."""

    def prime(self, link: WorkerLink, definitions: list[int]) -> None:
        """Results may name the values that are there, and what these definitions came with."""
        self._keeping = None
        if not definitions:
            self.primer = Primer()
            for serial, value in self.values.items():
                self.primer.add(serial, value.objects, MOST_BROADCAST)
        for number in definitions:
            self.primer.add(-number, link.parts(number), MOST_BROADCAST)

    def remember(self, link: WorkerLink, items: list[Any]) -> None:
        """A task is about to run, with these objects among its items."""
        classes = link.remembering()
        if self._keeping is None:
            self._keeping = memos.keeping(classes, (obj for _, obj in self.primer.memo.values()))
        items_too = memos.keeping(classes, items) if classes else []
        self._before = [(one, frozenset(one.held())) for one in (*self._keeping, *items_too)]

    def remembered(self, result: TaskResult, received: Received) -> None:
        """What objects that were sent have computed for good: in this task, and before it."""
        for one, before in self._before:
            for name, value in one.held().items():
                (received.remembered if name in before else result.kept).append((one.obj, name, value))


class Receiver:
    """What a worker's loop calls: ``define`` for blobs, ``task`` for tasks. One thread."""

    def __init__(
        self,
        run_task: Callable[[Job, Task], TaskResult] | None = None,
        output: Any = None,
        beside: bool = False,
    ) -> None:
        """`output` applies the notebook's settings of display and figures; `beside`: see ``Surroundings``."""
        module = ModuleType("__main__")
        module.__dict__["__builtins__"] = __builtins__
        self._entry = sys.modules.get("__main__")  # still running, so its globals have to stay
        # Code that looks up its own module (dataclasses, typing, pickle) has to find the notebook's.
        sys.modules["__main__"] = module
        self.link = WorkerLink(module)
        self._run_task = run_task
        self._jobs: dict[bytes, Any] = {}
        self._blobs: dict[int, tuple[Any, Buffers]] = {}
        self._built: dict[bytes, BuiltJob] = {}
        self._values: dict[int, Value] = {}
        self._current: BuiltJob | None = None
        self._bound: set[str] = set()
        self._surroundings = Surroundings(output, beside)
        self._mirror = Mirror()
        self._prepared: bytes | None = None
        """Key of the job for which idle time has been used."""
        self._torn = False
        """Whether a task has begun and has not come to its end: one that is cancelled is cut off anywhere."""

    def define(self, key: bytes, payload: Any, buffers: Buffers) -> None:
        """Keep a blob until a job needs it. Never raises for what the kernel sends."""
        key = bytes(key)
        if key[:1] != b"J":
            self._blobs[int.from_bytes(key[_SERIAL], "little")] = (payload, buffers)
            return
        self._prune(*read_behind(payload))
        self._jobs[key] = payload
        self._built.pop(key, None)

    def forget(self, key: bytes) -> None:
        """The kernel has discarded a blob: no run will name it again."""
        key = bytes(key)
        serial = int.from_bytes(key[_SERIAL], "little")
        self._jobs.pop(key, None)
        self._built.pop(key, None)
        self._blobs.pop(serial, None)
        self._values.pop(serial, None)

    def _prune(self, newest: int, live: list[int], newest_number: int, numbers: list[int]) -> None:
        """Forget what the kernel will not name again: serials up to `newest` that are not live, and definitions."""
        alive = set(live)
        for table in (self._blobs, self._values):
            for serial in [serial for serial in table if serial <= newest and serial not in alive]:
                del table[serial]  # type: ignore[attr-defined]
        for key in [key for key in self._jobs if int.from_bytes(key[_SERIAL], "little") <= newest]:
            if int.from_bytes(key[_SERIAL], "little") not in alive:
                del self._jobs[key]
                self._built.pop(key, None)
        self.link.prune(newest_number, set(numbers))

    def task(self, job_key: bytes, payload: Any, buffers: Buffers) -> tuple[bytes, list[Any]]:
        """Run one task: (payload, buffers) of its result. What goes wrong in user code or in shipping is in there."""
        view = memoryview(payload)
        ticket, index, start, final, extra, beside = read_behind(view)
        received = Received(ticket, Primer())
        with using(self.link):
            if self._torn:
                self._mend()
            self._torn = True
            try:
                runner = self._runner()  # what it imports is no doing of the task's
                built = self._switch(bytes(job_key))
                if extra is not None:
                    count = len(buffers) - extra[2]
                    self._supplement(built, extra[0], extra[1], buffers[count:])
                    buffers = buffers[:count]
                items = self._items(built, received, view, buffers, beside)
            except Exception as error:
                self._torn = False
                return pack(TaskResult([], error=self._unbuilt(error)), received, self.link)
            assert built.job is not None
            # Items that the loop is known to change are changed in the notebook too, by the commit part.
            known = received.ticket == 0 or built.job.options.get("changes_items")
            untouched = None if known else received.print_items()
            hashes.begin()
            missing.begin()
            self.link.namespace.pop(WARNED, None)
            built.remember(self.link, received.objects)
            open_before = figures.held()
            began = time.perf_counter()
            result = runner(built.job, Task(index, start, items, final))  # type: ignore[arg-type]
            result.seconds = time.perf_counter() - began
            result.signals = self._surroundings.signals()
            result.unable, result.asked = missing.taken(missing.raised(result))
            result.unable = result.unable or figures.left(open_before)
            built.remembered(result, received)
            result.warned = self.link.namespace.pop(WARNED, None) is not None
            received.changed, received.late = built.watcher.after(self, built, result.seconds, final)
            self._torn = False
            if untouched is not None and not result.item_states and received.print_items() != untouched:
                received.changed.append("items")
            return pack(result, received, self.link)

    def _mend(self) -> None:
        """Nothing of what the last task has set and changed before it was cut off is left for the next one."""
        built, self._current = self._current, None
        if built is not None:
            built.watcher.cut_off(self, built)
        self._surroundings.mend()
        self._torn = False

    def idle(self) -> None:
        """There is time now for what a later task may have to wait for. Never raises."""
        key = next(reversed(self._jobs), None)
        if key is None or key == self._prepared:
            return
        self._prepared = key
        with using(self.link), contextlib.suppress(Exception):  # where it matters, it is its first task's error
            content = self._content(key)
            if not self._surroundings.known:
                self._surround(content)
            self._surroundings.load()
            for package in content["loads"]:
                __import__(package)

    def build(self, job_key: bytes) -> ShipError | None:
        """Build a job before any of its tasks: why that cannot be."""
        with using(self.link):
            try:
                self._switch(bytes(job_key))
            except Exception as error:
                return self._unbuilt(error)
        return None

    def check(self) -> list[str]:
        """Names of the current job's globals whose content or binding is no longer what was received."""
        built = self._current
        if built is None:
            return []
        with using(self.link):
            return built.watcher.everything(self, built)

    def _runner(self) -> Callable[[Job, Task], TaskResult]:
        if self._run_task is None:
            from paracell.run.task import run_task

            self._run_task = run_task
        return self._run_task

    def _unbuilt(self, error: Exception) -> ShipError:
        if isinstance(error, ShipError):
            return error
        made = ShipError(f"a worker could not rebuild what the loop needs: {type(error).__name__}: {error}")
        made.__cause__ = error
        return made

    # --------------------------------------------------------------------------------------------- building a job

    def _switch(self, key: bytes) -> BuiltJob:
        built = self._built.get(key)
        if built is not None and built is self._current:
            return built
        content = self._content(key)
        self._current = None
        self.link.withdraw()
        self._surround(content)
        self._definitions([(n, v, *self._definition(p)) for n, v, p in content["definitions"]])
        if built is None:
            built = BuiltJob(content)
        built.prime(self.link, [])
        for name in self._bound:
            self.link.namespace.pop(name, None)
        self._bound = set()
        # Functions and modules first: rebuilding a value may run a __setstate__ that uses them.
        self._bind(built, content)
        for serial, names, data in content["inline"]:
            self._value(built, serial, names, data, ())
        for serial, names, known in content["apart"]:
            self._value(built, serial, names, *self._blobs.get(serial, (b"", ())), known)
        self._bind_values(built)
        built.prime(self.link, [number for number, _, _ in content["definitions"]])
        self._mirror.assign(pickle.loads(content["assigned"]))
        self.link.watch([number for number, _, _ in content["definitions"]])
        built.supplements.clear()  # what items bring is watched when they bring it again
        self._mirror.watch()
        self._surroundings.note()
        if built.job is None:
            built.job = pickle.loads(content["body"])
            if built.job.text:
                # What warnings and tracebacks show of the cell.
                self.link.lines.show(built.job.filename, built.job.text)
        self._built[key] = self._current = built
        return built

    def _content(self, key: bytes) -> Any:
        built = self._built.get(key)
        return pickle.loads(self._jobs[key]) if built is None else built.content

    def _surround(self, content: dict[str, Any]) -> None:
        self._definitions([(n, v, *self._definition(p)) for n, v, p in content["definitions"]], build=False)
        self._surroundings.apply(pickle.loads(content["environment"]))
        self._mirror.reload(content["generations"])

    def _definition(self, payload: bytes | int) -> tuple[Any, Buffers]:
        if isinstance(payload, int):
            return self._blobs.get(payload, (None, ()))
        return payload, ()

    def _definitions(self, definitions: list[tuple[int, int, Any, Buffers]], build: bool = True) -> None:
        for number, version, payload, buffers in definitions:
            self.link.offer(number, version, payload, buffers)
        if build:
            self.link.build_all()

    def _value(
        self,
        built: BuiltJob,
        serial: int,
        names: tuple[str, ...],
        payload: Any,
        buffers: Buffers,
        hashes: bytes | None = None,
    ) -> None:
        value = self._values.get(serial)
        if value is None:
            try:
                value = self._values[serial] = Value(names, payload, buffers, hashes, self.link)
            except Exception as error:
                called = ", ".join(f"`{name}`" for name in names)
                text = f"a worker could not rebuild {called}: {type(error).__name__}: {error}"
                raise ShipError(text, names[0]) from error
            self._blobs.pop(serial, None)
        value = self._values[serial] = value.refreshed(self.link)
        if built.values.get(serial) is not value:
            built.values[serial] = value
            built.primer.add(serial, value.objects, MOST_BROADCAST)

    def _bind(self, built: BuiltJob, content: dict[str, Any]) -> None:
        bindings = dict(content["atoms"])
        for name, module in content["modules"].items():
            __import__(module)
            bindings[name] = sys.modules[module]
        for module in content["submodules"]:
            try:
                __import__(module)
            except ImportError:
                continue  # the attribute may be reached in another way, or not at all
        for name, number in content["bound"].items():
            bindings[name] = self.link.lookup(number)
        built.bindings.update(bindings)
        self._bind_values(built)

    def _bind_values(self, built: BuiltJob) -> None:
        for value in built.values.values():
            built.bindings.update(value.items())
        self._bound.update(built.bindings)
        self.link.namespace.update(built.bindings)

    def _supplement(self, built: BuiltJob, number: int, data: bytes, buffers: Buffers) -> None:
        """What a task's items reach beyond the job. Tasks, and so supplements, come in any order."""
        if number in built.supplements:
            return
        content = pickle.loads(data)
        rest = list(buffers)

        def take(count: int) -> list[Any]:
            taken, rest[:] = rest[:count], rest[count:]
            return taken

        values = [(serial, names, payload, take(count)) for serial, names, payload, count in content["values"]]
        self._definitions([(n, v, payload, take(count)) for n, v, payload, count in content["definitions"]])
        self._bind(built, content)
        for serial, names, payload, own in values:
            self._value(built, serial, names, payload, own)
        self._bind_values(built)
        built.prime(self.link, [n for n, _, _, _ in content["definitions"]])
        self.link.watch([n for n, _, _, _ in content["definitions"]], more=True)
        built.supplements.add(number)

    def _items(
        self, built: BuiltJob, received: Received, payload: Any, buffers: Buffers, beside: tuple[Any, ...] | None
    ) -> list[Any]:
        received.primer = built.primer
        received.values = built.values
        if received.ticket == 0:
            return pickle.loads(payload)
        marks, _ = buffer_marks(buffers)
        references, sets, apart = beside or ((), [], [])
        named = dict(references)
        objects: dict[int, Any] = {s: self._held(built, s) for s, *_ in named.values() if s != FROZEN}
        objects[FROZEN] = [frozen(one) for one in apart]

        def read() -> tuple[pickle.Unpickler, list[Any]]:
            made = Resolver(payload, buffers, named, objects)
            if not named:
                made = pickle.Unpickler(io.BytesIO(payload), buffers=buffers)  # type: ignore[assignment]
            items = made.load()
            put_right(sets, made)
            return made, items

        unpickler, items = read()
        received.note_items(items, reader_objects(unpickler, items), lambda: read()[1], buffers, marks)
        return items

    def _held(self, built: BuiltJob, source: int) -> dict[int, Any]:
        """Number -> object of a value, or of what a definition holds."""
        return dict(built.values[source].objects if source > 0 else self.link.parts(-source))
