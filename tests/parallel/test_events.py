"""What iterations display, log and warn appears as in the serial cell: in order, whole, by the notebook's own means."""

import pytest
from same import BACKENDS, INSIDE, means_the_same, ran_on

LOOP = "out = []\nfor x in range(4):\n    out.append(act(x))"
EVENTS = {
    "displays": """
from IPython.display import HTML
class D:
    def _repr_html_(self): return "<b>d</b>"
def act(x):
    print("a", x)
    display(HTML(f"<i>{x}</i>"), D())
    print("b", x)
    return x
""",
    "display handles": """
from IPython.display import update_display, clear_output
def act(x):
    shown = display("start", display_id=f"id{x}")
    shown.update(f"done {x}")
    update_display("also", display_id="other")
    clear_output(wait=True)
    print("cleared")
    return x
""",
    "raw bundles": """
from IPython.display import publish_display_data
def act(x):
    publish_display_data({"text/plain": "p", "application/json": {"x": x}}, {"m": 1}, transient={"display_id": "q"})
    return x
""",
    "the notebook's printers": """
class D: pass
get_ipython().display_formatter.formatters["text/plain"].for_type(D, lambda d, p, cycle: p.text("my own"))
get_ipython().run_line_magic("precision", "2")
def act(x):
    display(D(), 1.23456)
    return x
""",
    "warnings by default once": """
import warnings
def act(x):
    warnings.warn("said")
    warnings.warn(f"value {x % 2}", RuntimeWarning)
    return x
""",
    "warnings at the caller": """
import warnings
def act(x):
    warnings.warn(f"value {x % 2}", stacklevel=2)
    return x
""",
    "warnings once": """
import warnings
warnings.resetwarnings()
warnings.simplefilter("once")
def act(x):
    warnings.warn("said")
    return warnings.warn("said")
""",
    "warnings by module": """
import warnings
warnings.simplefilter("module")
def act(x):
    warnings.warn("said")
    return warnings.warn("said")
""",
    "warnings always": """
import warnings
warnings.simplefilter("always")
def act(x):
    print(x)
    return warnings.warn("said")
""",
    "warnings as errors": """
import warnings
warnings.simplefilter("error")
def act(x):
    return warnings.warn("said") if x == 2 else x
""",
    "warnings of numpy": """
import numpy as np
def act(x):
    return float(np.float64(x) / np.float64(0.0))
""",
    "warnings shown by the user's own function": """
import warnings
def shown(message, category, filename, lineno, file=None, line=None):
    print("mine:", message, category.__name__, lineno)
warnings.showwarning = shown
def act(x):
    return warnings.warn(f"value {x}")
""",
    "warnings of one's own class": """
import warnings
class Mine(UserWarning):
    pass
def act(x):
    return warnings.warn(Mine("own", x))
""",
    "records by the notebook's handlers": """
import logging, sys
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stdout, force=True)
log = logging.getLogger("mine")
log.setLevel(logging.DEBUG)
def act(x):
    log.debug("debug %d", x)
    logging.info("info %s", {"a": x})
    print("p", x)
    logging.debug("unseen")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed")
    return x
""",
    "records without handlers": """
import logging
logging.root.handlers[:] = []
log = logging.getLogger("other")
def act(x):
    log.info("unseen")
    return log.warning("warned %s", [x])
""",
    "fields, filters and levels of records": """
import logging
seen = []
class Handler(logging.Handler):
    def emit(self, r):
        seen.append((r.getMessage(), r.funcName, r.lineno, r.threadName, r.processName, r.user, r.levelname))
log = logging.getLogger("fields")
log.handlers[:], log.filters[:], log.propagate = [Handler()], [lambda r: "2" not in r.getMessage()], False
log.setLevel(1)
logging.addLevelName(33, "LOUD")
def act(x):
    mutable = [x]
    log.log(33, "work %s", mutable, extra={"user": "me"})
    mutable.append("later")
    return x
""",
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", EVENTS)
def test_the_same_events_in_the_same_order(kernel, name, backend):
    if "numpy" in name and backend in INSIDE:
        pytest.skip("numpy cannot be loaded in interpreters")
    kernel.run("import warnings; warnings.resetwarnings(); warnings.filterwarnings('default')")
    names = "out, seen" if "seen = []" in EVENTS[name] else "out"
    means_the_same(kernel, EVENTS[name], LOOP, backend, names)
    assert ran_on(kernel) == f"['{backend.split()[0]}']"
    reset = "import logging, warnings\nlogging.root.handlers[:] = []\nlogging.root.setLevel(30)\n%precision\n"
    assert kernel.run(reset + "warnings.showwarning = warnings._showwarning_orig").reply["status"] == "ok"


@pytest.mark.parametrize("backend", BACKENDS)
def test_warnings_are_recorded_around_the_loop(kernel, backend):
    setup = "import warnings\ndef act(x):\n    warnings.warn(f'value {x}')\n    return x"
    cell = (
        "with warnings.catch_warnings(record=True) as seen:\n    warnings.simplefilter('always')\n"
        "    out = []\n    for x in range(4):\n        out.append(act(x))\n"
        "said = [(str(w.message), w.category, w.lineno) for w in seen]"
    )
    means_the_same(kernel, setup, cell, backend, "out, said")


@pytest.mark.parametrize("backend", BACKENDS)
def test_warnings_are_recorded_inside_an_iteration(kernel, backend):
    setup = "import warnings\ndef act(x):\n    warnings.warn('said')\n    return x"
    cell = (
        "out = []\nfor x in range(4):\n    with warnings.catch_warnings(record=True) as seen:\n"
        "        warnings.simplefilter('always')\n        act(x)\n        n = len(seen)\n    out.append(n)"
    )
    means_the_same(kernel, setup, cell, backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_appears_of_iterations_past_a_break(kernel, backend):
    setup = EVENTS["displays"] + "import logging, warnings\n"
    cell = "out = []\nfor x in range(40):\n    out.append(act(x))\n    if x == 3:\n        break"
    means_the_same(kernel, setup, cell, backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_comprehensions_and_lazy_loops_have_their_events_too(kernel, backend):
    means_the_same(kernel, EVENTS["displays"], "out = [act(x) for x in range(5)]", backend)
    means_the_same(kernel, EVENTS["displays"], "out = any(act(x) == 2 for x in range(9))", backend)
    means_the_same(kernel, EVENTS["warnings by default once"], "out = list(map(act, range(5)))", backend)


def test_the_hooks_are_gone_after_the_cell(kernel):
    look = (
        "import logging, warnings\n"
        "'publish' in get_ipython().display_pub.__dict__, logging.Logger.handle.__module__, "
        "warnings._showwarnmsg.__module__"
    )
    before = kernel.run(look).result
    for backend in BACKENDS:
        kernel.run(EVENTS["displays"])
        kernel.run(f"%%parallel {backend}\n{LOOP}")
        assert kernel.run(look).result == before


def test_a_handler_of_an_earlier_cell_that_a_logger_still_has_keeps_no_loop_serial(kernel):
    """Loggers may lead to the whole notebook: by the kernel's own, and by what was left at the root."""
    kernel.run(
        "import logging\nseen = []\nclass Handler(logging.Handler):\n    def emit(self, r): seen.append(1)\n"
        "old = Handler()\nold.shell = get_ipython()\nlogging.getLogger('a.b').addHandler(old)\ndel Handler, old"
    )
    kernel.run(
        "class Handler(logging.Handler):\n    def emit(self, r):\n        seen.append(r.getMessage())\n"
        "log = logging.getLogger('a.b')\nlog.addHandler(Handler())\nlog.propagate = False\n"
        "def act(x):\n    log.warning('at %s', x)\n    return x"
    )
    kernel.run(f"%%parallel processes 2\nout = []\n{LOOP}")
    assert ran_on(kernel) == "['processes']"
    assert kernel.run("out, seen[:4]").result == "([0, 1, 2, 3], [1, 'at 0', 1, 'at 1'])"
    kernel.run("log.handlers.clear()")
