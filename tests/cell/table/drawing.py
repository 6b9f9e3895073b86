"""Loops that draw."""

from tabled import cells

CELLS = cells(r"""
## axes that pyplot draws on are read -> parallel; from: matplotlib 3; told: drawn on
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
---
for x in xs:
    plt.plot([f(x)])
    out.append(f(len(ax.lines)))
r = len(ax.lines)
plt.close("all")
del fig, ax

## figure that pyplot draws on is read through a dictionary -> parallel; from: matplotlib 3; told: drawn on
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
figures = {"f": plt.figure()}
---
for x in xs:
    plt.plot([f(x)])
    out.append(f(len(figures["f"].axes[0].lines)))
plt.close("all")
del figures

## what pyplot draws is computed with a library -> parallel; from: matplotlib 3
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
data = np.arange(4.0)
plt.plot(data)
---
for x in xs:
    plt.plot(data, np.cumsum(data * x), label=f"{x}")
r = len(plt.gca().lines)
plt.close("all")

## a library draws on axes that are read -> parallel; from: matplotlib 3
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import pandas as pd
fig, ax = plt.subplots()
---
for x in xs:
    pd.Series([f(x), 1.0]).plot(ax=ax)
    out.append(len(ax.lines))
plt.close("all")
del fig, ax
""")
