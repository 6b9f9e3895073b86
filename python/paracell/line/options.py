"""Parsing the magic line: ``[BACKEND] [N] [options]``. The words stand in ``words``."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator
from typing import Any

from paracell.line.available import available, missing
from paracell.line.processors import default_workers
from paracell.line.words import BACKENDS, OPTIONS, PLANNED, BadValue, Option, at_least_one
from paracell.records import record, replace

_OF_ONE_CELL = frozenset({"explain", "resume", "background"})
"""Fields that are said of a cell and cannot be a notebook's default."""


ELSEWHERE = {
    **{word: f"the line magic '%parallel {word}'" for word in ("on", "off", "reset")},
    **dict.fromkeys(("help", "-h", "--help", "?"), "'%%parallel?'"),
}
"""Words that are right in other places."""
NUMBER = frozenset({"n", "j", "workers", "jobs", "n_jobs", "n-jobs", "nproc", "num_workers", "max_workers", "cores"})
"""What other libraries call the number of workers."""


class OptionsError(ValueError):
    """The magic line is wrong; the message names the word and what would be right."""


@record(frozen=True)
class Options:
    """A magic line, read. ``None`` means: not said, the default applies."""

    backend: str = "auto"
    workers: int | None = None
    otherwise: str | None = None
    chunk: int | None = None
    timeout: float | None = None
    """Seconds that what workers do of one iteration may take."""
    retries: int = 0
    """How many times more an iteration is tried that raises."""
    check: int | None = None
    """Iterations that are computed once more, serially, and compared."""
    start: str | None = None
    """How worker processes start; None: as is best."""
    report: bool = False
    explain: bool = False
    progress: bool = True
    background: bool = False
    resume: bool = False
    """Go on with the stopped cell of which this one is the mended form."""
    quiet: bool = False
    """Not on the line: ``%parallel on`` says nothing of loops that are not parallel."""

    @property
    def refuses(self) -> bool:
        """Whether a region that is not parallel is refused (else: run serially)."""
        return (self.otherwise or ("serial" if self.backend in ("auto", "serial") else "refuse")) == "refuse"

    @property
    def careful(self) -> dict[str, Any]:
        """What workers have to know to run an iteration within its time, and again if it raises."""
        said = {"timeout": self.timeout, "retries": self.retries or None}
        return {name: value for name, value in said.items() if value is not None}

    @property
    def may_wait(self) -> bool:
        """Whether loops may be planned when they have begun: nothing is said of them, or decided, before."""
        return self.backend == "auto" and not (self.refuses or self.careful or self.explain or self.background)

    @property
    def may_draw_here(self) -> bool:
        """Whether a loop that does little but draw random numbers runs as it stands."""
        return self.backend == "auto" and not (self.careful or self.check)

    def workers_for(self, backend: str) -> int:
        """Workers to use on `backend`: as said, or by the processors at hand."""
        return (self.workers if backend != "serial" else None) or default_workers(backend)


def parse_line(line: str, defaults: Options | None = None) -> Options:
    """Read the words behind ``%%parallel``.

    Raises OptionsError for an unknown word (naming the nearest valid one), a number below 1, or anything said twice."""
    return replace(defaults or Options(), **_said(line, "%%parallel"))


def parse_defaults(line: str, defaults: Options) -> Options:
    """Read the words behind ``%parallel``, which hold for the cells to come. Raises OptionsError, as `parse_line`."""
    said = _said(line, "%parallel")
    for option in OPTIONS:
        if option.field in said and option.field in _OF_ONE_CELL:
            raise OptionsError(f"%parallel: {option.word} is said of one cell: %%parallel {option.word}")
    return replace(defaults, **said)


def _said(line: str, magic: str) -> dict[str, Any]:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise OptionsError(f"{magic} {line}: {error}") from None
    said: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        try:
            name, value = _read(word, rest)
        except BadValue as error:
            raise OptionsError(f"{magic}: {error}") from None
        if name in said:
            raise OptionsError(f"{magic}: {_describe(name)} is given twice ({word!r})")
        said[name] = value
    return said


def _read(word: str, rest: Iterator[str]) -> tuple[str, Any]:
    """One word, with its value where it takes one: (field of Options, value)."""
    if word in BACKENDS:
        why = missing(word)
        if why is not None:
            raise BadValue(why)
        return "backend", word
    if word in PLANNED:
        raise BadValue(f"there is no {word} backend yet; {PLANNED[word]}. Available are {', '.join(available())}")
    if _is_number(word):
        return "workers", at_least_one(word, "the number of workers")
    name, equals, attached = word.partition("=")
    option = next((option for option in OPTIONS if option.word == name), None)
    if option is None or (equals and option.value is None):
        raise BadValue(_unknown(word, option))
    if option.value is None:
        return option.field, option.constant
    given = attached if equals else next(rest, None)
    if given is None or (given.startswith("--") and not equals):
        raise BadValue(f"{name} needs a value ({option.value})")
    return option.field, option.read(given)


def _unknown(word: str, flag: Option | None) -> str:
    if flag is not None:
        return f"{flag.word} takes no value, not {word!r}"
    known = [*available(), *(option.word for option in OPTIONS)]
    name = word.partition("=")[0].lower()
    if name in ELSEWHERE:
        return f"unknown word {word!r}; did you mean {ELSEWHERE[name]}?"
    if word[:1].isdigit() or name.strip("-") in NUMBER:
        return f"unknown word {word!r}; the number of workers stands alone, as in '4'"
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"unknown word {word!r}; did you mean {near[0]!r}?"
    return f"unknown word {word!r}; valid are {', '.join(known)} and a number of workers"


def _is_number(word: str) -> bool:
    return word.lstrip("+-").replace(".", "", 1).isdigit()


def _describe(field: str) -> str:
    known = {"backend": "the backend", "workers": "the number of workers"}
    return known.get(field) or next(option.word for option in OPTIONS if option.field == field)
