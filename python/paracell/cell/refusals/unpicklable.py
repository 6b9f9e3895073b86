"""A value that the loop needs cannot be sent to a worker process: an open connection, a lock, a handle.

Seen when the loop begins; the message names the value and where it is held.

Instead: make it inside the iteration (connect in the function), or use ``%%parallel threads``, which sends nothing."""

from __future__ import annotations

from ..refusal import NOTEBOOK_ONLY, Refusal


class Unpicklable(Refusal):
    code = "unpicklable"
    family = "unpicklable"
    verdict = NOTEBOOK_ONLY
