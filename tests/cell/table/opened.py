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
""")
