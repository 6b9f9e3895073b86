"""What surrounds the code: directories, environment variables, warning filters, and settings of numpy, decimal, pandas.

Read in the kernel for every job (some 20 microseconds), applied in a worker when it differs from what was there.
"""

from __future__ import annotations

import contextlib
import decimal
import os
import sys
import warnings
from typing import Any

from . import output_settings

_KEPT = ("_NUM_THREADS", "_MAXIMUM_THREADS", "_MAX_THREADS", "PARACELL_", "JPY_")
"""Parts of names of variables that the pool sets for its workers."""


def snapshot() -> dict[str, Any]:
    """The kernel's surroundings."""
    found: dict[str, Any] = {
        "environ": dict(os.environ._data),  # type: ignore[attr-defined]
        "path": list(sys.path),
        "filters": list(warnings.filters),
        "recursion": sys.getrecursionlimit(),
        "decimal": _decimal(),
    }
    try:
        found["cwd"] = os.getcwd()
    except OSError:  # the directory was removed
        found["cwd"] = None
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "geterr"):
        found["numpy"] = (numpy.geterr(), _picklable_options(numpy.get_printoptions()))
    pandas = sys.modules.get("pandas._config.config")
    if pandas is not None:
        found["pandas"] = _pandas_options(pandas)
        found["pandas set"] = _differ_from_defaults(pandas, found["pandas"])
    return found


def _decimal() -> tuple[int, str, tuple[str, ...]]:
    context = decimal.getcontext()
    return context.prec, context.rounding, tuple(s.__name__ for s, on in context.traps.items() if on)


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
}


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
    return part in ("filters", "path") and all(entry in now for entry in before)


def _differ_from_defaults(config: Any, options: dict[str, Any]) -> bool:
    registered = config._registered_options
    return any(name in registered and registered[name].defval != value for name, value in options.items())


class Surroundings:
    """Worker side: applies snapshots."""

    def __init__(self, output: Any = None) -> None:
        """`output` applies settings of display and figures (``workershell.Settings``)."""
        self._last: dict[str, Any] = {}
        self._here: dict[str, Any] = {}
        """The surroundings as they were when a job began on this worker."""
        self._imported = 0
        self._output = output

    def apply(self, found: dict[str, Any]) -> None:
        """Make this process's surroundings those of `found`."""
        if found != self._last:
            self._apply(found)

    def note(self) -> None:
        """What there is now is what the notebook has: ``drifted`` compares with it."""
        self._here, self._imported = snapshot(), len(sys.modules)

    def drifted(self) -> list[str]:
        """What the worker's own run has changed; it is put back."""
        now, here = snapshot(), self._here
        changed = [part for part in here if part in _NAMES and part in now and now[part] != here[part]]
        if changed and len(sys.modules) != self._imported:
            changed = [part for part in changed if not _only_more(part, here[part], now[part])]
            self.note()  # what an import adds (filters, variables) it adds in the serial loop's process as well
        if "pandas" in changed:  # options come with the modules that register them
            common = now["pandas"].keys() & here["pandas"].keys()
            if all(now["pandas"][name] == here["pandas"][name] for name in common):
                changed.remove("pandas")
        if not changed:
            return []
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
        self._environ(found["environ"], last.get("environ"))
        if found["cwd"] is not None:
            with contextlib.suppress(OSError):
                if os.getcwd() != found["cwd"]:
                    os.chdir(found["cwd"])
        sys.path[:] = found["path"]
        if found["filters"] != last.get("filters"):
            warnings.filters[:] = found["filters"]  # type: ignore[index]
            warnings._filters_mutated() if hasattr(
                warnings, "_filters_mutated"
            ) else warnings._filters_mutated_lock_held()  # type: ignore[attr-defined]
        sys.setrecursionlimit(found["recursion"])
        if found["decimal"] != last.get("decimal"):
            self._decimal(*found["decimal"])
        if "numpy" in found and found["numpy"] != last.get("numpy"):
            import numpy

            numpy.seterr(**found["numpy"][0])
            with contextlib.suppress(TypeError, ValueError):
                numpy.set_printoptions(**found["numpy"][1])
        if "output" in found:
            self._outputs(found["output"], last.get("output", {}))
        if found.get("pandas set") or ("pandas" in found and "pandas" in sys.modules):
            import pandas  # noqa: F401

            self._pandas(found["pandas"])

    def _outputs(self, output: dict[str, Any], before: dict[str, Any]) -> None:
        if output["logging"] != before.get("logging"):
            output_settings.apply_logging(output["logging"], before.get("logging"))
        if self._output is not None:
            self._output.apply(output)

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

    def _decimal(self, precision: int, rounding: str, traps: tuple[str, ...]) -> None:
        context = decimal.getcontext()
        context.prec, context.rounding = precision, rounding
        for signal in context.traps:
            context.traps[signal] = signal.__name__ in traps

    def _pandas(self, options: dict[str, Any]) -> None:
        config = sys.modules["pandas._config.config"]
        now = _pandas_options(config)
        pandas = sys.modules["pandas"]
        for name, value in options.items():
            if now.get(name, value) != value:
                with contextlib.suppress(Exception), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    pandas.set_option(name, value)
