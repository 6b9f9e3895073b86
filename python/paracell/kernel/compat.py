"""ipykernel's names, answered by this kernel, without importing ipykernel at start.

Libraries ask ``'ipykernel' in sys.modules``, ``IPKernelApp.instance().kernel``, ``from ipykernel.comm import Comm``. So
the names that are only looked for stand in sys.modules as modules that load on first use, and what is imported later is
adjusted right after its code has run.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

from paracell.kernel import parents

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paracell.kernel.facade import Kernel

LOOKED_FOR = ("ipykernel", "ipykernel.zmqshell")


class _LaterModule(ModuleType):
    """A module whose code runs when a name is asked of it; its ``__file__`` and other marks are there before."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        lock: threading.RLock = self.__dict__["_paracell_lock"]
        with lock:
            if type(self) is _LaterModule:
                self.__class__ = ModuleType  # type: ignore[assignment]
                assert self.__spec__ is not None and self.__spec__.loader is not None
                self.__spec__.loader.exec_module(self)
        return getattr(self, name)


class _Adjuster:
    """A meta path finder that runs an adjustment after the code of the modules it knows."""

    def __init__(self, adjustments: dict[str, Callable[[ModuleType], None]]) -> None:
        self._adjustments = adjustments

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        adjust = self._adjustments.get(name)
        if adjust is None:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return None
        loader: Any = spec.loader
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            adjust(module)

        loader.exec_module = exec_module
        return spec


def _adjustments(kernel: Kernel) -> dict[str, Callable[[ModuleType], None]]:
    def app(module: Any) -> None:
        module.IPKernelApp = type(kernel.application)

    def shell(module: Any) -> None:
        from paracell.kernel import displays

        module.ZMQInteractiveShell = type(kernel.shell)
        module.ZMQDisplayPublisher = displays.ZMQDisplayPublisher

    def base(module: Any) -> None:
        module.Kernel._instance = kernel

    def python(module: Any) -> None:
        from paracell.kernel import comms

        comms.claim()

    def streams(module: Any) -> None:
        from paracell.kernel.streams import OutStream

        module.OutStream = OutStream

    def comm(module: Any) -> None:
        from paracell.kernel.comms import KernelComm

        module.BaseComm.publish_msg = KernelComm.publish_msg
        module.BaseComm.native = kernel.native

    def connect(module: Any) -> None:
        module.get_connection_file = lambda app=None: kernel.connection_file

    return {
        "ipykernel.kernelapp": app,
        "ipykernel.zmqshell": shell,
        "ipykernel.kernelbase": base,
        "ipykernel.ipkernel": python,
        "ipykernel.iostream": streams,
        "ipykernel.comm.comm": comm,
        "ipykernel.connect": connect,
        "concurrent.futures._base": parents.follow_futures,
        "concurrent.futures.thread": parents.follow_pools,
        "multiprocessing.pool": parents.follow_thread_pools,
        "subprocess": lambda module: parents.follow_subprocesses(module, kernel.native),
    }


def install(kernel: Kernel) -> None:
    """Put the looked-for names into sys.modules, and adjust what is imported later; nothing without ipykernel."""
    adjustments = _adjustments(kernel)
    sys.meta_path.insert(0, _Adjuster(adjustments))  # type: ignore[arg-type]
    for name in adjustments.keys() & sys.modules.keys():
        adjustments[name](sys.modules[name])
    parent: ModuleType | None = None
    for name in LOOKED_FOR:
        if name in sys.modules:
            continue
        path = parent.__path__ if parent is not None else None
        spec = _find(name, path)
        if spec is None:
            return
        module = importlib.util.module_from_spec(spec)
        module.__dict__["_paracell_lock"] = threading.RLock()
        module.__class__ = _LaterModule  # type: ignore[assignment]
        sys.modules[name] = module
        if parent is not None:
            parent.__dict__[name.rpartition(".")[2]] = module
        parent = module


def _find(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        spec = finder.find_spec(name, path)
        if spec is not None:
            return spec
    return None
