"""One parallel cell while it runs: opens each region's backend, follows it, and writes the report."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from paracell.live import watch
from paracell.report import RegionReport, RunReport, remember
from paracell.run import Runtime
from paracell.run.job import Job, Run

if TYPE_CHECKING:
    from paracell._native import RunStats
    from paracell.line import Options
    from paracell.session import Session


class CellRun:
    """Stands behind the regions of one cell, from its plan to its end."""

    def __init__(self, session: Session, plan: Any, options: Options) -> None:
        self._session = session
        self._options = options
        self._report = RunReport(backend=options.backend)
        remember(self._report)
        self._open: _Followed | None = None
        self._say_what_is_serial(plan)
        self._runtime = Runtime(plan, session.shell.user_ns, self._open_run, on_ended=self._ended)

    def close(self) -> None:
        """The cell has ended: nothing of it is left but its report."""
        self._runtime.close()

    def _open_run(self, region: Any, job: Job) -> Run:
        """A region starts: its run on the backend that was asked for."""
        backend = self._session.backends.choose(self._options.backend)
        workers = self._options.workers_for(backend.name)
        report = self._report_of(region, backend.name, workers)
        run = backend.open(job, workers)
        progress = watch(self._session.shell, report, run, job.total) if self._options.progress else None
        self._open = _Followed(report, run, progress, time.perf_counter())
        return self._open

    def _ended(self, region: Any, items: int, error: BaseException | None) -> None:
        """The region that was opened last has ended; `items` iterations were committed."""
        followed, self._open = self._open, None
        if followed is not None:
            followed.ended(items, error)

    def _say_what_is_serial(self, plan: Any) -> None:
        for region in plan.regions:
            if region.refusal is not None:
                reason = region.refusal.message(refused=False)
            elif region.trivial:
                reason = f"Line {region.line} runs serially: it computes nothing for a worker.\n    {region.source}"
            else:
                continue
            self._report_of(region, "serial", 1).reason = reason
            self._session.notes.say(reason)

    def _report_of(self, region: Any, ran: str, workers: int) -> RegionReport:
        report = RegionReport(region.line, region.source, ran, workers=workers, variables=dict(region.variables))
        self._report.regions.append(report)
        return report


class _Followed:
    """A run that is followed for the report; to the runtime it is the run itself."""

    def __init__(self, report: RegionReport, run: Run, progress: Any, started: float) -> None:
        self._report = report
        self._run = run
        self._progress = progress
        self._started = started
        self.wanted = run.wanted
        self.submit = run.submit
        self.ready = run.ready
        self.next = run.next
        self.cancel = run.cancel

    def close(self) -> RunStats | None:
        stats = self._run.close()
        if stats is not None:
            self._report.tasks = stats.tasks
            self._report.serial_estimate = stats.seconds
            self._report.bytes_in, self._report.bytes_out = stats.bytes_in, stats.bytes_out
        return stats

    def ended(self, items: int, error: BaseException | None) -> None:
        self._report.items = items
        self._report.seconds = time.perf_counter() - self._started
        if self._progress is not None:
            self._progress.finish(_last_words(self._report, error), failed=error is not None)


def _last_words(report: RegionReport, error: BaseException | None) -> str:
    if error is None:
        return report.summary()
    if isinstance(error, KeyboardInterrupt):
        return f"{report.summary()} (interrupted)"
    return f"{report.summary()} (then {type(error).__name__})"
