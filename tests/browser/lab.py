"""A JupyterLab server on loopback, with folders of its own."""

import os
import re
import secrets
import subprocess
import sys
import threading
from pathlib import Path

import psutil

FOLDERS = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR"]
LAB = [
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port=0",
    "--ServerApp.port_retries=0",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]

SETTINGS = {
    # Cells out of sight are in the page, too.
    "notebook-extension/tracker": '{"windowingMode": "none"}',
    # Completions that take longer would not be shown: the first of a kernel may, on a busy machine.
    "completer-extension/manager": '{"providerTimeout": 60000}',
    # Nothing is asked, and nothing looked for outside this machine.
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true}',
}


class Lab:
    """A running JupyterLab: `folder` holds its notebooks, `url(path)` opens one."""

    def __init__(self, folder: Path, home: Path):
        self.folder = folder
        self.token = secrets.token_hex(16)
        names = (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "IPYTHONDIR",
            "JUPYTERLAB_SETTINGS_DIR",
        )
        env = {**os.environ, **{name: str(home / name.lower()) for name in names}, "JUPYTER_TOKEN": self.token}
        for plugin, settings in SETTINGS.items():
            file = home / "jupyterlab_settings_dir" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(settings)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *LAB, f"--ServerApp.root_dir={folder}"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self.said: list[str] = []
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
                self.port = int(found[1])
                break
        else:
            raise RuntimeError("JupyterLab ended:\n" + "".join(self.said))
        # A full pipe would stop the server.
        self._reader = threading.Thread(target=self.said.extend, args=(self.process.stderr,), daemon=True)
        self._reader.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/lab/tree/{path}?token={self.token}&reset"

    def kernels(self) -> list[psutil.Process]:
        """The processes of the kernels that this server started, their workers included."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)
        self._reader.join(timeout=60)
