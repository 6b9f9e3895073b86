"""Settings that a process has one of, beside those of ``environment``: locale, time zone, limits, what scipy and
scikit-learn are set to. Each is read where its module is loaded, and written in a worker where it is another.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable
from typing import Any

Read = Callable[[Any], Any]
Write = Callable[[Any, Any], object]


def _zone(module: Any) -> Any:
    return module.tzname, module.timezone


def _reset(module: Any) -> None:
    """What the zone is follows from the environment, which is there by then. (In an interpreter beside the notebook's,
    where code of iterations may not do it.)"""
    getattr(module.tzset, "__wrapped__", module.tzset)()


def _into(value: list[str], new: list[str]) -> None:
    value[:] = new


_OF_DIALECT = (
    "delimiter",
    "quotechar",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quoting",
    "skipinitialspace",
    "strict",
)


def _dialects(module: Any) -> dict[str, dict[str, Any]]:
    found = {name: module.get_dialect(name) for name in module.list_dialects()}
    return {name: {part: getattr(one, part) for part in _OF_DIALECT} for name, one in found.items()}


def _register(module: Any, dialects: dict[str, dict[str, Any]]) -> None:
    for name, parts in dialects.items():
        module.register_dialect(name, **parts)


_SETTINGS: dict[str, tuple[str, Read, Write]] = {
    "locale": ("_locale", lambda m: m.setlocale(m.LC_ALL, None), lambda m, v: m.setlocale(m.LC_ALL, v)),
    "time zone": ("time", _zone, lambda m, v: _reset(m)),
    "arguments": ("sys", lambda m: list(m.argv), lambda m, v: _into(m.argv, v)),
    "digits": ("sys", lambda m: m.get_int_max_str_digits(), lambda m, v: m.set_int_max_str_digits(v)),
    "socket": ("_socket", lambda m: m.getdefaulttimeout(), lambda m, v: m.setdefaulttimeout(v)),
    "csv": ("_csv", lambda m: m.field_size_limit(), lambda m, v: m.field_size_limit(v)),
    "dialects": ("_csv", _dialects, _register),
    "scipy": ("scipy.special", lambda m: dict(m.geterr()), lambda m, v: m.seterr(**v)),
    "sklearn": ("sklearn", lambda m: m.get_config(), lambda m, v: m.set_config(**v)),
}
"""What it is called -> the module, how it is read there, and written."""
_SMALL = frozenset({"_locale", "time", "sys", "_socket", "_csv"})
"""Modules that a worker loads for a setting."""
LIBRARIES = tuple(dict.fromkeys(module for module, _, _ in _SETTINGS.values() if module not in _SMALL))


def _usual(name: str, value: Any) -> bool:
    """Whether that is what there is where nobody has set anything: no reason to load a module."""
    if name == "locale":  # Python itself sets that of characters, in a worker as in the notebook
        return all(part.endswith("=C") or part.startswith("LC_CTYPE=") for part in value.split(";")) or value == "C"
    if name == "dialects":
        return bool(value.keys() <= {"excel", "excel-tab", "unix"})
    return (name, value) in (("socket", None), ("csv", 131072))


def present() -> dict[str, Any]:
    """The settings of this process."""
    found = {}
    for name, (module, read, _) in _SETTINGS.items():
        loaded = sys.modules.get(module)
        if loaded is not None:
            with contextlib.suppress(Exception):  # it is still being loaded, or too old to have it
                found[name] = read(loaded)
    return found


def apply(wanted: dict[str, Any]) -> None:
    """Make this process's settings those, as far as their modules are loaded or small."""
    for name, value in wanted.items():
        module, read, write = _SETTINGS[name]
        loaded = sys.modules.get(module)
        if loaded is None and (module not in _SMALL or _usual(name, value)):
            continue
        with contextlib.suppress(Exception):
            loaded = loaded or importlib.import_module(module)
            if read(loaded) != value:
                write(loaded, value)
