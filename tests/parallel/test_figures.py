"""Figures that iterations draw and show."""

import pytest
from same import BACKENDS, INSIDE, means_the_same, ran_on

SETUP = """
import matplotlib.pyplot as plt
plt.rcParams["lines.linewidth"] = 7
def displays(x):
    fig, ax = plt.subplots(figsize=(1, 1))
    ax.plot([1, 2, x])
    plt.xlabel(str(x))
    display(fig)
    plt.close(fig)
    return x
def shows(x):
    plt.figure(figsize=(1, 1))
    plt.plot([1, 2, x])
    print("before", x)
    plt.show()
    return x
def leaves(x):
    fig, ax = plt.subplots(figsize=(1, 1))
    ax.plot([1, 2, x])
    return x
def draws_on(x):
    plt.plot([1, 2, x])
    return x
def closes_all(x):
    plt.figure(figsize=(1, 1))
    plt.close("all")
    return x
"""


@pytest.fixture
def kernel(kernel):
    yield kernel
    kernel.run("plt.rcdefaults(); plt.close('all')")


@pytest.mark.parametrize("backend", [one for one in BACKENDS if one not in INSIDE])  # which have no matplotlib
@pytest.mark.parametrize("name", ["displays", "shows"])
def test_a_function_that_makes_and_closes_its_figure_runs_in_workers(kernel, name, backend):
    means_the_same(kernel, SETUP, f"out = []\nfor x in range(3):\n    out.append({name}(x))", backend)
    # Threads share pyplot.
    assert ran_on(kernel) == ("['processes']" if backend.startswith("processes") else "['serial']")


@pytest.mark.parametrize("name", ["leaves", "draws_on", "closes_all"])
def test_what_iterations_do_to_shared_figures_is_done_here(kernel, name):
    cell = f"out = [{name}(x) for x in range(3)]"
    means_the_same(kernel, SETUP, cell, "processes 2 --otherwise serial")
    assert ran_on(kernel) == "['serial']"


def test_figures_that_the_cell_holds_open_are_shown_with_those_of_the_iterations(kernel):
    cell = "plt.figure(figsize=(2, 2))\nplt.plot([3, 4])\nout = [shows(x) for x in range(3)]"
    means_the_same(kernel, SETUP, cell, "processes 2")


@pytest.mark.parametrize("backend", BACKENDS)
def test_pyplot_in_the_body_itself_acts_in_the_notebook(kernel, backend):
    cell = (
        "out = []\nfor x in range(3):\n    plt.figure(figsize=(1, 1))\n    plt.plot([1, 2, pow(x, 2)])\n    plt.show()"
    )
    means_the_same(kernel, SETUP, cell, backend)
