"""Translation of what ``GET /fapi/v1/exchangeInfo`` rules about one contract's orders, and about everybody's requests.

Tick and step are what the whole product computes with: a contract that tells them wrongly is broken. The bounds of
orders serve closing alone: one that is not told soundly is unknown, and the rest of the contract is still of use.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.errors import Malformed
from plimsoll.exchange.payload.fields import (
    Row,
    children,
    optional_children,
    optional_positive,
    optional_text,
    positive_integer,
    text,
)
from plimsoll.model.market import Grid, Instrument, OrderLimit

SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400}
"""Length of the exchange's intervals."""

MINUTE = 60
WHOLE_MINUTES = range(MINUTE, 3600, MINUTE)
"""Windows whose weight limit says something about one minute."""


def instrument(row: Row) -> Instrument:
    """One contract.

    Raises:
        Malformed: A field that makes it what it is, its tick or its step is missing or unsound.
    """
    filters = _Filters(row)
    return Instrument(
        symbol=text(row, "symbol"),
        base_asset=text(row, "baseAsset"),
        quote_asset=text(row, "quoteAsset"),
        margin_asset=text(row, "marginAsset"),
        status=text(row, "status"),
        contract_type=optional_text(row, "contractType"),
        tick_size=filters.sound("PRICE_FILTER", "tickSize"),
        step_size=filters.sound("LOT_SIZE", "stepSize"),
        quantity=filters.quantities("LOT_SIZE"),
        market_quantity=filters.quantities("MARKET_LOT_SIZE"),
        price=filters.grid("PRICE_FILTER", "minPrice", "maxPrice", "tickSize"),
        price_up=filters.bound("PERCENT_PRICE", "multiplierUp"),
        price_down=filters.bound("PERCENT_PRICE", "multiplierDown"),
        market_take_bound=_positive_or_unknown(row, "marketTakeBound"),
        min_notional=filters.bound("MIN_NOTIONAL", "notional"),
    )


class _Filters:
    """A contract's filters by their name; kinds of filters come and go, so only those asked for are looked at."""

    def __init__(self, row: Row) -> None:
        self._rows = {_name(found): found for found in reversed(children(row, "filters"))}

    def sound(self, name: str, key: str) -> Decimal | None:
        """A value above zero; ``None`` where filter or value are missing or say none.

        Raises:
            Malformed: It is no number.
        """
        found = self._rows.get(name)
        return None if found is None else optional_positive(found, key)

    def bound(self, name: str, key: str) -> Decimal | None:
        """As ``sound``; ``None`` too where it is no number."""
        found = self._rows.get(name)
        return None if found is None else _positive_or_unknown(found, key)

    def grid(self, name: str, least: str, most: str, step: str) -> Grid:
        """The values that a filter allows."""
        return Grid(least=self.bound(name, least), most=self.bound(name, most), step=self.bound(name, step))

    def quantities(self, name: str) -> Grid:
        """The quantities that a filter allows."""
        return self.grid(name, "minQty", "maxQty", "stepSize")


def _name(row: Row) -> str:
    return optional_text(row, "filterType")


def _positive_or_unknown(row: Row, key: str) -> Decimal | None:
    try:
        return optional_positive(row, key)
    except Malformed:
        return None


def weight_limit(row: Row) -> int | None:
    """Request weight a minute; ``None`` where the answer does not tell it soundly, since the rest is still of use."""
    limits = _limits(row, "REQUEST_WEIGHT")
    minutes = ((seconds // MINUTE, limit) for seconds, limit in limits if seconds in WHOLE_MINUTES)
    return next((limit // count for count, limit in minutes), None) or None


def order_limits(row: Row) -> tuple[OrderLimit, ...]:
    """How many orders an account may send, window by window; what is not told soundly is left out."""
    return tuple(OrderLimit(seconds=seconds, orders=limit) for seconds, limit in _limits(row, "ORDERS"))


def _limits(row: Row, kind: str) -> Iterator[tuple[int, int]]:
    """Seconds and limit of each sound rate limit of that kind."""
    try:
        rows = optional_children(row, "rateLimits")
    except Malformed:
        return
    for limit in rows:
        try:
            found = _limit(limit, kind)
        except Malformed:
            continue
        if found is not None:
            yield found


def _limit(limit: Row, kind: str) -> tuple[int, int] | None:
    if optional_text(limit, "rateLimitType") != kind:
        return None
    seconds = SECONDS.get(optional_text(limit, "interval"))
    if seconds is None:
        return None
    return seconds * positive_integer(limit, "intervalNum"), positive_integer(limit, "limit")
