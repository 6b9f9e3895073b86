"""What a parallel cell's run tells a program: ``paracell.last_run()``. What ``--report`` shows is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from paracell.cell import Plan, Region


class Span(NamedTuple):
    """When a worker was busy: one task, or (in long runs) several one after another. Seconds from the loop's start."""

    worker: int
    first: int
    """The lowest iteration."""
    items: int
    tasks: int
    begun: float
    ended: float
    busy: float
    """Seconds between `begun` and `ended` in which it was at work."""


class Slow(NamedTuple):
    """One of the slowest tasks, by seconds an iteration."""

    iteration: int
    """Its first iteration."""
    items: int
    """Its iterations. Where it is 1, `seconds` are those of the iteration."""
    seconds: float
    """Of the whole task."""
    item: str | None
    """The first item, shortened; None without ``--report``."""


class Explained(NamedTuple):
    """One line of a loop as ``--explain`` shows it."""

    line: int
    part: str
    """"compute": workers run it; "commit": it runs here, in order."""
    text: str
    operands: tuple[str, ...]
    """What workers compute of a line that runs here."""


@dataclass
class RegionReport:
    """One region of a cell, as it ran."""

    line: int
    source: str
    """The region's first line as it stands in the cell."""
    ran: str | None = None
    """"processes", "threads" or "serial"; None: the cell ended before it, or ran nothing."""
    reason: str | None = None
    """Why it was not parallel; None if it was."""
    code: str | None = None
    """The reason's code, for ``paracell.why(code)``."""
    error: str | None = None
    """Name of the exception with which it ended, if it did."""
    workers: int = 0
    items: int = 0
    """Iterations that were committed."""
    tasks: int = 0
    checked: int = 0
    """Iterations that were computed here too, and were the same (``--check``)."""
    seconds: float = 0.0
    """From the region's start to its end, seconds."""
    serial_estimate: float | None = None
    """Seconds that iterations took in all: about what the region would have taken serially."""
    bytes_in: int = 0
    """Sent to workers with the items."""
    bytes_out: int = 0
    """Sent back by workers."""
    broadcast: dict[str, int] = field(default_factory=dict)
    """Name to bytes of what the body reads: sent to each worker once, and again when it has changed."""
    variables: dict[str, str] = field(default_factory=dict)
    """Name to class (loop, broadcast, temporary, reduction, ...)."""
    slowest: list[Slow] = field(default_factory=list)
    """The slowest tasks, slowest first."""
    recorded: Any = field(default=None, repr=False, compare=False)
    """Has ``spans()``, which makes `timeline`."""
    region: Region | None = field(default=None, repr=False, compare=False)
    """What `explain` is made of, with the cell's text in `text`."""
    text: str = field(default="", repr=False)

    @property
    def timeline(self) -> list[Span]:
        """Who was busy when, by worker and time."""
        return [Span(*row) for row in self.recorded.spans()] if self.recorded is not None else []

    @property
    def explain(self) -> list[Explained]:
        """The loop's lines, each with where it runs; empty if the loop is not parallel."""
        from paracell.cell.explain import explained

        return [Explained(*row) for row in explained(self.region, self.text)] if self.region is not None else []

    @property
    def speedup(self) -> float | None:
        """Serial estimate over elapsed time, or None where there is none."""
        return self.serial_estimate / self.seconds if self.serial_estimate and self.seconds > 0 else None

    @property
    def efficiency(self) -> float | None:
        """Speed-up over workers, at most 1: what start, shipping and committing have left of it."""
        return min(self.speedup / self.workers, 1.0) if self.speedup is not None and self.workers else None

    @property
    def utilisation(self) -> float | None:
        """Share of the time from the first task's start to the last one's end in which workers were busy."""
        spans = self.timeline
        if not spans or not self.workers:
            return None
        elapsed = max(span.ended for span in spans) - min(span.begun for span in spans)
        return min(sum(span.busy for span in spans) / (self.workers * elapsed), 1.0) if elapsed > 0 else None

    def summary(self) -> str:
        """The one line that stays in the notebook."""
        where = "serially" if self.ran == "serial" else f"on {self.workers} {self.ran}"
        text = f"line {self.line}: {self.items:,} items {where} in {seconds_text(self.seconds)}"
        if self.speedup is not None and self.ran != "serial":
            text += f", about {self.speedup:.1f}× serial"
        return text

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        hidden = ("recorded", "region", "text")
        made = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in hidden}
        derived = {name: getattr(self, name) for name in ("speedup", "efficiency", "utilisation")}
        rows = {name: [row._asdict() for row in getattr(self, name)] for name in ("slowest", "timeline", "explain")}
        for row in rows["explain"]:
            row["operands"] = list(row["operands"])
        return {
            **made,
            "broadcast": dict(self.broadcast),
            "variables": dict(self.variables),
            **derived,
            **rows,
        }


@dataclass
class RunReport:
    """One parallel cell, as it ran; its regions in the order in which they stand in the cell."""

    backend: str
    """As asked for: "auto", "processes", "threads" or "serial"."""
    regions: list[RegionReport] = field(default_factory=list)
    refused: str | None = None
    """Why the cell was refused before anything ran, or None."""

    @classmethod
    def of(cls, plan: Plan, backend: str) -> RunReport:
        """For a cell of which nothing has run yet."""
        made = cls(backend)
        for region in plan.regions:
            report = RegionReport(region.line, region.source, variables=dict(region.variables))
            report.region, report.text = region, plan.source
            if region.refusal is not None:
                report.reason, report.code = region.refusal.message("is not parallel"), region.refusal.code
            made.regions.append(report)
        return made

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        regions = [region.to_dict() for region in self.regions]
        return {"backend": self.backend, "refused": self.refused, "regions": regions}


def seconds_text(seconds: float) -> str:
    """Seconds for people: ``12 µs``, ``340 ms``, ``1.2 s``, ``3 min 20 s``."""
    if seconds < 0.0005:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0095 else f"{seconds * 1000:.1f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {seconds % 60:02.0f} s"


_last: RunReport | None = None


def last_run() -> RunReport | None:
    """The report of the last parallel cell, also after an exception; None before the first."""
    return _last


def remember(report: RunReport) -> None:
    """Make `report` the one that `last_run` returns."""
    global _last
    _last = report
