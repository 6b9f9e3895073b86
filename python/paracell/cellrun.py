"""One parallel cell while it runs: opens each region's backend, follows it, and writes the report."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from paracell.backends.auto import Judge
from paracell.backends.staged import Staged
from paracell.backends.workers import slower
from paracell.followed import Followed
from paracell.report import RegionReport, RunReport, remember
from paracell.report.live import watch
from paracell.report.serialnotes import NotParallel, SerialNotes, refused_here, seen_by
from paracell.run import hashseed, streams
from paracell.run.doubts import unpicklable
from paracell.run.job import Job, Run
from paracell.run.processwide import PROCESS, open_figures, setters
from paracell.run.runtime import Callbacks, Runtime
from paracell.run.trial import Choice, Trial
from paracell.ship.errors import ShipError

if TYPE_CHECKING:
    from paracell.backends.choose import Backends
    from paracell.cell import Plan, Refusal, Region
    from paracell.line.options import Options
    from paracell.run.here import Here
    from paracell.run.resume import Resumes, Stopped
    from paracell.session import Session


_SHIPPING = ("processes", "interpreters")
"""Backends to which items have to be sent."""
_LONG = 0.3
"""Seconds after which a loop that runs elsewhere shows its progress, and at its end why it ran there."""
_FEW_LINES = 3
"""So many lines of loops are planned though they are over, to say why they are not parallel if they are not."""


class CellRun(Callbacks):
    """Stands behind the regions of one cell, from its plan to its end."""

    def __init__(
        self,
        session: Session,
        plan: Plan,
        options: Options,
        written: ast.Module,
        resumes: Resumes | None = None,
    ) -> None:
        self.written = written
        """The cell as it was written."""
        self.source = plan.source
        self.here: list[Here] = []
        """Loops that ran as they stand and did not end."""
        self.stops: list[Stopped] = []
        """Loops that were left by an error."""
        self.resumes = resumes
        self._session = session
        self._options = options
        self._plan = plan
        self._report = RunReport.of(plan, options.backend, session.shell.user_ns)
        self._reports = list(self._report.regions)
        """By the regions' numbers."""
        remember(self._report)
        self._followed: dict[int, Followed] = {}
        self._serial = SerialNotes(session.notes, session.said, session.shell)
        for region in plan.regions:
            if region.refusal is not None and region.refusal.trivial:
                self._trivial(region, region.refusal, any(r.parallel for r in plan.regions))
        self._judges: dict[int, Judge] = {}
        # What runs as it stands in the cell is watched by nobody.
        judge = self._judge if options.backend == "auto" and not options.careful else None
        self._runtime = Runtime(plan, session.shell.user_ns, self._open_run, self, judge)
        self._runtime.resumes = resumes

    def close(self) -> None:
        """The cell has ended: nothing of it is left but its report."""
        self._runtime.close()
        self._say_why()
        self._serial.close()
        if self._options.report:
            from paracell.report.view import show

            show(self._session.shell, self._report.settle())

    def _judge(self, region: Region, total: int | None, threads: int | None = None) -> Judge:
        """Who decides where `region` runs under ``auto``."""
        judge = self._judges[region.index] = Judge(
            region, self._session.shell.user_ns, total, self._backends().machine, self, threads
        )
        return judge

    def settle(self, region: Region) -> bool:
        """See ``backends.auto.Cell``."""
        return self._runtime.settle(region)

    def workers_for(self, backend: str) -> int:
        """See ``backends.auto.Cell``."""
        return self._options.workers_for(backend)

    def tried(self, region: Region, trial: Trial) -> None:
        judge = self._judges.pop(region.index)
        judge.ended()
        if trial.elsewhere:
            self._followed[region.index].tried = trial.items
            return
        report = self._report_of(region, "serial", 1)
        if report.reason is None:  # else it was to run elsewhere, and could not, or is not parallel
            report.reason = judge.reason
            self._ran_here(region, judge.reason, trial.seconds)
        report.items, report.seconds = trial.items, trial.seconds
        if region.refusal is not None:
            self._serial.end(region, trial.items, trial.seconds)
        for other in region.together[1:]:
            beside = self._reports[other.index]
            if beside.ran is None:  # what the loop goes over ran with it
                beside.ran, beside.workers, beside.reason = "serial", 1, beside.reason or judge.reason
                beside.items, beside.seconds = trial.items, trial.seconds

    def _ran_here(self, region: Region, why: str, seconds: float) -> None:
        """Of a loop that has taken its time ``auto`` says what it chose."""
        said = self._options.backend == "auto" and not self._options.quiet and region.refusal is None
        if said and seconds > _LONG and why != Judge.reason:
            self._session.notes.say(f"Line {region.line} ran here: {why}.")

    def planned(self, region: Region) -> None:
        self._reports[region.index].planned()
        if region.refusal is not None:
            self._why(region, region.refusal)

    def _why(self, region: Region, reason: Refusal) -> None:
        """`region`, which has begun, is not parallel."""
        if reason.trivial:
            self._trivial(region, reason, any(r.parallel for r in self._plan.regions))
        else:
            self.serial(region, reason)

    def serial(self, region: Region, reason: Refusal) -> None:
        """`region` runs as it stands in the cell, for `reason`; NotParallel if that was ruled out. Under ``auto`` its
        first iterations have run."""
        if self._options.otherwise == "refuse" and self._options.backend != "auto":
            self._report.refused = refused_here(reason)
            raise NotParallel(self._report.refused)
        report = self._report_of(region, "serial", 1)
        report.reason, report.code = reason.message("runs serially"), reason.code
        if not self._options.quiet:
            self._serial.begin(region, reason)
        if self._options.careful and not reason.trivial:
            said = " and ".join(f"--{name}" for name in self._options.careful)
            self._session.notes.say(f"Line {region.line} runs as it stands in the cell: {said} cannot watch it.")

    def began_serially(self, region: Region) -> None:
        assert region.refusal is not None
        self.serial(region, region.refusal)

    def ran_serially(self, region: Region, items: int | None, seconds: float) -> None:
        report = self._reports[region.index]
        report.items, report.seconds = items or 0, seconds
        self._serial.end(region, items, seconds)

    def _say_why(self) -> None:
        """Small loops that were over before they were planned: if they are not parallel, that is said all the same."""
        left = _FEW_LINES if not self._options.quiet else 0
        for region, report in zip(self._plan.regions, self._reports, strict=True):
            if region.later is None or report.ran is None:
                continue
            left -= region.end_line - region.line + 1
            if left < 0:
                return
            text, said = self._plan.text(region), self._session.said
            if text in said.parallel:
                continue
            seen = seen_by(text, self._session.shell.user_ns)
            reason = said.reason((region.line, text), seen)
            if reason is not None:
                self._why(region, reason)
            elif self._runtime.settle(region):
                said.may_be_parallel(text)
                continue
            elif region.refusal is not None:
                said.not_parallel((region.line, text), seen, region.refusal)
            self._serial.end(region, report.items, report.seconds)

    def _trivial(self, region: Region, reason: Refusal, beside: bool) -> None:
        """Nothing to compute: it costs nothing to watch it, for nothing watches it."""
        report = self._report_of(region, "serial", 1)
        report.reason, report.code = reason.message("runs serially"), reason.code
        if not self._options.quiet and not beside:
            self._serial.begin(region, reason)

    def unbound(self, region: Region, name: str, why: str) -> None:
        """`name` stayed in a worker."""
        self._session.notes.say(
            f"Line {region.line}: {name!r} has no value after the loop, it stayed in a worker: {why}"
        )

    def left(self, regions: list[Here]) -> None:
        self.here = regions

    def stopped(self, stopped: Stopped) -> None:
        self.stops.append(stopped)

    def drew(self, region: Region, labels: list[str]) -> None:
        self._session.notes.say_once("random", streams.first_note(labels))

    def draws_here(self, region: Region, labels: list[str], iteration: int) -> None:
        reason = _draws(region, labels, iteration)
        followed = self._followed.get(region.index)
        if followed is not None:
            followed.reason(reason)
        else:
            self._report_of(region, "serial", 1).reason = reason
        self._session.notes.say(reason)

    def fell_back(self, region: Region, names: tuple[str, ...], iteration: int, late: bool, copied: str) -> None:
        reason = _changed(region, names, iteration, late) if names else _copied(region, iteration, copied)
        self._followed[region.index].reason(reason)
        self._session.notes.say(reason)

    def unable(self, region: Region, why: str, iteration: int) -> None:
        where = f"from iteration {iteration} on" if iteration else "as it stands"
        reason = f"Line {region.line} runs serially {where}: {why}."
        self._followed[region.index].reason(reason)
        self._session.notes.say(reason)

    def slower(self, region: Region, iteration: int) -> None:
        followed = self._followed[region.index]
        followed.reason(
            f"here from iteration {iteration} on: to bring back its results took longer than to compute them"
        )

    def ended(self, region: Region, items: int, seconds: float, error: BaseException | None) -> None:
        if judge := self._judges.pop(region.index, None):
            judge.ended()
        followed = self._followed.pop(region.index)
        followed.ended(items, seconds, error)
        if followed.check is not None and followed.check.unchecked:
            self._session.notes.say(f"Line {region.line}: not checked: {'; '.join(followed.check.unchecked)}.")
        if (note := slower()) is not None:
            self._session.notes.say_once("memory", note)
        if followed.shared is not None and (drawn := followed.shared.drawn()):
            self._session.notes.say(_shared(region, drawn))

    @property
    def report(self) -> RunReport:
        """What ``paracell.last_run()`` gives."""
        return self._report

    def _backends(self) -> Backends:
        return self._session.backends

    def _open_run(self, region: Region, job: Job) -> Run | None:
        """A region starts: its run on the backend that was asked for, or chosen."""
        choice: Choice | None = job.options.get("choice")
        if self._options.start is not None:
            job.options["start"] = self._options.start
        if self._options.backend == "auto" and choice is None and streams.sure(job.seed):
            return self._staged(region, job, None, None)
        backend = self._backends().choose(choice.backend if choice is not None else self._options.backend)
        drawn = streams.sure(job.seed) if backend.name == "threads" else []
        set_here = _set_here(job, backend.name)
        if set_here and choice is not None:
            return None  # auto leaves it where it is
        if backend.name == "threads" and not drawn:
            from paracell.run.guard import guard_of

            reason = guard_of(job).reason(region)
            if reason is not None:
                self.serial(region, reason)
                return None
        if backend.name == "processes" and open_figures() and "plt.figure" in setters(job.compute):
            # plt.show() would show those too, and a worker has not got them.
            self._report_of(region, "serial", 1).reason = text = _figures(region)
            self._session.notes.say(text)
            return None
        alone = bool(drawn or set_here)
        if alone:
            backend = self._backends().choose("serial")
        workers = 1 if alone else choice.workers if choice is not None else self._options.workers_for(backend.name)
        if self._options.careful:
            job.options.update(self._options.careful)
        try:
            run = backend.open(job, workers)
        except ShipError as error:
            if self._options.refuses:
                raise
            self.serial(region, unpicklable(region, error))
            return None
        if choice is not None:
            return self._staged(region, job, choice, run)
        if backend.name in _SHIPPING and not self._options.refuses:
            return self._staged(region, job, Choice(backend.name, workers, ""), run)
        report = self._began(region, job, backend.name, workers)
        if alone:
            report.reason = _one_thread(region, drawn) if drawn else _one_process(region, set_here)
            self._session.notes.say(report.reason)
        return self._followed_run(region, report, job, run)

    def _began(self, region: Region, job: Job, backend: str, workers: int) -> RegionReport:
        if backend == "processes" and hashseed.salted() and hashseed.shows(job.compute):
            self._session.notes.say_once("hash seed", hashseed.NOTE)
        if backend == "processes" and "numpy" in sys.modules and self._session.notes.unsaid("linear algebra"):
            self._reckons(job, workers)
        return self._report_of(region, backend, workers)

    def _reckons(self, job: Job, workers: int) -> None:
        """Say if sums in workers may differ in their last digits."""
        from paracell.run import linear

        threads = linear.fewer(workers) if linear.shows(job.compute) else None
        if threads is not None:
            self._session.notes.say_once("linear algebra", linear.note(*threads))

    def _followed_run(self, region: Region, report: RegionReport, job: Job, run: Run) -> Followed:
        report.broadcast = dict(getattr(run, "broadcast", {}))
        report.start, report.start_reason = getattr(run, "start", (None, None))
        report.bytes_read = getattr(run, "bytes_read", 0)
        followed = self._followed[region.index] = self._follow(report, job, run)
        if report.ran == "threads" and job.seed:
            followed.shared = streams.SharedWatch(job.seed, self._session.shell.user_ns)
        return followed

    def _staged(self, region: Region, job: Job, choice: Choice | None, away: Run | None) -> Followed:
        """A run that goes on here with what cannot be sent: on what `choice` says, or (under ``auto``) here first."""

        def began(choice: Choice) -> RegionReport:
            report = self._began(region, job, choice.backend, choice.workers)
            report.reason = choice.reason or None
            return report

        def go(choice: Choice) -> Run:
            run = self._backends().choose(choice.backend).open(job, choice.workers)
            report = began(choice)
            report.start, report.start_reason = getattr(run, "start", (None, None))
            return run

        def back(error: ShipError) -> None:
            reason = unpicklable(region, error)
            report = self._reports[region.index]
            report.reason, report.code = reason.message("goes on serially"), reason.code
            if not self._options.quiet:
                self._session.notes.say(report.reason)

        judge = None
        report = began(choice) if choice is not None else self._report_of(region, "serial", 1)
        if choice is None:
            judge = self._judge(region, job.total, threads=1)
            report.reason = "its iterations draw random numbers, each from streams of its own"
        return self._followed_run(region, report, job, Staged(job, away, judge, go, back))

    def _follow(self, report: RegionReport, job: Job, run: Run) -> Followed:
        progress = watch(self._session.shell, report, run, job.total) if self._options.progress else None
        check = None
        if self._options.check and report.ran == "threads" and job.seed:
            self._session.notes.say(f"Line {report.line} is not checked: it draws from state that threads share.")
        elif self._options.check:
            from paracell.check import Check

            assert report.region is not None
            check = Check(job, self._options.check, [text for _, text in report.region.residues])
        return Followed(report, run, progress, self._options.chunk, check, self._options.report)

    def _report_of(self, region: Region, ran: str, workers: int) -> RegionReport:
        report = self._reports[region.index]
        report.ran, report.workers = ran, workers
        return report


