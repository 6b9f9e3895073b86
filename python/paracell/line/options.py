"""Parsing the magic line: ``[auto|threads|processes|serial] [N] [options]``."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from paracell.line.processors import default_workers

BACKENDS = ("auto", "threads", "processes", "serial")
OTHERWISE = ("serial", "refuse")


class OptionsError(ValueError):
    """The magic line is wrong; the message names the word and what would be right."""


@dataclass(frozen=True)
class Options:
    """A magic line, read. ``None`` means: not said, the default applies."""

    backend: str = "auto"
    workers: int | None = None
    otherwise: str | None = None
    chunk: int | None = None
    explain: bool = False
    progress: bool = True

    @property
    def refuses(self) -> bool:
        """Whether a region that is not parallel is refused (else: run serially)."""
        return (self.otherwise or ("serial" if self.backend in ("auto", "serial") else "refuse")) == "refuse"

    def workers_for(self, backend: str) -> int:
        """Workers to use on `backend`: as said, or by the processors at hand."""
        return self.workers or default_workers(backend)


def parse_line(line: str, defaults: Options | None = None) -> Options:
    """Read the words behind ``%%parallel``.

    Raises OptionsError for an unknown word (naming the nearest valid one), a number below 1, or anything said twice."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise OptionsError(f"%%parallel {line}: {error}") from None
    said: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        name, value = _read(word, rest)
        if name in said:
            raise OptionsError(f"%%parallel: {_describe(name)} is given twice ({word!r})")
        said[name] = value
    return replace(defaults or Options(), **said)


def _read(word: str, rest: Any) -> tuple[str, Any]:
    """One word, with its value where it takes one: (field of Options, value)."""
    if word in BACKENDS:
        return "backend", word
    if _is_number(word):
        return "workers", _positive(word, "the number of workers")
    name, equals, attached = word.partition("=")
    if name in _FLAGS and not equals:
        return _FLAGS[name]
    if name in _VALUED:
        field, check = _VALUED[name]
        value = attached if equals else next(rest, None)
        if value is None:
            raise OptionsError(f"%%parallel: {name} needs a value ({_VALUE_HELP[name]})")
        return field, check(value)
    raise OptionsError(_unknown(word))


def _unknown(word: str) -> str:
    known = [*BACKENDS, *_FLAGS, *_VALUED]
    near = difflib.get_close_matches(word.partition("=")[0], known, n=1, cutoff=0.5)
    if near:
        return f"%%parallel: unknown word {word!r}; did you mean {near[0]!r}?"
    return f"%%parallel: unknown word {word!r}; valid are {', '.join(known)} and a number of workers"


def _is_number(word: str) -> bool:
    return word.lstrip("+-").replace(".", "", 1).isdigit()


def _positive(word: str, what: str) -> int:
    try:
        number = int(word)
    except ValueError:
        number = 0
    if number < 1:
        raise OptionsError(f"%%parallel: {what} must be a whole number of at least 1, not {word!r}")
    return number


def _choice(word: str) -> str:
    if word not in OTHERWISE:
        near = difflib.get_close_matches(word, OTHERWISE, n=1, cutoff=0.0)
        raise OptionsError(f"%%parallel: --otherwise takes serial or refuse, not {word!r}; did you mean {near[0]!r}?")
    return word


def _describe(field: str) -> str:
    return {"backend": "the backend", "workers": "the number of workers"}.get(field, f"--{field}")


_FLAGS: dict[str, tuple[str, Any]] = {"--explain": ("explain", True), "--no-progress": ("progress", False)}
_VALUED: dict[str, tuple[str, Callable[[str], Any]]] = {
    "--otherwise": ("otherwise", _choice),
    "--chunk": ("chunk", lambda word: _positive(word, "--chunk")),
}
_VALUE_HELP = {"--otherwise": "serial or refuse", "--chunk": "iterations a task"}
