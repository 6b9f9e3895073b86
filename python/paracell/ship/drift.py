"""Worker side: whether a task has changed what this worker was sent. Looked at after every task, as far as it is cheap.

What a task changed is its worker's own copy, which no other iteration sees: the serial loop would have gone on with
the changed object. So a task that changed something is not committed (see ``run.region``), and the earlier it is
noticed the better: small values, classes, functions, modules and surroundings are compared after every task; of a large
value the comparison may have to wait until the work that was done makes it cheap, and the result then says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .link import using

if TYPE_CHECKING:
    from .worker import BuiltJob, Receiver

SHARE = 0.03
"""Share of a worker's busy time that looking for changed values may take."""
FINAL_SECONDS = 0.02
"""What it may take after the last task."""

_GONE: Any = object()


def cost(pickled: int, hashed: int, asked: int = 0) -> float:
    """Seconds to compare a value of this many bytes: reckoned, so that what is checked does not depend on the load.

    A pickle takes about a nanosecond a byte, memory that is only hashed a tenth of that, and the system knows of 4096
    bytes in 50 ns whether they were written to."""
    return 1e-9 * pickled + 1e-10 * hashed + 1.2e-11 * asked


SMALL = cost(64 << 10, 0)
"""Values below this are compared after every task: a pickle of 64 KiB, an array of 640 KiB, or of 5 MB where the
system is asked."""


class Watcher:
    """Looks for changes of one job's values on one worker."""

    def __init__(self) -> None:
        self.credit = 0.0
        self.unchecked: set[int] = set()
        """Serials of the values that were not compared after some task."""

    def after(self, receiver: Receiver, built: BuiltJob, seconds: float, final: bool) -> tuple[list[str], bool]:
        """What the task that took `seconds` has changed; whether an earlier one may have been it."""
        self.credit += SHARE * seconds
        allowed = max(self.credit, FINAL_SECONDS) if final else self.credit
        spent = 0.0
        changed: list[str] = []
        late = False
        for serial, value in sorted(built.values.items(), key=lambda pair: pair[1].cost):
            small = value.cost <= SMALL or value.spoiled
            if not value.spoiled and (value.print is None or (not small and spent + value.cost > allowed)):
                self.unchecked.add(serial)
                continue
            spent += 0 if small else value.cost
            if not value.unchanged():
                value.spoiled = True  # and stays so: the task may be cancelled before its result is sent
                changed += value.names
                late = late or serial in self.unchecked
            else:
                self.unchecked.discard(serial)
        changed += [name for name in self.other(receiver, built) if name not in changed]
        self.credit = max(0.0, self.credit - spent)
        return changed, late

    def cut_off(self, receiver: Receiver, built: BuiltJob) -> None:
        """A task has not come to its end: what it has changed counts for the next one that has these values."""
        for serial, value in built.values.items():
            if value.print is None or value.cost > SMALL:
                self.unchecked.add(serial)
            else:
                value.spoiled = not value.unchanged()
        self.other(receiver, built)

    def everything(self, receiver: Receiver, built: BuiltJob) -> list[str]:
        """All that has been changed, whatever looking costs."""
        changed = [n for value in built.values.values() if not value.unchanged() for n in value.names]
        return changed + [name for name in self.other(receiver, built) if name not in changed]

    def other(self, receiver: Receiver, built: BuiltJob) -> list[str]:
        """Bindings, definitions, modules and surroundings that have changed; they are put back."""
        changed = []
        namespace = receiver.link.namespace
        for name, value in built.bindings.items():
            if namespace.get(name, _GONE) is not value:
                changed.append(name)
                namespace[name] = value
        with using(receiver.link):
            drifted = receiver.link.drifted() + receiver._mirror.drifted()
        if drifted:
            receiver._current = None  # the next task finds classes, functions and modules as they were sent
            if receiver.link.held is not None:
                drifted += receiver.link.held.drifted()
        return changed + drifted + receiver._surroundings.drifted()