def _set_here(job: Job, backend: str) -> list[str]:
    """What iterations set that those of `backend` share."""
    if backend not in ("threads", "interpreters"):
        return []
    return [name for name in setters(job.compute) if backend == "threads" or name in PROCESS]


def _changed(region: Region, names: tuple[str, ...], iteration: int, late: bool) -> str:
    """What it means that workers found values changed that they had been sent."""
    what = ", ".join("the items" if name == "items" else repr(name) for name in dict.fromkeys(names))
    where = f"from iteration {iteration} on" if iteration else "as it stands"
    said = (
        f"Line {region.line} runs serially {where}: the loop changes {what} inside code that paracell cannot look "
        "into, and iterations have to see each other's changes. To run it in parallel, return the change and apply "
        "it in the loop itself."
    )
    if late:
        said += (
            f" It is not known when {what} changed first: iterations before {iteration} may have missed a change. Run "
            "the cell again without %%parallel if that matters."
        )
    return said


def _copied(region: Region, iteration: int, what: str) -> str:
    """What it means that the values of an iteration would not be what the notebook has, but copies."""
    where = f"from iteration {iteration} on" if iteration else "as it stands"
    return (
        f"Line {region.line} runs serially {where}: it results in {what}, and a worker has that elsewhere than the "
        "notebook. To run it in parallel, use threads, or return what does not depend on that (a copy)."
    )


