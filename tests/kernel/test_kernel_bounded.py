"""What the kernel remembers of cells has bounds: a notebook may run for weeks."""

from __future__ import annotations

import json

import IPython
import pytest
from kernel_client import Client

records = pytest.mark.skipif(IPython.version_info < (9,), reason="IPython before 9 records no outputs")
RECORDED = """
from paracell.kernel import records
outputs = get_ipython().history_manager.outputs
def recorded(number=None):
    wanted = outputs.values() if number is None else [outputs.get(number, [])]
    return sum(len(text) for o in wanted for r in o for text in r.bundle.get("stream", []))
"""


@records
def test_what_a_cell_prints_is_recorded_for_notebook_files_up_to_a_bound(fresh: Client, tmp_path: str) -> None:
    fresh.run(RECORDED)
    fresh.run("print('short')\n6 * 7")
    long = fresh.run("for _ in range(40_000):\n    print('x' * 99)")
    assert len(long.text()) == 4_000_000
    assert fresh.run(f"recorded({long.reply['execution_count']}) <= records.CELL").result == "True"
    assert fresh.run("recorded() > 0").result == "True"
    fresh.run(f"%notebook {tmp_path}/it.ipynb")
    with open(f"{tmp_path}/it.ipynb") as file:
        cells = json.load(file)["cells"]
    (short,) = [cell for cell in cells if "short" in "".join(cell["source"])]
    assert [o["output_type"] for o in short["outputs"]] == ["stream", "execute_result"]
    for _ in range(3):
        fresh.run("records.TOTAL = 1 << 20\nfor _ in range(9_000):\n    print('y' * 99)")
    assert fresh.run("recorded() <= records.TOTAL + records.CELL").result == "True"
    assert fresh.run("2 in outputs").result == "False"


@records
def test_cells_that_are_not_in_the_history_are_not_recorded_as_the_next_ones(fresh: Client) -> None:
    fresh.run(RECORDED)
    before = fresh.run("outputs", store_history=False).result
    for code in ("print('not kept')", "1 + 1", "import asyncio; await asyncio.sleep(0); 3", "1 / 0"):
        fresh.run(code, store_history=False)
    assert fresh.run("outputs", store_history=False).result == before


def test_texts_of_cells_are_kept_as_long_as_their_code_lives(fresh: Client) -> None:
    fresh.run("import linecache, inspect\ndef old():\n    return 1 / 0")
    fresh.run("before = len(linecache.cache)")
    fresh.run("from paracell.kernel.compiler import KEPT\ncompiler = get_ipython().compile")
    fresh.run("for i in range(3 * KEPT):\n    compiler(f'x = {i}', compiler.cache(f'x = {i}'), 'exec')")
    bound = "len(linecache.cache) < before + KEPT + 100 and len(compiler._filename_map) < KEPT + 100"
    assert fresh.run(bound).result == "True"
    fresh.run("for i in range(3 * KEPT):\n    compiler('again', compiler.cache('again'), 'exec')")
    assert fresh.run("max(map(len, compiler._codes.values())) < 10").result == "True"
    assert fresh.run("inspect.getsource(old)").result == repr("def old():\n    return 1 / 0\n")
    traceback = "\n".join(fresh.run("old()").reply["traceback"])
    assert "Cell" in traceback and "return" in traceback
