"""What every refusal has: a code, a verdict, the source lines that show it, and the smallest edit."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Refusal:
    """Why a region is not parallel."""

    line: int
    lines: tuple[tuple[int, str], ...] = ()
    """(number, text) of the source lines that show it: the write first, then the read."""
    name: str | None = None
    detail: str = ""
    edit: str | None = field(default=None)
    """The smallest change that would make the region parallel."""

    code = "refused"
    proven = False
    """True: iterations depend on each other. False: it could not be proven that they do not."""
    trivial = False

    @property
    def verdict(self) -> str:
        if self.trivial:
            return "nothing to compute"
        if self.proven:
            return "iteration i+1 needs what iteration i wrote"
        return "could not prove that iterations are independent"

    def reason(self) -> str:
        """One sentence that names the thing."""
        return self.detail

    def message(self) -> str:
        """The text for the user: verdict, reason, source lines, the smallest edit."""
        sentence = self.reason().rstrip(".")
        parts = [f"Line {self.line} is not parallel: {self.verdict}: {sentence}."]
        parts += [f"    {number:>4} | {text}" for number, text in self.lines]
        if self.edit:
            parts.append(f"  To make it parallel: {self.edit}")
        return "\n".join(parts)

    def __str__(self) -> str:
        return self.message()
