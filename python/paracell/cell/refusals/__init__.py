"""Why a region is not parallel: one file a reason, whose docstring is its page of the manual."""

from .base import Refusal
from .carried import Carried
from .changes import Changes
from .forbidden import Forbidden
from .functions import KeepsFunction
from .iterated import ChangesIterable
from .trivial import Trivial
from .unsupported import Unsupported

__all__ = ["Carried", "Changes", "ChangesIterable", "Forbidden", "KeepsFunction", "Refusal", "Trivial", "Unsupported"]
