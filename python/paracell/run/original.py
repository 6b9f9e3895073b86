"""An item as it was: what a failed try has changed in it is put back, in the same objects."""

from __future__ import annotations

import copy
from typing import Any

from ..attributes import package_of
from .same import same

_ATOMS = (int, float, complex, str, bytes, bool, type(None))


class Unknown(Exception):
    """The item's first state cannot be had; the text says why."""


class Original:
    """Remembers the state of an item and of everything that it holds."""

    def __init__(self, item: Any) -> None:
        self._item = self._copy = item
        self._memo: dict[int, Any] = {}
        self._why = ""
        if type(item) in _ATOMS:
            return
        try:
            self._copy = copy.deepcopy(item, self._memo)
        except Exception as error:
            self._why = f"its item, a {type(item).__name__}, cannot be copied ({type(error).__name__}: {error})"

    def restore(self) -> None:
        """Put every object back into the state that it had. Raises Unknown."""
        if self._why:
            raise Unknown(self._why)
        originals = self._memo.get(id(self._memo), [])
        back = {id(self._memo[id(one)]): one for one in originals if id(one) in self._memo}
        for one in originals:
            if id(one) in self._memo:
                _put_back(one, copy.copy(self._memo[id(one)]), back)
        try:
            restored = same(self._item, self._copy)
        except TypeError:
            restored = False
        if not restored:
            raise Unknown(f"it has changed its item, a {type(self._item).__name__}, and that cannot be undone")


def _put_back(one: Any, saved: Any, back: dict[int, Any]) -> None:
    """Give `one` the content of `saved`, whose parts are copies: `back` has the originals."""
    if isinstance(one, list):
        one[:] = [back.get(id(part), part) for part in saved]
    elif isinstance(one, dict):
        one.clear()
        one.update({back.get(id(key), key): back.get(id(part), part) for key, part in saved.items()})
    elif isinstance(one, set):
        one.clear()
        one.update(back.get(id(part), part) for part in saved)
    elif isinstance(one, bytearray):
        one[:] = saved
    elif package_of(type(one)) == "numpy" and hasattr(one, "flags") and one.flags.writeable:
        one[...] = saved
    state = getattr(one, "__dict__", None)
    if isinstance(state, dict):
        kept = getattr(saved, "__dict__", {})
        state.clear()
        state.update({name: back.get(id(part), part) for name, part in kept.items()})
    for cls in type(one).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(saved, name) and name not in ("__dict__", "__weakref__"):
                object.__setattr__(one, name, back.get(id(getattr(saved, name)), getattr(saved, name)))
