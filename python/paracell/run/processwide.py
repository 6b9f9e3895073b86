"""What code sets for the whole process, if only for a while: threads cannot do it side by side.

A thread that redirects ``sys.stdout`` takes the output of all others, and puts back what another one had put there; the
notebook itself would be left without output.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any

from paracell.attributes import attribute

from ..ship.codes import Reach, reach

SETTERS = frozenset(
    (
        *("redirect_stdout", "redirect_stderr", "capture_output"),
        *("catch_warnings", "simplefilter", "filterwarnings", "resetwarnings"),
        *("chdir", "umask", "setlocale", "tzset", "setrecursionlimit", "settrace", "setprofile"),
        *("option_context", "set_printoptions"),
    )
)
"""Functions and classes by name; what they set belongs to the process."""
PROCESS = frozenset(("chdir", "umask", "setlocale", "tzset"))
"""Of these, what even the interpreters of one process share."""
_PATCHING = ("unittest.mock", "unittest")
"""Where ``patch`` is, which is no other library's word for it (``requests.patch``)."""
_DRAWING = frozenset(("plot", "hist", "boxplot"))
"""Methods of tables that draw into pyplot's current figure."""
_MOST = 500


def setters(compute: FunctionType) -> list[str]:
    """Names of such functions that `compute`, or a function of the notebook that it reaches, uses."""
    found: dict[str, None] = {}
    for names in functions_of(compute):
        found.update(dict.fromkeys(sorted(SETTERS & names.attributes)))
        if _DRAWING & names.attributes and "matplotlib.pyplot" in sys.modules:
            found["plt.figure"] = None
        patches = "patch" in names.attributes and any(one in names.imports for one in _PATCHING)
        if patches:
            found["patch"] = None
        for name in names.globals:
            one = compute.__globals__.get(name)
            called = attribute(one, "__name__")
            if called in SETTERS and attribute(one, "__module__") != "__main__":
                found[str(called)] = None
            if "patch" in (called, *names.attributes) and _PATCHING[0] in (_module(one), _module(type(one))):
                found["patch"] = None
            if isinstance(one, ModuleType) and one.__name__ == "matplotlib.pyplot":
                found["plt.figure"] = None
    return list(found)


def functions_of(compute: FunctionType) -> Iterator[Reach]:
    """What `compute` names, and each function of the notebook that it reaches."""
    seen: set[int] = set()
    pending: list[Any] = [compute]
    while pending and len(seen) < _MOST:
        value = pending.pop()
        if isinstance(value, MethodType):
            value = value.__func__
        value = getattr(value, "__wrapped__", value)
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, type) and value.__module__ == "__main__":
            pending += [one for one in vars(value).values() if isinstance(one, FunctionType)]
        elif isinstance(value, FunctionType) and value.__globals__ is compute.__globals__:
            names = reach(value.__code__)
            yield names
            for name in names.globals:
                one = compute.__globals__.get(name)
                if isinstance(one, (FunctionType, MethodType, type)) or attribute(one, "__wrapped__"):
                    pending.append(one)
            pending += [
                cell.cell_contents
                for cell in value.__closure__ or ()
                if isinstance(_contents(cell), (FunctionType, MethodType))
            ]


def _module(one: Any) -> Any:
    return attribute(one, "__name__" if isinstance(one, ModuleType) else "__module__")


def open_figures() -> bool:
    """Whether pyplot holds figures in this process."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return helpers is not None and bool(helpers.Gcf.figs)


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
