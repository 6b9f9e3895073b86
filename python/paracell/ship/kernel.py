"""Kernel side of shipping: jobs, tasks and results between the notebook and worker processes.

shipper = Shipper()                                  # one per kernel
shipment = shipper.job(job, namespace)               # ShipError names what cannot travel, before anything runs
for key in shipment.dropped: pool.discard(key)
for blob in shipment.blobs: pool.put(*blob)
run = pool.open(workers, shipment.key, shipment.needs, total)
payload, buffers = shipment.task(task)
result = shipment.result(outcome.payload, outcome.buffers)
"""

from __future__ import annotations

import io
import itertools
import os
import pickle
import sys
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from paracell.run.job import Job, Task, TaskResult

from . import filters, finders, output_settings, process_objects
from .buffers import Sink
from .collect import Collector, KernelLink, Value
from .definitions import Registry
from .environment import snapshot
from .errors import ShipError
from .hashing import buffer_hashes, content_hash, plain_atoms
from .held import Held
from .link import holding
from .modules import Watch, loads
from .patched import Patched
from .paths import find, ship_error
from .pickler import DefinitionPickler, Pickler, dump
from .shipment import Blob, Sent, Shipment
from .trailer import behind

INLINE_BYTES = 8192
"""Smaller values and definitions travel inside the job; larger ones are blobs of their own, sent when they change."""

_MOST_JOBS = 16

_MADE = (
    "`{0}`, which the loop imports, is no module that worker processes could import: the notebook has put something "
    "into sys.modules. Use `%%parallel threads`"
)
_MOCK = "`{0}` is a mock, which notes its calls, and each worker process would have one of its own"


class _JobSent:
    """A job that workers may hold, and the serial numbers of what it refers to."""

    __slots__ = ("serial", "serials", "values")

    def __init__(self, serial: int, values: frozenset[int], serials: frozenset[int]) -> None:
        self.serial, self.values, self.serials = serial, values, serials


