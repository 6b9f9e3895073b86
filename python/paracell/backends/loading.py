"""What it takes a worker to import the libraries that a loop uses, estimated from how many modules they have here."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

SECONDS_A_MODULE = 2.5e-3
"""Finding it, reading its code and running it: 2 to 3 ms each in pandas, scipy and scikit-learn, more in matplotlib."""
_LIGHT = frozenset({"builtins", "__main__", "numpy", "paracell"}) | sys.stdlib_module_names
"""Packages that a worker has, or imports in a moment."""

_USES = {
    "sklearn": ("scipy", "joblib"),
    "skimage": ("scipy",),
    "statsmodels": ("scipy", "pandas"),
    "seaborn": ("pandas", "matplotlib", "scipy"),
    "xarray": ("pandas",),
    "geopandas": ("pandas", "shapely"),
    "torchvision": ("torch",),
    "lightgbm": ("scipy",),
    "xgboost": ("scipy",),
}
"""Packages that import others as large as they are."""


def missing(names: Mapping[str, Any], sent: Collection[str], item: Any = None) -> list[str]:
    """Packages that the values under `names` and an `item` (or what a tuple holds) need and those that workers were
    sent do not: first those of the values themselves, then those that these use."""
    values = [value for name, value in names.items() if name not in sent]
    needed = _packages([*values, *(item if type(item) is tuple else (item,))])
    if not needed:
        return needed
    there = _packages(value for name, value in names.items() if name in sent)
    return [package for package in needed if package not in there]


def seconds(packages: Collection[str]) -> float:
    """To import these packages."""
    count = sum(name.partition(".")[0] in packages for name in list(sys.modules)) if packages else 0
    return count * SECONDS_A_MODULE


def _packages(values: Iterable[Any]) -> list[str]:
    found = sorted({_package(value) for value in values} - _LIGHT)
    used = [package for one in found for package in _USES.get(one, ())]
    return [package for package in dict.fromkeys([*found, *used]) if package in sys.modules]


def _package(value: Any) -> str:
    if isinstance(value, ModuleType):
        name: Any = value.__name__
    else:
        own = isinstance(value, (type, FunctionType, BuiltinFunctionType))
        name = (value if own else type(value)).__module__
    return name.partition(".")[0] if isinstance(name, str) else ""
