"""sys.stdout and sys.stderr of the notebook, and what is written to descriptors 1 and 2 underneath them."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Literal

from paracell.kernel.parents import Override, WithParent, current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from paracell._native import Kernel

Hook = "Callable[[dict[str, Any]], dict[str, Any] | None]"

_in_child = False


def _mark_child() -> None:
    global _in_child
    _in_child = True


class OutStream(WithParent, io.TextIOBase):
    """Text that goes to the clients as stream messages of the cell that wrote it.

    Has no ``buffer``: bytes have no place in a stream message. A forked child's text belongs to the cell that forked.
    """

    encoding = "UTF-8"
    errors = "backslashreplace"

    def __init__(self, native: Kernel, name: Literal["stdout", "stderr"], original: int | None) -> None:
        """`original` is a copy of the descriptor underneath as it was before it was captured, or None."""
        super().__init__()
        self.name = name
        self._native = native
        self._stream = native.stream
        self._plain = True
        """Whether no thread has ever registered a hook."""
        self._original_stdstream_copy = original
        self._override = Override()
        self._local = threading.local()

    def fileno(self) -> int:
        """The descriptor that the process was started with: for subprocesses and faulthandler."""
        if self._original_stdstream_copy is None:
            raise io.UnsupportedOperation("fileno")
        return self._original_stdstream_copy

    def _is_master_process(self) -> bool:
        """Whether this is the kernel and no forked child of it (multiprocessing libraries ask)."""
        return not _in_child

    def isatty(self) -> bool:
        """False: programs draw differently for a terminal."""
        return False

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def write(self, string: str) -> int:
        """Append to the cell's output. TypeError unless `string` is a str; ValueError after close()."""
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string).__name__}")
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if string:
            # print() comes here twice a line.
            if self._plain and not self._override.used:
                self._stream(self.name, string, current().header)
            else:
                self._send(string)
        return len(string)

    def _send(self, string: str) -> None:
        parent = self._override.get()
        if getattr(self._local, "hooks", None):
            message: dict[str, Any] | None = {
                "header": {"msg_type": "stream"},
                "msg_type": "stream",
                "parent_header": parent.message.get("header", {}),
                "content": {"name": self.name, "text": string},
                "metadata": {},
            }
            for hook in list(self._local.hooks):
                message = hook(message)
                if message is None:
                    return
            assert message is not None
            string = message["content"]["text"]
        self._native.stream(self.name, string, parent.header)

    def writelines(self, lines: Iterable[str]) -> None:  # type: ignore[override]
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """What was written so far is on its way to every client when this returns."""
        if not self.closed:
            self._native.flush()

    def register_hook(self, hook: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
        """Let `hook` change (or swallow, by returning None) every stream message that this thread writes."""
        self._plain = False
        if not hasattr(self._local, "hooks"):
            self._local.hooks = []
        self._local.hooks.append(hook)

    def unregister_hook(self, hook: Callable[[dict[str, Any]], dict[str, Any] | None]) -> bool:
        """Undo register_hook; whether it was registered."""
        hooks = getattr(self._local, "hooks", [])
        if hook not in hooks:
            return False
        hooks.remove(hook)
        return True


# click and others look for a stream whose class lives in ipykernel to know that they are in a notebook.
OutStream.__module__ = "ipykernel.iostream"


def _capture(native: Kernel, fd: int, name: Literal["stdout", "stderr"]) -> int | None:
    """Let the native kernel read what is written to `fd`; a copy of the original descriptor, or None if it has none."""
    try:
        os.fstat(fd)
    except OSError:
        return None
    return native.capture_fd(fd, name)


def install(native: Kernel) -> None:
    """Replace sys.stdout and sys.stderr; capture the descriptors below; keep faulthandler on the real stderr."""
    os.register_at_fork(after_in_child=_mark_child)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
            # Below it is a pipe from now on; a user who prints to sys.__stdout__ expects to see whole lines at once.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(line_buffering=True, errors="backslashreplace")
    out = _capture(native, 1, "stdout")
    err = _capture(native, 2, "stderr")
    sys.stdout = OutStream(native, "stdout", out)
    sys.stderr = OutStream(native, "stderr", err)
    if err is not None:
        real = open(err, "w", closefd=False)  # noqa: SIM115 - for the life of the process
        _faulthandler_to(real)
        # What the kernel has to say is not the output of a cell, nor for the handlers that a cell installs.
        log = logging.getLogger("paracell")
        log.addHandler(logging.StreamHandler(real))
        log.propagate = False


def _faulthandler_to(stream: Any) -> None:
    """Report crashes. A report must not go through a stream that the crashing process itself has to carry, not even
    where PYTHONFAULTHANDLER had it written to descriptor 2."""
    import faulthandler

    enable, register = faulthandler.enable, faulthandler.register

    def enable_(file: Any = stream, all_threads: bool = True, **more: Any) -> None:
        enable(file=file, all_threads=all_threads, **more)

    def register_(signum: int, file: Any = stream, all_threads: bool = True, chain: bool = False, **more: Any) -> None:
        register(signum, file=file, all_threads=all_threads, chain=chain, **more)

    faulthandler.enable = enable_
    faulthandler.register = register_
    enable_()
