"""What has led to an error."""

from __future__ import annotations

from collections.abc import Iterator


def causes(*errors: BaseException | None) -> Iterator[BaseException]:
    """The errors, their causes, and what was being handled when they were raised: each of them once."""
    seen: set[int] = set()
    pending = list(errors)
    while pending:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        pending += [one.__cause__, one.__context__]
        yield one
