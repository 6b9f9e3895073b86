"""Execute a notebook in the terminal, once without and once with its `%%parallel` lines, and say what was gained.

usage: tools/demo.py NOTEBOOK
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time

import nbformat
from nbclient import NotebookClient

MAGIC = re.compile(r"\A%%parallel\b.*\n")


class Terminal(NotebookClient):
    """Shows outputs as they come, and a progress display (an updated one) on one line that is written over."""

    bar = ""

    def process_message(self, msg, cell, cell_index):
        text = plain(msg)
        if (msg["content"].get("transient") or {}).get("display_id"):
            self.draw(text.strip().splitlines()[0] if text.strip() else "")
        elif text:
            self.settle()
            print(indent(text), flush=True)
        return super().process_message(msg, cell, cell_index)

    def draw(self, text: str) -> None:
        """Write the progress display over the one before it; keep one line each where this is no terminal."""
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns - 1
            print("\r\x1b[K" + ("    " + text)[:width], end="", flush=True)
        elif text != self.bar:
            print("    " + text, flush=True)
        self.bar = text

    def settle(self) -> None:
        """Leave the progress display's last state standing on a line of its own."""
        if self.bar and sys.stdout.isatty():
            print(flush=True)
        self.bar = ""


def plain(msg) -> str:
    """What a message shows in a terminal."""
    content = msg["content"]
    if msg["msg_type"] == "stream":
        return content["text"]
    return content.get("data", {}).get("text/plain", "")


def indent(text: str) -> str:
    return "\n".join("    " + line for line in text.rstrip("\n").splitlines())


def outputs(cell) -> list[str]:
    """What a cell printed and returned, without progress displays (they tell of time, not of results)."""
    kept = []
    for out in cell.outputs:
        if out.output_type == "stream" and out.name == "stdout":
            kept.append(out.text)
        elif out.output_type == "execute_result":
            kept.append(out.data.get("text/plain", ""))
    return ["".join(kept)]


def run(path: str, parallel: bool) -> tuple[dict[int, float], list[list[str]]]:
    """Execute the notebook; seconds for each of its `%%parallel` cells, and what every cell printed."""
    notebook = nbformat.read(path, as_version=4)
    timed = {}
    marked = [bool(MAGIC.match(cell.source)) for cell in notebook.cells]
    if not parallel:
        for cell in notebook.cells:
            cell.source = MAGIC.sub("", cell.source)
    client = Terminal(
        notebook, kernel_name="paracell", timeout=600, resources={"metadata": {"path": os.path.dirname(path)}}
    )
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            print("\n" + "\n".join("  | " + line for line in cell.source.splitlines()), flush=True)
            start = time.perf_counter()
            client.execute_cell(cell, index)
            client.settle()
            if marked[index]:
                timed[index] = time.perf_counter() - start
                print(f"    {timed[index]:.2f} s", flush=True)
    return timed, [outputs(cell) for cell in notebook.cells if cell.cell_type == "code"]


def main(path: str) -> int:
    cores = len(os.sched_getaffinity(0))
    print(f"=== {path}, serially: its %%parallel lines are taken out")
    serial, expected = run(path, parallel=False)
    print(f"\n=== {path}, as it stands, on {cores} cores")
    parallel, got = run(path, parallel=True)

    print("\n" + "-" * 72)
    for index, seconds in serial.items():
        print(f"cell {index:2d}   serial {seconds:6.2f} s   paracell {parallel[index]:6.2f} s", end="   ")
        print(f"{seconds / parallel[index]:5.2f} times as fast")
    before, after = sum(serial.values()), sum(parallel.values())
    print(f"together  serial {before:6.2f} s   paracell {after:6.2f} s   {before / after:5.2f} times as fast", end="")
    print(f" on {cores} cores")
    same = got == expected
    print("every cell printed the same in both runs" if same else "THE OUTPUTS OF THE TWO RUNS DIFFER")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
