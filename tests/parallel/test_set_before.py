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


MODULES = {
    "rgb_to_yiq": "import colorsys\ncolorsys.rgb_to_yiq = lambda *v: f'mine {v[0]}'\n",
    "yiq_to_rgb": "def mine(*v):\n    return f'mine {v[0]}'\ndef act():\n    import colorsys\n"
    "    setattr(colorsys, 'yiq_to_rgb', mine)\nact()\n",
    "hls_to_rgb": "from unittest.mock import patch\ndef mine(*v):\n    return f'mine {v[0]}'\n"
    "one = patch('colorsys.hls_to_rgb', mine)\none.start()\n",
}


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_of_the_users_sets_in_a_library_workers_have_too(kernel, name, tmp_path):
    (tmp_path / f"sets_{name}.py").write_text(MODULES[name])
    setup = f"import sys, importlib, colorsys\nold = colorsys.{name}\nsys.path.insert(0, {str(tmp_path)!r})\n"
    setup += f"import sets_{name}\ndef act(x):\n    import colorsys\n    return colorsys.{name}(x, 0, 0)"
    try:
        assert kernel.run(setup).reply["status"] == "ok"
        ran = kernel.run(f"%%parallel processes 2 --start spawn\n{LOOP}")
        assert kernel.run("out == [f'mine {x}' for x in range(6)], paracell.last_run().regions[0].ran").result == (
            "(True, 'processes')"
        ), ran.text()
    finally:  # not by a cell that says which attribute it is
        kernel.run(f"del sys.path[0], sys.modules['sets_{name}']\n_ = importlib.reload(colorsys)")
    kernel.run(f"%%parallel processes 2 --start spawn\n{LOOP}")
    assert kernel.run("out == [old(x, 0, 0) for x in range(6)]").result == "True"


def test_what_was_set_in_cells_before_a_reset_is_still_set(kernel):
    for cell in (
        "import calendar as cal",
        "cal.leapdays = lambda *years: 'mine'",
        "%reset -f",
        "%reset -f in",
        "def act(x):\n    from calendar import leapdays\n    return leapdays(2001, 2001 + x)",
        f"%%parallel processes 2 --start spawn\n{LOOP}",
    ):
        assert kernel.run(cell).reply["status"] == "ok", cell
    found = kernel.run("out").result
    kernel.run("import importlib, calendar, paracell\n_ = importlib.reload(calendar)")
    assert found == str(["mine"] * 6)


HOOK = """
import sys, importlib.abc, importlib.machinery
class Loader(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data, path, *, _optimization=-1):
        return super().source_to_code(data.replace(b"plain", b"hooked"), path)
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path) if name == "of_the_hook" else None
        if spec is not None:
            spec.loader = Loader(name, spec.origin)
        return spec
def install():
    sys.meta_path.insert(0, Finder())
"""


def test_a_module_that_a_librarys_import_hook_has_changed_is_not_taken_for_the_one_that_workers_find(kernel, tmp_path):
    (tmp_path / "a_hook.py").write_text(HOOK)
    (tmp_path / "of_the_hook.py").write_text("def said(x):\n    return 'plain', x")
    setup = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nsys.dont_write_bytecode = True\nimport a_hook\n"
    setup += "a_hook.install()\nimport of_the_hook\ndef act(x):\n    return of_the_hook.said(x)"
    assert kernel.run(setup).reply["status"] == "ok"
    try:
        for _ in range(2):  # a worker has loaded its own by then
            kernel.run(f"%%parallel processes 2 --start spawn\n{LOOP}")
            assert kernel.run("out == [('hooked', x) for x in range(6)]").result == "True"
            why = kernel.run("paracell.last_run().regions[0].reason").result
            assert "do not have the module 'of_the_hook' as the notebook finds it" in why
    finally:
        kernel.run("del sys.meta_path[0], sys.path[0], sys.modules['of_the_hook'], of_the_hook")
        kernel.run("sys.dont_write_bytecode = False")
    kernel.run("def act(x):\n    return x")
    kernel.run(f"%%parallel processes 2 --start spawn\n{LOOP}")
    assert kernel.run("paracell.last_run().regions[0].ran").result == "'processes'"
