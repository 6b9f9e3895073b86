"""Output of iterations is collected, also after an interrupt that fell between any two steps."""

import sys

import pytest

from paracell.run import capture


class At:
    """A trace function that raises KeyboardInterrupt at the n-th line of capture.py; no sleeping, no luck."""

    def __init__(self, step):
        self.left = step

    def __call__(self, frame, event, arg):
        if frame.f_code.co_filename != capture.__file__:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


@pytest.mark.parametrize("step", range(1, 30))
def test_an_interrupt_at_any_step_loses_no_later_output(step, capsys):
    streams = sys.stdout, sys.stderr
    before = sys.gettrace()
    sys.settrace(At(step))
    try:
        with capture.collected(lambda name, text: None):
            print("of the interrupted task")
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    seen = []
    with capture.collected(lambda name, text: seen.append(text)):
        print("of the next task", end="")
    assert "".join(seen) == "of the next task"
    capture.reset(None)
    assert (sys.stdout, sys.stderr) == streams
    print("of the notebook")
    assert capsys.readouterr().out.endswith("of the notebook\n")
