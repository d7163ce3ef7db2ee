"""The product's own language: frozen values in ``Decimal``, valid by construction.

Nothing here knows the exchange's field names, reads a clock or does I/O. Amounts of money are in the asset's own unit
unless a name ends in ``_usd``; quantities are in base units; times end in ``_ms`` and are the exchange's Unix
milliseconds.
"""
