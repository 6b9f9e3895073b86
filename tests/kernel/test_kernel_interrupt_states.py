"""The states of paracell.kernel.interrupts, with real signals."""

from __future__ import annotations

import asyncio
import pdb
import signal
from collections.abc import Iterator
from typing import Any, cast

import pytest

from paracell.kernel.interrupts import InterruptibleCell, Interrupts


class Nothing:
    """A kernel to which nobody has sent a cell."""

    def cell_waits(self) -> bool:
        return False


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    before, pdbs = signal.getsignal(signal.SIGINT), pdb.Pdb.sigint_handler
    loop = asyncio.new_event_loop()
    states = Interrupts(loop, cast(Any, Nothing()))
    states.install()
    yield states
    signal.signal(signal.SIGINT, before)
    pdb.Pdb.sigint_handler = pdbs  # type: ignore[method-assign]
    loop.close()


def test_idle_nothing_happens(interrupts: Interrupts) -> None:
    signal.raise_signal(signal.SIGINT)


def test_between_busy_and_the_first_line_it_is_kept_for_the_cell(interrupts: Interrupts) -> None:
    interrupts.arm()
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interrupts.enter()
    interrupts.leave()
    interrupts.enter()  # once
    interrupts.leave()


def test_what_came_too_late_for_a_cell_is_not_for_the_next(interrupts: Interrupts) -> None:
    interrupts.arm()
    interrupts.enter()
    interrupts.leave()
    signal.raise_signal(signal.SIGINT)
    interrupts.disarm()
    interrupts.arm()
    interrupts.enter()
    interrupts.leave()


def test_running_code_gets_it_at_once(interrupts: Interrupts) -> None:
    interrupts.arm()
    interrupts.enter()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    interrupts.leave()


def test_a_waiting_cell_gets_it_at_its_await_and_can_go_on(interrupts: Interrupts) -> None:
    async def cell() -> str:
        try:
            await asyncio.Event().wait()
        except KeyboardInterrupt:
            await asyncio.sleep(0)
            return "went on"
        return "never"

    async def main() -> str:
        coroutine = InterruptibleCell(cell(), interrupts)
        coroutine.task = asyncio.ensure_future(coroutine)
        interrupts.cell = coroutine
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
        while not coroutine.task.done():  # as a callback, not as a task, would
            await asyncio.sleep(0)
        return str(coroutine.task.result())

    interrupts.arm()
    assert interrupts._loop.run_until_complete(main()) == "went on"
