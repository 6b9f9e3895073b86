"""The two parts of a body, as a tree: what ``split`` makes and ``emit`` turns into code.

Every class says where its statements run. A *slot* is the number of a residue within its level: level 0 is the
iteration, each inner loop that is split has a level of its own.
"""

from __future__ import annotations

import ast

from paracell.records import field, record


@record
class Compute:
    """A statement that a worker runs as it stands."""

    node: ast.stmt


@record
class Both:
    """A cheap statement that both sides run: imports, definitions, plain renamings, ``del``, ``pass``."""

    node: ast.stmt


@record
class Hoist:
    """An operand that a worker evaluates ahead of time for a commit statement."""

    expression: ast.expr
    place: Place
    guarded: bool
    """Serial Python might not evaluate it: what it raises is kept until it is asked for."""
    taken: bool = False
    """It makes an iterator, which the worker uses up and the commit statement is given once more (``taken``)."""


@record
class Place(ast.expr):
    """Stands in a commit statement where a hoisted expression stood, until its slot is known."""

    original: ast.expr = None  # type: ignore[assignment]
    _fields = ()


@record
class Commit:
    """A statement that stays on the main thread; its operands in ``hoists`` are computed ahead."""

    node: ast.stmt
    hoists: list[Hoist]
    whole: ast.stmt | None = None
    """The statement as it stands in the cell, where that is another one."""


@record
class Branch:
    """An ``if`` with commit statements inside."""

    node: ast.If
    hoists: list[Hoist]
    by_worker: bool
    """Whether the test is compute: then both sides take the same branch. Otherwise the main thread decides."""
    body: list[Part] = field(default_factory=list)
    orelse: list[Part] = field(default_factory=list)
    test: ast.expr | None = None
    """The test as it stands in the cell."""


@record
class Inner:
    """A loop inside the body, walked by both sides; ``needs`` a row of residues for each of its iterations."""

    node: ast.For
    body: list[Part]
    orelse: list[Part]


@record
class Guarded:
    """A ``try`` or ``with`` of the commit part: what its body computes is kept until it is asked for."""

    node: ast.Try | ast.With
    hoists: list[Hoist]
    body: list[Part]


@record
class Resource:
    """A ``with`` that only the worker enters, since the commit part does not use what it opens."""

    node: ast.With
    body: list[Part]
    twice: bool = False
    """Whether the commit part enters it, too: it sets something for its statements as well (``np.errstate``)."""


@record
class Jump:
    """``break`` or ``continue``, done by both sides."""

    node: ast.Break | ast.Continue


Part = Compute | Both | Commit | Branch | Inner | Guarded | Resource | Jump
