"""Run ipykernel's own tests, as far as they see the kernel only through its messages, against this kernel.

usage: python tests/kernel/ipykernel_suite.py [pytest's arguments]

The source archive comes from the package index. What is left out, and why, is in LEFT_OUT.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "7.4.0"
FILES = (
    "test_async.py",
    "test_connect.py",
    "test_debugger.py",
    "test_heartbeat.py",
    "test_kernel.py",
    "test_message_spec.py",
    "test_subshell_wedge.py",
    "test_subshells.py",
)
"""The other files import ipykernel's classes and test those."""

LEFT_OUT = {
    "test_kernel.py::test_print_to_correct_cell_from_thread[thread-local]": "a thread belongs to the cell that started "
    "it, here for good; ipykernel moves it to the cell that runs",
    "test_kernel.py::test_print_to_correct_cell_from_thread[none]": "the same",
    "test_kernel.py::test_parent_header_and_ident": "asks Python for the last request on control, which the I/O thread "
    "has answered without Python",
    "test_message_spec.py::test_non_execute_stop_on_error": "expects that kernel_info waits behind a cell that runs",
    "test_message_spec.py::test_user_expressions": "reads what the test before it has left in the queue",
    "test_message_spec.py::test_kernel_info_request": "expects ipykernel's own version number",
    "test_subshells.py::test_thread_counts": "counts threads right after delete_subshell_reply, which does not wait "
    "for the thread's end here",
}


def main(arguments: list[str]) -> int:
    """Download, install this kernel as python3 for the tests alone, run; pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "ipykernel", "-d", folder]
        subprocess.run([*pip, f"ipykernel=={VERSION}"], check=True)
        with tarfile.open(Path(folder, f"ipykernel-{VERSION}.tar.gz")) as archive:
            archive.extractall(folder)
        install = [sys.executable, "-m", "paracell", "install", "--prefix", folder, "--name", "python3"]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        # Their configuration would measure their package; their classes must be those that are installed.
        tests = Path(folder, f"ipykernel-{VERSION}", "tests")
        env = {**os.environ, "JUPYTER_PATH": str(Path(folder, "share", "jupyter")), "IPYTHONDIR": folder}
        options = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={tests.parent}", "--timeout=120"]
        options += ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
        left_out = [f"--deselect=tests/{name}" for name in LEFT_OUT]
        files = [f"tests/{name}" for name in FILES]
        run = [sys.executable, "-m", "pytest", *options, *left_out, *files, *arguments]
        return subprocess.run(run, cwd=tests.parent, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
