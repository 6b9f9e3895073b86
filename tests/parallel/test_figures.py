"""Figures that iterations draw and show."""

import textwrap

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


LOOPS = {
    "shown and closed": """
        for x in range(4):
            fig, ax = plt.subplots(figsize=(1, 1))
            ax.plot([1, 2, x])
            ax.set_title(f"{x}")
            display(fig)
            plt.close(fig)
        fig = ax = None
        n = plt.get_fignums()
    """,
    "the current one": """
        sizes = []
        for x in range(4):
            plt.figure(figsize=(1, 1))
            plt.plot([1, 2, x])
            file = io.BytesIO()
            plt.savefig(file)
            plt.close()
            sizes.append(len(file.getvalue()))
        file = None
    """,
}


@pytest.mark.parametrize("backend", [one for one in BACKENDS if one not in INSIDE])
@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_that_makes_and_closes_a_figure_for_each_item_runs_in_workers(kernel, loop, backend):
    means_the_same(kernel, SETUP + "import io", textwrap.dedent(LOOPS[loop]), backend)
    assert ran_on(kernel) == ("['processes']" if backend.startswith("processes") else "['serial']")


def test_a_figure_that_an_error_leaves_open_is_the_notebooks(kernel):
    cell = """
        try:
            for x in range(4):
                fig, ax = plt.subplots(figsize=(1, 1))
                ax.plot([1, 2, 6 // (2 - x)])
                plt.close(fig)
        except ZeroDivisionError:
            n = plt.get_fignums()
        fig = ax = None
    """
    means_the_same(kernel, SETUP, textwrap.dedent(cell), "processes 2")


@pytest.mark.parametrize("backend", ["processes 2 --otherwise serial", "threads 2 --otherwise serial"])
def test_what_a_library_draws_is_drawn_here(kernel, backend):
    before = "import pandas as pd\ntable = pd.DataFrame({'a': [1, 2], 'b': [3, 5]})"
    cell = "r = [len(table[c].plot().lines) for c in 'ab']\nn = plt.get_fignums()"
    means_the_same(kernel, SETUP + before, cell, backend)
