"""Why a cell's region is not parallel: from its plan, or seen when it begins."""

from __future__ import annotations

import linecache
from typing import Any

from oracle import prepare
from tabled import PRELUDE

from paracell import cell
from paracell.backends.serial import Serial
from paracell.cell import Refusal
from paracell.run.runtime import Callbacks, Runtime

MORE = "\nimport functools, os, numpy as np\n"


class Told(Callbacks):
    """Notes why regions run serially after all."""

    def __init__(self) -> None:
        self.reasons: list[Refusal] = []

    def serial(self, region: Any, reason: Refusal) -> None:
        self.reasons.append(reason)


def refusal_of(text: str, prelude: str = PRELUDE + MORE, but: int = 0) -> Refusal | None:
    """The first reason why a region of `text` is not parallel; None if all are, `but` for one that begins there."""
    namespace, told = prepare(prelude), Told()
    linecache.cache["<cell>"] = (len(text), None, text.splitlines(True), "<cell>")
    made = cell.plan(text, "<cell>", namespace)
    refusals = (region.refusal for region in made.regions if region.line != but)
    refused = next((refusal for refusal in refusals if refusal is not None), None)
    if refused is None:
        with Runtime(made, namespace, lambda region, job: Serial(3, 1).open(job), told):
            exec(compile(made.tree, "<cell>", "exec", dont_inherit=True), namespace)
    return refused or next((reason for reason in told.reasons if reason.line != but), None)


def edited(text: str, refusal: Refusal, prelude: str = PRELUDE + MORE) -> tuple[str, str]:
    """The cell and the prelude with the refusal's edit made."""
    assert refusal.edit is not None
    both = {False: text.splitlines(), True: prelude.splitlines()}
    for swap in sorted(refusal.edit.swaps, key=lambda swap: -swap.number):
        lines = both[bool(swap.file)]
        assert lines[swap.number - 1 :][: len(swap.old.split("\n"))] == swap.old.split("\n")
        swap.made(lines)
    asks = ["def asked(question=''): return '4'"] if refusal.edit.before else []  # nobody is there to answer
    answered = [*asks, *(line.replace("input(", "asked(") for line in refusal.edit.before)]
    return "\n".join(both[False]), "\n".join([*both[True], *answered])
