"""The kernel application: configuration, IPython's shell, the loop, and the end.

Named ``IPKernelApp`` so that ``c.IPKernelApp...`` in configuration files, ``--IPKernelApp...`` on the command line and
``'IPKernelApp' in get_ipython().config`` mean what they mean under ipykernel.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from IPython.core.application import BaseIPythonApplication, base_aliases, base_flags
from IPython.core.profiledir import ProfileDir
from IPython.core.shellapp import InteractiveShellApp, shell_aliases, shell_flags
from traitlets import Any as AnyTrait
from traitlets import Bool, Dict, Integer, Unicode
from traitlets.config import Config

from paracell.kernel import children, comms, compat, parents, stdin, streams
from paracell.kernel.ahead import Ahead
from paracell.kernel.dispatch import Dispatcher
from paracell.kernel.facade import Kernel
from paracell.kernel.gui import GuiLoop, ShellStream
from paracell.kernel.interrupts import Interrupts, NoInterrupts
from paracell.kernel.shell import ZMQInteractiveShell
from paracell.kernel.side import Side

if TYPE_CHECKING:
    from paracell._native import Kernel as Native
    from paracell._native import Subshell

_PORTS = ("hb", "shell", "iopub", "stdin", "control")
ALIASES = {
    **base_aliases,
    **shell_aliases,
    "f": "IPKernelApp.connection_file",
    "connection-file": "IPKernelApp.connection_file",
    "ip": "IPKernelApp.ip",
    "transport": "IPKernelApp.transport",
    **{name: f"IPKernelApp.{name}_port" for name in _PORTS},
}
FLAGS = {
    **base_flags,
    **shell_flags,
    "pylab": ({"IPKernelApp": {"pylab": "auto"}}, "Pre-load matplotlib and numpy."),
}


class IPKernelApp(BaseIPythonApplication, InteractiveShellApp):  # type: ignore[misc]
    """Configuration and start-up files around the shell."""

    name = "ipython-kernel"
    aliases = Dict(ALIASES)
    flags = Dict(FLAGS)
    classes = [ZMQInteractiveShell, ProfileDir]  # type: ignore[assignment, list-item]  # noqa: RUF012
    subcommands = Dict()
    kernel = AnyTrait()

    connection_file = Unicode("", help="The connection file.").tag(config=True)
    # The connection file says these, whatever is asked for; libraries look at them.
    ip = Unicode("").tag(config=True)
    transport = Unicode("tcp").tag(config=True)
    hb_port = Integer(0).tag(config=True)
    shell_port = Integer(0).tag(config=True)
    iopub_port = Integer(0).tag(config=True)
    stdin_port = Integer(0).tag(config=True)
    control_port = Integer(0).tag(config=True)
    quiet = Bool(True).tag(config=True)
    capture_fd_output = Bool(True).tag(config=True)

    def connected(self, file: str) -> None:
        """The kernel is reached as this connection file says."""
        self.connection_file = file
        with contextlib.suppress(OSError, ValueError), open(file, encoding="utf-8") as text:
            info = json.load(text)
            for name in ("ip", "transport", *(f"{port}_port" for port in _PORTS)):
                setattr(self, name, info[name])

    @property
    def session(self) -> Any:
        return self.kernel.session

    @property
    def connection_dir(self) -> str:
        return os.path.dirname(self.connection_file)

    @property
    def abs_connection_file(self) -> str:
        return os.path.abspath(self.connection_file)

    def init_crash_handler(self) -> None:
        sys.excepthook = self.excepthook

    def excepthook(self, etype: Any, evalue: Any, tb: Any) -> None:
        """An exception that nobody caught goes to the real stderr."""
        with contextlib.suppress(Exception):
            traceback.print_exception(etype, evalue, tb, file=_real_stderr())

    def parse_command_line(self, argv: Any = None) -> None:
        """As traitlets', whose parser takes a while to make: not for the connection file alone, as clients start us."""
        if argv is None or len(argv) != 2 or argv[0] != "-f":
            super().parse_command_line(argv)
            return
        self.argv, self.extra_args = list(argv), []
        self.cli_config = Config({"IPKernelApp": {"connection_file": argv[1]}})
        self.update_config(self.cli_config)

    def make_shell(self, kernel: Kernel, collects: bool) -> None:
        """Create the shell, run extensions and start-up files; with `collects`, turn garbage collection on before."""
        self.config.IPKernelApp.setdefault("connection_file", self.connection_file)
        self.kernel = kernel
        kernel.application = self
        self.shell = kernel.shell = ZMQInteractiveShell.instance(
            parent=self, profile_dir=self.profile_dir, kernel=kernel, user_ns=self.user_ns
        )
        self.shell.configurables.append(self)  # type: ignore[arg-type]
        # Code goes from the shell to the kernel to the application; no configurable, so set behind traitlets' back.
        self.shell._trait_values["parent"] = kernel
        session = os.environ.get("JPY_SESSION_NAME")
        if session:
            self.shell.user_ns["__session__"] = session
        compat.install(kernel)
        if collects:
            # All that is there by now goes to the oldest generation, without being looked at.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
        self.init_path()
        self.init_gui_pylab()
        self.init_extensions()
        self.init_code()

    def init_gui_pylab(self) -> None:
        if not os.environ.get("MPLBACKEND"):
            os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        super().init_gui_pylab()


