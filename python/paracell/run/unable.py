"""What a subinterpreter cannot do: noted where it is asked for, whatever the code that asks makes of the error.

An extension module must be made for several interpreters in one process, and what belongs to the process (its
directory, environment variables, signals, its children by fork) cannot be one iteration's. A loop that asks for such a
thing goes on serially from there.
"""

from __future__ import annotations

import _imp
import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

Noted = tuple[str, str]
"""An extension module by name, or else why something cannot be had."""
NOTED: list[Noted] = []
"""What was asked for since this was emptied last."""

_PROCESS = {
    "os": (
        *("chdir", "fchdir", "chroot", "putenv", "unsetenv", "umask", "nice"),
        *("fork", "forkpty", "execv", "execve"),
    ),
    "signal": ("signal", "setitimer", "alarm", "set_wakeup_fd", "siginterrupt"),
    "locale": ("setlocale",),
    "time": ("tzset",),
    "resource": ("setrlimit",),
}


_BELOW = {"os": "posix", "signal": "_signal", "locale": "_locale"}
"""Where functions of these modules come from, and pickles look for them."""
_ENVIRONMENT = ("os.putenv()", "os.unsetenv()")


class Unable(RuntimeError):
    """Raised in an interpreter by what acts on the whole process."""


def text(noted: Sequence[Noted]) -> str:
    """What the user is told of what was noted."""
    # What a package does before its extension cannot be loaded is no matter.
    name, why = next((one for one in noted if one[0]), noted[0])
    if not name:
        return f"{why}. Use %%parallel processes"
    package = name.partition(".")[0]
    module = f" ({name})" if name != package else ""
    return (
        f"{package} cannot be loaded in a subinterpreter: its extension module{module} is made for one interpreter a "
        "process. Use %%parallel processes"
    )


def watch() -> None:
    """In a new subinterpreter: note from now on."""
    for name in ("create_dynamic", "exec_dynamic", "create_builtin", "exec_builtin"):
        setattr(_imp, name, _loading(getattr(_imp, name)))
    for module, names in _PROCESS.items():
        try:
            owner = __import__(module)
        except ImportError:
            continue
        for name in names:
            if hasattr(owner, name):
                refused = _refusing(f"{module}.{name}()", getattr(owner, name))
                for one in (owner, sys.modules.get(_BELOW.get(module, ""))):
                    if hasattr(one, name):
                        setattr(one, name, refused)
    import subprocess
    import threading

    _note_errors(subprocess, "_fork_exec", "a subinterpreter cannot start programs with a preexec_fn")
    threading._daemon_threads_allowed = _daemons  # type: ignore[attr-defined]


def _loading(load: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(load)
    def watched(given: Any, *file: Any) -> Any:
        try:
            return load(given, *file)
        except ImportError:
            NOTED.append((getattr(given, "name", None) or given.__name__, ""))
            raise

    return watched


def _refusing(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def refused(*args: Any, **kwargs: Any) -> Any:
        if name == "signal.signal()" and sys._getframe(1).f_globals.get("__name__") == "asyncio.runners":
            raise ValueError("signal only works in main thread of the main interpreter")  # which it is prepared for
        if name == "locale.setlocale()" and [*args[1:], kwargs.get("locale")][0] is None:
            return original(*args, **kwargs)  # it tells how it is set
        if name in _ENVIRONMENT and _importing():
            return  # libraries do that; the mapping has it, and whether that matters is looked at afterwards
        why = f"{name} acts on the whole process, which the interpreters share"
        NOTED.append(("", why))
        raise Unable(why)

    return refused


def _importing() -> bool:
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _note_errors(owner: Any, name: str, why: str) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def watched(*args: Any) -> Any:
        try:
            return original(*args)
        except RuntimeError:
            NOTED.append(("", why))
            raise

    setattr(owner, name, watched)


def _daemons() -> bool:
    # What stands for the thread itself, which Python has not started, may be one or not.
    if sys._getframe(1).f_code.co_qualname != "_DummyThread.__init__":
        NOTED.append(("", "a subinterpreter has no daemon threads"))
    return False