def _draws(region: Region, labels: list[str], iteration: int) -> str:
    """Why a loop goes on here that library code makes draw random numbers."""
    return (
        f"Line {region.line} runs serially from iteration {iteration} on: library code draws from "
        f"{' and '.join(labels)}, which is the whole notebook's, and the first iterations have run here already. Pass "
        "a seed (random_state=...) to each call, or name a backend: then each iteration has a stream of its own from "
        "the first one on."
    )


def _figures(region: Region) -> str:
    """Why a loop that draws does not run in processes."""
    return (
        f"Line {region.line} runs serially: it draws with pyplot while this cell has figures open, which its functions "
        "may show or close. Show or close them before the loop."
    )


def _one_process(region: Region, names: list[str]) -> str:
    """Why a loop that was to run on threads, or in interpreters, does not."""
    return (
        f"Line {region.line} runs on one thread: {' and '.join(f'{name}()' for name in names)} acts on the whole "
        "process, and iterations would take each other's output or settings. Use processes."
    )


def _one_thread(region: Region, drawn: list[str]) -> str:
    """Why a loop that was to run on threads does not."""
    return (
        f"Line {region.line} runs on one thread: it draws from {' and '.join(drawn)}, whose state threads share, so "
        "iterations would take each other's random numbers. Use processes, or make a generator in each iteration."
    )


def _shared(region: Region, drawn: list[str]) -> str:
    """What it means that library code has drawn from state that threads share."""
    return (
        f"Line {region.line}: library code drew from {' and '.join(drawn)} while several threads shared its state: the "
        "numbers are good random numbers, but a seed does not give them again. Use processes, or pass a seed "
        "(random_state=...) to each call."
    )
