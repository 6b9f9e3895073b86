"""The words of the magic line, each with its meaning: what the parser accepts is what the help says."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from paracell.records import record

BACKENDS = {
    "auto": "the default: choose by measuring; what is not parallel runs serially, with a note",
    "threads": "for waiting (network, disk) and code that releases the GIL",
    "processes": "for Python code: worker processes, kept warm between cells",
    "interpreters": "for Python code, in subinterpreters of this process (Python 3.13 and later)",
    "serial": "the same two parts in one thread, to compare with",
}
PLANNED = {
    "dask": "'processes' uses the cores of this machine",
    "ray": "'processes' uses the cores of this machine",
}
"""Words that mean a backend which does not exist yet, each with what there is instead."""
OTHERWISE = ("serial", "refuse")
STARTS = ("spawn", "fork")


class BadValue(ValueError):
    """A word is wrong; the message names it, without the magic's name before it."""


@record(frozen=True)
class Option:
    """One option of the line."""

    word: str
    field: str
    """The field of Options that it sets."""
    help: str
    value: str | None = None
    """What its value is, for people; None: it takes none and sets `constant`."""
    metavar: str = ""
    read: Callable[[str], Any] = str
    constant: Any = True

    @property
    def shown(self) -> str:
        return f"{self.word} {self.metavar}".rstrip()


def at_least_one(word: str, what: str, least: int = 1) -> int:
    """`word` as a whole number of at least `least`; BadValue says what `what` must be."""
    try:
        number = int(word)
    except ValueError:
        number = least - 1
    if number < least:
        raise BadValue(f"{what} must be a whole number of at least {least}, not {word!r}")
    return number


def _seconds(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise BadValue(f"--timeout must be a number of seconds above 0, not {word!r}")
    return number


def _otherwise(word: str) -> str:
    if word not in OTHERWISE:
        near = difflib.get_close_matches(word, OTHERWISE, n=1, cutoff=0.0)
        raise BadValue(f"--otherwise takes serial or refuse, not {word!r}; did you mean {near[0]!r}?")
    return word


def _start(word: str) -> str:
    if word not in STARTS:
        near = difflib.get_close_matches(word, STARTS, n=1, cutoff=0.0)
        raise BadValue(f"--start takes spawn or fork, not {word!r}; did you mean {near[0]!r}?")
    return word


OPTIONS: tuple[Option, ...] = (
    Option("--explain", "explain", "show what would run where, and run nothing"),
    Option(
        "--resume",
        "resume",
        "go on with this cell, mended or not, where an error or interrupt stopped one of its loops",
    ),
    Option("--background", "background", "return at once; later cells wait only if they need what this one changes"),
    Option("--report", "report", "after the cell: timeline, utilisation, what was shipped, the slowest items"),
    Option(
        "--otherwise",
        "otherwise",
        "a loop that is not parallel: run it serially (default for auto), or raise before anything runs (default where "
        "a backend is named)",
        value="serial or refuse",
        metavar="serial|refuse",
        read=_otherwise,
    ),
    Option(
        "--chunk",
        "chunk",
        "iterations a task, instead of by measured time",
        value="iterations a task",
        metavar="K",
        read=lambda word: at_least_one(word, "--chunk"),
    ),
    Option(
        "--timeout",
        "timeout",
        "TimeoutError for an iteration that computes longer",
        value="seconds that one iteration may take",
        metavar="SECONDS",
        read=_seconds,
    ),
    Option(
        "--retries",
        "retries",
        "compute an iteration again that raises, up to N times",
        value="how many times more an iteration that raises is tried",
        metavar="N",
        read=lambda word: at_least_one(word, "--retries", 0),
    ),
    Option(
        "--check",
        "check",
        "compute K sampled iterations here as well; CheckFailed if one differs",
        value="iterations to compare",
        metavar="K",
        read=lambda word: at_least_one(word, "--check"),
    ),
    Option(
        "--start",
        "start",
        "start worker processes anew, or as forks of this one, which have its values without sending them (default: "
        "fork where values cannot be sent, or are large, and nothing can hang)",
        value="spawn or fork",
        metavar="spawn|fork",
        read=_start,
    ),
    Option("--no-progress", "progress", "no progress display", constant=False),
)


def usage(magic: str = "%%parallel") -> str:
    """The lines that the help shows: the form, the backends, the options."""
    rows = [
        *BACKENDS.items(),
        ("N", "workers; default: the processors this process may use (32 for threads that share a GIL)"),
    ]
    rows += [(option.shown, option.help) for option in OPTIONS]
    width = max(len(word) for word, _ in rows) + 2
    form = f"{magic} [{'|'.join(BACKENDS)}] [N] [options]"
    return "\n".join([form, "", *(_row(word, text, width) for word, text in rows)])


def _row(word: str, text: str, width: int) -> str:
    import textwrap

    return textwrap.fill(text, 100, initial_indent=word.ljust(width), subsequent_indent=" " * width)
