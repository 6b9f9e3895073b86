"""execute_result, display_data, update_display_data and clear_output: what IPython shows goes out on iopub."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from traitlets import Bool

from paracell.kernel.packing import pack
from paracell.kernel.parents import Override, WithParent

if TYPE_CHECKING:
    from collections.abc import Callable

    Hook = Callable[[dict[str, Any]], dict[str, Any] | None]


class _Publishing(WithParent):
    """Hooks, a parent, and a way out on iopub: what displayhook and display publisher have in common."""

    shell: Any

    def _prepare(self) -> None:
        self._override = Override()
        self._hooks_of_thread = threading.local()

    @property
    def _hooks(self) -> list[Hook]:
        if not hasattr(self._hooks_of_thread, "hooks"):
            self._hooks_of_thread.hooks = []
        hooks: list[Hook] = self._hooks_of_thread.hooks
        return hooks

    def register_hook(self, hook: Hook) -> None:
        """Let `hook` change every message that this thread publishes here; None from it swallows the message."""
        self._hooks.append(hook)

    def unregister_hook(self, hook: Hook) -> bool:
        """Undo register_hook; whether it was registered."""
        if hook not in self._hooks:
            return False
        self._hooks.remove(hook)
        return True

    @property
    def session(self) -> Any:
        return self.shell.kernel.session

    @property
    def pub_socket(self) -> Any:
        return self.shell.kernel.iopub_socket

    def _send(self, msg_type: str, content: dict[str, Any], buffers: Any = ()) -> None:
        parent = self._override.get()
        if not self._hooks:
            self.shell.kernel.native.publish(msg_type, pack(content), parent=parent.header, buffers=buffers or ())
            return
        message: dict[str, Any] | None = self.session.msg(msg_type, content, parent=parent.message)
        for hook in list(self._hooks):
            message = hook(message)  # type: ignore[arg-type]
            if message is None:
                return
        self.session.send(self.pub_socket, message, buffers=buffers)


class ZMQDisplayPublisher(_Publishing, DisplayPublisher):
    """display() and clear_output()."""

    store_display_history = Bool(False, help="Keep displayed data in the history manager too.").tag(config=True)
    topic = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare()

    def publish(  # type: ignore[override]
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **more: Any,
    ) -> None:
        """Send a mime bundle; ``update`` replaces what was displayed under ``transient["display_id"]``."""
        self._validate_data(data, metadata)
        if self.store_display_history:
            self._store(data)
        content = {"data": data, "metadata": metadata or {}, "transient": transient or {}}
        self._send("update_display_data" if update else "display_data", content, more.get("buffers"))

    def _store(self, data: dict[str, Any]) -> None:
        outputs = getattr(self.shell.history_manager, "outputs", None)
        if outputs is None:  # an IPython before 9
            return
        from IPython.core.history import HistoryOutput

        count = self.shell.execution_count - (1 if getattr(self, "_in_post_execute", False) else 0)
        outputs.setdefault(count, []).append(HistoryOutput(output_type="display_data", bundle=data))

    def clear_output(self, wait: bool = False) -> None:
        """Clear the cell's output; with ``wait``, when the next output arrives."""
        self._send("clear_output", {"wait": wait})


class ZMQShellDisplayHook(_Publishing, DisplayHook):
    """The value of a cell's last expression."""

    topic = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare()
        self.msg: dict[str, Any] | None = None
        """The content being made, or None: an error shown while there is one is an error of formatting."""

    def start_displayhook(self) -> None:
        super().start_displayhook()
        self.msg = {"execution_count": None, "data": {}, "metadata": {}}

    def write_output_prompt(self) -> None:
        if self.msg is not None:
            self.msg["execution_count"] = self.prompt_count

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        if self.msg is not None:
            self.msg["data"] = format_dict
            self.msg["metadata"] = md_dict or {}

    def finish_displayhook(self) -> None:
        content, self.msg = self.msg, None
        self._is_active = False
        if content is not None and content["data"]:
            self._send("execute_result", content)


# As the shell's class.
ZMQDisplayPublisher.__module__ = "ipykernel.zmqshell"
ZMQShellDisplayHook.__module__ = "ipykernel.displayhook"
