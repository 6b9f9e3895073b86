"""Modules travel by name; what the notebook did to them (reload, assignment) is noticed and repeated in workers.

The user's own modules are those that lie neither in the standard library nor among installed packages. Their reloads
are seen by their ``__spec__``, which a reload replaces; their attributes of simple types are compared with the
worker's, so that ``helper.limit = 3`` holds there too. Of installed packages only an attribute that is assigned a
function or class of the notebook, or another number or string, is noticed, and only where the loop's code names the
module.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

_ATOMS = (int, float, complex, str, bytes, bool, type(None))
_CONTAINERS = (list, tuple, dict, set, frozenset)
_MAX_PARTS = 1000

_NEVER = frozenset({"sys", "os", "builtins", "__main__", "__mp_main__"})


def is_users(module: ModuleType) -> bool:
    """Whether a module is the user's own file."""
    path = getattr(module, "__file__", None)
    if not path or module.__name__ in _NEVER or module.__name__.partition(".")[0] == "paracell":
        return False
    from paracell.installed import is_library  # the kernel alone asks

    return not is_library(path) and "dist-packages" not in path


def simple(value: Any, budget: list[int] | None = None) -> bool:
    """Whether a value consists of at most a thousand plain numbers, strings and built-in containers."""
    if type(value) in _ATOMS:
        return True
    if type(value) not in _CONTAINERS:
        return False
    budget = [_MAX_PARTS] if budget is None else budget
    budget[0] -= len(value) + 1
    if budget[0] < 0:
        return False
    if type(value) is dict:
        return all(simple(k, budget) and simple(v, budget) for k, v in value.items())
    return all(simple(part, budget) for part in value)


def loads(modules: Iterable[str], package: str) -> list[str]:
    """Of the packages of these modules, and this one, those that a worker may import before it has to: importing them
    runs nobody's code but a library's."""
    roots = {name.partition(".")[0] for name in modules} | {package}
    found = {root: sys.modules.get(root) for root in roots - sys.stdlib_module_names - _NEVER}
    return sorted(root for root, module in found.items() if hasattr(module, "__file__") and not is_users(module))  # type: ignore[arg-type]


class Watch:
    """Kernel side: the versions of the user's modules, and what was assigned to modules."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.epoch = 0
        """Counts reloads: what was pickled by reference before means something else now."""
        self._seen: set[str] = set()
        self._users: dict[str, tuple[ModuleType, Any, int]] = {}
        self._libraries: dict[str, dict[str, Any]] = {}

    def generations(self) -> dict[str, int]:
        """How often each of the user's modules has been loaded anew, by name."""
        if len(sys.modules) != len(self._seen) or not self._seen.issuperset(sys.modules):
            for name in [name for name in sys.modules if name not in self._seen]:
                module = sys.modules[name]
                if isinstance(module, ModuleType) and is_users(module):
                    self._users.setdefault(name, (module, module.__spec__, 0))
            self._seen = set(sys.modules)
        for name, (module, spec, generation) in self._users.items():
            now = sys.modules.get(name)
            if now is not None and (now is not module or now.__spec__ is not spec):
                self._users[name] = (now, now.__spec__, generation + 1)
                self.epoch += 1
        return {name: generation for name, (_, _, generation) in self._users.items() if name in sys.modules}

    def users(self) -> list[ModuleType]:
        """The user's modules, as they are loaded."""
        return [module for name, (module, _, _) in self._users.items() if name in sys.modules]

    def assigned(self, reached: list[ModuleType], named: set[str]) -> dict[str, dict[str, Any]]:
        """Module name -> attributes that a worker's own import may not have as the notebook has them. `named`:
        attributes for which code asks."""
        found: dict[str, dict[str, Any]] = {}
        for name in self._users:
            module = sys.modules.get(name)
            if module is not None:
                found[name] = {k: v for k, v in list(module.__dict__.items()) if self._of_interest(k, v)}
        for module in reached:
            name = module.__name__
            if name in _NEVER or name in found or sys.modules.get(name) is not module:
                continue
            changed = self._changed_library(module, named)
            if changed:
                found[name] = changed
        return found

    def _of_interest(self, name: str, value: Any) -> bool:
        if name.startswith("__"):
            return False
        return self._notebooks(value) or simple(value)

    def _notebooks(self, value: Any) -> bool:
        if type(value) is FunctionType:
            return value.__globals__ is self.namespace
        return isinstance(value, type) and value.__module__ == "__main__"

    def _changed_library(self, module: ModuleType, named: set[str]) -> dict[str, Any]:
        first = self._libraries.get(module.__name__)
        attributes = module.__dict__
        if first is None:
            first = self._libraries[module.__name__] = {
                k: v for k, v in attributes.items() if type(v) in _ATOMS and not k.startswith("__")
            }
        changed = {k: attributes[k] for k, v in first.items() if k in attributes and attributes[k] is not v}
        # They may have been assigned before they were first seen.
        changed |= {k: attributes[k] for k in named & first.keys() if type(attributes.get(k, self)) in _ATOMS}
        for name, value in list(attributes.items()):
            if type(value) is FunctionType or type(value) is type:
                if self._notebooks(value):
                    changed[name] = value
            elif type(value) is BuiltinFunctionType:
                continue
        return changed


