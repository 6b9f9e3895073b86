"""What a parallel cell's run tells a program: ``paracell.last_run()``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class RegionReport:
    """One region of a cell, as it ran."""

    line: int
    source: str
    """The region's first line as it stands in the cell."""
    ran: str
    """"processes", "threads" or "serial"."""
    reason: str | None = None
    """Why it was not parallel; None if it was."""
    code: str | None = None
    """The reason's code, for ``paracell.why(code)``."""
    workers: int = 1
    items: int = 0
    tasks: int = 0
    seconds: float = 0.0
    """From the region's start to its end, seconds."""
    serial_estimate: float | None = None
    """Sum of the workers' busy seconds: about what the region would have taken serially."""
    bytes_in: int = 0
    bytes_out: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    """Name to class (loop, broadcast, temporary, reduction, ...)."""

    @property
    def speedup(self) -> float | None:
        """Serial estimate over elapsed time, or None where there is none."""
        return self.serial_estimate / self.seconds if self.serial_estimate and self.seconds > 0 else None

    def summary(self) -> str:
        """The one line that stays in the notebook."""
        text = f"line {self.line}: {self.items:,} items on {self.workers} {self.ran} in {seconds_text(self.seconds)}"
        if self.speedup is not None:
            text += f", about {self.speedup:.1f}× serial"
        return text


@dataclass
class RunReport:
    """One parallel cell, as it ran; its regions in the order in which they started."""

    backend: str
    """As asked for: "auto", "processes", "threads" or "serial"."""
    regions: list[RegionReport] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def seconds_text(seconds: float) -> str:
    """A duration as a person says it."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {seconds % 60:02.0f} s"


_last: RunReport | None = None


def last_run() -> RunReport | None:
    """The report of the last parallel cell, also after an exception; None before the first."""
    return _last


def remember(report: RunReport) -> None:
    """Make `report` the one that `last_run` returns."""
    global _last
    _last = report
