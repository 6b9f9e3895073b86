"""One job on its way to workers: what the pool needs for it, its tasks, and their results."""

from __future__ import annotations

import io
import itertools
import pickle
from collections.abc import Sequence
from typing import Any, Protocol

from paracell.run.job import Task, TaskResult

from .collect import Collector, KernelLink, Value, submodules
from .errors import ShipError
from .hashing import plain_atoms
from .held import Held
from .identity import TASK, Resolver, WriterObjects
from .items import Known, Packed, check_orders
from .link import holding
from .orders import FROZEN, frozen, put_right
from .paths import ship_error
from .trailer import behind, read_behind

Blob = tuple[bytes, bytes, list[memoryview]]


class Sent:
    """The version of a value (or group of values) that workers know."""

    __slots__ = ("digest", "epoch", "hashes", "ids", "names", "renewed", "serial")

    def __init__(
        self,
        serial: int,
        names: tuple[str, ...],
        digest: bytes,
        hashes: bytes,
        epoch: int,
        ids: tuple[int, ...],
        renewed: bool = False,
    ) -> None:
        self.serial, self.names, self.digest, self.epoch, self.ids = serial, names, digest, epoch, ids
        self.hashes = hashes
        """Of its buffers."""
        self.renewed = renewed
        """Whether there was another version before."""


class Versions(Protocol):
    """Who gives out serial numbers."""

    serials: itertools.count[int]

    def version(self, value: Value, epoch: int) -> Sent:
        """This content, with a new serial number if it differs from what was sent under these names."""


