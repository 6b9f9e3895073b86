"""Worker side: a TaskResult on its way home. Something always arrives: what does not pickle becomes an error that says
where in the value it is."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import GeneratorType
from typing import Any, NamedTuple

from paracell.records import fields, replace
from paracell.run.columns import Columns, Slots
from paracell.run.job import TaskResult
from paracell.run.residue import Replay

from . import hashes
from .buffers import Sink
from .errors import ShipError, Unshipped, safe_repr
from .exceptions import Along
from .fingerprint import fingerprint
from .hashing import buffer_marks, plain_atoms, rebase_memo
from .identity import TASK, Primer, Source
from .link import Link
from .memos import atomic, reach
from .orders import FROZEN, Frozen, Order, Orders, orders
from .paths import ship_error
from .pickler import Pickler
from .trailer import behind
from .views import Views, copies_on_write, is_array, is_table

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
        self.copied = ""
        """What the result holds a copy of although the serial loop would have left the object itself."""
        self.sets: list[Order] = []
        """How the reader puts right the order of the result's sets."""
        self.frozen: list[Frozen] = []
        """Frozensets that the result names."""
        self.objects: list[Any] = []
        """What there is among the items that has an identity."""
        self.remembered: list[tuple[Any, str, Any]] = []
        """What objects that the task came with had computed for good before it (``cached_property``)."""
        self._items: tuple[Any, Callable[[], Any], Sequence[Any], bytes] | None = None

    def note_items(
        self,
        items: Any,
        objects: list[tuple[int, Any]],
        again: Callable[[], Any],
        buffers: Sequence[Any],
        marks: bytes,
    ) -> None:
        """`objects` of the items have an identity; `again` reads the items once more; `marks` of `buffers` as they
        came."""
        self.objects = [one for _, one in objects]
        self.primer = self.primer.extended(objects)
        self._items = (items, again, buffers, marks)

    def print_items(self) -> bytes | None:
        """The fingerprint of the items as they are now."""
        assert self._items is not None
        items, _, buffers, _ = self._items
        return fingerprint(items, buffers, buffer_marks(buffers)[0])

    def unchanged(self, source: int, link: Any) -> bool:
        """Whether what came from `source` is still as it came: only then may a result name it."""
        if source == FROZEN:
            return True
        if source < TASK:
            return link.unchanged(-source)
        if source != TASK:
            return self.values[source].unchanged()
        assert self._items is not None
        items, again, buffers, marks = self._items
        if buffer_marks(buffers)[0] != marks:
            return False
        return fingerprint(items, buffers, marks) == fingerprint(again(), buffers, marks)

    def distrust(self, sources: set[int]) -> None:
        """Name nothing of `sources` any more."""
        kept = Primer()
        for memo_index, obj in self.primer.memo.values():
            source = self.primer.sources[memo_index]
            if source[0] not in sources:
                kept.memo[id(obj)] = (len(kept.sources), obj)
                kept.sources.append(source)
        self.primer = kept


class _ResultPickler(Pickler):
    """Sends arrays that share memory as views of one another, and of those that were received."""

    def __init__(self, file: Any, link: Link, sink: Sink, views: Views, primer: Primer) -> None:
        super().__init__(file, link, sink)
        self.views = views
        self._primer = primer

    def part(self, file: Any) -> Pickler:
        return Pickler(file, self.link)

    def _dump_part(self, value: Any) -> bytes | Along:
        alone = super()._dump_part(value)
        if not self._primer.memo or atomic(value) or isinstance(value, type):
            return alone
        file = io.BytesIO()
        trial = _ResultPickler(file, self.link, Sink(), Views(self._primer.memo, self.link.apart), self._primer)
        trial.memo = self._primer.memo  # type: ignore[attr-defined]
        trial.dump(value)
        rebased = rebase_memo(file.getvalue(), len(self._primer.sources))
        return alone if rebased is None or not rebased[1] else Along(value)

    def _handler(self, kind: type) -> Callable[[Any, Any], Any] | None:
        if is_array(kind):
            return _ResultPickler._result_array
        if any(map(is_array, kind.__mro__)):
            return _ResultPickler._array_of_subclass
        if kind is memoryview:
            return _ResultPickler._result_memoryview
        if is_table(kind) and copies_on_write():
            return _ResultPickler._table
        return super()._handler(kind)

    def _result_array(self, array: Any) -> Any:
        return self.views.reduce(array)

    def _array_of_subclass(self, array: Any) -> Any:
        self.views.of_subclass(array)
        usual = Pickler._handler(self, type(array))
        return NotImplemented if usual is None else usual(self, array)

    def _table(self, manager: Any) -> Any:
        if any(id(block.values) in self._primer.memo for block in manager.blocks):
            manager = manager.copy(deep=True)  # else they would be named
            return manager.__reduce_ex__(5)
        self.views.leave(manager)
        return NotImplemented

    def _result_memoryview(self, view: memoryview) -> Any:
        return self.views.memoryview(view)


