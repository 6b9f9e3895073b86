"""One file a measure: its docstring says what is measured and in which unit, `measure` does it."""

from __future__ import annotations

from types import ModuleType

from . import grain, items, latency, long, loops, memory, scaling, shipped, small, start, tasks

MEASURES: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (loops, grain, items, tasks, small, start, shipped, memory, scaling, long, latency)
}
