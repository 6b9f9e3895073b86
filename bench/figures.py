"""Numbers that were measured more than once, and what a measure hands in."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """Samples of one quantity, in one unit."""

    samples: tuple[float, ...]

    @classmethod
    def of(cls, samples: Sequence[float]) -> Figure:
        """Of samples in any order; there is at least one."""
        return cls(tuple(sorted(samples)))

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    def percentile(self, share: float) -> float:
        """The sample that `share` of all do not exceed."""
        return self.samples[min(len(self.samples) - 1, int(share * len(self.samples)))]

    @property
    def spread(self) -> float:
        """Half of what lies between the quartiles."""
        if len(self.samples) < 2:
            return 0.0
        first, _, third = statistics.quantiles(self.samples, n=4, method="inclusive")
        return (third - first) / 2

    def __truediv__(self, unit: float) -> Figure:
        return Figure.of([sample / unit for sample in self.samples])

    def text(self) -> str:
        """Median and spread, to as many digits as mean something."""
        return f"{number(self.median)} ± {number(self.spread, self.median)}"


def number(value: float, like: float | None = None) -> str:
    """Three digits of `value`; with `like`, as many decimals as that has."""
    size = abs(value if like is None else like)
    decimals = 2 if size == 0 else min(4, max(0, 2 - math.floor(math.log10(size))))
    return f"{value:,.{decimals}f}"


@dataclass(frozen=True)
class Line:
    """A row of numbers to draw: one name in the legend."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    low: Sequence[float] | None = None
    """With `high`: the ends of what the samples spread over."""
    high: Sequence[float] | None = None


@dataclass(frozen=True)
class Plot:
    """A picture: lines over numbers, or (with `labels`) points over words."""

    name: str
    """Of its file, without the ending."""
    title: str
    x: str
    y: str
    lines: Sequence[Line]
    log_x: bool = False
    log_y: bool = False
    floor: float | None = None
    """Where the y axis begins."""
    labels: Sequence[str] | None = None
    """What the numbers of `ys` stand for, if these are places and not amounts."""


def costs(name: str, title: str, unit: str, figures: Mapping[str, Figure]) -> Plot:
    """One amount for each of some names, on a logarithmic scale."""
    lines = [
        Line(of, [figure.median], [place], [figure.percentile(0.25)], [figure.percentile(0.75)])
        for place, (of, figure) in enumerate(figures.items())
    ]
    return Plot(name, title, unit, "", lines, log_x=True, labels=list(figures))


@dataclass(frozen=True)
class Result:
    """What one measure found."""

    header: list[str]
    rows: list[list[str]]
    plot: Plot | None = None
    summary: list[tuple[str, str]] = field(default_factory=list)
    """(what, how much) for the README's table."""

    def table(self) -> str:
        """As Markdown."""
        head = f"| {' | '.join(self.header)} |\n|---|{'---:|' * (len(self.header) - 1)}"
        return "\n".join([head, *(f"| {' | '.join(row)} |" for row in self.rows)])


@dataclass(frozen=True)
class Scale:
    """How much is measured: enough for figures that repeat, or as little as shows that a measure works."""

    tiny: bool = False

    def __call__(self, full: int, tiny: int) -> int:
        return tiny if self.tiny else full

    @property
    def repetitions(self) -> int:
        return self(5, 1)
