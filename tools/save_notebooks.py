"""Execute the notebooks with this kernel and save them with their outputs.

usage: tools/save_notebooks.py [NOTEBOOK ...]      without names: all of notebooks/
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
KERNELSPEC = {"name": "paracell", "display_name": "Python 3 (paracell)", "language": "python"}


def save(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    client = NotebookClient(
        notebook,
        kernel_name="paracell",
        timeout=120,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    # Only what a reader needs: versions and timings would make every saving a change.
    notebook.metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata = {name: cell.metadata[name] for name in ("tags",) if name in cell.metadata}
    nbformat.write(notebook, path)
    print(f"{path.name}: {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    # Whether a progress display appears depends on how many processors there are; the tests use as many.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    for path in [Path(name).resolve() for name in sys.argv[1:]] or sorted(FOLDER.glob("*.ipynb")):
        save(path)
