"""A result that an interrupt lost between the backend and the region: nothing behind it is taken for it."""

import pytest
from oracle import prepare

from paracell.cell import plan
from paracell.run.runtime import Runtime


class Losing:
    """A run whose third result is lost to an interrupt, at the last step of next() or before it was counted."""

    def __init__(self, run):
        self.run = run
        self.taken = 0
        self.wanted, self.submit, self.pending = run.wanted, run.submit, run.pending
        self.hungry, self.cancel, self.close, self.said = run.hungry, run.cancel, run.close, run.said
        self.settle, self.took, self.missed = run.settle, run.took, run.missed

    def ready(self):
        return self.pending() > 0

    def next(self):
        result = self.run.next()
        self.taken += 1
        if self.taken == 3:
            raise KeyboardInterrupt
        return result


@pytest.mark.parametrize("backend", ["threads 2", "processes 2"])
def test_what_is_committed_after_a_lost_result_is_a_prefix(backend, opener_on):
    namespace = prepare("out = []")
    made = plan("for x in range(100):\n    out.append(pow(x, 2))", "<cell>", namespace)
    opener = opener_on(backend)
    with (
        pytest.raises(KeyboardInterrupt),
        Runtime(made, namespace, lambda region, job: Losing(opener(region, job))),
    ):
        exec(compile(made.tree, "<cell>", "exec", dont_inherit=True), namespace)
    out = namespace["out"]
    assert 0 < len(out) < 100 and out == [x * x for x in range(len(out))]
