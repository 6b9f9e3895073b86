"""Nothing ties the iterations together, and there is nothing to compute either: it runs serially, at full speed.

Not parallel::

    for x in xs:
        out.append(x)

Workers help where an iteration calls a function or computes something. Moving values about is done faster by the loop
itself than by handing them out. What ``map`` gives is computed when it is asked for, by whoever asks:
``out.extend(map(f, x))`` computes here, ``out.extend(list(map(f, x)))`` in workers.

Under ``auto`` the same is said of a loop that does little more than draw random numbers and reckon with them, as a
Monte Carlo estimate does: to seed a stream of its own for each iteration would take ten times as long as the iteration.
It runs as it stands, with the serial cell's numbers. Let an iteration do more, such as a thousand draws, or name a
backend."""

from __future__ import annotations

from ..refusal import NOTHING, Refusal


class Trivial(Refusal):
    code = "trivial"
    family = "trivial"
    verdict = NOTHING

    def message(self, does: str = "is not parallel", cost: str = "") -> str:
        return f"Line {self.line} {does}: {self.verdict}. {self.reason()}.{' ' + cost.strip() if cost else ''}"
