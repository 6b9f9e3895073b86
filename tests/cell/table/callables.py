"""Things that are called."""

from tabled import cells

CELLS = cells(r"""
## call object -> parallel; told: what it calls was bound
class Acc:
    def __init__(self): self.n = 0
    def __call__(self, x):
        self.n += x
        return self.n
a = Acc()
for x in xs:
    out.append(a(x) + f(x))

## call object comp -> parallel; told: __call__()
class Acc:
    def __init__(self): self.n = 0
    def __call__(self, x):
        self.n += x
        return self.n
a = Acc()
r = [a(f(x)) for x in xs]

## partial of changing -> parallel; told: push() changes 'p'
import functools
def push(v, x):
    v.append(x)
    return len(v)
p = functools.partial(push, log)
r = [p(f(x)) for x in xs]

## partial method -> parallel; told: was bound in this cell
import functools
p = functools.partial(out.append)
for x in xs:
    p(f(x))

## lambda changing -> parallel; told: the lambda changes 'log'
h = lambda x: log.append(x) or f(x)
r = [h(x) for x in xs]

## map bound method -> changes
r = list(map(log.append, xs))

## map over method -> changes
r = list(map(acc.push, xs))

## map of pop -> changes
st = list(range(20))
r = [st.pop() + f(x) for x in xs]
""")
