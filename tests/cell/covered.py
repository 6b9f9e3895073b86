"""Which loops that people write run in parallel: cells in the spirit of notebooks, and calls of the standard library.

``notebooks.txt`` holds cells, ``library.txt`` an expression a line: the body of a loop over ``pairs`` of a number ``x``
and a word ``s``. ``EXPECTED`` names those that are not parallel, each with its reason's code.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from oracle import Opener, Told, in_two_parts, plainly, prepare

from paracell.cell import plan

HERE = Path(__file__).parent / "coverage"
LIBRARY = (HERE / "prelude.txt").read_text()
NOTEBOOKS = LIBRARY + (HERE / "data.txt").read_text()

EXPECTED = {
    "sudoku": "changes-argument",  # that new[r] is new, too, could be seen
    "models by name": "reads-stored",  # fit() changes the model, which score() reads
    "abs(-x)": "trivial",
    "int(str(x), 16)": "trivial",
    "float(str(x))": "trivial",
    "isinstance(x, int)": "trivial",
    "f'{x:>10}{s!r}'": "trivial",
}
"""Name or expression -> code of the reason why it is not parallel. It may only get shorter."""


@dataclass(frozen=True)
class Loop:
    name: str
    text: str
    prelude: str
    but: frozenset[str] = frozenset()
    """Names of objects that differ in what does not matter: views that became copies, open images."""


def library() -> list[Loop]:
    """A loop for each expression of ``library.txt``."""
    lines = (HERE / "library.txt").read_text().splitlines()
    return [Loop(line, f"for x, s in pairs:\n    out.append({line})", LIBRARY) for line in lines]


def notebooks(places: str) -> list[Loop]:
    """The cells of ``notebooks.txt``; `places` says where their files are (see ``files``)."""
    parts = re.split(r"^## (.+)$", (HERE / "notebooks.txt").read_text(), flags=re.MULTILINE)
    found = []
    for head, text in zip(parts[1::2], parts[2::2], strict=True):
        name, _, but = head.partition("; but ")
        found.append(Loop(name, text.strip("\n"), NOTEBOOKS + places, frozenset(but.split())))
    return found


def reasons(loop: Loop) -> list[str]:
    """Codes of the reasons why the loop's regions are not parallel, as planned: none if all are."""
    made = plan(loop.text, "<cell>", prepare(loop.prelude))
    found = [region.refusal.code for region in made.regions if region.refusal is not None]
    return found if made.regions else ["no region"]


def run(loop: Loop, opener: Opener) -> list[str]:
    """Assert that the loop gives what plain Python gives; what is said against running it in parallel."""
    told = Told()
    want = plainly(loop.prelude, loop.text)
    made, got = in_two_parts(loop.prelude, loop.text, opener, told)
    assert want["error"] is None and got["error"] is None, got["error"]
    assert [n for n in want["names"] if n not in told.names] == got["names"]
    for name, value in got["values"].items():
        if name in loop.but:
            continue
        assert _shown(value) == _shown(want["values"][name]), name
    assert got["output"] == want["output"]
    return [r.refusal.code for r in made.regions if r.refusal is not None] + [str(reason) for reason in told.reasons]


def _shown(value: Any) -> str:
    """What a value is, but for where it lies in memory."""
    return re.sub(r"0x[0-9a-fA-F]+", "0x", repr(value))


# ----------------------------------------------------------------------------------------------------------- the files


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path in ("/a", "/b", "/c")
        self.send_response(200 if known else 404)
        self.end_headers()
        if known:
            self.wfile.write(f"<html><title>Page {self.path[1:]}</title></html>".encode())

    def date_time_string(self, timestamp: Any = None) -> str:
        return "Thu, 01 Jan 1970 00:00:00 GMT"  # the same for whoever asks when

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def files(folder: Path) -> Iterator[str]:
    """Make the files and the web site that the notebooks read; code that names them."""
    from PIL import Image

    (folder / "small").mkdir()
    for number in range(3):
        Image.new("RGB", (8 + number, 8), (number * 40, 20, 60)).save(folder / f"{number}.png")
        (folder / f"{number}.csv").write_text(f"a,b\n{number},2\n3,4\n")
        (folder / f"{number}.json").write_text(f'{{"value": {number}}}')
    with zipfile.ZipFile(folder / "all.zip", "w") as made:
        for number in range(3):
            made.writestr(f"{number}.txt", "text " * number)
    (folder / "access.log").write_text("1.2.3.4 GET 200\n1.2.3.5 POST 503\n\nnothing here\n1.2.3.4 GET 500\n")
    connection = sqlite3.connect(folder / "shop.db")
    with connection:
        connection.execute("create table t (kind text, price real)")
        connection.executemany("insert into t values (?, ?)", [("x", 1.5), ("y", 2.0), ("x", 4.0)])
    connection.close()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    places = {
        "folder": folder,
        "archive": folder / "all.zip",
        "log": folder / "access.log",
        "database": folder / "shop.db",
    }
    try:
        lines = [f"{name} = {str(place)!r}" for name, place in places.items()]
        yield "\n".join([*lines, f"site = 'http://127.0.0.1:{server.server_port}'", ""])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
