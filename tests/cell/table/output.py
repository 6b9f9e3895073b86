"""What iterations print."""

from tabled import cells

CELLS = cells(r"""
## temporary print -> parallel
for x in xs:
    y = f(x)
    print('done', x)
    out.append(y)

## prints only -> parallel
for x in xs:
    print(x, f(x))

## inner prints -> parallel
for x in xs:
    for j in range(x):
        print(j)
        out.append(f(j))
    print('row', x)

## function prints -> parallel
for x in xs:
    print('a', x)
    out.append(loud(x))
    print('b', total)
    total += 1

## the compiler warns of the body -> parallel
for x in xs:
    y = f(x)
    if y is 3 or y is 'a':
        y = 0
    assert (y, 'always true')
    out.append(y)

## the compiler warns of a comprehension and of what stands around it -> parallel parallel
a = f(2) is 4
out = [f(x) is 4 for x in xs]
b = f(3) is 4, sum(f(x) is 4 for x in xs)

## print after failing -> parallel
for x in xs:
    print('before', x)
    out.append(fail(x))
    print('after', x)

## warnings -> parallel
import sys
for x in xs:
    print('e', x, file=sys.stderr)
    out.append(f(x))

## prints around a branch -> parallel
for x in xs:
    print("a", x)
    if total > 20:
        print("big", f(x))
        out.append(f(x))
    print("b", x)
    total += x

## stderr -> parallel
import sys
for x in xs:
    print(f(x), end=" ", file=sys.stderr)

## streams of sys in a function -> parallel
import sys
def say(x):
    sys.stdout.write(f"{x}\n")
    sys.stdout.flush()
    sys.stderr.write("e")
    return f(x)
out = [say(x) for x in xs]
""")
