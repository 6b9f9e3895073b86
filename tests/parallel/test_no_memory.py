"""Shared memory that cannot be had: values travel in another way, and a note says so."""

from __future__ import annotations

from kernel_client import Client, Ran

DATA = """
import resource
arrays = [np.full(300_000, float(i)) for i in range(6)]
small = [1, 2]
"""
LIMIT = """
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
"""
LOOP = "made = [a + big for a in arrays]"


def notes(ran: Ran) -> str:
    return "\n".join(m["data"]["text/plain"] for m in ran.of("display_data"))


def test_values_travel_where_memory_is_refused(kernel: Client) -> None:
    kernel.run("import numpy as np\nbig = np.ones(300_000)" + DATA)
    kernel.run("%%parallel processes 2\nwarm = [x + 1 for x in small]")
    # Segments of memory count as files here.
    kernel.run(LIMIT)
    try:
        ran = kernel.run(f"%%parallel processes 2\n{LOOP}")
    finally:
        kernel.run("resource.setrlimit(resource.RLIMIT_FSIZE, before)")
    assert ran.reply["status"] == "ok", ran.reply
    assert "Shared memory could not be had (File too large" in notes(ran)
    assert kernel.run("all((m == a + 1).all() for a, m in zip(arrays, made))").result == "True"
    assert kernel.run("paracell.last_run().regions[0].ran").result == "'processes'"
    again = kernel.run(f"%%parallel processes 2\n{LOOP}")
    assert "Shared memory" not in notes(again), "said once"
