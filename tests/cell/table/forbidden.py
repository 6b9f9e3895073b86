"""What no region may do."""

from tabled import cells

CELLS = cells(r"""
## comp eval -> forbidden
r = [eval('x', {'x': x}) for x in xs]

## comp globals -> forbidden
r = [globals()['f'](x) for x in xs]

## input -> forbidden
for x in []:
    out.append(input())

## exec -> forbidden
for x in xs:
    exec('z = x')
""")
