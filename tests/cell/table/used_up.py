"""Generator expressions that a name of the body holds until the next statement uses them up."""

from tabled import cells

CELLS = cells(r"""
## used up by a sum -> parallel
for x in xs:
    ys = (f(v) for v in range(x))
    v = sum(ys)
    out.append(v)

## used up in the commit part's operand -> parallel
for x in xs:
    ys = (f(v) for v in range(x))
    total += sum(ys)
r = list(ys)

## used up one by the other -> parallel
text = "a b c\nd e f\n\ng h"
for x in xs:
    lines = (l.strip() for l in text.splitlines())
    words = (w * x for l in lines for w in l.split())
    n = Counter(words)
    out.append(n.most_common(2))

## used up under a condition -> parallel
for x in xs:
    if x > 2:
        parts = (str(f(v)) for v in range(x))
        v = ",".join(parts)
    else:
        v = ""
    out.append(v)

## used up under the loop's condition -> parallel
for x in xs:
    if x not in seen:
        ys = (f(v) for v in range(x))
        out.append(sum(ys))
        seen.add(x)

## used up by an inner loop -> parallel
for x in xs:
    ys = (f(v) for v in range(x))
    for y in ys:
        out.append(f(y))

## used up by a comprehension -> parallel
for x in xs:
    ys = (loud(v) for v in range(x))
    out.append([f(y) for y in ys if y > 2])

## used up, and fails -> parallel
for x in xs:
    ys = (fail(v) for v in range(x))
    out.append(sum(ys))

## used up, and fails inside a try -> parallel
for x in xs:
    try:
        ys = (fail(v) for v in range(x))
        v = sum(ys)
    except ValueError:
        v = -1
    out.append(v)

## used up for the own element -> parallel
a = [0] * 8
for i in range(8):
    ys = (f(v) for v in range(i))
    a[i] = sum(ys)

## used up for an item's change -> parallel
for row in rows:
    ys = (f(row["x"] + v) for v in range(2))
    row["x"] = sum(ys)

## used up in an inner while -> parallel
for x in xs:
    n = x
    while n < 20:
        ys = (f(v) for v in range(x))
        n += sum(ys) + 1
    out.append(n)

## used up by the commit part -> parallel
for x in xs:
    ys = (f(v) for v in range(x))
    log.extend(ys)
    out.append(f(x))

## not used up at once -> keeps-function
for x in xs:
    ys = (f(x) for v in range(2))
    x = x + 1
    out.append(sum(ys))

## not used up at once, of an item that changes -> keeps-function
for row in rows:
    ys = (f(row["x"]) for _ in range(2))
    row["x"] = 99
    out.append(sum(ys))

## not used up at once, behind a change in one expression -> keeps-function
for row in rows:
    ys = (f(row["x"]) for _ in range(2))
    out.append((row.update(x=99), sum(ys)))

## used twice -> keeps-function
for x in xs:
    ys = (f(v) for v in range(x))
    a, b = next(ys, 0), sum(ys)
    out.append((a, b))

## used up later by a function -> keeps-function
for x in xs:
    ys = (f(v) for v in range(x))
    out.append(lambda: sum(ys))

## used up over the element that the loop stores -> reads-stored
a = list(xs)
for i in range(len(a)):
    ys = (f(a[i]) for _ in range(2))
    a[i] = sum(ys)

## used up over what the loop changes -> reads-changed
for x in xs:
    ys = (f(v) + len(out) for v in range(x))
    out.append(sum(ys))
""")
