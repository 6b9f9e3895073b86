"""What a parallel cell's run tells a program: ``paracell.last_run()``. What ``--report`` shows is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from paracell.records import field, fields, record
from paracell.report.units import seconds_text

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


@record
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
    start: str | None = None
    """How worker processes were started: "spawn" or "fork"."""
    start_reason: str | None = None
    """Why they were forked."""
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
    bytes_read: int = 0
    """Sent for all workers: what the body reads and calls, as far as they did not have it yet."""
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

    def planned(self) -> None:
        """Take over what the region's plan says, if there is one."""
        region = self.region
        if region is None or region.later is not None:
            return
        self.variables = dict(region.variables)
        if region.refusal is not None:
            does = "is not parallel" if self.ran is None else "runs serially"
            self.reason, self.code = region.refusal.message(does), region.refusal.code

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


@record
class RunReport:
    """One parallel cell, as it ran; its regions in the order in which they stand in the cell."""

    backend: str
    """As asked for: "auto", "processes", "threads" or "serial"."""
    regions: list[RegionReport] = field(default_factory=list)
    refused: str | None = None
    """Why the cell was refused before anything ran, or None."""
    namespace: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The notebook's."""

    @classmethod
    def of(cls, plan: Plan, backend: str, namespace: Mapping[str, Any]) -> RunReport:
        """For a cell of which nothing has run yet."""
        made = cls(backend, namespace=namespace)
        for region in plan.regions:
            report = RegionReport(region.line, region.source)
            report.region, report.text = region, plan.source
            report.planned()
            made.regions.append(report)
        return made

    def settle(self) -> RunReport:
        """Say of loops that were over before they were planned what there is to say, with the names as they are now."""
        for report in self.regions:
            if report.region is not None and report.region.later is not None:
                report.region.settle(self.namespace)
                report.planned()
        self.regions = [one for one in self.regions if one.region is None or not one.region.left_out]
        return self

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        regions = [region.to_dict() for region in self.regions]
        return {"backend": self.backend, "refused": self.refused, "regions": regions}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """As the value of a cell it is what ``--report`` shows."""
        from .view import as_html, as_text

        self.settle()
        return {"text/plain": as_text(self), "text/html": as_html(self)}


_last: RunReport | None = None


def last_run() -> RunReport | None:
    """The report of the last parallel cell, also after an exception; None before the first."""
    return _last.settle() if _last is not None else None


def remember(report: RunReport) -> None:
    """Make `report` the one that `last_run` returns."""
    global _last
    _last = report
