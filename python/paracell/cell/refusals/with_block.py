"""A ``with`` block stands around what could be computed, and what it does to the code inside is not known, or what it
opens is used after it.

Not parallel::

    class Held:
        def __enter__(self): return self
        def __exit__(self, *error): return bool(error[0])
    for x in xs:
        with Held():
            out.append(f(x))

A context manager may catch errors, or set something by which the code inside goes. Workers enter those that are known
to do neither (``open``, ``urlopen``, a ``@contextmanager`` function with nothing but ``try`` and ``finally``), and some
that only set something (``np.errstate``).

Instead, compute before the block, or take what is needed of what it opens under a name of its own::

    class Held:
        def __enter__(self): return self
        def __exit__(self, *error): return bool(error[0])
    for x in xs:
        value = f(x)
        with Held():
            out.append(value)"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class WithBlock(Refusal):
    code = "with-block"
    family = "changes"
    verdict = UNPROVEN
