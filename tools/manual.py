"""Write docs/refusals.md from the reasons' docstrings."""

from pathlib import Path

from paracell.manual import markdown

if __name__ == "__main__":
    (Path(__file__).resolve().parents[1] / "docs" / "refusals.md").write_text(markdown())