class Shipper:
    """One per kernel, used from the main thread: knows what workers have been sent."""

    def __init__(self, beside: bool = False) -> None:
        """`beside`: workers are interpreters of this process, which cannot load every module."""
        self._beside = beside
        self._registry = Registry()
        self.serials = itertools.count(1)
        self._session = os.urandom(6)
        self._link: KernelLink | None = None
        self._watch: Watch | None = None
        self._patched = Patched()
        self._sent: dict[tuple[str, ...], Sent] = {}
        self._jobs: OrderedDict[bytes, _JobSent] = OrderedDict()
        self._keys: dict[int, bytes] = {}
        self._definition_serials: dict[tuple[int, int], int] = {}
        self._latest: Shipment | None = None
        self._open: weakref.WeakSet[Shipment] = weakref.WeakSet()

    def job(self, job: Job, namespace: dict[str, Any], items: Sequence[Any] = (), held: Held | None = None) -> Shipment:
        """Pack `job` with everything that it reaches in `namespace`, the notebook's globals.

        `items`: some of the region's items, if at hand: their classes then travel with the job instead of with each
        task. `held`: what workers have that will be forked for this job. Raises ShipError naming the variable and path
        that cannot travel."""
        link, watch = self._sides(namespace)
        generations = watch.generations()
        collector = link.collector = Collector(link, watch.epoch)
        try:
            with holding(link, held):
                body = self._body(job, link, collector)
                if items and not plain_atoms(list(items)):
                    self._peek(items, link)
                collector.run()
                _imported(collector)
                reached = [sys.modules[name] for name in collector.modules.values()]
                assigned = self._assigned(watch, reached, link, collector)
                environment = self._environment(link, collector, watch)
        finally:
            link.collector = None
        shipment = Shipment(self, link, collector, held)
        self._encode(shipment, body, generations, (assigned, environment), job.options.get("package", ""))
        self._latest = shipment
        return shipment

    def task(self, task: Task) -> tuple[bytes, list[memoryview]]:
        """As ``Shipment.task`` of the latest job."""
        assert self._latest is not None
        return self._latest.task(task)

    def result(self, payload: Any, buffers: Sequence[Any]) -> TaskResult:
        """As ``Shipment.result`` of the latest job."""
        assert self._latest is not None
        return self._latest.result(payload, buffers)

    def sent(self) -> frozenset[str]:
        """Names of globals that have been sent, and are not sent again unless their content has changed."""
        return frozenset(name for names in self._sent for name in names)

    def invalidate(self, names: Sequence[str]) -> None:
        """Workers have changed their copies of these globals: send them again next time."""
        for key in [key for key in self._sent if set(key) & set(names)]:
            self._sent[key].digest = b""

    def _sides(self, namespace: dict[str, Any]) -> tuple[KernelLink, Watch]:
        if self._link is None or self._link.namespace is not namespace:
            module = sys.modules.get("__main__")
            if module is None or module.__dict__ is not namespace:
                module = ModuleType("__main__")
            self._link = KernelLink(module, namespace, self._registry)
            self._watch = Watch(namespace)
        assert self._watch is not None
        return self._link, self._watch

    def _body(self, job: Job, link: KernelLink, collector: Collector) -> bytes:
        file = io.BytesIO()
        try:
            # The compute function by value: it has no identity, and an unchanged cell is then an unchanged job.
            _BodyPickler(file, link, job.compute).dump(job)
        except Exception as error:
            raise ship_error(job.compute, "the loop's body", collector.dumps, error) from error
        return file.getvalue()

    def _peek(self, items: Sequence[Any], link: KernelLink) -> None:
        try:
            Pickler(io.BytesIO(), link, Sink()).dump(list(items))
        except Exception:
            return  # reported with its index when the task is packed

    def _assigned(self, watch: Watch, reached: list[ModuleType], link: KernelLink, collector: Collector) -> bytes:
        good: dict[str, dict[str, Any]] = {}
        for module, attributes in watch.assigned(reached, collector.attributes).items():
            try:
                Pickler(io.BytesIO(), link).dump(attributes)
                good[module] = attributes
            except Exception:
                good[module] = {}
        file = io.BytesIO()
        Pickler(file, link).dump(good)
        collector.run()
        return file.getvalue()

    def _environment(self, link: KernelLink, collector: Collector, watch: Watch) -> bytes:
        def part(value: Any) -> bytes:
            link.collector = trial = Collector(link, collector.epoch)
            try:
                dump(value, link)
                trial.run()  # what does not travel is not to be noted as needed
            finally:
                link.collector = collector
            return dump(value, link)

        found = {**snapshot(), "output": output_settings.snapshot(part)}
        found["finders"] = finders.sent()
        found["objects"] = process_objects.snapshot(link.namespace, part)
        if self._beside:
            found["objects"].pop(process_objects.SIGNALS, None)
        found["filters"] = filters.named(found["filters"])
        found["patched"] = self._patches(link, collector, watch, part)
        found["registered"] = []
        for where, cls, function in self._patched.registered(link.namespace):
            name = ".".join(filter(None, where))
            try:
                found["registered"].append((where, part((cls, function))))
            except Exception as error:
                if collector.attributes & {where[0].rpartition(".")[2], where[1]}:
                    raise ship_error((cls, function), f"{name}.register()", collector.dumps, error) from error
        file = io.BytesIO()
        try:
            Pickler(file, link).dump(found)  # a warning category may be the notebook's own class
        except Exception:
            found["filters"] = []
            file = io.BytesIO()
            Pickler(file, link).dump(found)
        collector.run()
        return file.getvalue()

    def _patches(
        self, link: KernelLink, collector: Collector, watch: Watch, part: Callable[[Any], bytes]
    ) -> dict[Any, bytes]:
        """What the notebook has set in libraries; ShipError if code names what cannot travel."""
        found: dict[Any, bytes] = {}
        for (where, attribute), value in self._patched.found(link.namespace, watch.users()).items():
            named = attribute in collector.attributes
            name = ".".join(filter(None, (*where, attribute)))
            if named and type(value).__module__ == "unittest.mock":
                raise ShipError(_MOCK.format(name), name, "Mock")
            try:
                found[where, attribute] = part(value)
            except Exception as error:
                if named:
                    raise ship_error(value, name, collector.dumps, error) from error
        return found

    # ------------------------------------------------------------------------------------------ versions and keys

    def version(self, value: Value, epoch: int) -> Sent:
        """This content, with a new serial number if it differs from what was sent under these names."""
        hashes = buffer_hashes(value.buffers)
        digest = content_hash([value.payload, hashes])
        sent = self._sent.get(value.names)
        ids = tuple(map(id, value.objects))
        if sent is not None and sent.digest == digest and sent.epoch == epoch:
            sent.ids = ids
            return sent
        renewed = sent is not None and sent.digest != digest
        sent = self._sent[value.names] = Sent(next(self.serials), value.names, digest, hashes, epoch, ids, renewed)
        return sent

    def _encode(
        self, shipment: Shipment, body: bytes, generations: dict[str, int], around: tuple[bytes, bytes], package: str
    ) -> None:
        collector, epoch = shipment.collector, shipment.collector.epoch
        inline: list[tuple[int, tuple[str, ...], bytes]] = []
        apart: list[tuple[int, tuple[str, ...], bytes]] = []
        for value in collector.values.values():
            sent = self.version(value, epoch)
            serial = sent.serial
            shipment.note(serial, value)
            if not value.buffers and len(value.payload) <= INLINE_BYTES:
                inline.append((serial, value.names, value.payload))
            else:
                apart.append((serial, value.names, sent.hashes))
                key = self._keys[serial] = b"V" + self._session + serial.to_bytes(8, "little")
                if sent.renewed:
                    shipment.renewed.add(key)
                shipment.blobs.append((key, value.payload, value.buffers))
        definitions: list[tuple[int, int, bytes | int]] = []
        for number, found in collector.definitions.items():
            if not found.buffers and len(found.payload) <= INLINE_BYTES:
                definitions.append((number, found.version, found.payload))
                continue
            pair = (number, found.version)
            if pair not in self._definition_serials:
                self._definition_serials[pair] = next(self.serials)
            serial = self._definition_serials[pair]
            self._keys[serial] = b"D" + self._session + serial.to_bytes(8, "little")
            definitions.append((number, found.version, serial))
            shipment.large.add(serial)
            shipment.blobs.append((self._keys[serial], found.payload, found.buffers))
        content = {
            **shipment.bindings(),
            "inline": inline,
            "apart": apart,
            "definitions": definitions,
            "generations": generations,
            "assigned": around[0],
            "environment": around[1],
            "loads": loads(shipment.collector.modules.values(), package),
            "body": body,
        }
        self._finish(shipment, content)

    def _finish(self, shipment: Shipment, content: dict[str, Any]) -> None:
        """Drop what is out of date, and give the job its key."""
        values = frozenset(shipment.values)
        self._retire(shipment, values)
        payload = pickle.dumps(content, 5)
        digest = content_hash([payload])
        known = self._jobs.get(digest)
        if known is None:
            serial = next(self.serials)
            known = self._jobs[digest] = _JobSent(serial, values, values | shipment.large | {serial})
            self._keys[serial] = b"J" + self._session + serial.to_bytes(8, "little")
        self._jobs.move_to_end(digest)
        while len(self._jobs) > _MOST_JOBS:
            self._jobs.popitem(last=False)
        shipment.serials = known.serials
        self._open.add(shipment)
        # A run that is still open (a lazy generator) needs its job, out of date or not.
        live = set().union(*(job.serials for job in self._jobs.values()), *(one.serials for one in self._open))
        for serial in [serial for serial in self._keys if serial not in live]:
            shipment.dropped.append(self._keys.pop(serial))
        self._definition_serials = {pair: n for pair, n in self._definition_serials.items() if n in live}
        shipment.key = self._keys[known.serial]
        # What else is alive changes with other cells' jobs, without making this another job.
        alive = behind((next(self.serials), sorted(live), *self._registry.alive()))
        shipment.blobs.insert(0, (shipment.key, payload + alive, []))

    def _retire(self, shipment: Shipment, serials: frozenset[int]) -> None:
        """Do not use again the versions whose names have been bound to something else, and the jobs that used them."""
        namespace = shipment.link.namespace
        for names, sent in list(self._sent.items()):
            if sent.serial not in serials and tuple(id(namespace.get(name)) for name in names) != sent.ids:
                del self._sent[names]
        current = {sent.serial for sent in self._sent.values()}
        for digest, job in list(self._jobs.items()):
            if not job.values <= current:
                del self._jobs[digest]


def _imported(collector: Collector) -> None:
    """ShipError if code imports a module that the notebook has made: a worker finds another one, or none."""
    for name in collector.imports:
        module = sys.modules.get(name, _MADE)
        if module is _MADE or getattr(module, "__spec__", None) is not None:
            continue
        kind = type(module)
        if kind in (ModuleType, type(None)) or kind.__module__ in ("types", "unittest.mock", "__main__"):
            raise ShipError(_MADE.format(name), name, "module")


class _BodyPickler(DefinitionPickler):
    """The job with its compute function by value."""

    def __init__(self, file: Any, link: KernelLink, compute: Any) -> None:
        super().__init__(file, link, None, compute, None)


__all__ = ["Blob", "ShipError", "Shipment", "Shipper", "find"]
