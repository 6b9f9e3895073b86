"""Comms (ipywidgets and others) through the ``comm`` package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import comm
from comm.base_comm import BaseComm, CommManager

from paracell.kernel import parents
from paracell.kernel.packing import pack
from paracell.kernel.parents import dispatching

if TYPE_CHECKING:
    from paracell._native import Kernel
    from paracell.kernel.dispatch import Dispatcher


class KernelComm(BaseComm):
    """A comm whose messages go out on iopub. Buffers are sent as they are."""

    native: Kernel
    asker: Dispatcher | None = None
    """The shell, or subshell, that sent the last message: answers to it are handled there."""
    kernel: Any = None
    """ipywidgets sends nothing where this is None."""

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        self.asker = dispatching()
        content = {"data": {} if data is None else data, "comm_id": self.comm_id, **keys}
        self.native.publish(
            msg_type,
            pack(content),
            parent=parents.current().header,
            metadata=pack(metadata or {}),
            buffers=buffers or (),
            topic=self.topic,
        )


_manager: CommManager | None = None


def _create_comm(*args: Any, **kwargs: Any) -> KernelComm:
    return KernelComm(*args, **kwargs)


def _get_comm_manager() -> CommManager | None:
    return _manager


def claim() -> None:
    """Let the comm package make this kernel's comms (again: importing ipykernel.ipkernel takes them for itself)."""
    comm.create_comm = _create_comm
    comm.get_comm_manager = _get_comm_manager  # type: ignore[assignment]


def install(native: Kernel, kernel: Any) -> CommManager:
    """Claim the comm package for this kernel; its manager."""
    global _manager
    KernelComm.native, KernelComm.kernel = native, kernel
    _manager = CommManager()
    claim()
    return _manager
