"""What only Python can answer about debugging: start debugpy, list variables and modules. Runs on the control thread.

The rest of the debugger is in Rust (src/jupyter/debug): it talks to debugpy's adapter and answers the client.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

    from paracell.kernel.facade import Kernel

Message = dict[str, Any]

_DEBUGGERS = ("pydevd.py", "pydevd_frame.py", "pydevd_trace_dispatch_regular.py", "pydevd_sys_monitoring.py")
"""Files whose code runs in the thread that is being debugged."""


class Debugger:
    """Answers the questions of the Rust side: DAP requests, and ``start``, ``stop``, ``representations``."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._port: int | None = None
        self._ours = {file for m in list(sys.modules.values()) if isinstance(file := getattr(m, "__file__", None), str)}
        self._tree: Any = None
        self._cleanup: Any = None

    def answer(self, message: Message) -> Message:
        """The answer to `message`: for a DAP request its response."""
        command = message.get("command", "")
        try:
            return getattr(self, f"_{command}")(message)  # type: ignore[no-any-return]
        except Exception as error:
            return _failed(message, f"{type(error).__name__}: {error}")

    # ---------------------------------------------------------------------------------------------- start and stop

    def _start(self, message: Message) -> Message:
        """Start debugpy's adapter once; where it listens, and the files of the kernel, in which it shall not stop."""
        if self._port is None:
            import debugpy

            self._port = debugpy.listen(("127.0.0.1", 0))[1]
        self._keep_empty_lines(True)
        self._kernel.before_cell = _trace_this_thread
        self._kernel.in_debugger(_resume)
        return {"port": self._port, "rules": [{"path": path, "include": False} for path in sorted(self._ours)]}

    def _stop(self, message: Message) -> Message:
        self._keep_empty_lines(False)
        self._kernel.before_cell = None
        self._kernel.in_debugger(None)
        return {}

    def _keep_empty_lines(self, keep: bool) -> None:
        """Cells' line numbers are those of the file only if IPython leaves empty first lines alone."""
        from IPython.core.inputtransformer2 import leading_empty_lines

        transforms = self._kernel.shell.input_transformer_manager.cleanup_transforms
        if keep and leading_empty_lines in transforms:
            self._cleanup = transforms.index(leading_empty_lines)
            transforms.remove(leading_empty_lines)
        elif not keep and self._cleanup is not None:
            transforms.insert(self._cleanup, leading_empty_lines)
            self._cleanup = None

    # --------------------------------------------------------------------------------------------------- questions

    def _inspectVariables(self, message: Message) -> Message:
        from paracell.kernel.variables import Variables

        self._tree = Variables(self._kernel.shell.user_ns)
        return _succeeded(message, {"variables": self._tree.children(0)})

    def _variables(self, message: Message) -> Message:
        if self._tree is None:
            return self._inspectVariables(message)
        reference = message["arguments"]["variablesReference"]
        return _succeeded(message, {"variables": self._tree.children(reference)})

    def _richInspectVariables(self, message: Message) -> Message:
        name = message["arguments"]["variableName"]
        found = self._kernel.shell.user_expressions({name: name})[name]
        if found.get("status") != "ok":
            return _succeeded(message, {"data": {}, "metadata": {}})
        return _succeeded(message, {"data": found["data"], "metadata": found["metadata"]})

    def _representations(self, message: Message) -> Message:
        data, metadata = ast.literal_eval(message["text"])
        return _succeeded(message, {"data": data, "metadata": {k: v for k, v in metadata.items() if k in data}})

    def _modules(self, message: Message) -> Message:
        arguments = message.get("arguments") or {}
        modules = list(sys.modules.values())
        first = arguments.get("startModule", 0)
        count = arguments.get("moduleCount") or len(modules)
        found = []
        for number, module in enumerate(modules[first : first + count], first):
            path = getattr(getattr(module, "__spec__", None), "origin", None)
            if path and path.endswith(".py"):
                found.append({"id": number, "name": module.__name__, "path": path})
        return _succeeded(message, {"modules": found, "totalModules": len(modules)})


def _trace_this_thread() -> None:
    """Python drops a trace function in which an interrupt arrived; threads that are not Python's own never had one."""
    import debugpy

    debugpy.trace_this_thread(True)


def _resume(frame: FrameType | None) -> bool:
    """Whether `frame` is the debugger's own code, which an exception would leave in disorder; it stops no more."""
    while frame is not None and not frame.f_code.co_filename.endswith(_DEBUGGERS):
        frame = frame.f_back
    if frame is None:
        return False
    from _pydevd_bundle.pydevd_thread_lifecycle import resume_threads  # type: ignore[import-not-found]

    resume_threads("*")
    return True


def _succeeded(message: Message, body: Message) -> Message:
    return {**_response(message), "success": True, "body": body}


def _failed(message: Message, text: str) -> Message:
    return {**_response(message), "success": False, "message": text, "body": {}}


def _response(message: Message) -> Message:
    seq = message.get("seq", 0)
    return {"seq": seq, "type": "response", "request_seq": seq, "command": message.get("command", "")}
