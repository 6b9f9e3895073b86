"""What the run time tells of a cell's regions while it runs."""

from __future__ import annotations

from ..cell import Refusal, Region
from .here import Here
from .job import Job, Run
from .resume import Stopped
from .serially import Watcher
from .trial import Trial


class Callbacks(Watcher):
    """What a caller may want to know; subclass and override."""

    def started(self, region: Region, job: Job, run: Run) -> None:
        """A region's run was opened."""

    def ended(self, region: Region, items: int, seconds: float, error: BaseException | None) -> None:
        """A region that was started has ended; `items` iterations were committed (the last one perhaps in part)."""

    def unbound(self, region: Region, name: str, why: str) -> None:
        """A name that the serial cell would have bound has no value: it stayed in a worker, which says `why`."""

    def drew(self, region: Region, labels: list[str]) -> None:
        """Iterations draw from streams of their own of these sources instead of from the notebook's."""

    def fell_back(self, region: Region, names: tuple[str, ...], iteration: int, late: bool, copied: str) -> None:
        """From this iteration on the region runs serially: a worker has changed what these names hold.

        `late`: iterations before it may have seen the change, or missed one. `copied`, without names: nothing was
        changed, but the result would have held a copy of this."""

    def unable(self, region: Region, why: str, iteration: int) -> None:
        """From this iteration on the region runs as it stands: where it ran, its code cannot have what it asks for."""

    def slower(self, region: Region, iteration: int) -> None:
        """From this iteration on the region runs as it stands: ``auto`` had sent it where it would have been slower."""

    def draws_here(self, region: Region, labels: list[str], iteration: int) -> None:
        """From this iteration on the region runs as it stands: library code draws from these sources in a loop that was
        tried here first, and all its draws are to be those of the serial cell."""

    def left(self, regions: list[Here]) -> None:
        """The cell has ended: these regions ran as they stand, and may have been left by what ended it."""

    def stopped(self, stopped: Stopped) -> None:
        """A region was left by an exception or an interrupt; it may go on later."""

    def planned(self, region: Region) -> None:
        """A region whose planning was put off is planned now. If it is not parallel, it goes on as it stands."""

    def tried(self, region: Region, trial: Trial) -> None:
        """No more iterations of a region run here: it has ended, or the rest runs elsewhere."""

    def serial(self, region: Region, reason: Refusal) -> None:
        """A region that the plan calls parallel runs serially: seen only just before it began."""
