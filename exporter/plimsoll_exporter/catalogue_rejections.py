"""The catalogue's metrics of orders that ended, rejected ones above all: kept in the state database, never absent."""

from __future__ import annotations

from plimsoll.metrics.metric import Kind, Theme

UNIX = "Unix seconds"
TOLD = "`POST /api/v1/rejections`, `rejections.logs`, `ALGO_UPDATE`, `ORDER_TRADE_UPDATE`"
STREAMS = "`ORDER_TRADE_UPDATE`, `ALGO_UPDATE`"
INTENT = (
    "intent: the sender's word, else close for reduce-only, closePosition and the closing side of a hedge, else by the "
    "one-way position when the order was first heard of"
)

REJECTIONS = Theme(
    "Orders that ended",
    labels=("account", "reason", "intent"),
    about="Each order once, over all sources and over restarts. An order that is refused at placement is invisible to "
    "everybody but its sender: it counts only if the bot reports it or its log is followed (`docs/integrate.md`).",
)

REJECTED = REJECTIONS.add(
    "binance_order_rejections_total",
    "Rejected orders since the ledger began; every reason and intent exists from the start.",
    kind=Kind.COUNTER,
    unit="orders",
    formula="reason by the exchange's code, else by its words; " + INTENT,
    source=TOLD,
)
LAST_REJECTED = REJECTIONS.add(
    "binance_order_last_rejection_timestamp_seconds",
    "When the product last learned of such a rejection; absent before the first.",
    unit=UNIX,
    formula="time of learning, not of the order; moves too when a report tells the intent of what a log told first",
    source=TOLD,
)
BY_SYMBOL = REJECTIONS.add(
    "binance_order_rejections_by_symbol_total",
    "The same by symbol, where it was told; for drill-down.",
    kind=Kind.COUNTER,
    unit="orders",
    labels=("account", "symbol", "reason", "intent"),
    formula="as `binance_order_rejections_total`",
    source=TOLD,
)
BY_SOURCE = REJECTIONS.add(
    "binance_order_rejections_by_source_total",
    "The same by who told first: stream, history, report or log; for drill-down.",
    kind=Kind.COUNTER,
    unit="orders",
    labels=("account", "source"),
    formula="a log line within 5 s of a report of the same code and account is the same event",
    source=TOLD,
)
ENDED = REJECTIONS.add(
    "binance_orders_total",
    "Orders that ended, by how: filled, cancelled, expired or rejected.",
    kind=Kind.COUNTER,
    unit="orders",
    labels=("account", "outcome", "intent"),
    formula="a conditional order that triggered counts as the order it became; a market order cut off by price "
    "protection is rejected; " + INTENT,
    source=TOLD,
)
PROTECTIVE = REJECTIONS.add(
    "binance_protective_orders_ended_total",
    "Stops that ended, by how.",
    kind=Kind.COUNTER,
    unit="orders",
    labels=("account", "outcome"),
    formula="STOP_MARKET, STOP and TRAILING_STOP_MARKET orders that can only close, or were against a position; "
    "expired holds those that the exchange ended because their position was closed, too",
    source=STREAMS + ", `/fapi/v1/algoOrder` after a gap",
)
LAST_PROTECTIVE = REJECTIONS.add(
    "binance_protective_order_last_end_timestamp_seconds",
    "When the product last learned of a stop that ended so; absent before the first.",
    unit=UNIX,
    labels=("account", "outcome"),
    formula="time of learning",
    source=STREAMS,
)
SLIPPAGE = REJECTIONS.add(
    "binance_stop_slippage_ratio",
    "How much worse than their triggers stops filled; a better fill counts as 0.",
    kind=Kind.HISTOGRAM,
    unit="ratio",
    labels=("account",),
    formula="(average fill - trigger) / trigger for a buy, mirrored for a sell; kept over restarts; trailing stops, "
    "whose trigger is not told, are left out",
    source=STREAMS,
)
