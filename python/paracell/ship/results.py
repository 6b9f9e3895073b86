"""Worker side: a TaskResult on its way home. Something always arrives: what does not pickle becomes an error that says
where in the value it is."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from paracell.run.job import TaskResult

from .buffers import Sink
from .errors import ShipError, Unshipped, safe_repr
from .fingerprint import fingerprint
from .hashing import content_hash, plain_atoms, rebase_memo
from .identity import TASK, Primer, Source
from .link import Link
from .paths import ship_error
from .pickler import Pickler

_TRAILER = struct.Struct("<I")
_FIELDS = tuple(field.name for field in fields(TaskResult))
_WHAT = "cannot be sent back from the worker"


class Received:
    """What a task came with, as far as its result may name it."""

    def __init__(self, ticket: int, primer: Primer) -> None:
        self.ticket = ticket
        self.primer = primer
        self.values: Mapping[int, Any] = {}
        """Broadcast values by serial (``worker.Value``)."""
        self.changed: list[str] = []
        self.late = False
        self._items: tuple[Any, Any, Sequence[Any], bytes] | None = None

    def note_items(
        self, items: Any, objects: list[tuple[int, Any]], payload: Any, buffers: Sequence[Any], before: bytes
    ) -> None:
        """`objects` of the items have an identity; `before` is the hash of `buffers` as they came."""
        self.primer = self.primer.extended(objects)
        self._items = (items, payload, buffers, before)

    def unchanged(self, source: int) -> bool:
        """Whether what came from `source` is still as it came: only then may a result name it."""
        if source != TASK:
            return self.values[source].unchanged()
        assert self._items is not None
        items, payload, buffers, before = self._items
        if buffers and content_hash(buffers) != before:
            return False
        return fingerprint(items) == fingerprint(pickle.loads(payload, buffers=buffers))

    def distrust(self, sources: set[int]) -> None:
        """Name nothing of `sources` any more."""
        kept = Primer()
        for memo_index, obj in self.primer.memo.values():
            source = self.primer.sources[memo_index]
            if source[0] not in sources:
                kept.memo[id(obj)] = (len(kept.sources), obj)
                kept.sources.append(source)
        self.primer = kept


class _NamingPickler(Pickler):
    """Names received objects by persistent ids: the slow way, where the extension cannot be loaded."""

    def __init__(self, file: Any, link: Link, sink: Sink, primer: Primer) -> None:
        super().__init__(file, link, sink)
        self.memo_of_received = primer.memo
        self.used: set[int] = set()

    def part(self, file: Any) -> Pickler:
        return Pickler(file, self.link)

    def persistent_id(self, obj: Any) -> Any:
        found = self.memo_of_received.get(id(obj))
        if found is None:
            return None
        self.used.add(found[0])
        return found[0]


def _dump(content: Any, primer: Primer, link: Link) -> tuple[bytes, list[memoryview], list[int]]:
    """(pickle, buffers, the received objects that it names)."""
    file, sink = io.BytesIO(), Sink()
    pickler = Pickler(file, link, sink)
    if not primer.memo:
        pickler.dump(content)
        return file.getvalue(), sink.buffers, []
    pickler.memo = primer.memo  # type: ignore[attr-defined]
    pickler.dump(content)
    rebased = rebase_memo(file.getvalue(), len(primer.sources))
    if rebased is not None:
        return rebased[0], sink.buffers, rebased[1]
    file, sink = io.BytesIO(), Sink()
    naming = _NamingPickler(file, link, sink, primer)
    naming.dump(content)
    return file.getvalue(), sink.buffers, sorted(naming.used)


def _only_text(result: TaskResult) -> bool:
    return all(kind in ("stdout", "stderr") for _, _, kind, _ in result.output)


def _content(result: TaskResult) -> tuple[Any, ...]:
    return tuple(getattr(result, name) for name in _FIELDS)


def _close(body: bytes, received: Received, references: list[tuple[int, Source]]) -> bytes:
    header = pickle.dumps((received.ticket, references, (tuple(received.changed), received.late)), 5)
    return body + header + _TRAILER.pack(len(header))


def pack(result: TaskResult, received: Received, link: Link) -> tuple[bytes, list[Any]]:
    """(payload, buffers) of `result`. Never raises for what user code left in it."""
    plain = type(result.values) is list and plain_atoms(result.values) and _only_text(result)
    if plain and result.error is None and result.temporaries is None:
        return _close(pickle.dumps(_content(result), 5), received, []), []
    try:
        return _pack(result, received, link)
    except Exception as error:
        try:
            return _pack(_sendable(result, error, link), received, link)
        except Exception as second:
            text = f"a result {_WHAT}: {type(second).__name__}: {safe_repr(str(second))}"
            failed = TaskResult([], result.output, ShipError(text, "result"))
            return _close(pickle.dumps(_content(failed), 5), received, []), []


def _pack(result: TaskResult, received: Received, link: Link) -> tuple[bytes, list[Any]]:
    content = _content(result)
    body, buffers, used = _dump(content, received.primer, link)
    doubtful = {received.primer.sources[number][0] for number in used}
    changed = {source for source in doubtful if not received.unchanged(source)}
    if changed:
        for source in changed:
            names = ("items",) if source == TASK else received.values[source].names
            received.changed += [name for name in names if name not in received.changed]
        received.distrust(changed)
        body, buffers, used = _dump(content, received.primer, link)
    references = [(number, received.primer.sources[number]) for number in used]
    return _close(body, received, references), buffers


def _sendable(result: TaskResult, error: Exception, link: Link) -> TaskResult:
    """`result` up to the first value that does not pickle, which becomes the error of its iteration."""

    def dumps(value: Any) -> None:
        Pickler(io.BytesIO(), link, Sink()).dump(value)

    values = list(result.values)
    for number, value in enumerate(values):
        try:
            dumps(value)
        except Exception as cause:
            failed = ship_error(value, "result", dumps, cause, _WHAT)
            output = [line for line in result.output if line[0] <= number]
            return replace(result, values=values[:number], output=output, error=failed, temporaries=None)
    temporaries = None
    if result.temporaries is not None:
        temporaries = {name: _temporary(name, value, dumps) for name, value in result.temporaries.items()}
    return replace(result, values=values, temporaries=temporaries)


def _temporary(name: str, value: Any, dumps: Any) -> Any:
    try:
        dumps(value)
        return value
    except Exception as cause:
        return Unshipped(safe_repr(value), ship_error(value, name, dumps, cause, _WHAT))
