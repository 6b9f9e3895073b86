"""Magics of the kernel itself, and the doorstep of ``%%parallel``, whose code is imported on first use."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from IPython.core import page
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class

from paracell.kernel import parents


@magics_class
class KernelMagics(Magics):
    """Magics that a terminal IPython does differently or does not have."""

    shell: Any

    @line_magic
    def edit(self, parameter_s: str = "", last_call: Any = None) -> None:
        """Open code in the client's editor: ``%edit [-n line] [name | file | history range]``."""
        from IPython.core.magics import CodeMagics, MacroToEdit  # type: ignore[attr-defined]

        opts, args = self.parse_options(parameter_s, "prn:")
        try:
            filename, line, _ = CodeMagics._find_edit_target(self.shell, args, opts, last_call or ["", ""])
        except MacroToEdit:
            print("A macro cannot be edited from a notebook.")
            return
        payload = {"source": "edit_magic", "filename": str(Path(filename).resolve()), "line_number": line}
        self.shell.payload_manager.write_payload(payload)

    @line_magic
    def clear(self, arg_s: str) -> None:
        """Clear the terminal."""
        self.shell.system("clear")

    @line_magic
    def less(self, arg_s: str) -> None:
        """Show a file in the pager; Python files with colours."""
        if not arg_s:
            raise UsageError("Missing filename.")
        if arg_s.endswith(".py"):
            from IPython.utils import openpy

            text = self.shell.pycolorize(openpy.read_py_file(arg_s, skip_encoding_cookie=False))
        else:
            text = Path(arg_s).read_text()
        page.page(text)

    more = line_magic("more")(less)  # type: ignore[arg-type, var-annotated]

    @line_magic
    def man(self, arg_s: str) -> None:
        """Show a manual page in the pager."""
        page.page(self.shell.getoutput(f"man {arg_s} | col -b", split=False))

    @line_magic
    def connect_info(self, arg_s: str) -> None:
        """Print how another client can connect to this kernel."""
        path = self.shell.kernel.connection_file
        print(json.dumps(json.loads(Path(path).read_text()), indent=2))
        print(
            f"\nPaste the above JSON into a file, and connect with:\n    $> jupyter <app> --existing <file>\n"
            f"or, if you are local, you can connect with just:\n    $> jupyter <app> --existing {Path(path).name}"
        )

    @line_magic
    def qtconsole(self, arg_s: str) -> None:
        """Open a qtconsole on this kernel."""
        from ipykernel import connect_qtconsole
        from IPython.utils.process import arg_split  # type: ignore[attr-defined]

        try:
            connect_qtconsole(self.shell.kernel.connection_file, argv=arg_split(arg_s, True))
        except Exception as error:
            raise UsageError(f"Could not start qtconsole: {error!r}") from error

    @line_magic
    def autosave(self, arg_s: str) -> None:
        """Set the classic notebook's autosave interval in seconds; 0 turns it off."""
        from IPython.display import Javascript, display

        try:
            seconds = int(arg_s)
        except ValueError as error:
            raise UsageError(f"%autosave requires an integer, got {arg_s!r}") from error
        script = f"IPython.notebook.set_autosave_interval({1000 * seconds})"
        display(Javascript(script), include=["application/javascript"])
        print(f"Autosaving every {seconds} seconds" if seconds else "Autosave disabled")

    @line_magic
    def subshell(self, arg_s: str) -> None:
        """Print which subshell this is, and which there are."""
        mine = parents.dispatching()
        print(f"subshell id: {mine.subshell_id if mine is not None else 'unknown'}")
        print(f"thread id: {threading.get_ident()}")
        print(f"main thread id: {threading.main_thread().ident}")
        print(f"pid: {os.getpid()}")
        print(f"thread count: {threading.active_count()}")
        print(f"subshell list: {sorted(self.shell.kernel.subshells)}")


def register_parallel(shell: Any) -> None:
    """``%%parallel`` and ``%parallel``; what is behind them loads with their first use."""
    from paracell.magic import register

    register(shell)
