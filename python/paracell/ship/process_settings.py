"""Settings that a process has one of, beside those of ``environment``: locale, time zone, limits, what the standard
library, scipy and scikit-learn are set to. Each is read where its module is loaded, and written in a worker where it is
another.
"""

from __future__ import annotations

import contextlib
import importlib
import os
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


def _limits(module: Any) -> dict[str, tuple[int, int]]:
    return {name: module.getrlimit(getattr(module, name)) for name in _of_limits(module)}


_names_of_limits: list[str] = []


def _of_limits(module: Any) -> list[str]:
    if not _names_of_limits:
        _names_of_limits.extend(name for name in dir(module) if name.startswith("RLIMIT_"))
    return _names_of_limits


def _limit(module: Any, limits: dict[str, tuple[int, int]]) -> None:
    for name, value in limits.items():
        with contextlib.suppress(ValueError, OSError):  # what had been more may not be had again
            module.setrlimit(getattr(module, name), value)


def _mask(module: Any) -> int:
    """That of new files; it can only be had by being set."""
    mask: int = module.umask(0o077)
    module.umask(mask)
    return mask


def _stack(module: Any) -> int:
    """Size of the stacks of new threads; it can only be had by being set."""
    size: int = module.stack_size(0)
    module.stack_size(size)
    return size


_PINNED = ("OMP_PROC_BIND", "GOMP_CPU_AFFINITY", "KMP_AFFINITY")
"""Variables by which libraries, and not the notebook, say where the thread runs that has loaded them."""


