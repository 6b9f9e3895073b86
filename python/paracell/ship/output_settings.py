"""Settings of what shows output: levels of loggers, printers of IPython's formatters, matplotlib's parameters.

Read in the kernel for every job, only from modules that are loaded there; applied in a worker at once where the module
is loaded, else when it is imported (``Pending``).
"""

from __future__ import annotations

import logging
import pickle
import sys
from collections.abc import Callable
from typing import Any

Dumps = Callable[[Any], bytes]

_FORMATTER_TRAITS = ("enabled", "pprint", "max_width", "max_seq_length", "newline", "float_precision", "verbose")
_INLINE_TRAITS = ("figure_formats", "print_figure_kwargs", "close_figures", "rc")


def snapshot(dumps: Dumps) -> dict[str, Any]:
    """The kernel's settings. `dumps` pickles one of them and may raise."""
    found: dict[str, Any] = {"logging": _logging()}
    shell = _shell()
    if shell is not None:
        found["display"] = _display(shell, dumps)
    if "matplotlib" in sys.modules and hasattr(sys.modules["matplotlib"], "rcParamsDefault"):
        found["matplotlib"] = _matplotlib()
    return found


# --------------------------------------------------------------------------------------------------------- logging


def _logging() -> tuple[int, dict[str, int], list[str], dict[int, str]]:
    """What decides whether a record is made: (disabled below, level by name, disabled loggers, names of levels)."""
    manager = logging.root.manager
    levels = {"root": logging.root.level}
    disabled = []
    for name, logger in list(manager.loggerDict.items()):
        if isinstance(logger, logging.Logger):
            if logger.level:
                levels[name] = logger.level
            if logger.disabled:
                disabled.append(name)
    return manager.disable, levels, disabled, dict(logging._levelToName)


def apply_logging(found: tuple[int, dict[str, int], list[str], dict[int, str]], last: Any) -> None:
    """Worker side: make records of what the notebook's loggers would make records of."""
    below, levels, disabled, names = found
    logging.disable(below)
    for name in (last[1] if last else {}).keys() - levels.keys():
        logging.getLogger(name).setLevel(logging.NOTSET)
    for name, level in levels.items():
        logging.getLogger(None if name == "root" else name).setLevel(level)
    for name in last[2] if last else ():
        logging.getLogger(name).disabled = name in disabled
    for name in disabled:
        logging.getLogger(name).disabled = True
    for level, text in names.items():
        logging.addLevelName(level, text)


# --------------------------------------------------------------------------------------------------------- display


def _shell() -> Any:
    module = sys.modules.get("IPython.core.interactiveshell")
    return module.InteractiveShell._instance if module is not None else None


_defaults: dict[str, Any] = {}


def _display(shell: Any, dumps: Dumps) -> bytes:
    """A pickle of the formatters' own printers and settings."""
    able = []
    for mime, name, printer in printers_of(shell.display_formatter):
        try:
            able.append((mime, name, dumps(printer)))
        except Exception:
            continue  # it stays in the notebook, and workers print what the type's own methods give
    return pickle.dumps((able, settings_of(shell.display_formatter), _inline()), 5)


def printers_of(formatter: Any) -> list[tuple[str, tuple[str, str], Any]]:
    """(mime type, (module, name) of a class, function) of the printers that are not IPython's own."""
    if not _defaults:
        from IPython.core.formatters import DisplayFormatter

        _defaults.update({mime: dict(f.type_printers) for mime, f in DisplayFormatter().formatters.items()})
    found = []
    for mime, one in formatter.formatters.items():
        default = _defaults.get(mime, {})
        for cls, printer in one.type_printers.items():
            if not _alike(default.get(cls), printer):
                found.append((mime, (cls.__module__, cls.__qualname__), printer))
        found += [(mime, key, printer) for key, printer in one.deferred_printers.items() if key[0] != "IPython"]
    return found


def _alike(one: Any, other: Any) -> bool:
    """Some of IPython's printers are functions that each formatter makes for itself."""
    return one is other or (one is not None and getattr(one, "__code__", 1) is getattr(other, "__code__", 2))


def settings_of(formatter: Any) -> dict[str, Any]:
    """Traits of the formatters that a user may set."""
    found: dict[str, Any] = {"active_types": list(formatter.active_types)}
    for mime, one in formatter.formatters.items():
        values = one._trait_values
        found[mime] = {name: values[name] for name in _FORMATTER_TRAITS if name in values}
    return found


def _inline() -> dict[str, Any] | None:
    module = sys.modules.get("matplotlib_inline.config")
    if module is None or module.InlineBackend._instance is None:
        return None
    config = module.InlineBackend._instance
    return {name: getattr(config, name) for name in _INLINE_TRAITS}


def apply_display(formatter: Any, data: bytes) -> None:
    """Worker side: make `formatter` print as the notebook's does."""
    printers, settings, inline = pickle.loads(data)
    for mime, (module, name), printer in printers:
        one = formatter.formatters.get(mime)
        if one is None:
            continue
        loaded = pickle.loads(printer)
        cls = getattr(sys.modules.get(module), name, None)
        if cls is not None:
            one.for_type(cls, loaded)
        else:
            one.for_type_by_name(module, name, loaded)
    formatter.active_types = settings.pop("active_types")
    for mime, traits in settings.items():
        one = formatter.formatters.get(mime)
        for name, value in traits.items() if one is not None else ():
            if getattr(one, name) != value:
                setattr(one, name, value)
    if inline is not None:
        from matplotlib_inline.config import InlineBackend

        config = InlineBackend.instance()
        for name, value in inline.items():
            setattr(config, name, value)


# ------------------------------------------------------------------------------------------------------ matplotlib


def _matplotlib() -> dict[str, Any]:
    """Parameters that differ from matplotlib's defaults."""
    module = sys.modules["matplotlib"]
    default = module.rcParamsDefault
    found = {}
    for name, value in dict.items(module.rcParams):
        if not _same(value, dict.get(default, name)):
            found[name] = value
    return {name: value for name, value in found.items() if name != "backend" or isinstance(value, str)}


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one is other or one == other)
    except Exception:
        return False


def apply_matplotlib(found: dict[str, Any], last: dict[str, Any] | None) -> None:
    """Worker side."""
    module = sys.modules["matplotlib"]
    for name in (last or {}).keys() - found.keys():
        if name != "backend":
            module.rcParams[name] = module.rcParamsDefault[name]
    for name, value in found.items():
        if name == "backend":
            if dict.get(module.rcParams, "backend") != value:
                module.use(value, force=False)
        elif not _same(dict.get(module.rcParams, name), value):
            module.rcParams[name] = value
