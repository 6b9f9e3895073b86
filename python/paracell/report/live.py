"""Live progress of a region: by a Rust thread where this kernel is ours, by IPython's publisher where it is not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from IPython.core.displaypub import DisplayPublisher

from paracell import _native
from paracell.run.job import Run

if TYPE_CHECKING:
    from .run import RegionReport


def watch(shell: Any, report: RegionReport, run: Run, total: int | None) -> _native.Progress | Published | None:
    """A display that follows `run`, or None where nothing can show one (a terminal, or a run without counters)."""
    counters = getattr(run, "counters", None)
    if counters is None:
        return None
    said: dict[str, Any] = {
        "title": f"line {report.line}: {report.source.strip()}",
        "backend": report.ran or "",
        "workers": report.workers,
        "total": total,
    }
    native = getattr(getattr(shell, "kernel", None), "native", None)
    if isinstance(native, _native.Kernel):
        from paracell.kernel import parents

        return _native.Progress(native, counters, parent=parents.current().header, **said)
    if type(shell.display_pub) is DisplayPublisher:
        # It prints: an update would be one more line.
        return None
    return Published(shell, _native.ProgressPoll(counters, **said))


class Published:
    """A display that is published on the main thread, whenever a task has come back: publishers of other kernels are
    not made for threads of ours."""

    def __init__(self, shell: Any, poll: _native.ProgressPoll) -> None:
        self._shell = shell
        self._poll = poll
        self._id = os.urandom(16).hex()

    def look(self) -> None:
        """Show how far the run is, if it is time."""
        if (shown := self._poll.now()) is not None:
            first, plain, html = shown
            self._publish(plain, html, again=not first)

    def finish(self, summary: str, *, failed: bool = False) -> None:
        """If a bar was shown, it becomes the one line `summary`."""
        if (shown := self._poll.finished(summary, failed=failed)) is not None:
            self._publish(*shown, again=True)

    def _publish(self, plain: str, html: str, again: bool) -> None:
        self._shell.display_pub.publish(
            {"text/plain": plain, "text/html": html},
            metadata={"paracell": {"progress": True}},
            transient={"display_id": self._id},
            update=again,
        )