class Mirror:
    """Worker side: makes this process's modules what the notebook's are."""

    def __init__(self) -> None:
        self._generations: dict[str, int] = {}
        self._originals: dict[tuple[str, str], Any] = {}
        self._seen: dict[str, dict[str, Any]] = {}

    def reload(self, generations: dict[str, int]) -> None:
        """Load anew what the notebook has loaded anew since this worker loaded it."""
        fresh = False
        for name, generation in generations.items():
            before = self._generations.setdefault(name, generation)
            if before == generation or name not in sys.modules:
                self._generations[name] = generation
                continue
            import importlib

            if not fresh:
                importlib.invalidate_caches()
                fresh = True
            importlib.reload(sys.modules[name])
            self._seen.pop(name, None)
            for key in [key for key in self._originals if key[0] == name]:
                del self._originals[key]
            self._generations[name] = generation

    def assign(self, assigned: dict[str, dict[str, Any]]) -> None:
        """Set attributes that differ; put back those that the notebook no longer overrides."""
        wanted = {(name, attribute) for name, attributes in assigned.items() for attribute in attributes}
        for key in [key for key in self._originals if key not in wanted]:
            module = sys.modules.get(key[0])
            original = self._originals[key]
            if module is not None and original is _ABSENT:
                module.__dict__.pop(key[1], None)
            elif module is not None:
                module.__dict__[key[1]] = original
            del self._originals[key]
        for name, attributes in assigned.items():
            module = sys.modules.get(name)
            if module is None:
                continue  # imported when the code needs it; see Mirror.assign's caller
            for attribute, value in attributes.items():
                self._set(module, name, attribute, value)

    def watch(self) -> None:
        """From now on, ``drifted`` reports what this worker's own run does to the user's modules."""
        for name in self._generations:
            module = sys.modules.get(name)
            if module is not None and name not in self._seen:
                self._seen[name] = _state(module)

    def drifted(self) -> list[str]:
        """Attributes of the user's modules that the worker's own run has changed; they are loaded anew."""
        found = []
        for name, before in list(self._seen.items()):
            module = sys.modules.get(name)
            if module is None or (module.__dict__.keys() == before.keys() and _state(module) == before):
                continue
            now = _state(module)
            changed = [k for k in {*before, *now} if before.get(k, _ABSENT) != now.get(k, _ABSENT)]
            del self._seen[name]
            if changed:
                found += [f"{name}.{attribute}" for attribute in sorted(changed)]
                with contextlib.suppress(Exception):
                    import importlib

                    importlib.reload(module)
        return found

    def _set(self, module: ModuleType, name: str, attribute: str, value: Any) -> None:
        now = module.__dict__.get(attribute, _ABSENT)
        if now is value or (type(now) is type(value) and type(now) in (*_ATOMS, *_CONTAINERS) and same(now, value)):
            return
        if type(now) is type(value) and type(now) in (list, dict, set):
            # In place: others may have imported the container itself.
            now.clear()
            now.extend(value) if type(now) is list else now.update(value)
            return
        self._originals.setdefault((name, attribute), now)
        module.__dict__[attribute] = value


def _state(module: ModuleType) -> dict[str, Any]:
    """The attributes of a module that a function of it may change: numbers, strings, and containers of them."""
    return {
        name: value if type(value) in _ATOMS else (type(value), repr(value))
        for name, value in list(module.__dict__.items())
        if not name.startswith("__") and simple(value)
    }


def same(one: Any, other: Any) -> bool:
    """Equal in value and in the types of everything inside (1 is not True here)."""
    return repr(one) == repr(other) if type(one) is not set else one == other


_ABSENT: Any = type("Absent", (), {})()
