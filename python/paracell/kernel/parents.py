"""Which request is the parent of what is being printed or displayed now.

Kept in a context variable, so that a task or a callback keeps the cell that created it; a thread keeps the cell that
started it; anything else (a C thread, a callback without context) belongs to the cell that ran last.
"""

from __future__ import annotations

import functools
import inspect
import os
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from paracell import popen
from paracell.kernel.packing import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paracell._native import Kernel as Native
    from paracell._native import Request

Message = dict[str, Any]


class Parent:
    """A request as a parent: its raw header for the wire, and the message as a dict for Python, made on demand."""

    __slots__ = ("_message", "allow_stdin", "header", "request")

    def __init__(self, header: bytes, request: Request | None = None, message: Message | None = None) -> None:
        self.header = header
        self.request = request
        self.allow_stdin = False
        self._message = message

    @property
    def message(self) -> Message:
        """The message in jupyter_client's form: header, parent_header, metadata, content, buffers, msg_id, msg_type."""
        if self._message is None:
            header = unpack(self.header)
            self._message = {"header": header, "msg_id": header.get("msg_id"), "msg_type": header.get("msg_type")}
            request = self.request
            if request is not None:
                self._message["parent_header"] = unpack(request.parent_header)
                self._message["metadata"] = unpack(request.metadata)
                self._message["content"] = unpack(request.content)
                self._message["buffers"] = [memoryview(b) for b in request.buffers]
        return self._message

    @classmethod
    def of(cls, message: Mapping[str, Any] | None) -> Parent:
        """The parent that a message, or a bare header, stands for."""
        header = (message or {}).get("header", message)
        if not header:
            return NOBODY
        return cls(pack(header), message={"msg_id": header.get("msg_id"), **(message or {}), "header": header})


NOBODY = Parent(b"{}", message={})

_dispatchers = threading.local()


def dispatching() -> Any:
    """The dispatcher whose thread this is, or None."""
    return getattr(_dispatchers, "mine", None)


def set_dispatching(dispatcher: Any) -> None:
    """This thread handles the requests that `dispatcher` takes; None: no longer."""
    _dispatchers.mine = dispatcher


_current: ContextVar[Parent] = ContextVar("paracell_parent")
_latest: Parent = NOBODY
_THREAD_ATTRIBUTE = "_paracell_parent"
_threads: dict[int, threading.Thread] = threading._active  # type: ignore[attr-defined]
_FOR_ANY_CELL = frozenset({"ray_print_logs", "ray_listen_error_messages"})
"""Names of threads that hand on what a library's processes have to say, started once for all cells (by ``ray.init``):
what they show belongs to the cell that ran last."""


def current() -> Parent:
    """The parent of what this context, or this thread, does now."""
    parent = _current.get(None)
    if parent is None:
        thread = _threads.get(threading.get_ident())
        parent = getattr(thread, _THREAD_ATTRIBUTE, None) or _latest
    return parent


def latest() -> Parent:
    """The parent of the cell that ran last."""
    return _latest


def enter(parent: Parent, latest: bool = True) -> None:
    """From here on, this context belongs to `parent`; with `latest` everything without a context of its own, too."""
    global _latest
    _current.set(parent)
    if latest:
        _latest = parent


def restore(parent: Parent, previous: Parent) -> None:
    """Undo ``enter(parent)`` after a request that was not a cell."""
    global _latest
    _current.set(previous)
    if _latest is parent:
        _latest = previous


def follow_threads() -> None:
    """Let every thread started from now on belong to the cell that starts it."""
    start = threading.Thread.start

    def start_with_parent(self: threading.Thread) -> None:
        if self.name not in _FOR_ANY_CELL:
            setattr(self, _THREAD_ATTRIBUTE, current())
        start(self)

    start_with_parent.__wrapped__ = start  # type: ignore[attr-defined]
    start_with_parent.__doc__ = start.__doc__
    start_with_parent.__name__ = "start"
    start_with_parent.__qualname__ = "Thread.start"
    threading.Thread.start = start_with_parent  # type: ignore[method-assign]


