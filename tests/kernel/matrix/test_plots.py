"""Figures arrive in the same forms, at the same places of a cell's output, as under ipykernel."""

from __future__ import annotations

import pytest
from compared import Pair

PLOT = "import matplotlib.pyplot as plt\n"

TOPICS: dict[str, tuple[str, ...]] = {
    "inline": ("%matplotlib inline\n" + PLOT + "plt.plot([1, 2])", "Line2D", "image/png"),
    "shown before the end": (PLOT + "plt.plot([1]); plt.show(); print('after'); plt.plot([2]); plt.show()", "after"),
    "of a cell that fails": (PLOT + "plt.plot([1]); 1/0", "ZeroDivisionError"),
    "other forms": (
        PLOT + "%config InlineBackend.figure_formats = {'svg', 'pdf'}\n"
        "plt.plot([1]);\n# ---\n"
        "%config InlineBackend.figure_format = 'retina'\nplt.plot([1]);\n# ---\n"
        "%config InlineBackend.figure_formats = {'png'}\n"
        "%config InlineBackend.print_figure_kwargs = {'bbox_inches': None}\n"
        "plt.plot([1]); plt.gcf()\n# ---\n%config InlineBackend.print_figure_kwargs = {'bbox_inches': 'tight'}",
        "image/svg+xml",
        "application/pdf",
    ),
    "kept open": (
        PLOT + "%config InlineBackend.close_figures = False\nf = plt.figure(); plt.plot([1]);\n# ---\n"
        "plt.plot([2]);\n# ---\n"
        "%config InlineBackend.close_figures = True\nplt.close('all')",
        "image/png",
    ),
    "set by name": (
        "from matplotlib_inline.backend_inline import set_matplotlib_formats; set_matplotlib_formats('svg')\n"
        + PLOT
        + "plt.plot([1]);\n# ---\nset_matplotlib_formats('png')",
        "image/svg+xml",
    ),
    "animation": (
        PLOT + "from IPython.display import HTML; from matplotlib.animation import FuncAnimation\n"
        "f, a = plt.subplots(); an = FuncAnimation(f, lambda i: a.plot([i]), frames=1)\n"
        "s = an.to_jshtml(); plt.close(f); HTML(s)",
        "text/html",
    ),
    "other backends": (
        PLOT + "%matplotlib agg\nplt.plot([1]); print(plt.get_backend())\n# ---\nplt.close('all')\n# ---\n"
        "%matplotlib notebook\nplt.plot([1]);\n# ---\nplt.close('all')\n# ---\n%matplotlib inline\nplt.plot([1]);",
        "'agg",
        "matplotlib",
    ),
    "plotly": (
        "import plotly.graph_objects as go, plotly.io as pio\nprint(pio.renderers.default)\n"
        "fig = go.Figure(go.Scatter(y=[1, 2])); fig.show()\n# ---\nfig",
        "plotly_mimetype\\n",
        "application/vnd.plotly.v1+json",
    ),
    "bokeh": (
        "from bokeh.io import output_notebook, show, push_notebook; output_notebook()\n# ---\n"
        "from bokeh.plotting import figure\np = figure(); r = p.scatter([1], [2]); show(p)\n# ---\n"
        "h = show(p, notebook_handle=True); r.data_source.data = {'x': [3], 'y': [4]}; push_notebook(handle=h)",
        "application/vnd.bokehjs_load.v0+json",
        "application/vnd.bokehjs_exec.v0+json",
        "comm_msg",
    ),
    "altair": (
        "import altair as alt, pandas as pd\n"
        "alt.Chart(pd.DataFrame({'a': [1], 'b': [2]})).mark_point().encode(x='a', y='b')",
        "text/html",
    ),
    "pandas": (
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]}); df\n# ---\ndf.style.highlight_max()\n# ---\ndf.plot()",
        "text/html",
        "image/png",
    ),
}


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
def test_topic(own: Pair, topic: tuple[str, ...]) -> None:
    own.topic(*topic)
