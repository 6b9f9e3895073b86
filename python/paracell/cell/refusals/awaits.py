"""An iteration waits on the notebook's event loop: ``await``, ``async for``, ``async with``.

Not parallel::

    for x in xs:
        out.append(await fetch(x))

Only the notebook's own thread runs its event loop.

Instead, let the event loop do it all at once (``out += await asyncio.gather(*map(fetch, xs))``), or use a function
that does not await: threads overlap its waiting."""

from __future__ import annotations

from ..refusal import NOTEBOOK_ONLY, Refusal


class Awaits(Refusal):
    code = "awaits"
    family = "forbidden"
    verdict = NOTEBOOK_ONLY
