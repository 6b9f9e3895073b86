"""Cells of the table on workers that are forked for their loop."""

import json
import subprocess
import sys
from pathlib import Path

EVERY = 12
"""So much of the table: each fork takes its time."""


def test_cells_mean_the_same_in_forks():
    script = str(Path(__file__).with_name("in_forks.py"))
    ran = subprocess.run([sys.executable, script, str(EVERY)], capture_output=True, text=True, timeout=300)
    *wrong, rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert wrong == [] and rows > 50, ran.stderr
