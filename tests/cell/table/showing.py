"""Figures that stay in the notebook; images, tables and deques, whose methods are called alike."""

from tabled import cells

CELLS = cells(r"""
## drawing: a figure that says what came before -> parallel
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
plt.close("all")
---
for x in xs[:4]:
    fig, ax = plt.subplots(figsize=(1, 1))
    ax.plot([f(x), 2, 3])
    plt.title(f"{total}")
    total += f(x)
    out.append(ax.get_title())
    plt.close(fig)
fig = ax = None

## drawing: figures that stay open -> display-state
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
plt.close("all")
---
for x in xs[:3]:
    fig, ax = plt.subplots(figsize=(1, 1))
    ax.plot([x, 2, 3])
r = len(plt.get_fignums())
plt.close("all")
fig = ax = None

## drawing: a figure that a continue leaves open -> parallel
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
plt.close("all")
---
for x in xs[:3]:
    fig, ax = plt.subplots(figsize=(1, 1))
    ax.plot([f(x), 2, 3])
    if x == 4:
        continue
    plt.close(fig)
r = len(plt.get_fignums())
plt.close("all")
fig = ax = None

## drawing: images turned and made smaller -> parallel
import hashlib
from PIL import Image
images = {n: Image.new("L", (4, 4), n * 20) for n in range(5)}
---
for n, image in images.items():
    small = image.rotate(90).resize((2, 2))
    d[n] = hashlib.md5(small.tobytes()).hexdigest()
    out.append(image.resize((2, 2)).size)
images = image = small = None

## drawing: images in a comprehension -> parallel
from PIL import Image
images = {n: Image.new("L", (4, 4), n * 20) for n in range(5)}
---
r = [image.resize((2, 2)).tobytes() for image in images.values()]
images = None

## drawing: deques turned -> parallel
turned = [deque([i, i + 1, i + 2]) for i in range(5)]
---
for one in turned:
    out.append((f(one[1]), one.rotate(1)))

## drawing: a deque turned for its value -> changes-outer
turned = deque([1, 2, 3])
---
r = [f(turned.rotate(1) or turned[0]) for x in xs]

## drawing: tables with what is subtracted -> parallel
import pandas as pd
tables = [pd.DataFrame({"a": [1, 2 * i]}) for i in range(4)]
---
for table in tables:
    less = table.subtract(1)
    out.append(f(int(less.a.sum())))
""")