def _real_stderr() -> Any:
    fd = sys.stderr.fileno() if isinstance(sys.stderr, streams.OutStream) else 2
    return open(fd, "w", closefd=False)


class Running:
    """The pieces of a running kernel, and its end."""

    def __init__(self, native: Native, connection_file: str, argv: list[str], collects: bool) -> None:
        self.native = native
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self._stopping = False
        self.interrupts = Interrupts(self.loop, native)
        self.interrupts.install()
        children.exit_with_parent()
        self.app = IPKernelApp.instance()
        self.app.initialize(argv)
        self.app.connected(connection_file)
        parents.follow_threads()
        streams.install(native)
        stdin.install(native)
        self.kernel = Kernel(native, connection_file, self.loop)
        self.kernel.shell_stream = ShellStream(native)
        self.kernel.comm_manager = comms.install(native, self.kernel)
        for kind in ("comm_open", "comm_msg", "comm_close"):
            self.kernel.shell_handlers[kind] = getattr(self.kernel.comm_manager, kind)
        self.app.make_shell(self.kernel, collects)
        self.dispatcher = Dispatcher(self.kernel, self.interrupts, self.loop)
        self.kernel.gui = GuiLoop(self.kernel, self.dispatcher, self.interrupts)
        self.dispatcher.on_shutdown = lambda restart: self.stop()
        self.kernel.in_debugger = lambda look: setattr(self.interrupts, "in_debugger", look)
        native.serve_beside(Side(self.kernel, self._subshell))
        self.ahead = Ahead(self.loop, self.app.shell, self.dispatcher.idle)
        self.dispatcher.on_idle = self.ahead.look
        self.kernel.exit_soon = self.dispatcher.exit_soon
        self.kernel.do_one_iteration = self.dispatcher.poll

    def _subshell(self, loop: asyncio.AbstractEventLoop, subshell: Subshell) -> Dispatcher:
        return Dispatcher(self.kernel, NoInterrupts(), loop, subshell)

    def stop(self) -> None:
        """Leave the loop once what is under way has been answered."""
        self._stopping = True
        self.kernel.gui.end()
        self.loop.call_soon_threadsafe(self.loop.stop)

    def serve(self) -> None:
        """Run the loop until stop(). What asyncio lets through (an interrupted task, a trace function that raises) does
        not end it."""
        self.dispatcher.start()
        self.ahead.begin()
        while not self._stopping and not self.loop.is_closed():
            try:
                self.loop.run_forever()
            except (KeyboardInterrupt, SystemExit):
                continue
            except Exception:
                traceback.print_exc(file=_real_stderr())
        self.dispatcher.stop()

    def end(self) -> None:
        """Children, exit handlers, the last output, and out: a thread that never ends must not keep us alive."""
        children.end()
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        for stream in (sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(Exception):
                stream.flush()  # type: ignore[union-attr]
        self.native.flush()
        self.native.stop()


def run(native: Native, connection_file: str, argv: list[str], collects: bool) -> int:
    """Serve requests until shutdown, with garbage collected from the user's first code on if it `collects`. Does not
    return: the process ends here."""
    code = 0
    try:
        running = Running(native, connection_file, argv, collects)
        running.serve()
        running.end()
    except BaseException:
        code = 1
        with contextlib.suppress(Exception):
            traceback.print_exc(file=_real_stderr())
        native.stop()
    os._exit(code)
