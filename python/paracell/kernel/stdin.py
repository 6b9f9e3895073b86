"""input() and getpass(): the question goes to the client that asked for the cell."""

from __future__ import annotations

import builtins
import getpass
import select
from typing import TYPE_CHECKING, Any

from paracell.kernel import parents

if TYPE_CHECKING:
    from paracell._native import Kernel


def ask(native: Kernel, prompt: str, password: bool) -> str:
    """What the user answers. EOFError for ctrl-D; KeyboardInterrupt at once on SIGINT; StdinNotImplementedError if the
    client does not take questions."""
    parent = parents.current()
    if parent.request is None or not parent.allow_stdin:
        from IPython.core.error import StdinNotImplementedError

        name = "getpass" if password else "raw_input"
        raise StdinNotImplementedError(f"{name} was called, but this frontend does not support input requests.")
    native.flush()
    native.input_request(parent.request, prompt, password)
    # poll() releases the GIL and runs signal handlers as soon as a signal arrives.
    waiting = select.poll()
    waiting.register(native.input_fd(), select.POLLIN)
    while (reply := native.take_input_reply()) is None:
        waiting.poll()
    if reply == "\x04":
        raise EOFError
    return reply


def install(native: Kernel) -> None:
    """Replace the builtins."""

    def raw_input(prompt: object = "", /) -> str:
        """Read a line from the notebook's user."""
        return ask(native, str(prompt), False)

    def read_password(prompt: str = "Password: ", stream: Any = None, *, echo_char: str | None = None) -> str:
        """Read a password from the notebook's user, without showing it."""
        return ask(native, str(prompt), True)

    builtins.input = raw_input
    getpass.getpass = read_password