class _NamingPickler(_ResultPickler):
    """Names received objects by persistent ids: the slow way, where the extension cannot be loaded."""

    def __init__(self, file: Any, link: Link, sink: Sink, views: Views, primer: Primer) -> None:
        super().__init__(file, link, sink, views, primer)
        self.memo_of_received = primer.memo
        self.used: set[int] = set()

    def persistent_id(self, obj: Any) -> Any:
        found = self.memo_of_received.get(id(obj))
        if found is None:
            return None
        self.used.add(found[0])
        return found[0]


class _Dumped(NamedTuple):
    """A pickled result."""

    payload: bytes
    buffers: list[memoryview]
    used: list[int]
    """The received objects that it names, as the primer numbers them."""
    objects: dict[int, Any]
    """By identity: what is in it beside those."""
    copied: str
    orders: Orders


def _dump(content: Any, primer: Primer, link: Link) -> _Dumped:
    views = Views(primer.memo, link.apart)
    dumped = _dumped(content, primer, link, views)
    if views.torn:
        views = Views(primer.memo, link.apart, frozenset(views.cut))
        dumped = _dumped(content, primer, link, views)
    return dumped._replace(copied=views.copied)


def _dumped(content: Any, primer: Primer, link: Link, views: Views) -> _Dumped:
    file, sink = io.BytesIO(), Sink()
    pickler = _ResultPickler(file, link, sink, views, primer)
    if primer.memo:
        pickler.memo = primer.memo  # type: ignore[attr-defined]
    pickler.dump(content)
    found = orders(file.getvalue(), lambda: pickler.memo.copy(), len(primer.sources), fresh=True)  # type: ignore[attr-defined]
    memo: dict[int, tuple[int, Any]] = pickler.memo.copy() if link.keeps else {}  # type: ignore[attr-defined]
    objects = {at: obj for at, (number, obj) in memo.items() if number >= len(primer.sources)}
    if not primer.memo:
        return _Dumped(file.getvalue(), sink.buffers, [], objects, "", found)
    rebased = rebase_memo(file.getvalue(), len(primer.sources))
    if rebased is not None:
        return _Dumped(rebased[0], sink.buffers, rebased[1], objects, "", found)
    file, sink = io.BytesIO(), Sink()
    naming = _NamingPickler(file, link, sink, views, primer)
    naming.dump(content)
    return _Dumped(file.getvalue(), sink.buffers, sorted(naming.used), objects, "", Orders())


def _only_text(result: TaskResult) -> bool:
    return all(kind in ("stdout", "stderr") for _, _, kind, _ in result.output)


def _content(result: TaskResult) -> tuple[Any, ...]:
    return tuple(getattr(result, name) for name in _FIELDS)


def _close(body: bytes, received: Received, references: list[tuple[int, Source]], link: Link) -> bytes:
    received.copied = received.copied or hashes.asked()
    if not received.copied and _shows_address(body, received.primer, link):
        received.copied = "the address of an object in a text"
    said = tuple(received.changed), received.late, received.copied
    return body + behind((received.ticket, references, said, (received.sets, received.frozen)))


def _shows_address(body: bytes, primer: Primer, link: Link) -> bool:
    """Whether a text (``<__main__.P object at 0x7f...>``) tells where something is that the notebook has elsewhere."""
    if b" at 0x" not in body:
        return False
    found = {int(digits, 16) for digits in re.findall(rb" at 0x([0-9a-fA-F]+)", body)}
    return any(at in primer.memo or link.knows(at) for at in found)


