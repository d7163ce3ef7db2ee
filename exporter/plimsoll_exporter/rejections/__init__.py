"""Rejected orders from every source, and how all orders ended: each counted once, over sources and restarts.

``report`` and ``endpoint`` take what bots report, ``log_lines``, ``log_file`` and ``follow`` read logs, ``ledger``
judges what is the same event and keeps the counts in the state database. What an order means is in ``plimsoll.risk``.
"""