class Shipment:
    """One job on its way: what the pool needs for it, and its tasks and results.

    Attributes: ``key`` of the job; ``blobs``, each (key, payload, buffers), the job first; ``needs``, the keys of the
    others; ``dropped``, keys that no job will name again; ``renewed``, keys of values that take the place of earlier
    ones; ``bytes``, global name -> bytes of what travels for it; ``changed``, globals that workers found changed by
    their own run (or "items")."""

    def __init__(self, shipper: Versions, link: KernelLink, collector: Collector, held: Held | None = None) -> None:
        self.link = link
        self.held = held
        self.collector = collector
        self.key = b""
        self.blobs: list[Blob] = []
        self.dropped: list[bytes] = []
        self.renewed: set[bytes] = set()
        self.bytes: dict[str, int] = {}
        self.changed: set[str] = set()
        self.values: dict[int, Value] = {}
        self.serials: frozenset[int] = frozenset()
        self.large: set[int] = set()
        """Serials of definitions that are blobs of their own."""
        self._shipper = shipper
        self._objects: dict[int, Any] = {}
        self._tasks: dict[int, WriterObjects] = {}
        self._tickets = itertools.count(1)
        self._parts = [collector]
        self._known: Known | None = None
        self._more: Collector | None = None
        self._more_packed: tuple[int, bytes, list[memoryview]] | None = None

    @property
    def needs(self) -> list[bytes]:
        return [key for key, _, _ in self.blobs[1:]]

    def note(self, serial: int, value: Value) -> None:
        """`value` travels as `serial`: for identities and for the report."""
        self.values[serial] = value
        self._objects[serial] = value.held
        for name in value.names:
            self.bytes[name] = value.nbytes // len(value.names)

    def bindings(self, collector: Collector | None = None) -> dict[str, Any]:
        """What the globals are that are no values of their own."""
        collector = collector or self.collector
        modules = set(collector.modules.values())
        return {
            "atoms": collector.atoms,
            "modules": collector.modules,
            "bound": collector.bound,
            "submodules": submodules(modules, collector.attributes),
        }

    def task(self, task: Task) -> tuple[bytes, list[memoryview]]:
        """Pack a task: (payload, buffers). ShipError names the item and path that does not pickle."""
        if task.plain or plain_atoms(task.items):
            return pickle.dumps(task.items, 5) + behind((0, task.index, task.start, task.final, None, None)), []
        more = self.link.collector = Collector(self.link, self.collector.epoch, known=self.collector)
        try:
            with holding(self.link, self.held):
                items = self._known_objects().pack(task.items, self.link)
                if items.lost:
                    self._orders(items, task)
                if more.definitions:
                    more.run()
        except ShipError:
            raise
        except Exception as error:
            raise self._item_error(task, error) from error
        finally:
            self.link.collector = None
        ticket = next(self._tickets)
        self._tasks[ticket] = items.objects
        extra = self._supplement(more) if more.definitions else None
        more_of = extra and (extra[0], extra[1], len(extra[2]))
        header = behind((ticket, task.index, task.start, task.final, more_of, items.beside))
        return items.payload + header, items.buffers + (extra[2] if extra else [])

    def _orders(self, items: Packed, task: Task) -> None:
        """ShipError if a set among the items would be walked in another order."""
        for number, item in enumerate(task.items, task.start):
            check_orders(items, item, f"items[{number}]", self.collector.pickler)

    def _known_objects(self) -> Known:
        if self._known is None:
            self._known = Known()
            for serial, value in self.values.items():
                self._known.value(serial, value.objects, self._objects[serial])
            for number, held in self.collector.parts.items():
                self._known.definition(number, held, 0)
        return self._known

    def _item_error(self, task: Task, error: Exception) -> ShipError:
        dumps = self.collector.dumps
        with holding(self.link, self.held):
            for number, item in enumerate(task.items):
                try:
                    dumps(item)
                except Exception as cause:
                    return ship_error(item, f"items[{task.start + number}]", dumps, cause)
            return ship_error(task.items, "items", dumps, error)

    def _supplement(self, more: Collector) -> tuple[int, bytes, list[memoryview]]:
        """What items reach beyond what the job does (their classes, and those classes' globals)."""
        packed = self._more_packed
        if self._more is not None and packed is not None and more.definitions.keys() <= self._more.definitions.keys():
            return packed
        buffers: list[memoryview] = []
        values, definitions = [], []
        for value in more.values.values():
            serial = self._shipper.version(value, more.epoch).serial
            self.note(serial, value)
            values.append((serial, value.names, value.payload, len(value.buffers)))
            buffers += value.buffers
        for number, found in more.definitions.items():
            definitions.append((number, found.version, found.payload, len(found.buffers)))
            buffers += found.buffers
        content = {**self.bindings(more), "values": values, "definitions": definitions}
        self._parts.append(more)
        self._more = more
        # A worker may still hold this job from an earlier run: no run's supplement may pass for another's.
        self._more_packed = (next(self._shipper.serials), pickle.dumps(content, 5), buffers)
        return self._more_packed

    def result(self, payload: Any, buffers: Sequence[Any]) -> TaskResult:
        """Unpack what a worker sent: its values, with the notebook's own objects where it sent those back."""
        view = memoryview(payload)
        ticket, references, changed, (sets, apart) = read_behind(view)
        self.changed.update(changed[0])
        objects = self._tasks.pop(ticket, None)
        with holding(self.link, self.held):
            self.link.cells.clear()
            self.link.privates.clear()
            if references:
                parts = {-number: part for one in self._parts for number, part in one.parts.items()}
                known = {TASK: objects, **self._objects, **parts, FROZEN: [frozen(one) for one in apart]}
                unpickler: Any = Resolver(payload, buffers, dict(references), known)
                content = unpickler.load()
            elif sets:
                unpickler = pickle.Unpickler(io.BytesIO(payload), buffers=buffers)
                content = unpickler.load()
            else:
                unpickler = None  # nobody asks for it, and memory is read faster than a file
                content = pickle.loads(payload, buffers=buffers)
            put_right(sets, unpickler)
        made = TaskResult(*content)
        made.changed, made.late, made.copied = changed
        return made
