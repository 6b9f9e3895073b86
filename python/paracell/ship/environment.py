"""What surrounds the code: directories, environment variables, warning filters, and settings of numpy, decimal, pandas.

Read in the kernel for every job (some 20 microseconds), applied in a worker when it differs from what was there.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import warnings
from collections.abc import Collection
from typing import Any

from paracell.run.events import renew_filters

from . import filters, finders, missing, process_objects, process_settings
from .after_import import AfterImport
from .patches import Patches

_KEPT = ("_NUM_THREADS", "_MAXIMUM_THREADS", "_MAX_THREADS", "PARACELL_", "JPY_")
"""Parts of names of variables that the pool sets for its workers."""


def snapshot() -> dict[str, Any]:
    """The kernel's surroundings."""
    found: dict[str, Any] = {
        "environ": dict(os.environ._data),  # type: ignore[attr-defined]
        "path": list(sys.path),
        "filters": filters.present(),
        "recursion": sys.getrecursionlimit(),
        "decimal": _decimal(),
        "signals": raised(),
        "settings": process_settings.present(),
    }
    found["cwd"] = _directory()
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "geterr"):
        found["numpy"] = _numpy(numpy)
    pandas = sys.modules.get("pandas._config.config")
    if pandas is not None:
        found["pandas"] = _pandas_options(pandas)
    return found


_PARTS = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")
_FIRST = (28, "ROUND_HALF_EVEN", -999999, 999999, 1, 0), ("DivisionByZero", "InvalidOperation", "Overflow")
"""What decimal's context is before anybody has changed it: where decimal is not loaded, nobody has."""


def _directory() -> tuple[str, int, int] | None:
    """The working directory, and which one of that name; None if it was removed."""
    try:
        known = os.stat(os.curdir)
        return os.getcwd(), known.st_dev, known.st_ino
    except OSError:
        return None


def _context() -> Any:
    """This thread's context; None where decimal is not loaded."""
    module: Any = sys.modules.get("decimal")
    return module.getcontext() if hasattr(module, "getcontext") else None


def _decimal() -> tuple[tuple[Any, ...], tuple[str, ...]]:
    context = _context()
    if context is None:
        return _FIRST
    parts = tuple([getattr(context, part) for part in _PARTS])
    return parts, tuple(sorted(s.__name__ for s, on in context.traps.items() if on))


def _numpy(module: Any) -> tuple[dict[str, Any], dict[str, Any], int]:
    return module.geterr(), _picklable_options(module.get_printoptions()), module.getbufsize()


def _picklable_options(options: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in options.items() if isinstance(v, (int, float, str, bool, type(None)))}


