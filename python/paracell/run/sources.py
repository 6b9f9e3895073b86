"""Kinds of random sources: the state of ``random`` and ``numpy.random``, and objects that hold a state of their own.

Each kind can be recognised, hashed, advanced by one draw, saved, put back, and set to the stream of one iteration.
numpy is not imported here: where nobody has imported it there is nothing of it to look after.
"""

from __future__ import annotations

import _random
import random
import sys
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

Enter = Callable[[int], None]
_MT_WORDS = 624


def is_source(value: Any) -> bool:
    """Whether `value` draws from a state of its own that can be set."""
    if isinstance(value, random.Random):
        return not isinstance(value, random.SystemRandom)
    numpy = sys.modules.get("numpy.random")
    return numpy is not None and isinstance(value, (numpy.Generator, numpy.RandomState, numpy.BitGenerator))


def held(item: Any) -> list[Any]:
    """The sources that an item is, or holds at its top."""
    if is_source(item):
        return [item]
    if isinstance(item, dict):
        item = item.values()
    elif not isinstance(item, (tuple, list)):
        return []
    return [one for one in item if is_source(one)]


def engine(value: Any) -> Any:
    """What holds the state behind `value`: several generators may share one."""
    if isinstance(value, random.Random):
        return value
    found = getattr(value, "bit_generator", None)
    return found if found is not None else getattr(value, "_bit_generator", value)


def digest(value: Any) -> bytes:
    """16 bytes that stand for the present state."""
    return blake2b(repr(_plain(save(value))).encode(), digest_size=16).digest()


def _plain(state: Any) -> Any:
    if isinstance(state, dict):
        return [(name, _plain(part)) for name, part in state.items()]
    return state.tobytes() if hasattr(state, "tobytes") else state


def advance(value: Any) -> None:
    """One draw, so that what is drawn next is not what would have been drawn now."""
    if isinstance(value, random.Random):
        _random.Random.getrandbits(value, 32)
    else:
        engine(value).random_raw()


def save(value: Any) -> Any:
    """The whole state, to be put back with `restore`."""
    if isinstance(value, random.Random):
        return random.Random.getstate(value)
    if _is_legacy(value):
        return value.get_state(legacy=False)
    return engine(value).state


def restore(value: Any, state: Any) -> None:
    """Undo everything since ``state = save(value)``."""
    if isinstance(value, random.Random):
        random.Random.setstate(value, state)
    elif _is_legacy(value):
        value.set_state(state)
    else:
        engine(value).state = state


def _is_legacy(value: Any) -> bool:
    return isinstance(value, sys.modules["numpy.random"].RandomState)


def entering(value: Any, key: bytes, sure: bool = True) -> Enter:
    """A function that sets `value` to the stream of the iteration that it is given.

    Not `sure` that there will be a draw: what is six times cheaper is good enough, one of 2**32 streams of numpy's own
    seeding, of which no two iterations of a region share one."""
    if isinstance(value, random.Random):
        return _entering_python(value, key)
    if _is_legacy(value):
        if not sure and _is_twister(value):
            return _entering_cheaply(value, key)
        return _entering_legacy(value, key)
    return _entering_engine(engine(value), key)


def _words(key: bytes, iteration: int, size: int = 16) -> bytes:
    return blake2b(iteration.to_bytes(8, "little"), key=key, digest_size=size).digest()


def _entering_python(value: random.Random, key: bytes) -> Enter:
    seed = _random.Random.seed

    def enter(iteration: int) -> None:
        seed(value, int.from_bytes(_words(key, iteration), "little"))
        value.gauss_next = None  # type: ignore[attr-defined]

    return enter


def _entering_legacy(value: Any, key: bytes) -> Enter:
    numpy = sys.modules["numpy"]
    held = engine(value)
    if _is_twister(value):

        def seed(iteration: int) -> None:
            value.seed(numpy.frombuffer(_words(key, iteration), numpy.uint32))

        return seed
    inner = _entering_engine(held, key)

    def enter(iteration: int) -> None:
        state = value.get_state(legacy=False)
        value.set_state({**state, "has_gauss": 0, "gauss": 0.0})
        inner(iteration)

    return enter


def _is_twister(value: Any) -> bool:
    return type(engine(value)).__name__ == "MT19937"


def _entering_cheaply(value: Any, key: bytes) -> Enter:
    before, after = int.from_bytes(key[:4], "little"), int.from_bytes(key[4:8], "little")
    mask = 0xFFFFFFFF

    def enter(iteration: int) -> None:
        # A permutation of the 32-bit numbers: each step can be undone.
        mixed = (iteration ^ before) & mask
        mixed = ((mixed ^ mixed >> 16) * 0x7FEB352D) & mask
        mixed = ((mixed ^ mixed >> 15) * 0x846CA68B) & mask
        value.seed(mixed ^ mixed >> 16 ^ after)

    return enter


def _entering_engine(held: Any, key: bytes) -> Enter:
    kind = type(held)
    if kind.__name__ in ("PCG64", "PCG64DXSM"):

        def enter(iteration: int) -> None:
            words = _words(key, iteration, 32)
            # Two numbers as numpy's own seeding sets them: any state, any odd increment.
            state = {"state": int.from_bytes(words[:16], "little"), "inc": int.from_bytes(words[16:], "little") | 1}
            held.state = {"bit_generator": kind.__name__, "state": state, "has_uint32": 0, "uinteger": 0}

        return enter
    sequence = sys.modules["numpy.random"].SeedSequence

    def anew(iteration: int) -> None:
        held.state = kind(sequence(int.from_bytes(_words(key, iteration), "little"))).state

    return anew


def watching(value: Any) -> Callable[[], Any]:
    """A cheap function whose result changes when `value` is drawn from: its position and first word."""
    import ctypes

    if isinstance(value, random.Random):
        # object head, int index, uint32 state[624]: so since Python 2.3
        address = id(value) + object.__basicsize__
        index, first = ctypes.c_int32.from_address(address), ctypes.c_uint32.from_address(address + 4)
        state = random.Random.getstate(value)[1]
        known = sys.implementation.name == "cpython" and (index.value, first.value) == (state[-1], state[0])
    else:
        held = engine(value)
        known = type(held).__name__ == "MT19937"
        if known:
            address = held.ctypes.state_address  # uint32 key[624], int pos
            first = ctypes.c_uint32.from_address(address)
            index = ctypes.c_int32.from_address(address + 4 * _MT_WORDS)
            inner = held.state["state"]
            known = (index.value, first.value) == (inner["pos"], int(inner["key"][0]))
    if known:
        return lambda: (index.value, first.value)
    return lambda: digest(value)
