"""What `pip install` leaves behind: from a source distribution, in a venv that has nothing, through pip alone."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "kernelspec" / "paracell"
RESOURCES = {"kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"}


def run(*command, **env):
    """Run a command; its standard output. A failure shows all that it printed."""
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    out = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "maturin", "sdist", "-o", str(out))
    [archive] = out.glob("paracell-*.tar.gz")
    return archive


@pytest.fixture(scope="module")
def installed(sdist, tmp_path_factory):
    """A fresh venv into which pip built and installed the sdist; the folder's path."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    # The target folder and the profile of the other tests, so that only paracell itself is compiled.
    run(
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        str(sdist),
        MATURIN_PEP517_ARGS="--profile dev",
        CARGO_TARGET_DIR=str(ROOT / "target"),
    )
    return folder


def kernelspecs(folder, **env):
    return json.loads(run(str(folder / "bin" / "jupyter"), "kernelspec", "list", "--json", **env))["kernelspecs"]


def test_the_wheel_carries_every_kernelspec_file():
    links = ROOT / "packaging" / "data" / "share" / "jupyter" / "kernels" / "paracell"
    assert {path.name for path in SPEC.iterdir()} == RESOURCES == {path.name for path in links.iterdir()}
    assert all(path.resolve() == SPEC / path.name for path in links.iterdir())


def test_pip_install_alone_makes_jupyter_list_the_kernel(installed):
    found = kernelspecs(installed)["paracell"]
    folder = Path(found["resource_dir"])
    assert folder == installed / "share" / "jupyter" / "kernels" / "paracell"
    assert {path.name for path in folder.iterdir()} == RESOURCES
    assert all((folder / name).read_bytes() == (SPEC / name).read_bytes() for name in RESOURCES)
    assert found["spec"]["argv"] == ["python", "-m", "paracell", "-f", "{connection_file}"]
    assert (found["spec"]["language"], found["spec"]["interrupt_mode"]) == ("python", "signal")


def test_the_installed_kernel_runs_a_cell_in_its_own_environment(installed):
    code = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="paracell")
try:
    got = []
    reply = client.execute_interactive("import sys; print(sys.prefix)", timeout=60,
                                       output_hook=lambda m: got.append(m["content"].get("text", "")))
    print(reply["content"]["status"], "".join(got))
finally:
    client.stop_channels()
    manager.shutdown_kernel()
"""
    assert run(str(installed / "bin" / "python"), "-c", code).split() == ["ok", str(installed)]


def test_the_kernelspec_folder_is_usable_by_jupyter_itself(installed, tmp_path):
    jupyter = str(installed / "bin" / "jupyter")
    run(jupyter, "kernelspec", "install", str(SPEC), "--prefix", str(tmp_path))
    found = tmp_path / "share" / "jupyter" / "kernels" / "paracell"
    assert {path.name for path in found.iterdir()} == RESOURCES


def test_the_source_distribution_has_what_it_needs_to_build(sdist):
    listed = run("tar", "tzf", str(sdist))
    for name in ("LICENSE-MIT", "LICENSE-APACHE", "README.md", "Cargo.lock", "kernelspec/paracell/kernel.json"):
        assert f"/{name}\n" in listed, name
