"""A method or function changes an attribute of a class, which all its objects share.

Not parallel::

    class Job:
        made = 0
        def __init__(self, x):
            Job.made += 1
            self.x = x
    for x in xs:
        out.append(Job(x))

Instead, count where the loop is::

    class Job:
        made = 0
        def __init__(self, x):
            self.x = f(x)
    for x in xs:
        out.append(Job(x))
    Job.made += len(xs)"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ClassAttribute(Refusal):
    code = "class-attribute"
    family = "changes"
    verdict = UNPROVEN
