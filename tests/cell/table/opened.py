"""What an iteration opens, and iterators inside statements of the commit part."""

from tabled import cells

CELLS = cells(r"""
## opened in an inner loop -> parallel; processes: file
import os
for folder in ["/etc"]:
    for name in ["hostname", "hosts"]:
        with open(os.path.join(folder, name)) as file:
            d[name] = len(file.read()) + f(1)

## matches gone over by a statement -> parallel
for s in ["one", "to", "three"]:
    out.append([m.start() for m in re.finditer("o", s)])
    out.append([a + total for a, b in zip(g(len(s)), s)])

## set of what an item holds -> parallel
index = defaultdict(list)
for number, text in enumerate(["a b", "b c a"]):
    for word in sorted(set(text.split())):
        index[word].append(f(number))

## a pool of processes for each item, while nobody can read from the notebook -> parallel
import multiprocessing
def use(x):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.map(abs, [-x, x])
---
for x in xs[:2]:
    out.append(use(x))

## printed to a file of the notebook's -> parallel
import io
fh = io.StringIO()
for x in xs:
    print(f(x), x * 2, file=fh, sep="|")
    if x == 5:
        break
r = fh.getvalue()

## printed to standard error under a name -> parallel
import sys
for x in xs:
    print(f(x), file=sys.stderr)
""")
