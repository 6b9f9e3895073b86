"""What the notebook sets in libraries and its process, before the first parallel cell and between two of them."""

import pytest

SETTINGS = {
    "function of a library": (
        "import calendar\nold = calendar.isleap\ndef act(x):\n    from calendar import monthrange\n"
        "    return monthrange(2001 + x, 2)[1]",
        "calendar.isleap = lambda year: True",
        "calendar.isleap = old",
    ),
    "method of a library's class": (
        "import fractions\nold = fractions.Fraction.__str__\ndef act(x):\n    from fractions import Fraction\n"
        "    return str(Fraction(x, 3))",
        "def own(self):\n    return 'mine'\nfractions.Fraction.__str__ = own",
        "fractions.Fraction.__str__ = old",
    ),
    "formatter": (
        "import numpy as np\ndef act(x):\n    return repr(np.array([x, 0.5]))",
        "np.set_printoptions(formatter={'float': lambda v: f'<{v}>'})",
        "np.set_printoptions(formatter=None)",
    ),
    "folder": (
        "import tempfile\ndef act(x):\n    return x, tempfile.gettempdir()",
        "tempfile.tempdir = '/tmp/mine'",
        "tempfile.tempdir = None",
    ),
    "codec": (
        "import codecs\ndef find(name):\n    return codecs.lookup('utf-16') if name == 'mine' else None\ndef act(x):\n"
        "    try:\n        return len(str(x).encode('mine'))\n    except LookupError:\n        return 'none'",
        "codecs.register(find)",
        "codecs.unregister(find)",
    ),
}
LOOP = "out = []\nfor x in range(6):\n    out.append(act(x))"


@pytest.mark.parametrize("name", SETTINGS)
def test_workers_have_it_as_long_as_the_notebook_has(kernel, name):
    setup, put, gone = SETTINGS[name]
    for cell in (f"{setup}\n{put}", gone, "%reset -f\n" + setup, put, gone):
        assert kernel.run(cell).reply["status"] == "ok", cell
        kernel.run(LOOP)
        plain = kernel.run("out").result
        kernel.run(f"%%parallel processes 2\n{LOOP}")
        assert kernel.run("out").result == plain, cell
