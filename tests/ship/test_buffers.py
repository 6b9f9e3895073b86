"""Arrays and other memory: content, layout and flags arrive; no size cliff."""
# ruff: noqa: E501 (the cells are data)

import array

import numpy as np
import pandas as pd
import pytest

ARRAYS = {
    "small": np.arange(5.0),
    "large": np.arange(100_000.0),
    "fortran": np.asfortranarray(np.arange(60_000.0).reshape(200, 300)),
    "zero": np.zeros((0, 3)),
    "scalar": np.array(3.5),
    "object": np.array([1, "a", None, [2]], dtype=object),
    "strided": np.arange(100_000)[::3],
    "transposed": np.arange(24_000).reshape(2, 3, 4000).transpose(2, 0, 1),
    "negative_stride": np.arange(50_000)[::-1],
    "structured": np.zeros(5000, dtype=[("a", "i4"), ("b", "f8", (2,))]),
    "text": np.array(["ab", "cde"]),
    "datetime": np.arange("2020-01", "2021-01", dtype="datetime64[D]"),
    "bool": np.ones(10_000, bool),
    "complex": np.ones(5000, complex),
    "big_endian": np.arange(5000, dtype=">i4"),
    "masked": np.ma.masked_array(np.arange(5000), mask=np.arange(5000) % 2),
    "matrix": np.matrix([[1, 2]]),
    "float16": np.ones(5000, np.float16),
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("way", ["item", "broadcast"])
def test_array_arrives(nb, name, way):
    original = (
        ARRAYS[name].copy() if name not in ("strided", "negative_stride", "transposed", "fortran") else ARRAYS[name]
    )
    nb.run("import numpy as np")
    nb.ns["a"] = original
    loop = "(lambda a: (a, a.flags.writeable, a.flags.f_contiguous, type(a).__name__, a.copy()))(%s)"
    out, writable, fortran, kind, copy = nb.map(loop % ("x" if way == "item" else "a"), [original])[0]
    assert out is original and writable and kind == type(original).__name__
    assert fortran == original.flags.f_contiguous or name in ("strided", "negative_stride", "transposed")
    assert copy.dtype == original.dtype and copy.shape == original.shape and type(copy) is type(original)
    np.testing.assert_array_equal(copy, original)
    assert copy.flags.writeable


@pytest.mark.parametrize("size", [5, 100_000])
def test_read_only_stays_read_only(nb, size):
    frozen = np.arange(size)
    frozen.flags.writeable = False
    nb.run("import numpy as np")
    nb.ns["a"] = frozen
    assert nb.map("(x.flags.writeable, a.flags.writeable)", [frozen]) == [(False, False)]
    nb.run("def f(x):\n    y = a.copy()\n    y.flags.writeable = False\n    return y")
    assert not nb.get("f(x)").flags.writeable


@pytest.mark.parametrize("size", [3, 100_000])
def test_writing_in_a_worker_is_possible_and_stays_there(nb, size):
    nb.run("import numpy as np\ndef f(a):\n    a[0] = 7\n    return float(a.sum())")
    item = np.zeros(size)
    assert nb.map("f(x)", [item]) == [7.0] and item[0] == 0


MEMORY = {
    "bytearray": bytearray(b"ab" * 5000),
    "bytes": b"xyz" * 5000,
    "str": "äß" * 5000,
    "array": array.array("d", range(5000)),
    "array_empty": array.array("i"),
    "array_small": array.array("H", [1, 2]),
    "memoryview": memoryview(bytearray(range(200)) * 50),
    "memoryview_typed": memoryview(array.array("i", range(6000))),
    "memoryview_2d": memoryview(np.arange(6000).reshape(60, 100)),
    "memoryview_strided": memoryview(bytes(range(200)) * 50)[::2],
}


@pytest.mark.parametrize("name", MEMORY)
def test_memory_arrives(nb, name):
    value = MEMORY[name]
    out, kind = nb.map("([x][0], type(x).__name__)", [value])[0]
    assert kind == type(value).__name__ and out == value
    nb.ns["b"] = value
    fresh = nb.get("(b[:], len(b))")
    assert fresh[0] == value and fresh[1] == len(value)
    if isinstance(value, memoryview):
        assert nb.map("(x.format, x.shape, x.readonly)", [value]) == [(value.format, value.shape, value.readonly)]


def test_frames_series_and_estimators(nb):
    nb.run(
        "import pandas as pd, numpy as np\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler"
    )
    nb.run(
        "rng = np.random.default_rng(0)\nX = rng.normal(size=(3000, 4))\ny = X[:, 0] > 0\n"
        "df = pd.DataFrame(X, columns=list('abcd')).assign(c=pd.Categorical(['u', 'v', 'w'] * 1000), t=pd.date_range('2020', periods=3000, tz='UTC'), s='text')\n"
        "model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)"
    )
    frame, series, fitted, score = nb.get("(df.head(2000), df['t'], model.fit(X[:500], y[:500]), model.score(X, y))")
    pd.testing.assert_frame_equal(frame, nb["df"].head(2000))
    pd.testing.assert_series_equal(series, nb["df"]["t"])
    assert type(fitted) is type(nb["model"]) and score > 0.9
    assert fitted is not nb["model"] and "model" in nb.shipment.changed, "fit() changed the broadcast model"
    assert nb.get("df") is nb["df"]


def test_hundred_thousand_atoms(nb):
    for items in (list(range(100_000)), [f"w{i}" for i in range(100_000)], [i / 3 for i in range(100_000)]):
        assert nb.map("[i for i in items]", items, whole=True) == items


def test_large_results(nb):
    nb.run("import numpy as np")
    out = nb.map("np.full(50_000, x)", [1.0, 2.0])
    assert [o[0] for o in out] == [1.0, 2.0] and all(o.flags.writeable for o in out)
