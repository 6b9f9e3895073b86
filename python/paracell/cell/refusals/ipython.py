"""An iteration uses IPython: a magic (``%time``), a shell command (``!ls``), or ``get_ipython()``.

Not parallel::

    for x in xs:
        out.append(get_ipython().getoutput("echo " + str(x)))

Workers have no IPython.

Instead of a shell command, use ``subprocess``::

    import subprocess
    for x in xs:
        out.append(subprocess.run(["echo", str(x)], capture_output=True, text=True).stdout)"""

from __future__ import annotations

from ..refusal import NOTEBOOK_ONLY, Refusal


class UsesIPython(Refusal):
    code = "ipython"
    family = "forbidden"
    verdict = NOTEBOOK_ONLY
