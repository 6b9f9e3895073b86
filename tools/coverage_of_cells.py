"""Print the share of loops that run in parallel, and the reason of each that does not: see tests/cell/covered.py."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "cell"))

from covered import Loop, files, library, notebooks, reasons


def show(title: str, loops: list[Loop]) -> None:
    """One line for the share, one for each loop that is not parallel."""
    found = {loop.name: codes for loop in loops if (codes := reasons(loop))}
    share = 100 * (len(loops) - len(found)) / len(loops)
    print(f"{title}: {len(loops) - len(found)} of {len(loops)} in parallel ({share:.1f} %)")
    for name, codes in found.items():
        print(f"    {name}: {', '.join(codes)}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, files(Path(folder)) as places:
        show("Cells of notebooks", notebooks(places))
    show("The standard library's functions", library())


if __name__ == "__main__":
    main()
