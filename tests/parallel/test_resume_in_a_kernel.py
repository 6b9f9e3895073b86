"""After an interrupt of a real kernel, the cell goes on where it was."""

import pytest

CELL = """out = []
for x in range(40):
    print('at', x)
    out.append(held(x))
n = len(out)"""
HELD = "def held(x):\n    while x > 9:\n        pass\n    return x"


@pytest.mark.parametrize("backend", ["processes 2", "threads 2"])
def test_goes_on_after_an_interrupt(kernel, backend):
    assert kernel.run(HELD).reply["status"] == "ok"
    request = kernel.start(f"%%parallel {backend} --chunk 1\n{CELL}")
    kernel.wait_text(request, "at 9")
    kernel.manager.interrupt_kernel()
    ran = kernel.finish(request)
    assert ran.reply["ename"] == "KeyboardInterrupt"
    said = "\n".join(c["data"]["text/plain"] for c in ran.of("display_data"))
    assert "iterations are kept" in said and "replay" not in said
    assert kernel.run("def held(x):\n    return x").reply["status"] == "ok"
    assert kernel.run(f"%%parallel {backend} --resume\n{CELL}").reply["status"] == "ok"
    assert kernel.run("out == list(range(40)), n").result == "(True, 40)"
