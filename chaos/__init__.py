"""Chaos of the whole stack: real programs under a seeded sequence of faults, judged by what is true; docs/chaos.md.

Nothing here is part of the product. What tests of the stack use as well is in ``tests/support``, which must be on the
path: ``make chaos`` sees to that.
"""
