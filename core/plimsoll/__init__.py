"""Plimsoll: the load line of a trading account.

This package is shared by every program: configuration, the model of an account, the risk numbers and the way to the
exchange. Data flows one way: ``exchange`` -> ``model`` -> ``state`` -> ``risk``; a package never imports one that
stands after it in that line.
"""

__version__ = "0.1.0"
