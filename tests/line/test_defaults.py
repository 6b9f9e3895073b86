"""``%parallel``: what it sets, shows and refuses."""

import pytest

from paracell.line.defaults import Defaults
from paracell.line.options import Options, OptionsError


def test_words_add_up_and_reset_forgets_them():
    defaults = Defaults()
    defaults.change("threads 4")
    defaults.change("--timeout 2.5 --no-progress")
    assert defaults.options == Options(backend="threads", workers=4, timeout=2.5, progress=False)
    assert "%%parallel threads 4 --timeout 2.5 --no-progress" in defaults.change("")
    defaults.change("on")
    defaults.change("reset")
    assert (defaults.options, defaults.on) == (Options(), False)


def test_on_is_auto_whatever_the_backend_is_and_refuses_nothing():
    defaults = Defaults()
    defaults.change("processes 3 --otherwise refuse --no-progress")
    assert "on: every cell" in defaults.change("on")
    every = defaults.for_every_cell
    assert (every.backend, every.workers, every.refuses, every.progress) == ("auto", 3, False, False)
    assert "off: only cells that begin with %%parallel" in defaults.change("off")


def test_alone_it_says_what_nobody_has_said():
    shown = Defaults().change("")
    assert "%%parallel means: %%parallel auto (" in shown and "what is not parallel is run serially" in shown
    assert "what is not parallel is refused" in Defaults().change("processes 2")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("of", "%parallel: unknown word 'of'; did you mean 'off'?"),
        ("onn", "did you mean 'on'?"),
        ("on 4", "'on' stands alone, not in 'on 4'"),
        ("proceses", "%parallel: unknown word 'proceses'; did you mean 'processes'?"),
        ("--explain", "--explain is said of one cell: %%parallel --explain"),
        ("0", "%parallel: the number of workers must be a whole number of at least 1"),
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(line, says):
    defaults = Defaults()
    defaults.change("threads 4")
    with pytest.raises(OptionsError) as caught:
        defaults.change(line)
    assert says in str(caught.value)
    assert defaults.options == Options(backend="threads", workers=4)
