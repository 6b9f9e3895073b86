"""A function of one of your modules changes something that the module holds.

The module of a worker process is a copy: what is changed there does not reach the notebook, nor other workers.

Instead: return what is to be kept, and keep it in the loop."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ModuleState(Refusal):
    code = "module-state"
    family = "changes"
    verdict = UNPROVEN
