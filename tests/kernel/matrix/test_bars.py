"""Progress displays choose the notebook's form and draw the same as under ipykernel."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared import Pair

PLAIN = "bar_format='{n}/{total}', mininterval=0"

TOPICS: dict[str, tuple[str, ...]] = {
    "tqdm.auto": (
        "import warnings; warnings.simplefilter('ignore')\nfrom tqdm.auto import tqdm\nprint(tqdm.__module__)\n# ---\n"
        f"for i in tqdm(range(3), {PLAIN}): pass",
        "FloatProgressModel",
    ),
    "tqdm.notebook": (
        f"from tqdm.notebook import tqdm, trange\nfor i in tqdm(range(3), {PLAIN}): pass\n# ---\n"
        "t = trange(2, desc='x', leave=False, bar_format='{n}')\nfor _ in t: t.set_postfix(a=1)\n# ---\n"
        "for i in tqdm([1, 0], bar_format='{n}'): 1 / i",
        "'bar_style'",
        "ZeroDivisionError",
    ),
    "tqdm.autonotebook": (
        "import warnings; warnings.simplefilter('ignore')\nfrom tqdm.autonotebook import tqdm; tqdm.__module__",
        "tqdm.notebook",
    ),
    "tqdm as text": (
        f"import sys\nfrom tqdm import tqdm\nfor i in tqdm(range(2), {PLAIN}, file=sys.stdout): pass",
        "\\r2/2",
    ),
    "tqdm of pandas": (
        "import pandas as pd\nfrom tqdm.notebook import tqdm\n"
        "tqdm.pandas(bar_format='{n}'); pd.Series([1, 2]).progress_apply(lambda x: x)",
        "HBoxModel",
    ),
    "rich's print and tables": (
        "from rich import print as rprint\nrprint('[bold]hi[/bold]', {'a': [1, 2]})\n# ---\n"
        "from rich.console import Console; from rich.table import Table\n"
        "c = Console(); (c.is_jupyter, c.width, c.color_system)\n# ---\n"
        "t = Table('a', 'b'); t.add_row('1', '2'); c.print(t)\n# ---\nt",
        "text/html",
        "(True, 115, 'truecolor')",
    ),
    "rich's progress and live displays": (
        "from rich.progress import track\n"
        "for i in track(range(3), description='d', refresh_per_second=1e-3): pass\n# ---\n"
        "from rich.live import Live\nwith Live('a', auto_refresh=False) as l: l.update('b', refresh=True)",
        "OutputModel",
    ),
    "IPython's": (
        "from IPython.display import ProgressBar\np = ProgressBar(3)\nfor _ in p: pass",
        "update_display_data",
    ),
    "dask's": (
        "import dask.array as da\nfrom dask.diagnostics import ProgressBar\n"
        "with ProgressBar(minimum=9): total = da.ones((4,), chunks=2).sum().compute()\ntotal\n# ---\n"
        "da.ones((4,), chunks=2)",
        "text/html",
    ),
}


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
def test_topic(pair: Pair, topic: tuple[str, ...]) -> None:
    pair.topic(*topic)


RAY = {"reason": "ray is large (240 MB), and its cluster takes longer to start than all the other libraries together"}


def test_rays_own_bar_in_the_notebooks_form(own: Pair) -> None:
    """The driver's end of it."""
    pytest.importorskip("ray", **RAY)
    own.topic(
        "import warnings; warnings.simplefilter('ignore')\n"
        "from ray.experimental import tqdm_ray\n# ---\n"
        "from ray.widgets.util import in_notebook\nin_notebook()\n# ---\n"
        "for i in tqdm_ray.tqdm(range(3)): pass",
        "True",
        "FloatProgressModel",
    )


def test_what_rays_workers_say_is_shown_by_the_cell_that_runs(own: Pair, tmp_path: Path) -> None:
    pytest.importorskip("ray", **RAY)
    for name, client in own.clients.items():
        go_on = tmp_path / name
        client.run("import os, warnings; warnings.simplefilter('ignore'); os.environ['RAY_AUTH_MODE'] = 'disabled'")
        client.run("import ray\nfrom ray.experimental import tqdm_ray")
        started = client.run("context = ray.init(num_cpus=1, include_dashboard=False)")
        assert started.reply["status"] == "ok"
        client.run(
            "@ray.remote\n"
            "def work():\n"
            "    print('from a worker', flush=True)\n"
            "    for i in tqdm_ray.tqdm(range(10**9)):\n"
            f"        if os.path.exists({str(go_on)!r}): return 'done'\n"
        )
        running = client.kc.execute("ray.get(work.remote())")
        client.wait_text(running, "from a worker")
        client.wait_iopub(running, lambda m: m["msg_type"] == "display_data")  # of the bar
        go_on.touch()
        assert client.finish(running).result == "'done'"
        assert client.run("ray.shutdown()").reply["status"] == "ok"


def test_rich_shows_a_traceback_of_its_own_once(own: Pair) -> None:
    own.same("from rich.traceback import install; _ = install()")
    ours, theirs = own.run("1/0")
    own.same("ip = get_ipython(); del ip._showtraceback, ip.showtraceback, ip.showsyntaxerror")
    assert ours.kinds == theirs.kinds == ["status", "execute_input", "display_data", "status"]
    assert (ours.reply["ename"], theirs.reply["ename"]) == ("ZeroDivisionError", "ZeroDivisionError")


def test_distributed_runs_and_shows_its_progress(own: Pair) -> None:
    own.same(
        "from distributed import Client, LocalCluster, progress\n"
        "cluster = LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=':0')\n"
        "client = Client(cluster)"
    )
    assert own.same("futures = client.map(abs, [-1, -2]); client.gather(futures)").result == "[1, 2]"
    # What it finds when it looks depends on time; that it draws widgets, on where it runs.
    for ran in own.run("progress(futures)"):
        assert "application/vnd.jupyter.widget-view+json" in str(ran.of("display_data"))
    own.same("client.close(); cluster.close()")
