"""The magic line: what may stand behind ``%%parallel``, and what it means where nothing stands there."""

from paracell.line.options import Options, OptionsError, parse_line

__all__ = ["Options", "OptionsError", "parse_line"]
