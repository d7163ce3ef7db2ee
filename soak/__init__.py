"""Soak: the exporter over hours of a calm market, with renewals made frequent; nothing may grow; docs/soak.md.

Nothing here is part of the product. ``make soak`` puts ``tests/support`` on the path.
"""