def pack(result: TaskResult, received: Received, link: Link) -> tuple[bytes, list[Any]]:
    """(payload, buffers) of `result`. Never raises for what user code left in it."""
    if type(result.values) is Slots:
        columns = result.values.columns()
        plain = all(map(plain_atoms, columns)) and _only_text(result)
        values: Any = Columns(columns) if plain else list(result.values)
        result = replace(result, values=values)
    else:
        plain = type(result.values) is list and plain_atoms(result.values) and _only_text(result)
    if plain and result.error is None and result.temporaries is None and not result.kept:
        return _close(pickle.dumps(_content(result), 5), received, [], link), []
    try:
        return _pack(result, received, link)
    except Exception as error:
        if result.kept:  # then it is computed once more, there
            return pack(replace(result, kept=[]), received, link)
        try:
            return _pack(_sendable(result, error, link), received, link)
        except Exception as second:
            text = f"a result {_WHAT}: {type(second).__name__}: {safe_repr(str(second))}"
            failed = TaskResult([], result.output, ShipError(text, "result"))
            return _close(pickle.dumps(_content(failed), 5), received, [], link), []


def _pack(result: TaskResult, received: Received, link: Link) -> tuple[bytes, list[Any]]:
    content = _content(result)
    dumped = _dump(content, received.primer, link)
    if apart := dumped.orders.frozen:
        received.primer = received.primer.naming(FROZEN, [value for value, _ in apart])
        received.frozen = [made for _, made in apart]
        dumped = _dump(content, received.primer, link)
    doubtful = {received.primer.sources[number][0] for number in dumped.used}
    changed = {source for source in doubtful if not received.unchanged(source, link)}
    if changed:
        for source in changed:
            names = (
                ("items",)
                if source == TASK
                else link.names(-source)
                if source < TASK
                else received.values[source].names
            )
            received.changed += [name for name in names if name not in received.changed]
        received.distrust(changed)
        dumped = _dump(content, received.primer, link)
    received.copied, received.sets = dumped.copied, dumped.orders.sets
    if not received.copied and dumped.orders.lost:
        received.copied = "the order of a set"
    if not received.copied and (name := link.kept(dumped.objects)):
        received.copied = f"what {name}() keeps in its cache"
    if not received.copied and (result.kept or received.remembered):
        received.copied = _computed_before(result, received, link)
    references = [(number, received.primer.sources[number]) for number in dumped.used]
    return _close(dumped.payload, received, references, link), dumped.buffers


def _computed_before(result: TaskResult, received: Received, link: Link) -> str:
    """What the result holds a copy of that an object had computed for good before: the notebook's has another."""
    some = [(one, name, value) for one, name, value in received.remembered if not atomic(value)]
    some = [(one, name, value) for one, name, value in some if id(value) not in received.primer.memo]
    if not some:
        return ""
    pickler = _ResultPickler(io.BytesIO(), link, Sink(), Views(received.primer.memo, link.apart), received.primer)
    pickler.dump(_content(replace(result, kept=[])))
    objects = {id(obj) for _, obj in pickler.memo.copy().values()}  # type: ignore[attr-defined]
    for one, name, value in some:
        if reach([value], objects, set()):
            return f"what {type(one).__name__}.{name} has computed"
    return ""


def _sendable(result: TaskResult, error: Exception, link: Link) -> TaskResult:
    """`result` up to the first value that does not pickle, which becomes the error of its iteration."""

    def dumps(value: Any) -> None:
        Pickler(io.BytesIO(), link, Sink()).dump(value)

    values = list(result.values)
    for number, value in enumerate(values):
        try:
            if type(value) is Replay and value.kept:
                value.kept = {name: _temporary(name, kept, dumps) for name, kept in value.kept.items()}
            dumps(value)
        except Exception as cause:
            failed = ship_error(value, "result", dumps, cause, _WHAT)
            output = [line for line in result.output if line[0] <= number]
            return replace(result, values=values[:number], output=output, error=failed, temporaries=None)
    temporaries = None
    if result.temporaries is not None:
        temporaries = {name: _temporary(name, value, dumps) for name, value in result.temporaries.items()}
    return replace(result, values=values, temporaries=temporaries)


class Ended:
    """A generator that has come to its end, as it is sent."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __reduce__(self) -> tuple[Any, ...]:
        return ended, self._names


def ended(name: str, qualname: str) -> Iterator[Any]:
    """A generator that gives nothing any more."""
    made: Any = iter(one for one in [None] if one)
    made.__name__, made.__qualname__ = name, qualname
    assert not list(made)
    return made  # type: ignore[no-any-return]


def _temporary(name: str, value: Any, dumps: Any) -> Any:
    if type(value) is GeneratorType and value.gi_frame is None:
        return Ended(value.__name__, value.__qualname__)
    try:
        dumps(value)
        return value
    except Exception as cause:
        return Unshipped(safe_repr(value), ship_error(value, name, dumps, cause, _WHAT))
