"""A real JupyterLab on loopback, and a real headless Chromium that looks at it; both gone when the tests are."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
# Long enough for a busy machine: only a deadlock reaches it.
DEADLOCK_MS = 90_000
expect.set_options(timeout=DEADLOCK_MS)
# What lets Chromium run as root, without a display, and without looking for anything outside this machine.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A container's /dev/shm may be too small for a renderer.
    "--disable-dev-shm-usage",
]
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

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/lab/tree/{path}?token={self.token}&reset"

    def kernels(self) -> list[psutil.Process]:
        """The processes of the kernels that this server started, their workers included."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> None:
        self.process.terminate()
        _, rest = self.process.communicate(timeout=60)
        self.said.append(rest)


@pytest.fixture(scope="session")
def artifacts():
    """Where screenshots go: tests/artifacts, or the folder that SCREENSHOTS names."""
    folder = ROOT / os.environ.get("SCREENSHOTS", "tests/artifacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def lab(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    lab = Lab(folder, tmp_path)
    kernels: list[psutil.Process] = []
    try:
        yield lab
        kernels = lab.kernels()
    finally:
        lab.stop()
    _, alive = psutil.wait_procs(kernels, timeout=20)
    assert not alive, f"outlived JupyterLab: {alive}"


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            # Two device pixels to one: the screenshots are for a README, too.
            context = browser.new_context(viewport={"width": 1000, "height": 1000}, device_scale_factor=1.5)
            context.set_default_timeout(DEADLOCK_MS)
            yield context.new_page()
        finally:
            browser.close()
