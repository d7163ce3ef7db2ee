"""The catalogue's metrics of stop coverage: exist only while the account is live and its orders are known."""

from __future__ import annotations

from plimsoll.metrics.metric import Theme

USD, RATIO, UNIX = "USD", "ratio", "Unix seconds"
ORDERED = "`/fapi/v1/openOrders`, `/fapi/v1/openAlgoOrders`, `ORDER_TRADE_UPDATE`, `ALGO_UPDATE`, positions"
MARKED = ORDERED + ", mark prices"

STOPS = Theme(
    "Stops of a position",
    labels=("account", "symbol", "side"),
    about="How far stops cover a position: working STOP_MARKET, STOP and TRAILING_STOP_MARKET orders of either list on "
    "the closing side; a trailing stop counts once activated, one beyond the liquidation price covers nothing, "
    "a take-profit never does. Absent while an order list is unknown: never 0 in its place.",
)

COVERAGE = STOPS.add(
    "binance_position_stop_coverage_ratio",
    "Share of the position that stops cover, at most 1; absent while it cannot be known.",
    unit=RATIO,
    formula="min(sum of the stops' open quantities, quantity) / quantity; a closePosition stop covers all",
    source=ORDERED,
)
STOP_PRICE = STOPS.add(
    "binance_position_stop_price_usd",
    "Trigger of the nearest stop that covers; absent without one, and for trailing stops, whose trigger is not told.",
    unit=USD,
    formula="as set, x USD price of the quote asset (1 for USDT, USDC)",
    source=ORDERED,
)
STOP_DISTANCE = STOPS.add(
    "binance_position_stop_distance_ratio",
    "How far the mark price is from the nearest stop; negative once passed.",
    unit=RATIO,
    formula="(mark price - stop) / mark price for a long, (stop - mark price) / mark price for a short",
    source=MARKED,
)
LOSS_AT_STOP = STOPS.add(
    "binance_position_loss_at_stop_usd",
    "Loss from entry if the stops fill at their triggers, a stop-limit at its limit; negative is a gain kept.",
    unit=USD,
    formula="sum over the covered parts of quantity x (entry price - stop), for a short x (stop - entry price)",
    source=ORDERED,
)
UNPROTECTED_SINCE = STOPS.add(
    "binance_position_unprotected_since_timestamp_seconds",
    "Since when the position is without enough stop (limits.stop_coverage, else all of it); absent while covered.",
    unit=UNIX,
    formula="first look at which it was; moves on while nobody can know, so that its age stands still",
    source=ORDERED,
)
OVERRUN_SINCE = STOPS.add(
    "binance_position_stop_overrun_since_timestamp_seconds",
    "Since when a price is at or beyond the trigger of a stop that still works; absent unless it is.",
    unit=UNIX,
    labels=("account", "symbol", "side", "price"),
    formula="first look at which the price that the stop watches (watched) or the mark price (mark) was; stands still "
    "likewise",
    source=MARKED + ", last prices (`<symbol>@miniTicker`) where a stop watches them",
)
BEYOND_LIQUIDATION = STOPS.add(
    "binance_position_stop_beyond_liquidation",
    "1 where a stop lies at or beyond the liquidation price, where it comes too late.",
    unit="0 or 1",
    formula="trigger <= liquidation price for a long, >= for a short",
    source=MARKED,
)
MAY_OPEN = STOPS.add(
    "binance_position_stop_may_open",
    "1 where a stop is not bound to the position: filling after it is gone, it opens the reverse.",
    unit="0 or 1",
    formula="one-way mode, neither reduce-only nor closePosition",
    source=ORDERED,
)

ACCOUNT_STOPS = Theme(
    "Stops of an account",
    labels=("account",),
    about="All stops of one account together. Absent while an order list is unknown or the account is not live.",
)

ACCOUNT_COVERAGE = ACCOUNT_STOPS.add(
    "binance_account_stop_coverage_ratio",
    "Share of the gross exposure that stops cover; 1 for a flat account.",
    unit=RATIO,
    formula="sum of coverage x notional / gross exposure",
    source=MARKED,
)
UNPROTECTED_EXPOSURE = ACCOUNT_STOPS.add(
    "binance_account_unprotected_exposure_usd",
    "Exposure that no stop covers.",
    unit=USD,
    formula="gross exposure - sum of coverage x notional",
    source=MARKED,
)
LOSS_AT_STOPS = ACCOUNT_STOPS.add(
    "binance_account_loss_at_stops_usd",
    "Loss from entry if every stop fills at its trigger; of the covered parts only.",
    unit=USD,
    formula="sum of `binance_position_loss_at_stop_usd`",
    source=ORDERED,
)
ORPHANS = ACCOUNT_STOPS.add(
    "binance_orphan_stops",
    "Stops that can only close and have no position to close; absent until the orders of all symbols were read.",
    unit="orders",
    formula="count of reduce-only, closePosition and hedge-closing stops without a position on that side",
    source=ORDERED,
)
