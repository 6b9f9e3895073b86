"""The same cells under ipykernel: the same kinds of messages, the same status, the same payloads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager
from kernel_client import Client

CELLS = {
    "timed await": "%%time\nimport asyncio\nawait asyncio.sleep(0.01)\nprint(1)",
    "timeit": "%timeit -n1 -r1 pass",
    "env": "%env A=3",
    "who": "x = 1\n%who",
    "history": "%history -n 1",
    "matplotlib": "%matplotlib",
    "autoreload": "%load_ext autoreload\n%autoreload 2",
    "inline svg": "%config InlineBackend.figure_format='svg'",
    "every expression": "%config InteractiveShell.ast_node_interactivity='all'\n1\n2",
    "back to the last": "%config InteractiveShell.ast_node_interactivity='last_expr'",
    "connect_info": "%connect_info",
    "rich displays": "from IPython.display import *; display(HTML('x'), Markdown('y')); Audio([0, 1, 0], rate=8000)",
    "bash": "%%bash\necho hi",
    "html": "%%html\n<b>x</b>",
    "capture": "%%capture c\nprint(1)",
    "lsmagic": "%lsmagic",
    "warning": "import warnings; warnings.warn('w')",
    "logging": "import logging; logging.warning('l')",
    "page": "len?",
    "source": "import shutil\nshutil.which??",
    "plain traceback": "%xmode Plain\n1/0",
    "traceback again": "%tb",
    "exit code": "get_ipython().system('true'); _exit_code",
    "captured command": "files = !echo a\nfiles",
    "load": "%load_ext no_such_extension",
    "next input": "%recall 1",
    "syntax error": "x = = 1",
    "nothing": "",
    "semicolon": "5;",
    "exit in a function": "def f(): raise SystemExit(2)\nf()",
    "user cell magic": (
        "from IPython.core.magic import register_cell_magic\n"
        "@register_cell_magic\ndef up(line, cell): return cell.upper()"
    ),
    "its use": "%%up\nabc",
}


def outline(client: Client, code: str) -> tuple[Any, ...]:
    ran = client.run(code)
    kinds: list[str] = []
    for kind in ran.kinds:  # how text is cut into stream messages is a matter of timing
        if not (kind == "stream" and kinds and kinds[-1] == "stream"):
            kinds.append(kind)
    payloads = [p["source"] for p in ran.reply.get("payload", [])]
    return ran.reply["status"], ran.reply.get("ename"), kinds, payloads


@pytest.fixture(scope="module")
def both(jupyter_home: Path) -> Any:
    clients = []
    for name in ("python3", "paracell"):
        manager = KernelManager(kernel_name=name)
        manager.start_kernel()
        clients.append(Client(manager))
    yield clients
    for client in clients:
        client.close()


@pytest.mark.parametrize("code", CELLS.values(), ids=CELLS.keys())
def test_same_as_ipykernel(both: list[Client], code: str) -> None:
    theirs, ours = (outline(client, code) for client in both)
    assert ours == theirs
