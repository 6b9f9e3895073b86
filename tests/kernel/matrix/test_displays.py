"""What IPython.display shows, and objects that say how they want to be shown, as under ipykernel."""

from __future__ import annotations

import pytest
from compared import Pair

TOPICS: dict[str, tuple[str, ...]] = {
    "all kinds": (
        "from IPython.display import *\n"
        "display(HTML('x'), Image(b'\\x89PNG\\r\\n\\x1a\\n', format='png'), JSON({'a': 1}), Markdown('x'),\n"
        "    Javascript('1'), SVG('<svg/>'), Latex('x'), Math('x'), GeoJSON({}), Code('x = 1'), Pretty('y'))",
        "text/html",
        "image/png",
        "application/json",
        "text/markdown",
        "application/javascript",
        "image/svg+xml",
        "text/latex",
        "application/geo+json",
    ),
    "audio and video": (
        "from IPython.display import *\n"
        "display(Audio(b'abc', rate=8000), Video(b'abc', embed=True, mimetype='video/mp4'), YouTubeVideo('abc'),\n"
        "    IFrame('http://x', 10, 10), FileLink('/nofile'))",
        "text/html",
    ),
    "handles": (
        "h = display('a', display_id=True); h.update('b'); h.display('c')\n# ---\n"
        "from IPython.display import update_display\ndisplay('a', display_id='d'); update_display('b', display_id='d')",
        "update_display_data",
    ),
    "cleared": (
        "from IPython.display import clear_output\nprint('a'); clear_output(wait=True); print('b')",
        "clear_output",
    ),
    "raw": (
        "from IPython.display import *\ndisplay_javascript('1', raw=True); display_png(b'a', raw=True)",
        "image/png",
    ),
    "own bundle": (
        "class M:\n"
        "    def _repr_mimebundle_(self, **k): return {'text/plain': 'p', 'a/b': {'x': 1}}, {'a/b': {'m': 1}}\nM()",
        "('a/b', 'text/plain'), 'p', ('a/b',)",
    ),
    "own display": ("class D:\n    def _ipython_display_(self): print('shown')\nD()", "shown"),
    "magics that show": (
        "%%html\n<b>x</b>\n# ---\n%%js\n1\n# ---\n%%svg\n<svg/>\n# ---\n%%latex\nx\n# ---\n%%markdown\nx",
        "text/html",
        "text/latex",
    ),
    "captured": (
        "%%capture cap\nprint(1); display(2); 3\n# ---\ncap.show(); cap.stdout, len(cap.outputs)",
        "'1\\\\n', 2",
    ),
    "nothing": ("5;\n# ---\nNone\n# ---\n_", "'ok'"),
    "terminal's colours and returns": ("print('a\\rb'); print('\\x1b[31mred\\x1b[0m')", "a\\rb"),
}


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
def test_topic(pair: Pair, topic: tuple[str, ...]) -> None:
    pair.topic(*topic)


def test_an_error_while_formatting_names_itself_in_the_reply(pair: Pair) -> None:
    for code in ("class R:\n    def __repr__(self): 1 / 0\nR()", "class H:\n    def _repr_html_(self): 1 / 0\nH()"):
        ours, theirs = pair.run(code)
        assert ours.kinds == theirs.kinds
        assert ours.reply["ename"] == "ZeroDivisionError"
        assert theirs.reply["ename"] == "NoneType"
