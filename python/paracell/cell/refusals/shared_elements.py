"""Each iteration seems to use an element of its own of a container, but two of them meet, or it could not be seen that
they do not.

Seen when the loop begins::

    grid = [[0] * 3] * 3
    for i in range(3):
        for j in range(3):
            grid[i][j] = f(grid[i][j])

All three rows are one list. In the same way an index may come twice, or be negative (``xs[-1]`` is also ``xs[7]``).

Instead, make the elements objects of their own (``[[0] * 3 for _ in range(3)]``) and count the indexes from 0, or
collect the new values in a list and put them back after the loop."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class SharedElements(Refusal):
    code = "shared-elements"
    family = "changes"
    verdict = UNPROVEN