def follow_pools(module: Any) -> None:
    """Let what is submitted to a ThreadPoolExecutor belong to the cell that submits it, not to the one that happened to
    start the pool's thread. `module` is ``concurrent.futures.thread``."""
    _bind(module.ThreadPoolExecutor, "submit", "fn")


def follow_futures(module: Any) -> None:
    """The same for a Future's callbacks. `module` is ``concurrent.futures._base``."""
    _bind(module.Future, "add_done_callback", "fn")


def follow_thread_pools(module: Any) -> None:
    """The same for multiprocessing's pools: what their threads call, and callbacks. `module` is
    ``multiprocessing.pool``."""
    for name in ("apply_async", "_map_async"):
        _bind(module.Pool, name, "callback", "error_callback")
    for name in ("apply_async", "_map_async", "imap", "imap_unordered"):
        _bind(module.ThreadPool, name, "func")


def follow_subprocesses(module: Any, native: Native) -> None:
    """Let what a subprocess prints belong to the cell that started it. `module` is ``subprocess``."""
    init = module.Popen.__init__

    @functools.wraps(init)
    def with_parent(*args: Any, **kwargs: Any) -> None:
        given: list[Any] = list(args)
        ours: list[int] = []

        def make(name: popen.Stream) -> int | None:
            fd = native.child_fd(name, current().header)
            ours.extend(() if fd is None else (fd,))
            return fd

        try:
            popen.fill(init, given, kwargs, make)
            init(*given, **kwargs)
        finally:
            for fd in ours:
                os.close(fd)

    module.Popen.__init__ = with_parent


def _bind(owner: type, name: str, *parameters: str) -> None:
    """Replace a method: the functions that it is given as `parameters` are called for what is the parent now."""
    method = getattr(owner, name)
    places = [(p, list(inspect.signature(method).parameters).index(p)) for p in parameters]

    @functools.wraps(method)
    def with_parent(*args: Any, **kwargs: Any) -> Any:
        given = list(args)
        for parameter, place in places:
            if place < len(given):
                given[place] = _bound(given[place])
            elif parameter in kwargs:
                kwargs[parameter] = _bound(kwargs[parameter])
        return method(*given, **kwargs)

    setattr(owner, name, with_parent)


def _bound(function: Any) -> Any:
    """`function`, called for what is the parent now; None stays None."""
    if function is None:
        return None
    parent = current()

    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        token = _current.set(parent)
        try:
            return function(*args, **kwargs)
        finally:
            _current.reset(token)

    return call


class Override:
    """A parent that user code set by hand on one stream or publisher; valid while the cell that it was set in runs."""

    def __init__(self) -> None:
        self._var: ContextVar[tuple[Parent, Parent]] = ContextVar("paracell_parent_override")
        self.used = False

    def get(self) -> Parent:
        parent = current()
        pair = self._var.get(None)
        return pair[1] if pair is not None and pair[0] is parent else parent

    def set(self, message: Mapping[str, Any] | None) -> Any:
        self.used = True
        return self._var.set((current(), Parent.of(message)))

    def reset(self, token: Any) -> None:
        self._var.reset(token)


class WithParent:
    """The parent interface that libraries know from ipykernel's streams, display publisher and displayhook."""

    _override: Override

    @property
    def parent_header(self) -> dict[str, Any]:
        """The header that what is written now will carry."""
        header: dict[str, Any] = self._override.get().message.get("header", {})
        return header

    @parent_header.setter
    def parent_header(self, value: dict[str, Any]) -> None:
        self._override.set(value)

    def set_parent(self, parent: Mapping[str, Any]) -> None:
        """What is written from now on in this context belongs to `parent` (a message or a header)."""
        self._override.set(parent)

    def set_thread_parent(self, parent: Mapping[str, Any]) -> Any:
        """As set_parent; returns a token for reset_thread_parent."""
        return self._override.set(parent)

    def reset_thread_parent(self, token: Any) -> None:
        """Undo set_thread_parent."""
        self._override.reset(token)
