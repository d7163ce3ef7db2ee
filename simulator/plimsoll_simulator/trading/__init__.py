"""The matching engine: orders of LIMIT and MARKET type from request to fills. No HTTP, no clock of its own.

What another part of the exchange needs of it:

- ``engine.submit(world, account, OrderRequest(...)) -> Order`` places an order with every check, its events and its
  fills; it raises ``rest.refusal.Refused`` (``code``, ``text``) and then nothing has happened. Conditional orders that
  trigger come through here, with ``original_type`` and, for ``closePosition``, quantity and ``close_position``.
- ``engine.cancel(world, account, order)`` and ``engine.amend(...)`` for working orders; ``fills.expire(world, account,
  order, reason)`` ends one by the exchange's will (``reason`` is ``er``, 5 for a liquidation).
- ``fills.fill(world, account, order, quantity, price, ...)`` fills a part of an order without any check, with its
  events; liquidation and ADL, whose events differ, book with ``execution.execute`` and then call ``fills.tighten``.
- ``book.walk(market, symbol, side, quantity, limit)`` says what the order book would give now; ``book.best_prices``.
- ``following.follow_price`` and ``following.follow_time`` let resting orders fill and end by themselves.
"""
