"""Translation of the reads that tell about the market: rules, mark prices, asset rates, margin brackets, the time.

These answers cover every symbol of the exchange. A broken row is left out, so that one odd symbol does not blind
everyone; what is left out is then unknown to the product, never guessed.
"""

from __future__ import annotations

from plimsoll.errors import Malformed
from plimsoll.exchange.payload.fields import (
    Row,
    amount,
    children,
    good_rows,
    integer,
    mapping,
    optional_positive,
    positive,
    positive_integer,
    text,
)
from plimsoll.exchange.payload.trading_rules import instrument, order_limits, weight_limit
from plimsoll.model.market import AssetRate, Bracket, ExchangeRules, LastPrice, Mark


def rules(json: object) -> ExchangeRules:
    """Translate ``GET /fapi/v1/exchangeInfo``; a broken symbol is left out.

    Raises:
        Malformed: There is no list of symbols, or none of them is sound.
    """
    row = mapping(json, "GET /fapi/v1/exchangeInfo")
    instruments = good_rows(row.data.get("symbols"), f"{row.where} symbols", instrument)
    if not instruments:
        raise Malformed(f"{row.where} symbols: should not be empty")
    return ExchangeRules(
        instruments={instrument.symbol: instrument for instrument in instruments},
        weight_limit=weight_limit(row),
        order_limits=order_limits(row),
    )


def marks(json: object) -> tuple[Mark, ...]:
    """Translate ``GET /fapi/v1/premiumIndex``, one object or a list; delisted symbols have no price and are left out.

    Raises:
        Malformed: It is neither, or no row of it is sound.
    """
    found = good_rows(json, "GET /fapi/v1/premiumIndex", lambda row: mark(row, price="markPrice", time="time"))
    return tuple(item for item in found if item is not None)


def mark(row: Row, *, price: str, time: str, symbol: str = "symbol") -> Mark | None:
    """One mark price under the given field names; ``None`` where the symbol has no price."""
    value = optional_positive(row, price)
    if value is None:
        return None
    return Mark(symbol=text(row, symbol), price=value, time_ms=integer(row, time))


def last_price(row: Row) -> LastPrice | None:
    """The last trade's price in a ``24hrMiniTicker``; ``None`` where the symbol was never traded."""
    value = optional_positive(row, "c")
    return None if value is None else LastPrice(symbol=text(row, "s"), price=value, time_ms=integer(row, "E"))


def asset_rates(json: object) -> tuple[AssetRate, ...]:
    """Translate ``GET /fapi/v1/assetIndex``, one object or a list.

    Raises:
        Malformed: It is neither, or no row of it is sound.
    """
    where = "GET /fapi/v1/assetIndex"
    return good_rows(
        json, where, lambda row: asset_rate(row, symbol="symbol", bid="bidRate", ask="askRate", time="time")
    )


def asset_rate(row: Row, *, symbol: str, bid: str, ask: str, time: str) -> AssetRate:
    """One asset's rates under the given field names; ``BTCUSD`` is the asset BTC.

    Raises:
        Malformed: A rate is not above zero, or the symbol is no asset against USD.
    """
    asset = text(row, symbol).removesuffix("USD")
    if asset in {"", text(row, symbol)}:
        raise row.fault(symbol, "should be an asset followed by USD")
    return AssetRate(asset=asset, bid=positive(row, bid), ask=positive(row, ask), time_ms=integer(row, time))


def brackets(json: object) -> dict[str, tuple[Bracket, ...]]:
    """Translate ``GET /fapi/v1/leverageBracket``, one object or a list: the table of each symbol, ascending by floor.

    A symbol whose table is broken or empty is left out. ``notionalCoef`` is not applied: the exchange does not say
    whether the table of an adjusted account comes adjusted; a difference shows when maintenance margins are reconciled.

    Raises:
        Malformed: It is neither object nor list, or no table of it is sound.
    """
    tables = good_rows(json, "GET /fapi/v1/leverageBracket", _table)
    return {symbol: table for symbol, table in tables if table}


def _table(row: Row) -> tuple[str, tuple[Bracket, ...]]:
    steps = (_bracket(step) for step in children(row, "brackets"))
    return text(row, "symbol"), tuple(sorted(steps, key=lambda step: step.floor))


def _bracket(row: Row) -> Bracket:
    return Bracket(
        floor=amount(row, "notionalFloor"),
        cap=positive(row, "notionalCap"),
        maintenance_ratio=amount(row, "maintMarginRatio"),
        deduction=amount(row, "cum"),
        max_leverage=positive_integer(row, "initialLeverage"),
    )


def server_time(json: object) -> int:
    """Translate ``GET /fapi/v1/time``: Unix milliseconds.

    Raises:
        Malformed: There is no time in it.
    """
    return positive_integer(mapping(json, "GET /fapi/v1/time"), "serverTime")
