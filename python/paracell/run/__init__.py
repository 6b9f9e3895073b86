"""Running a plan: regions pull the user's iterable, hand tasks to a backend and commit results in order.

Workers import from here too, so this file imports nothing: ``runtime`` brings the planning of cells with it.
"""
