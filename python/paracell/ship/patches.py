"""Worker side: attributes of libraries' modules and classes that the notebook has set (``patched``)."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

Holder = tuple[str, str]
"""(module, path in it; "" for the module itself)."""
GONE: Any = object()


def dotted(name: str) -> Any:
    """The module, or the class in one, of that name."""
    module, _, last = name.rpartition(".")
    if name in sys.modules or not module:
        return sys.modules.get(name)
    holder = dotted(module)
    return vars(holder).get(last) if isinstance(holder, (ModuleType, type)) else None


class Patches:
    """Worker side: sets the attributes, and puts back what was there."""

    def __init__(self, await_import: Callable[[str], None]) -> None:
        """`await_import`: has ``loaded`` called when that module has been imported."""
        self._await = await_import
        self._wanted: dict[tuple[Holder, str], bytes] = {}
        self._told: list[tuple[Holder, bytes]] = []
        self._known: set[tuple[Holder, bytes]] = set()
        self._there: dict[tuple[Holder, str], tuple[bytes, Any]] = {}

    def apply(self, wanted: dict[tuple[Holder, str], bytes]) -> None:
        """Have `wanted`, as far as modules are loaded; later as they are."""
        self._wanted = wanted
        for key, (data, before) in list(self._there.items()):
            if wanted.get(key) != data:
                del self._there[key]
                _put(key, before)
        for module in {where[0] for where, _ in wanted}:
            if module in sys.modules:
                self.loaded(module)
            else:
                self._await(module)

    def register(self, wanted: list[tuple[Holder, bytes]]) -> None:
        """Tell generic functions and abstract classes the same as the notebook has: it cannot be taken back."""
        self._told = wanted
        for module in {where[0] for where, _ in wanted}:
            if module in sys.modules:
                self._tell(module)
            else:
                self._await(module)

    def _tell(self, module: str) -> None:
        for where, data in self._told:
            if where[0] == module and (where, data) not in self._known:
                self._known.add((where, data))
                cls, function = pickle.loads(data)
                holder = dotted(".".join(filter(None, where)))
                holder.register(cls) if function is None else holder.register(cls, function)

    def loaded(self, module: str) -> None:
        """Set what is wanted in a module."""
        self._tell(module)
        for key, data in self._wanted.items():
            holder = dotted(".".join(filter(None, key[0]))) if key[0][0] == module else None
            if holder is not None and key not in self._there:
                self._there[key] = data, vars(holder).get(key[1], GONE)
                _put(key, pickle.loads(data))


def _put(key: tuple[Holder, str], value: Any) -> None:
    where, attribute = key
    holder = dotted(".".join(filter(None, where)))
    if value is not GONE:
        setattr(holder, attribute, value)
    elif holder is not None and attribute in vars(holder):
        delattr(holder, attribute)
