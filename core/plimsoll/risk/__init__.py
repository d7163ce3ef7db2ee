"""Pure functions from the model to risk numbers, one theme a module.

No I/O, no clock, no exchange field name, no float. A number that cannot be known is ``None``, never 0.
"""
