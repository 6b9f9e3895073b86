"""What belongs to the process."""

from tabled import cells

CELLS = cells(r"""
## environ write -> environment
import os
for x in xs:
    os.environ["PARACELL_T"] = str(f(x))
r = os.environ.pop("PARACELL_T")

## chdir in loop -> environment
import os, tempfile
before = os.getcwd()
dirs = [tempfile.gettempdir(), "/"]
for dd in dirs:
    os.chdir(dd)
    out.append(os.path.basename(os.getcwd()))
os.chdir(before)

## warnings whose filters each iteration changes for a while -> parallel
import warnings
def odd(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f(x)
    warnings.warn("odd", UserWarning)
    return x
---
r = [odd(x) for x in xs]

## warnings whose filters some iterations change behind them -> parallel
import warnings
def odd(x):
    warnings.warn("odd", UserWarning)
    if x % 3 == 1:
        with warnings.catch_warnings():
            f(x)
    return x
---
for x in xs:
    out.append(odd(x))
warnings.warn("odd", UserWarning)

## warnings that filters of the iteration's own let through (always, where the notebook has ignore) -> parallel
import warnings
def odd(x):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        for _ in range(3):
            warnings.warn("odd", UserWarning)
    return f(x)
---
warnings.simplefilter("ignore")
r = [odd(x) for x in xs]

## warnings that filters of the iteration's own let through (always, where the notebook has error) -> parallel
import warnings
def odd(x):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        for _ in range(3):
            warnings.warn("odd", UserWarning)
    return f(x)
---
warnings.simplefilter("error")
r = [odd(x) for x in xs]

## warnings that filters of the iteration's own let through (default, where the notebook has always) -> parallel
import warnings
def odd(x):
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        for _ in range(3):
            warnings.warn("odd", UserWarning)
    return f(x)
---
warnings.simplefilter("always")
r = [odd(x) for x in xs]

## warnings that filters of the iteration's own let through (once, where the notebook has default) -> parallel
import warnings
def odd(x):
    with warnings.catch_warnings():
        warnings.simplefilter("once")
        for _ in range(3):
            warnings.warn("odd", UserWarning)
    return f(x)
---
warnings.simplefilter("default")
r = [odd(x) for x in xs]

## warnings that filters of the iteration's own let through (always, where the notebook has default) -> parallel
import warnings
def odd(x):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        for _ in range(3):
            warnings.warn("odd", UserWarning)
    return f(x)
---
warnings.simplefilter("default")
r = [odd(x) for x in xs]

## settings that are asked for -> parallel
import csv, locale
for x in xs:
    out.append((f(x), csv.field_size_limit(), locale.setlocale(locale.LC_NUMERIC)))
""")
