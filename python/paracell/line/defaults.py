"""``%parallel``: what ``%%parallel`` means where its line does not say, and whether every cell is such a one."""

from __future__ import annotations

import difflib

from paracell.line.options import Options, OptionsError, parse_defaults
from paracell.line.processors import THREADS_ON_A_GIL_BUILD, default_workers
from paracell.line.words import BACKENDS, OPTIONS
from paracell.records import replace

VERBS = ("on", "off", "reset")


class Defaults:
    """A notebook's defaults."""

    def __init__(self) -> None:
        self.options = Options()
        self.on = False
        """Whether cells without a first line of ours are treated as ``%%parallel auto``."""

    @property
    def for_every_cell(self) -> Options:
        """The options of a cell that says nothing, while `on`: auto, whatever the notebook's backend is."""
        return replace(self.options, backend="auto", otherwise="serial", quiet=True)

    def change(self, line: str) -> str:
        """Obey the words behind ``%parallel``; what holds now, for people. Raises OptionsError, and nothing changes."""
        words = line.split()
        verbs = [word for word in words if word in VERBS]
        if verbs and len(words) > 1:
            raise OptionsError(f"%parallel: {verbs[0]!r} stands alone, not in {line.strip()!r}")
        if verbs == ["reset"]:
            self.__init__()  # type: ignore[misc]
        elif verbs:
            self.on = verbs == ["on"]
        else:
            self.options = self._parsed(line, words)
        return self.shown()

    def _parsed(self, line: str, words: list[str]) -> Options:
        try:
            return parse_defaults(line, self.options)
        except OptionsError:
            # A verb with a slip of the pen is no unknown option.
            for word in words:
                near = difflib.get_close_matches(word, VERBS, n=1, cutoff=0.6)
                known = [*BACKENDS, *(option.word for option in OPTIONS)]
                if near and not difflib.get_close_matches(word, known, n=1, cutoff=0.6):
                    raise OptionsError(f"%parallel: unknown word {word!r}; did you mean {near[0]!r}?") from None
            raise

    def shown(self) -> str:
        """What holds, a line for what is said and one for ``on`` or ``off``."""
        options = self.options
        said = " ".join(["%%parallel", options.backend, *([str(options.workers)] if options.workers else [])])
        for option in OPTIONS:
            value = getattr(options, option.field)
            if value != getattr(Options(), option.field):
                said += f" {option.word}" + (
                    f" {value:g}" if isinstance(value, float) else f" {value}" if option.value else ""
                )
        rest = []
        if options.workers is None:
            rest.append(self._workers())
        if options.otherwise is None:
            rest.append("what is not parallel is " + ("refused" if options.refuses else "run serially"))
        means = f"%%parallel means: {said}" + (f" ({'; '.join(rest)})" if rest else "")
        state = "on: every cell is run as %%parallel auto" if self.on else "off: only cells that begin with %%parallel"
        return f"{means}\n%parallel is {state}"

    def _workers(self) -> str:
        processors, threads = default_workers("processes"), default_workers("threads")
        if self.options.backend == "serial":
            return "one thread"
        if self.options.backend == "threads":
            return f"{threads} threads"
        more = f", or {threads} threads" if threads == THREADS_ON_A_GIL_BUILD and self.options.backend == "auto" else ""
        return f"{processors} worker{'s' if processors > 1 else ''}{more}"
