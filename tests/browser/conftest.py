"""A real JupyterLab on loopback, and a real headless Chromium that looks at it; both gone when the tests are."""

import os
from pathlib import Path

import psutil
import pytest
from lab import Lab
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
