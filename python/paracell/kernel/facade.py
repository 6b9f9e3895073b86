"""``get_ipython().kernel``: the kernel object that libraries know from ipykernel, in front of the native one."""

from __future__ import annotations

import functools
import getpass
import logging
import os
import sys
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from paracell.kernel import introspect, parents
from paracell.kernel.packing import pack
from paracell.kernel.parents import Parent

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from paracell._native import Kernel as Native


class Socket:
    """Names a channel in ``session.send(socket, ...)``."""

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def __repr__(self) -> str:
        return f"<paracell channel {self.channel}>"


class Session:
    """As much of jupyter_client's Session as notebooks use: make a message, send a message."""

    def __init__(self, native: Native) -> None:
        self._native = native
        self.session = native.session
        self.username = os.environ.get("JUPYTER_USERNAME") or _user()

    def msg_header(self, msg_type: str) -> dict[str, Any]:
        """A new header."""
        return {
            "msg_id": uuid.uuid4().hex,
            "msg_type": msg_type,
            "username": self.username,
            "session": self.session,
            "date": datetime.now(timezone.utc),
            "version": "5.4",
        }

    def msg(
        self, msg_type: str, content: Any = None, parent: Any = None, header: Any = None, metadata: Any = None
    ) -> dict[str, Any]:
        """A new message as a nested dict; `parent` is a message or a header."""
        header = header or self.msg_header(msg_type)
        parent = parent or {}
        return {
            "header": header,
            "msg_id": header["msg_id"],
            "msg_type": header["msg_type"],
            "parent_header": parent.get("header", parent),
            "content": content or {},
            "metadata": metadata or {},
        }

    def send(
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> dict[str, Any]:
        """Send a message on iopub, or as the reply to the running request on the channel that it came by."""
        if isinstance(msg_or_type, str):
            message = self.msg(msg_or_type, content, parent, header, metadata)
        else:
            message = msg_or_type
        msg_type = message["header"]["msg_type"]
        body, extra = pack(message["content"]), pack(message["metadata"])
        if getattr(stream, "channel", "iopub") == "iopub":
            origin = Parent.of(message["parent_header"]).header
            topic = ident[0] if isinstance(ident, list) and ident else ident
            self._native.publish(
                msg_type,
                body,
                parent=origin,
                metadata=extra,
                buffers=buffers or (),
                topic=topic if isinstance(topic, bytes) else None,
            )
        else:
            request = parents.current().request
            if request is not None:
                self._native.reply(request, msg_type, body, extra, buffers or ())
        return message


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "username"


class Kernel:
    """The running kernel. ``isinstance(kernel, ipykernel.ipkernel.IPythonKernel)`` holds once that is imported."""

    def __init__(self, native: Native, connection_file: str, loop: asyncio.AbstractEventLoop) -> None:
        self.native = native
        self.connection_file = connection_file
        self.loop = loop
        self.session = Session(native)
        self.iopub_socket = Socket("iopub")
        self.shell_socket: Any = Socket("shell")
        self.shell_stream: Any = self.shell_socket
        self.control_socket = self.control_stream = Socket("control")
        self.stdin_socket = Socket("stdin")
        self.iopub_thread = None
        self.shell: Any = None
        self.comm_manager: Any = None
        self.application: Any = None
        """The IPKernelApp. ``app`` is the toolkit's, and there once one runs."""
        self.ident = str(uuid.uuid4())
        self.int_id = -1
        self.log = logging.getLogger("paracell")
        self.shell_handlers: dict[str, Callable[[Any, Any, dict[str, Any]], Any]] = {}
        """Of comm messages, and of what libraries add: they may replace those. Cells are not run through it."""
        self.shell_handlers["execute_request"] = self.execute_request
        self.control_handlers: dict[str, Any] = {}
        self.subshells: set[str] = set()
        """Names of those that are served."""
        self.before_cell: Callable[[], None] | None = None
        """Called on the thread that is about to run a cell."""
        self.in_debugger: Callable[[Callable[[Any], bool] | None], None] = lambda look: None
        """Set how an interrupt finds that a debugger waits in a frame."""
        self.exit_soon: Callable[[], None] = lambda: None
        self.do_one_iteration: Callable[[], None] = lambda: None
        """Handle the comm messages that have come: for code that keeps the thread and waits for widgets."""
        self.implementation = "paracell"
        self.gui: Any = None
        self._eventloop: Any = None

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # isinstance() asks here too; the type itself stays what it is
        module = sys.modules.get("ipykernel.ipkernel")
        there: type | None = module.__dict__.get("IPythonKernel") if module is not None else None
        return there or Kernel

    @property
    def io_loop(self) -> Any:
        """tornado's view of the one asyncio loop."""
        from tornado.ioloop import IOLoop

        return IOLoop.current()

    # What the loops of ipykernel.eventloops ask: where requests arrive, and how long they may keep the thread.
    _supports_kernel_subshells = False
    _poll_interval = 0.01

    @property
    def eventloop(self) -> Any:
        """The loop of a GUI toolkit that runs while the kernel is idle, as a function of the kernel, or None."""
        return self._eventloop

    @eventloop.setter
    def eventloop(self, run: Any) -> None:
        before, self._eventloop = self._eventloop, run
        if self.gui is not None and run is not None and run is not before:
            self.gui.begin(run)

    @property
    def user_ns(self) -> Any:
        return self.shell.user_ns

    @property
    def user_module(self) -> Any:
        return self.shell.user_module

    @property
    def parent(self) -> Any:
        """The application, as a configurable's parent."""
        return self.application

    @property
    def config(self) -> Any:
        return self.application.config

    def _find_my_config(self, cfg: Any) -> Any:  # traitlets asks its parents
        return self.application._find_my_config(cfg)

    @functools.cached_property
    def kernel_info(self) -> dict[str, Any]:
        """The content of kernel_info_reply."""
        from paracell.kernel.start import kernel_info

        return kernel_info()

    def __getattr__(self, name: str) -> Any:
        if name in ("banner", "help_links", "implementation_version", "language_info"):
            return self.kernel_info[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def execution_count(self) -> int:
        count: int = self.shell.execution_count
        return count

    def get_parent(self, channel: str | None = None) -> dict[str, Any]:
        """The message that the running code answers."""
        return parents.current().message

    @property
    def _parent_header(self) -> dict[str, Any]:
        return self.get_parent()

    @property
    def _parent_ident(self) -> dict[str, Any]:
        request = parents.current().request
        idents = list(request.identities) if request is not None else []
        return {"shell": idents, "control": idents}

    def set_parent(self, ident: Any, parent: dict[str, Any], channel: str = "shell") -> None:
        """What is printed and displayed from now on belongs to `parent` (a message)."""
        self.shell.set_parent(parent)

    def send_response(
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
        channel: str | None = None,
    ) -> dict[str, Any]:
        """Send a message whose parent is the running request."""
        return self.session.send(
            stream, msg_or_type, content, self.get_parent(), ident, buffers, track, header, metadata
        )

    def _topic(self, topic: str) -> bytes:
        return f"kernel.{self.ident}.{topic}".encode()

    def raw_input(self, prompt: str = "") -> str:
        """Ask the client for a line."""
        from paracell.kernel.stdin import ask

        return ask(self.native, str(prompt), False)

    def getpass(self, prompt: str = "", stream: Any = None) -> str:
        """Ask the client for a password."""
        from paracell.kernel.stdin import ask

        return ask(self.native, str(prompt), True)

    # The questions of a client, asked from code.

    def do_complete(self, code: str, cursor_pos: int | None) -> dict[str, Any]:
        """The content of complete_reply."""
        return introspect.complete(self, {"code": code, "cursor_pos": cursor_pos})

    def do_inspect(self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()) -> dict[str, Any]:
        """The content of inspect_reply."""
        content = {"code": code, "cursor_pos": cursor_pos, "detail_level": detail_level}
        return introspect.inspect(self, {**content, "omit_sections": omit_sections})

    def do_is_complete(self, code: str) -> dict[str, Any]:
        """The content of is_complete_reply."""
        return introspect.is_complete(self, {"code": code})

    def do_history(self, hist_access_type: str, output: bool, raw: bool, **more: Any) -> dict[str, Any]:
        """The content of history_reply."""
        content = {"hist_access_type": hist_access_type, "output": output, "raw": raw}
        return introspect.history(self, {**content, **more})

    def execute_request(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Run the cell of a request. Libraries put this aside while they wait in a cell, to run later what comes
        meanwhile; here it waits by itself, and this is not called. RuntimeError if it is."""
        raise RuntimeError("cells are run by the kernel alone")
