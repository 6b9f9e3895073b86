"""Live progress of a region, by the Rust thread where this kernel is ours."""

from __future__ import annotations

from typing import Any

from paracell import _native
from paracell.report import RegionReport
from paracell.run.job import Run


def watch(shell: Any, report: RegionReport, run: Run, total: int | None) -> _native.Progress | None:
    """A display that follows `run`, or None where nothing can show one (another kernel, or a run without counters)."""
    native = getattr(getattr(shell, "kernel", None), "native", None)
    counters = getattr(run, "counters", None)
    if not isinstance(native, _native.Kernel) or counters is None:
        return None
    from paracell.kernel import parents

    return _native.Progress(
        native,
        counters,
        parent=parents.current().header,
        title=f"line {report.line}: {report.source.strip()}",
        backend=report.ran or "",
        workers=report.workers,
        total=total,
    )
