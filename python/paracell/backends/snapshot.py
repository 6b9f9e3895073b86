"""Workers that are forked from the kernel for one run: they have its memory as it is, so nothing is sent to them.

A fork knows the notebook of its moment, and keeps every page of it: so it serves one run and ends.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from paracell import _native
from paracell.backends import forksafe
from paracell.run.job import Job
from paracell.ship.errors import ShipError
from paracell.ship.held import Held, harmless, shared
from paracell.ship.kernel import Blob, Shipment, Shipper

_INSIST = "If calls leave it as it is, `--start fork` lets workers have it: nobody can see whether they do."


class Unforkable(RuntimeError):
    """A worker has died, and none can be forked in its place."""


class Snapshot:
    """What the workers of one run have from this process, and how they are started."""

    def __init__(self, shipment: Shipment, reason: str) -> None:
        self.shipment = shipment
        self.reason = reason
        """Why they are forked, in a few words."""

    @property
    def needed(self) -> bool:
        """Whether no other workers would do."""
        return self.shipment.held is not None

    def fork(self, native: _native.ProcessRun) -> None:
        """Start one worker. Does not return in the child."""
        from paracell import forked

        forked.prepare()
        blobs: list[Blob] = self.shipment.blobs
        fd = _undisturbed(native)
        if fd is not None:
            forked.serve(fd, blobs, self.shipment.held)

    def again(self, native: _native.ProcessRun) -> None:
        """Start one more, in the place of one that has died, or raise Unforkable."""
        unsafe = forksafe.reason()
        if unsafe is None:
            try:
                return self.fork(native)
            except OSError as error:
                unsafe = str(error)
        raise Unforkable(f"a forked worker has died, and no other can be forked now: {unsafe}")


def _undisturbed(native: _native.ProcessRun) -> int | None:
    """Fork. An interrupt that comes inside of what Python and libraries do around a fork comes after it."""
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):
        return native.fork()
    noted = []
    signal.signal(signal.SIGINT, lambda *_: noted.append(True))
    fd = None
    try:
        fd = native.fork()
    finally:
        if fd is None:
            signal.signal(signal.SIGINT, before)
    if fd is None and noted:
        signal.raise_signal(signal.SIGINT)
    return fd


def _hold(held: Held, error: ShipError, insists: bool) -> bool:
    """Let forked workers have what `error` names, so that it need not travel. False: it must not be there."""
    part = error.part
    if part is None or held.number(part) is not None:
        return False
    if not (harmless(part) or (insists and not shared(part))):
        return False
    held.add(part, f"{error.path}: {error.type_name}")
    return True


def pack(
    shipper: Shipper,
    job: Job,
    namespace: dict[str, Any],
    start: str | None,
    gains: Callable[[Shipment], str | None],
) -> tuple[Shipment, Snapshot | None]:
    """The job as it is sent to workers, or as those have it that are to be forked for it.

    `start`: "spawn" or "fork" if the user insists. `gains`: why it is better to fork although everything can be sent,
    if it is. ShipError names what cannot travel in either way."""
    if start != "fork":
        try:
            shipment = shipper.job(job, namespace)
        except ShipError as error:
            first = error
        else:
            reason = gains(shipment) if start is None else None
            forks = reason is not None and forksafe.reason() is None
            return shipment, Snapshot(shipment, str(reason)) if forks else None
        if start == "spawn" or first.part is None or not harmless(first.part):
            raise first if start or shared(first.part) else _more(first, _INSIST)
        unsafe = forksafe.reason()
        if unsafe is not None:
            raise _more(first, f"A fork of the notebook would have it, but cannot be made now: {unsafe}.")
    else:
        unsafe = forksafe.reason()
        if unsafe is not None:
            raise ShipError(f"--start fork: this process cannot be forked now: {unsafe}.")
    held = Held()
    while True:
        try:
            shipment = shipper.job(job, namespace, held=held)
        except ShipError as error:
            if not _hold(held, error, start == "fork"):
                raise
            continue
        return shipment, Snapshot(shipment, _why(held, start))


def _why(held: Held, start: str | None) -> str:
    if not held.paths:
        return "--start fork"
    more = f" and {len(held.paths) - 1} more" if len(held.paths) > 1 else ""
    return f"`{held.paths[0]}`{more} cannot be sent to a worker"


def _more(error: ShipError, text: str) -> ShipError:
    """`error` with one more sentence."""
    made = ShipError(f"{error} {text}", error.path)
    made.type_name, made.part, made.__cause__ = error.type_name, error.part, error.__cause__
    return made