_first = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def processors() -> frozenset[int] | None:
    """Those that this thread may use; None where libraries say so for each thread, or nobody can."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    found = frozenset(os.sched_getaffinity(0))
    return None if found != _first and any(name in os.environ for name in _PINNED) else found


def use_processors(wanted: frozenset[int] | None) -> None:
    """Let this thread run on the same."""
    if wanted is not None and os.sched_getaffinity(0) != wanted:
        with contextlib.suppress(OSError):  # of a machine that has lost them
            os.sched_setaffinity(0, wanted)


def _collecting(module: Any) -> tuple[bool, Any]:
    return module.isenabled(), module.get_threshold()


def _collect(module: Any, value: tuple[bool, Any]) -> None:
    (module.enable if value[0] else module.disable)()
    module.set_threshold(*value[1])


def _traced(module: Any, limit: int) -> None:
    module.stop()
    if limit:
        module.start(limit)


def _depth(module: Any, value: int | None) -> None:
    """How many lines tracebacks show."""
    if value is not None:
        module.tracebacklimit = value
    elif hasattr(module, "tracebacklimit"):
        del module.tracebacklimit


def _context_of_threads(module: Any) -> tuple[Any, ...]:
    """What new threads begin with."""
    context = module.DefaultContext
    return (*(getattr(context, part) for part in _OF_CONTEXT), {s.__name__: on for s, on in context.traps.items()})


def _set_context(module: Any, value: tuple[Any, ...]) -> None:
    context = module.DefaultContext
    for part, one in zip(_OF_CONTEXT, value[:-1], strict=True):
        setattr(context, part, one)
    for signal in context.traps:
        context.traps[signal] = value[-1].get(signal.__name__, False)


_OF_CONTEXT = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")


def _texts(attribute: str) -> tuple[Read, Write]:
    """A table of texts that a module has."""

    def write(module: Any, value: dict[Any, Any]) -> None:
        table = getattr(module, attribute)
        table.clear()
        table.update(value)

    return lambda m: dict(getattr(m, attribute)), write


def _types(module: Any) -> tuple[dict[Any, str], ...] | None:
    """What mimetypes has been told beside what a process finds by itself."""
    if not module.inited:
        return None
    known = _types_of_files(module)
    if (db := module._db) is None or db.types_map == known.types_map:
        return None
    return tuple(map(dict, (*db.types_map, *db.types_map_inv, db.suffix_map, db.encodings_map)))


_found_types: list[Any] = []


def _types_of_files(module: Any) -> Any:
    if not _found_types:
        _found_types.append(module.MimeTypes([name for name in module.knownfiles if os.path.isfile(name)]))
    return _found_types[0]


def _tell_types(module: Any, value: tuple[dict[Any, str], ...] | None) -> None:
    if value is None:
        module.inited = False
        module.init()
        return
    module.init()
    db = module._db
    for table, new in zip((*db.types_map, *db.types_map_inv, db.suffix_map, db.encodings_map), value, strict=True):
        table.clear()
        table.update(new)


_SETTINGS: dict[str, tuple[str, Read, Write]] = {
    "locale": ("_locale", lambda m: m.setlocale(m.LC_ALL, None), lambda m, v: m.setlocale(m.LC_ALL, v)),
    "time zone": ("time", _zone, lambda m, v: _reset(m)),
    "arguments": ("sys", lambda m: list(m.argv), lambda m, v: _into(m.argv, v)),
    "digits": ("sys", lambda m: m.get_int_max_str_digits(), lambda m, v: m.set_int_max_str_digits(v)),
    "socket": ("_socket", lambda m: m.getdefaulttimeout(), lambda m, v: m.setdefaulttimeout(v)),
    "csv": ("_csv", lambda m: m.field_size_limit(), lambda m, v: m.field_size_limit(v)),
    "dialects": ("_csv", _dialects, _register),
    "scipy": ("scipy.special", lambda m: dict(m.geterr()), lambda m, v: m.seterr(**v)),
    "collection": ("gc", _collecting, _collect),
    "switching": ("sys", lambda m: m.getswitchinterval(), lambda m, v: m.setswitchinterval(v)),
    "tracebacks": ("sys", lambda m: getattr(m, "tracebacklimit", None), _depth),
    "resources": ("resource", _limits, _limit),
    "mask": ("posix", _mask, lambda m, v: m.umask(v)),
    "processors": ("posix", lambda m: processors(), lambda m, v: use_processors(v)),
    "stacks": ("_thread", _stack, lambda m, v: m.stack_size(v)),
    "temporary": ("tempfile", lambda m: m.tempdir, lambda m, v: setattr(m, "tempdir", v)),
    "types of files": ("mimetypes", _types, _tell_types),
    "contexts": ("decimal", _context_of_threads, _set_context),
    "memory": ("tracemalloc", lambda m: m.is_tracing() and m.get_traceback_limit(), _traced),
    "names in XML": ("xml.etree.ElementTree", *_texts("_namespace_map")),
    "character sets": ("email.charset", *_texts("ALIASES")),
    "children": (
        "multiprocessing.context",
        lambda m: m._default_context.get_start_method(allow_none=True),
        lambda m, v: m._default_context.set_start_method(v, force=True),
    ),
    "sklearn": ("sklearn", lambda m: m.get_config(), lambda m, v: m.set_config(**v)),
}
"""What it is called -> the module, how it is read there, and written."""
_SMALL = frozenset({"_locale", "time", "sys", "_socket", "_csv", "gc", "resource", "posix", "_thread"})
"""Modules that a worker loads for a setting."""
LIBRARIES = tuple(dict.fromkeys(module for module, _, _ in _SETTINGS.values() if module not in _SMALL))


def _usual(name: str, value: Any) -> bool:
    """Whether that is what there is where nobody has set anything: no reason to load a module."""
    if name == "locale":  # Python itself sets that of characters, in a worker as in the notebook
        return all(part.endswith("=C") or part.startswith("LC_CTYPE=") for part in value.split(";")) or value == "C"
    if name == "dialects":
        return bool(value.keys() <= {"excel", "excel-tab", "unix"})
    if name in ("collection", "switching", "tracebacks", "mask", "stacks", "processors"):
        return False  # modules that are there in any case
    return (name, value) in (("socket", None), ("csv", 131072))


_FILLED = frozenset({"temporary", "types of files", "children"})
"""What code that only asks for it fills in."""


_OF_PROCESS = frozenset({"mask", "resources", "stacks"})
"""What all interpreters of a process share."""
_apart: frozenset[str] = frozenset()
"""What nothing is done about here."""


def beside() -> None:
    """This is an interpreter in the notebook's own process."""
    global _apart
    _apart = _OF_PROCESS


def changed(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether running code has set any of them; an import brings more."""
    return any(now.get(name) != value for name, value in before.items() if value is not None or name not in _FILLED)


def present() -> dict[str, Any]:
    """The settings of this process."""
    found = {}
    for name, (module, read, _) in _SETTINGS.items():
        loaded = sys.modules.get(module)
        if loaded is not None and name not in _apart:
            with contextlib.suppress(Exception):  # it is still being loaded, or too old to have it
                found[name] = read(loaded)
    return found


def apply(wanted: dict[str, Any]) -> None:
    """Make this process's settings those, as far as their modules are loaded or small."""
    for name, value in wanted.items():
        if name in _apart:
            continue
        module, read, write = _SETTINGS[name]
        loaded = sys.modules.get(module)
        if loaded is None and (module not in _SMALL or _usual(name, value)):
            continue
        with contextlib.suppress(Exception):
            loaded = loaded or importlib.import_module(module)
            if read(loaded) != value:
                write(loaded, value)
