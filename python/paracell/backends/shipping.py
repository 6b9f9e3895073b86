"""What runs have in common whose tasks are shipped, whoever computes them."""

from __future__ import annotations

import io
import pickle
from typing import Any

from paracell import _native
from paracell.ship.kernel import Shipment


class ShippingRun:
    """One region's tasks, sent by `_shipment` to those that `_native` has them computed by."""

    _native: Any
    _shipment: Shipment

    @property
    def counters(self) -> _native.Counters:
        return self._native.counters

    @property
    def broadcast(self) -> dict[str, int]:
        """Name to bytes of what the body reads."""
        return self._shipment.bytes

    @property
    def changed(self) -> list[str]:
        """Names whose values iterations have changed, found out by comparing them with what had been sent."""
        return sorted(self._shipment.changed)


def words(said: bytes) -> list[tuple[str, Any]]:
    """What the lowest task has said since it was last asked: pickles, one behind the other."""
    file, found = io.BytesIO(said), []
    while file.tell() < len(said):
        found.append(pickle.load(file))
    return found
