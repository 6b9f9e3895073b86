"""The magic line: what it accepts, and what it says of what it does not."""

import sys

import pytest

from paracell.line.available import available
from paracell.line.options import Options, OptionsError, parse_line


def test_nothing_said_is_auto_that_falls_back_to_serial():
    options = parse_line("")
    assert options == Options() and not options.refuses


def test_a_named_backend_refuses_unless_told_otherwise():
    assert parse_line("processes 8") == Options(backend="processes", workers=8)
    assert parse_line("processes").refuses
    assert not parse_line("threads 4 --otherwise serial").refuses
    assert parse_line("auto --otherwise=refuse").refuses


def test_flags_and_values():
    options = parse_line("--explain 3 --no-progress --chunk 10")
    assert (options.explain, options.workers, options.progress, options.chunk) == (True, 3, False, 10)
    options = parse_line("--report --timeout 2.5 --retries=3 --check 4")
    assert (options.report, options.timeout, options.retries, options.check) == (True, 2.5, 3, 4)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("proceses", "did you mean 'processes'?"),
        ("PROCESSES", "did you mean 'processes'?"),
        ("--Report", "did you mean '--report'?"),
        ("on", "did you mean the line magic '%parallel on'?"),
        ("--help", "did you mean '%%parallel?'?"),
        ("workers=4", "unknown word 'workers=4'; the number of workers stands alone, as in '4'"),
        ("-n 4", "the number of workers stands alone"),
        ("8x", "the number of workers stands alone"),
        ("--explian", "did you mean '--explain'?"),
        ("processes 0", "at least 1, not '0'"),
        ("processes -2", "at least 1, not '-2'"),
        ("processes 1.5", "at least 1, not '1.5'"),
        ("processes threads", "the backend is given twice ('threads')"),
        ("2 3", "the number of workers is given twice ('3')"),
        ("--chunk", "--chunk needs a value (iterations a task)"),
        ("--chunk none", "--chunk must be a whole number"),
        ("--otherwise maybe", "--otherwise takes serial or refuse, not 'maybe'"),
        ("'unclosed", "No closing quotation"),
        ("zzz", f"valid are {', '.join(available())}"),
        ("ray 4", "there is no ray backend yet; 'processes' uses the cores of this machine"),
        ("dask", f"Available are {', '.join(available())}"),
        ("--timeout", "--timeout needs a value (seconds that one iteration may take)"),
        ("--timeout --report", "--timeout needs a value"),
        ("--timeout 0", "--timeout must be a number of seconds above 0, not '0'"),
        ("--timeout nan", "above 0, not 'nan'"),
        ("--timeout=soon", "above 0, not 'soon'"),
        ("--retries -1", "--retries must be a whole number of at least 0, not '-1'"),
        ("--check 0", "--check must be a whole number of at least 1, not '0'"),
        ("--explain=3", "--explain takes no value, not '--explain=3'"),
        ("--no-progress --no-progress", "--no-progress is given twice"),
    ],
)
def test_a_wrong_word_is_named_with_what_would_be_right(line, says):
    with pytest.raises(OptionsError) as caught:
        parse_line(line)
    assert says in str(caught.value)


def test_defaults_of_the_notebook_apply_where_nothing_is_said():
    defaults = parse_line("threads 4 --no-progress")
    assert parse_line("8", defaults) == Options(backend="threads", workers=8, progress=False)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="this Python has subinterpreters")
@pytest.mark.parametrize("line", ["interpreters", "interpreters 2 --report"])
def test_a_python_without_subinterpreters_says_which_has_them_and_what_to_take(line):
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    with pytest.raises(OptionsError) as caught:
        parse_line(line)
    assert str(caught.value) == (
        f"%%parallel: interpreters needs Python 3.13 or later, and this is {here}; 'processes' does the same work"
    )


@pytest.mark.skipif(sys.version_info < (3, 13), reason="this Python has no subinterpreters")
def test_a_python_with_subinterpreters_takes_them():
    assert parse_line("interpreters 3") == Options(backend="interpreters", workers=3)
    assert parse_line("interpreters").refuses
