"""What a process has one of holds in worker processes as it does in the notebook, whenever it was set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kernel_client import Client, start_client

SETTINGS = {
    "time zone": ("os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()", "time.strftime('%H', time.localtime(0))"),
    "locale": ("locale.setlocale(locale.LC_ALL, 'C.UTF-8')", "locale.getlocale(locale.LC_TIME)"),
    "arguments": ("sys.argv[:] = ['here', '--fast']", "sys.argv"),
    "digits": ("getattr(sys, 'set_int_max_str_digits', int)(0)", "len(str(10 ** 5000))"),
    "socket": ("socket.setdefaulttimeout(7.0)", "socket.getdefaulttimeout()"),
    "csv": ("csv.field_size_limit(999)", "csv.field_size_limit()"),
    "dialect": ("csv.register_dialect('mine', delimiter='%', quoting=1)", "next(csv.reader(['a%b'], 'mine'))"),
    "scipy": ("special.seterr(singular='raise')", "special.geterr()['singular']"),
    "sklearn": ("sklearn.set_config(transform_output='pandas')", "sklearn.get_config()['transform_output']"),
    "attribute": ("string.digits = 'xyz'", "string.digits"),
    "builtin module's attribute": ("math.tau = 3", "math.tau"),
}
IMPORTS = "import csv, locale, math, os, socket, string, sys, time, paracell, sklearn\nfrom scipy import special"


@pytest.fixture(scope="module")
def other(jupyter_home) -> Iterator[Client]:
    """What is set here is not for other tests."""
    client = start_client()
    assert client.run(IMPORTS).reply["status"] == "ok"
    yield client
    client.close()


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("name", SETTINGS)
def test_it_holds_in_workers(other, name, warm):
    setting, probe = SETTINGS[name]
    cell = "r = [probe(x) for x in range(3)]"
    assert other.run(f"def probe(x):\n    return {probe}").reply["status"] == "ok"
    if warm:  # workers have met it before it is set
        other.run(f"%%parallel processes 2 --otherwise serial\n{cell}")
    ran = other.run(setting)
    if ran.reply["status"] == "error" and "unsupported locale" in ran.reply["evalue"]:
        pytest.skip("no other locale here")
    assert ran.reply["status"] == "ok", ran.reply
    plain = other.run(f"{cell}\nr").result
    ran = other.run(f"%%parallel processes 2\n{cell}\nr")
    assert ran.reply["status"] == "ok" and ran.result == plain, ran.reply
    assert other.run("paracell.last_run().regions[0].ran").result == "'processes'"
