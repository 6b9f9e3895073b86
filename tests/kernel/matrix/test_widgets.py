"""ipywidgets, and what is built on it, as under ipykernel: the same comms with the same state, and outputs."""

from __future__ import annotations

from array import array
from itertools import groupby
from typing import Any

import pytest
from compared import Pair, portrait
from kernel_client import Client, is_idle

VIEW = "application/vnd.jupyter.widget-view+json"

TOPICS: dict[str, tuple[str, ...]] = {
    "slider": (
        "import ipywidgets as w\ns = w.IntSlider(3); s\n# ---\ns.value = 5\n# ---\ns.close()",
        VIEW,
        "comm_close",
    ),
    "interact": ("w.interact(lambda x: print(x), x=(0, 5));", VIEW, "OutputModel"),
    "output": (
        "o = w.Output()\ndisplay(o)\nwith o: print('in'); display(3)\n# ---\n"
        "with o: 1/0\n# ---\n@o.capture(clear_output=True)\ndef f(): print('captured')\nf()\n# ---\n"
        "o.append_stdout('x'); o.append_display_data('y'); o.outputs",
        "'stdout', 'in\\n'",
        "clear_output",
    ),
    "boxes": ("w.VBox([w.Button(description='a'), w.HTML('x')])", "VBoxModel"),
    "binary state": ("w.Image(value=b'abc', format='png')", "'ImageModel'"),
    "links and held changes": (
        "a, b = w.IntText(), w.IntText(); l = w.link((a, 'value'), (b, 'value')); a.value = 4; b.value\n# ---\n"
        "p = w.IntProgress(max=3)\nwith p.hold_sync(): p.value = 1; p.max = 9",
        "('max', 'value')",
    ),
    "plotly's": (
        "import plotly.graph_objects as go\nf = go.FigureWidget(go.Scatter(y=[1, 2])); f\n# ---\n"
        "f.add_scatter(y=[3, 4]);\n# ---\nf.data[0].y = [5, 6]\n# ---\n"
        "with f.batch_update(): f.layout.title = 'x'; f.data[0].y = [1]",
        VIEW,
        "('comm_open', 'jupyter.widget', 'AnyModel'",
        "comm_msg",
    ),
    "altair widget": (
        "import altair as alt, pandas as pd\n"
        "alt.JupyterChart(alt.Chart(pd.DataFrame({'a': [1]})).mark_point().encode(x='a'))",
        VIEW,
    ),
}


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
def test_topic(pair: Pair, topic: tuple[str, ...]) -> None:
    pair.same("import ipywidgets as w")
    pair.topic(*topic)


def change(client: Client, model: str, state: dict[str, Any]) -> list[Any]:
    """What a front end does when the user moves a widget, and what it sees then."""
    content = {"comm_id": model, "data": {"method": "update", "state": state, "buffer_paths": []}}
    request = client.send("comm_msg", content)
    client.wait_iopub(request, is_idle)
    messages = client.by_parent[request]
    shown = [m["content"].get("text") for m in messages if m["msg_type"] == "stream"]
    return [*shown, *[m["content"]["data"]["method"] for m in messages if m["msg_type"] == "comm_msg"]]


def test_the_user_moves_a_slider(pair: Pair) -> None:
    seen = []
    for client in pair.clients.values():
        client.run("import ipywidgets as w\ns = w.IntSlider(3); s.observe(lambda c: print('now', c.new), 'value')")
        seen.append(change(client, client.run("s.model_id").result.strip("'"), {"value": 7}))
        assert client.run("s.value").result == "7"
    assert seen[0] == seen[1]
    assert "now 7\n" in seen[1]


def test_a_button_of_an_output_widget(pair: Pair) -> None:
    seen = []
    for client in pair.clients.values():
        client.run(
            "import ipywidgets as w\nb, o = w.Button(), w.Output()\n"
            "def clicked(b):\n    with o: print('clicked')\nb.on_click(clicked)"
        )
        model = client.run("b.model_id").result.strip("'")
        request = client.send(
            "comm_msg", {"comm_id": model, "data": {"method": "custom", "content": {"event": "click"}}}
        )
        client.wait_iopub(request, is_idle)
        # Where a text is cut into stream messages is a matter of timing.
        cut = [m["content"].get("name") if m["msg_type"] == "stream" else m for m in client.by_parent[request]]
        seen.append([m if isinstance(m, str) else m["msg_type"] for m, _ in groupby(cut)])
        # The text goes out as a stream of the request that the output widget has named in its msg_id.
        assert client.text_of(request) == "clicked\n"
    assert seen[0] == seen[1]


def test_a_widget_of_matplotlib_draws(own: Pair) -> None:
    own.same("%matplotlib widget\nimport matplotlib.pyplot as plt")
    ran = own.same("fig, ax = plt.subplots(); ax.plot([1, 2]); plt.show()")
    assert "MPLCanvasModel" in str(portrait(ran))
    own.same("fig.canvas")
    assert any(m["buffers"] for m in own.same("ax.plot([3]); fig.canvas.draw()").messages), "a frame has been drawn"
    own.same("plt.close('all')")


def buffers(client: Client, request: str) -> list[bytes]:
    """Of the comm messages that belong to a request."""
    messages = [m for m in client.by_parent[request] if m["msg_type"] in ("comm_open", "comm_msg")]
    return [bytes(buffer) for m in messages for buffer in m["buffers"]]


def test_a_figure_of_plotly_travels_in_buffers(pair: Pair) -> None:
    for client in pair.clients.values():
        wanted = array("d", [0.0, 1.0, 2.0]).tobytes()
        client.run("import numpy as np, plotly.graph_objects as go")
        request = client.kc.execute("f = go.FigureWidget(go.Scatter(y=np.arange(3.0))); f")
        view = client.finish(request).of("execute_result")[0]["data"][VIEW]
        assert set(buffers(client, request)) == {wanted}
        request = client.kc.execute("f.data[0].y = np.arange(3.0)[::-1]")
        client.finish(request)
        assert buffers(client, request) == [array("d", [2.0, 1.0, 0.0]).tobytes()]
        assert client.run("f.model_id").result == repr(view["model_id"])


def test_what_a_client_sends_in_buffers_arrives(pair: Pair) -> None:
    for client in pair.clients.values():
        request = client.kc.execute(
            "import anywidget, traitlets\n"
            "class W(anywidget.AnyWidget):\n"
            "    _esm = 'export default {}'; value = traitlets.Any(b'first').tag(sync=True)\n"
            "w = W(); w"
        )
        view = client.finish(request).of("execute_result")[0]["data"][VIEW]
        assert buffers(client, request) == [b"first"]
        data = {"method": "update", "state": {}, "buffer_paths": [["value"]]}
        message = client.kc.session.msg("comm_msg", {"comm_id": view["model_id"], "data": data})
        client.kc.session.send(client.kc.shell_channel.socket, message, buffers=[b"second"])
        client.wait_iopub(message["header"]["msg_id"], is_idle)
        assert client.run("bytes(w.value)").result == "b'second'"
