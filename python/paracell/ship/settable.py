"""Where the elements of a set stand in its table, and how to make one in which they stand there.

A set is walked along its table. An element stands at the first free place of a sequence that its hash gives (CPython's
``Objects/setobject.c``: `set_add_entry`), so it matters which were there before it, those that are gone included: their
places are not used again. None of that can be asked of a set, so its memory is looked at, once its size and counts
have shown that it is laid out as expected.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

_HEAD = struct.Struct("nnnP")
"""Behind the object's header: places ever used, elements, mask, address of the table."""
_ENTRY = struct.Struct("Pn")
_SMALL = 8
"""Slots of the smallest table."""
_LINEAR = 9
_SHIFT = 5
_WORD = (1 << (8 * _ENTRY.size // 2)) - 1
_DEEP = 20
_APART = 1 << 40
"""Blockers are numbers from here on."""


class Insertion(NamedTuple):
    """How to make a set: the slots of its table, and what is put in, in order.

    Elements by their numbers in the order in which the set is walked; -1 - slot for what has been taken out there."""

    slots: int
    steps: list[int]


def insertion(value: Any, items: list[Any]) -> Insertion | None:
    """How to make `value`, which is walked as `items`; None if its memory is not as expected."""
    found = _entries(value, items)
    if found is None:
        return None
    slots, entries = found
    at = {slot: number for number, (slot, _) in enumerate(entries)}
    steps = [number for number, (slot, code) in enumerate(entries) if code & (slots - 1) == slot]
    done = set(steps)

    def needed(number: int) -> list[int]:
        slot, code = entries[number]
        return [at.get(other, -1 - other) for other in _before(code, slot, slots - 1)]

    for first in range(len(entries)):
        waiting = [first]
        while waiting:
            number = waiting[-1]
            missing = [n for n in needed(number) if n not in done] if number >= 0 and number not in done else []
            if missing:
                if len(waiting) > _DEEP * slots:
                    return None  # each waits for the other: not as expected
                waiting += missing
                continue
            waiting.pop()
            if number not in done:
                done.add(number)
                steps.append(number)
    return Insertion(slots, steps)


def fill(target: Any, items: list[Any], made: Insertion) -> Any:
    """`target`, an empty set, with `items` (in the order in which it is to be walked) where they are to stand."""
    slots, steps = made
    present = set(items)
    blockers = {step: _blocker(-1 - step, slots, present) for step in steps if step < 0}
    order = [blockers[step] if step < 0 else items[step] for step in steps]
    # Updated with a dict, an empty set gets a table for twice as many elements.
    count = max(slots // 4, 5)
    more = [object() for _ in range(count - len(order))] if slots > _SMALL else []
    set.update(target, dict.fromkeys([*order[:count], *more]))
    set.difference_update(target, more)
    set.update(target, order[count:])
    set.difference_update(target, blockers.values())
    return target


def _blocker(slot: int, slots: int, present: set[Any]) -> int:
    """A number that stands at `slot` and is none of the elements."""
    number = _APART + slot
    while number in present:
        number += slots
    return number


def _before(code: int, slot: int, mask: int) -> Iterator[int]:
    """The slots that an element with this hash could have stood at before it came to `slot`."""
    perturb, at = code & _WORD, code & mask
    for _ in range(mask + 65):
        for near in range(at, at + 1 + (_LINEAR if at + _LINEAR <= mask else 0)):
            if near == slot:
                return
            yield near
        perturb >>= _SHIFT
        at = (at * 5 + 1 + perturb) & mask


def _entries(value: Any, items: list[Any]) -> tuple[int, list[tuple[int, int]]] | None:
    """(slots of the table, (slot, hash) of each of `items`)."""
    if sys.implementation.name != "cpython":
        return None
    import ctypes

    _, used, mask, table = _HEAD.unpack(ctypes.string_at(id(value) + object.__basicsize__, _HEAD.size))
    if used != len(items) or mask + 1 != _slots(value):
        return None
    entries: list[tuple[int, int]] = []
    for slot, (key, code) in enumerate(_ENTRY.iter_unpack(ctypes.string_at(table, (mask + 1) * _ENTRY.size))):
        if len(entries) < used and key == id(items[len(entries)]):
            entries.append((slot, code))
    return (mask + 1, entries) if len(entries) == used else None


def _slots(value: Any) -> int:
    """The size of the table, which the bytes of the set tell."""
    kind: Any = set if isinstance(value, set) else frozenset
    slots = (kind.__sizeof__(value) - kind().__sizeof__()) // _ENTRY.size
    return max(_SMALL, 1 << (slots.bit_length() - 1)) if slots > 0 else _SMALL
