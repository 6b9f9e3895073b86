"""The body makes a function or generator that lives on after its iteration.

A function sees its names when it is called: after the loop they have the last iteration's values.

Use instead: give it the values (``functools.partial``), or call it within the iteration."""

from __future__ import annotations

from .base import Refusal


class KeepsFunction(Refusal):
    code = "keeps-function"
    proven = False

    def reason(self) -> str:
        return f"{self.detail}"