def _pandas_options(config: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    pending = [("", config._global_config)]
    while pending:
        prefix, tree = pending.pop()
        for name, value in tree.items():
            if isinstance(value, dict):
                pending.append((f"{prefix}{name}.", value))
            elif isinstance(value, (int, float, str, bool, type(None))):
                found[prefix + name] = value
    return found


_NAMES = {
    "environ": "os.environ",
    "path": "sys.path",
    "filters": "the warning filters",
    "recursion": "the recursion limit",
    "decimal": "decimal.getcontext()",
    "cwd": "the working directory",
    "numpy": "numpy's settings",
    "pandas": "pandas' options",
    "settings": "settings of the process (locale, time zone, limits, scipy, scikit-learn)",
}


_LIBRARIES = frozenset({"numpy", "pandas"})

_BY_LIBRARIES = (
    "KMP_",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "NUMEXPR_",
    "TF_",
    "CUDA_",
    "XLA_",
    "QT_",
    "SDL_",
    "PYGAME_",
    "HF_",
)
"""Variables that libraries set when they are imported."""


def _only_more(part: str, before: Any, now: Any) -> bool:
    if part == "environ":
        new = [os.fsdecode(key) for key in now if key not in before]
        return all(now.get(key) == value for key, value in before.items()) and all(
            key.startswith(_BY_LIBRARIES) for key in new
        )
    if part == "settings":
        return not process_settings.changed(before, now)
    return part in ("filters", "path") and all(entry in now for entry in before)


def raised() -> frozenset[str]:
    """Names of the signals that decimal arithmetic has raised in this thread."""
    context = _context()
    if context is None:
        return frozenset()
    return frozenset(signal.__name__ for signal, on in context.flags.items() if on)


def raise_signals(names: Collection[str]) -> None:
    """Decimal arithmetic elsewhere has raised these signals."""
    if not names:
        return
    import decimal

    flags = decimal.getcontext().flags
    for signal in flags:
        if signal.__name__ in names:
            flags[signal] = True


class Surroundings:
    """Worker side: applies snapshots."""

    def __init__(self, output: Any = None, beside: bool = False) -> None:
        """`output` applies settings of display and figures (``workershell.Settings``). `beside`: in the notebook's own
        process, which has one working directory and one environment, in an interpreter without numpy."""
        self._beside = beside
        self._after = AfterImport({}, finders.note)
        self._patches = Patches(self._await)
        self._last: dict[str, Any] = {}
        self._noted: dict[str, Any] = {}
        """What had been applied when a job began on this worker."""
        self._here: dict[str, Any] = {}
        """The surroundings as they were then."""
        self._imported = 0
        if beside:
            process_settings.beside()
        # A job may have no need of a library that the notebook has loaded.
        names = {"numpy", "pandas", "logging", *process_settings.LIBRARIES, *process_objects.MODULES}
        self._after.hooks.update(dict.fromkeys(names - sys.modules.keys(), self._loaded))
        missing.watch()
        if "linecache" in sys.modules:
            missing.watch_lines(sys.modules["linecache"])
        else:
            self._after.hooks["linecache"] = missing.watch_lines
        sys.meta_path.insert(0, self._after)
        self._objects = process_objects.Objects()
        self._output = output
        self._raised: frozenset[str] = frozenset()
        """Decimal signals that the notebook has seen raised."""

    def _await(self, module: str) -> None:
        self._after.hooks.setdefault(module, self._loaded)

    def _loaded(self, module: Any) -> None:
        """What is set in a module that has just been imported."""
        name = module.__name__
        if name == "numpy":
            self._numpy(module)
        elif name == "pandas":
            self._pandas(module)
        elif name == "logging":
            self._logging(None)
        if name in process_settings.LIBRARIES:
            self._settings()
        self._objects.loaded(name)
        self._patches.loaded(name)

    def signals(self) -> tuple[str, ...]:
        """Decimal signals that a task has raised; they are taken back."""
        new = raised() - self._raised
        if new:
            self._decimal_flags(self._raised)
        return tuple(sorted(new))

    def _decimal_flags(self, names: frozenset[str]) -> None:
        if names == raised():
            return
        import decimal

        flags = decimal.getcontext().flags
        for signal in flags:
            flags[signal] = signal.__name__ in names

    def apply(self, found: dict[str, Any]) -> None:
        """Make this process's surroundings those of `found`."""
        if self._beside:
            found = {part: value for part, value in found.items() if part not in _LIBRARIES}
        if found != self._last:
            self._apply(found)

    @property
    def known(self) -> bool:
        """Whether any have been applied."""
        return bool(self._last)

    def load(self) -> None:
        """Load what the notebook has loaded and many of its loops will need."""
        if "numpy" in self._last and "numpy" not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module("numpy")

    def note(self) -> None:
        """What there is now is what the notebook has: ``drifted`` compares with it."""
        self._here, self._imported, self._noted = snapshot(), len(sys.modules), self._last

    def mend(self) -> None:
        """A task was cut off, perhaps while surroundings were made: there is again what there was when the last job
        had begun."""
        self._last = self._noted  # what has been applied since may be there in part
        self.drifted()

    def drifted(self) -> list[str]:
        """What the worker's own run has changed; it is put back."""
        now, here = snapshot(), self._here
        changed = [part for part in here if part in _NAMES and part in now and now[part] != here[part]]
        if "settings" in changed and not process_settings.changed(here["settings"], now["settings"]):
            changed.remove("settings")
        imported = bool(changed) and len(sys.modules) != self._imported
        if imported:
            changed = [part for part in changed if not _only_more(part, here[part], now[part])]
        if "pandas" in changed:  # options come with the modules that register them
            common = now["pandas"].keys() & here["pandas"].keys()
            if all(now["pandas"][name] == here["pandas"][name] for name in common):
                changed.remove("pandas")
        if not changed:
            if imported:
                self.note()  # what an import adds (filters, variables) it adds in the serial loop's process as well
            return []
        # Nothing is noted before all is put back: this may be cut off, too.
        if "environ" in changed:
            os.environ.clear()
            os.environ.update({os.fsdecode(k): os.fsdecode(v) for k, v in here["environ"].items()})
        last, self._last = self._last, {}
        self._apply({**here, "environ": {}})
        self._last = last
        self.note()
        return [_NAMES[part] for part in changed]

    def _apply(self, found: dict[str, Any]) -> None:
        last, self._last = self._last, found
        if self._beside:
            os.environ._data.clear()  # type: ignore[attr-defined]
            os.environ._data.update(found["environ"])  # type: ignore[attr-defined]
        else:
            self._environ(found["environ"], last.get("environ"))
        if found["cwd"] is not None and not self._beside:
            with contextlib.suppress(OSError):
                if _directory() != found["cwd"]:
                    os.chdir(found["cwd"][0])
        sys.path[:] = found["path"]
        if "finders" in found:
            finders.wanted(*found["finders"])
        if found["filters"] != last.get("filters"):
            warnings.filters[:] = filters.restored(found["filters"])  # type: ignore[index]
            renew_filters()
        sys.setrecursionlimit(found["recursion"])
        if found["decimal"] != last.get("decimal"):
            self._decimal(*found["decimal"])
        self._raised = found.get("signals", frozenset())
        self._decimal_flags(self._raised)
        if found.get("numpy") != last.get("numpy") and "numpy" in sys.modules:
            self._numpy(sys.modules["numpy"])
        if found.get("settings") != last.get("settings"):
            self._settings()
        if found.get("objects", {}) != last.get("objects", {}):
            self._objects.apply(found.get("objects", {}))
        if found.get("patched", {}) != last.get("patched", {}):
            self._patches.apply(found.get("patched", {}))
        if found.get("registered", []) != last.get("registered", []):
            self._patches.register(found.get("registered", []))
        if "output" in found:
            self._outputs(found["output"], last.get("output", {}))
        if "pandas" in sys.modules:
            self._pandas(sys.modules["pandas"])

    def _settings(self) -> None:
        process_settings.apply(self._last.get("settings", {}))
        self._here["settings"] = process_settings.present()

    def _outputs(self, output: dict[str, Any], before: dict[str, Any]) -> None:
        if output["logging"] != before.get("logging") and "logging" in sys.modules:
            self._logging(before.get("logging"))
        if self._output is not None:
            self._output.apply(output)

    def _logging(self, before: Any) -> None:
        from .output_settings import apply_logging

        if "output" in self._last:
            apply_logging(self._last["output"]["logging"], before)

    def _environ(self, wanted: dict[Any, Any], before: dict[Any, Any] | None) -> None:
        environ = os.environ
        decode = environ.decodevalue  # type: ignore[attr-defined]
        for key, value in wanted.items():
            name = decode(key)
            kept = before is None and any(part in name for part in _KEPT)
            if not kept and environ._data.get(key) != value and (before is None or before.get(key) != value):  # type: ignore[attr-defined]
                environ[name] = decode(value)
        for key in (before or {}).keys() - wanted.keys():
            environ.pop(decode(key), None)

    def _decimal(self, parts: tuple[Any, ...], traps: tuple[str, ...]) -> None:
        if (parts, traps) == _decimal():
            return
        import decimal

        context = decimal.getcontext()
        for part, value in zip(_PARTS, parts, strict=True):
            setattr(context, part, value)
        for signal in context.traps:
            context.traps[signal] = signal.__name__ in traps

    def _numpy(self, module: Any) -> None:
        if "numpy" in self._last:
            errors, options, size = self._last["numpy"]
            module.seterr(**errors)
            if module.getbufsize() != size:
                module.setbufsize(size)
            with contextlib.suppress(TypeError, ValueError):
                module.set_printoptions(**options)
        self._here["numpy"] = _numpy(module)

    def _pandas(self, module: Any) -> None:
        config = sys.modules["pandas._config.config"]
        now = _pandas_options(config)
        for name, value in self._last.get("pandas", {}).items():
            if now.get(name, value) != value:
                with contextlib.suppress(Exception), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    module.set_option(name, value)
        self._here["pandas"] = _pandas_options(config)
