"""What iterations write past Python's streams (C code, child processes, descriptors) is theirs, in their order."""

import pytest

# Even iterations end after odd ones that begin later.
WAITS = "import ctypes, os, subprocess, time\nfor i in range(6):\n    time.sleep(0.05 if i % 2 == 0 else 0)\n"
BODIES = {
    "os.system": "    os.system(f'echo {i}')",
    "subprocess": "    subprocess.run(['echo', str(i)], check=True)",
    "descriptor": "    os.write(1, f'{i}\\n'.encode())",
    "C": "    ctypes.CDLL(None).printf(b'%d\\n', i)",
    "two lines": "    subprocess.run(f'echo {i}; sleep 0.03; echo then {i}', shell=True)",
    "opened by name": "    os.system(f'echo {i} > /dev/stdout')",
}
PROGRAMS = ("os.system", "subprocess", "two lines")
"""On threads: what C code writes to the descriptors that they share appears as it comes."""


@pytest.mark.parametrize(
    ("backend", "name"),
    [*(("processes 2", name) for name in BODIES), *((b, n) for b in ("threads 3", "serial") for n in PROGRAMS)],
)
def test_it_appears_in_iteration_order(kernel, backend, name):
    ran = kernel.run(f"%%parallel {backend}\n{WAITS}{BODIES[name]}")
    expected = [str(i) for i in range(6) for _ in range(1 + (name == "two lines"))]
    assert ran.reply["status"] == "ok" and ran.text().replace("then", "").split() == expected


@pytest.mark.parametrize("backend", ["processes 2", "threads 3", "serial"])
def test_it_stands_between_the_prints_of_its_iteration(kernel, backend):
    body = "    print('a', i)\n    os.system(f'echo b {i}')\n    print('c', i)\n    os.system(f'echo d {i} >&2')"
    ran = kernel.run(f"%%parallel {backend}\n{WAITS}{body}")
    assert ran.text() == "".join(f"a {i}\nb {i}\nc {i}\n" for i in range(6))
    assert ran.text("stderr") == "".join(f"d {i}\n" for i in range(6))


def test_it_stands_between_what_the_notebook_prints(kernel):
    body = "    os.system(f'echo {i}')\n    seen.append(i)\n    print(len(seen))"
    assert kernel.run(f"%%parallel processes 2\nseen = []\n{WAITS}{body}").text() == "".join(
        f"{i}\n{i + 1}\n" for i in range(6)
    )


def test_comprehensions_and_large_tasks(kernel):
    kernel.run("import os\ndef said(i):\n    if i % 1000 == 0:\n        os.write(1, f'{i}\\n'.encode())\n    return i")
    expected = "".join(f"{i}\n" for i in range(0, 20_000, 1000))
    assert kernel.run("%%parallel processes 2\nout = [said(i) for i in range(20_000)]").text() == expected
    loop = "out = []\nfor i in range(20_000):\n    out.append(said(i))"
    assert kernel.run(f"%%parallel processes 2\n{loop}").text() == expected


def test_a_long_iteration_among_tiny_ones_has_what_it_writes(kernel):
    writes = "    if i % 150 == 0:\n        os.system(f'echo {i}')\n"
    cell = f"for i in range(900):\n{writes}    if i % 150 < 2:\n        print('at', i)"
    kernel.run("import os")
    expected = "".join(f"{i}\nat {i}\nat {i + 1}\n" for i in range(0, 900, 150))
    assert kernel.run(f"%%parallel processes 2\n{cell}").text() == expected
    seen = cell.replace("print('at', i)", "seen.append(i)\n        print('at', seen[-1])")
    assert kernel.run(f"%%parallel processes 2\nseen = []\n{seen}").text() == expected


def test_a_failing_iterations_output_comes_before_its_error_and_later_ones_have_none(kernel):
    body = "    os.system(f'echo {i}')\n    if i == 3:\n        raise ValueError(i)"
    ran = kernel.run(f"%%parallel processes 2\n{WAITS}{body}")
    assert ran.reply["ename"] == "ValueError" and ran.text() == "0\n1\n2\n3\n"


def test_what_a_dying_worker_has_written_is_not_lost(kernel):
    body = "    os.system('echo last words')\n    if i == 0:\n        os._exit(3)"
    ran = kernel.run(f"%%parallel processes 2\n{WAITS}{body}")
    assert ran.reply["status"] == "error" and "last words\n" in ran.text()


def test_a_stream_that_was_replaced_does_not_take_it(kernel):
    loop = "    for i in range(6):\n        os.system('echo out')"
    cell = f"import contextlib, io, os\nwith contextlib.redirect_stdout(io.StringIO()) as text:\n{loop}"
    ran = kernel.run(f"%%parallel processes 2\n{cell}\nassert text.getvalue() == ''")
    assert ran.reply["status"] == "ok" and ran.text() == "out\n" * 6


def test_a_program_keeps_the_output_that_it_is_given_and_its_status(kernel):
    cell = (
        "import os, subprocess\nout = []\nfor i in range(4):\n"
        "    said = subprocess.run(['echo', str(i)], capture_output=True, text=True).stdout\n"
        "    out.append((said, os.system(f'exit {i}'), os.system('kill -9 $$'), subprocess.call(['false'])))"
    )
    kernel.run(cell)
    plain = kernel.run("out").result
    for backend in ("threads 3", "processes 2", "serial"):
        assert kernel.run(f"%%parallel {backend}\n{cell}").text() == ""
        assert kernel.run("out").result == plain
    assert kernel.run("subprocess.Popen.__init__.__module__, os.system.__name__").result == "('subprocess', 'system')"
    files = "[os.readlink(f.path) for f in os.scandir('/proc/self/fd') if os.path.islink(f.path)]"
    assert "/memfd:paracell-program" not in kernel.run(f"print({files})").text()


def test_an_iteration_that_is_ended_leaves_no_file_of_its_programs(kernel):
    cell = "import os, subprocess\nout = []\nfor i in range(40):\n"
    cell += "    out.append((subprocess.run(['true']).returncode, os.system('true')))\n"
    cell += "    if i == 3:\n        raise ValueError(i)"
    files = "[os.readlink(f.path) for f in os.scandir('/proc/self/fd') if os.path.islink(f.path)]"
    for _ in range(20):  # the others are ended wherever they are
        assert kernel.run(f"%%parallel threads 4\n{cell}").reply["ename"] == "ValueError"
        assert "/memfd:paracell-program" not in kernel.run(f"print({files})").text()
