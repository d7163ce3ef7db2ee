"""The catalogue's position and order metrics: exist only while the account is live and something is open."""

from __future__ import annotations

from plimsoll.metrics.metric import Theme

USD, RATIO = "USD", "ratio"
POSITIONED = "`ACCOUNT_UPDATE`, `/fapi/v3/positionRisk`"
MARKED = "position, mark price"

POSITION = Theme(
    "Position",
    labels=("account", "symbol", "side"),
    about="One open position. A closed one disappears at once; these series exist only while the account is live.",
)

QUANTITY = POSITION.add(
    "binance_position_quantity",
    "Size in base units, absolute.",
    unit="base units",
    formula="|quantity|",
    source=POSITIONED,
)
NOTIONAL = POSITION.add(
    "binance_position_notional_usd",
    "Size in money, absolute.",
    unit=USD,
    formula="|quantity| x mark price",
    source=MARKED,
)
ENTRY_PRICE = POSITION.add(
    "binance_position_entry_price_usd",
    "Average entry price.",
    unit=USD,
    formula="as told, x USD price of the quote asset (1 for USDT, USDC)",
    source=POSITIONED,
)
MARK_PRICE = POSITION.add(
    "binance_position_mark_price_usd",
    "Mark price of now: the price that profit, margin and liquidation are computed with.",
    unit=USD,
    formula="as told, x USD price of the quote asset (1 for USDT, USDC)",
    source="mark-price stream, `/fapi/v1/premiumIndex`",
)
LIQUIDATION_PRICE = POSITION.add(
    "binance_position_liquidation_price_usd",
    "Mark price at which the exchange liquidates, others unchanged; absent where no price would.",
    unit=USD,
    formula="mark price at which margin balance equals maintenance margin",
    source="wallet, positions, mark prices, `/fapi/v1/leverageBracket`",
)
LIQUIDATION_DISTANCE = POSITION.add(
    "binance_position_liquidation_distance_ratio",
    "How far the mark price is from the liquidation price.",
    unit=RATIO,
    formula="|mark price - liquidation price| / mark price",
    source="as the liquidation price",
)
POSITION_PNL = POSITION.add(
    "binance_position_unrealized_pnl_usd",
    "Profit and loss at the mark price of now.",
    unit=USD,
    formula="signed quantity x (mark price - entry price)",
    source=MARKED,
)
POSITION_LEVERAGE = POSITION.add(
    "binance_position_leverage_ratio",
    "Effective leverage of the position.",
    unit=RATIO,
    formula="|quantity| x mark price / equity of the account",
    source="wallet, positions, mark prices",
)

OPENED = POSITION.add(
    "binance_position_opened_timestamp_seconds",
    "When the position was opened; absent where that was not seen.",
    unit="Unix seconds",
    formula="exchange time of the fill that opened it, kept over restarts; unknown after a fill that nobody told",
    source="`ORDER_TRADE_UPDATE`, compared with positions",
)
ENTRIES = POSITION.add(
    "binance_position_entries",
    "Orders that increased the position since it was opened, the opening one included; absent where not all were seen.",
    unit="orders",
    formula="count of orders with at least one fill that made the position larger",
    source="`ORDER_TRADE_UPDATE`, compared with positions",
)

ORDERS = Theme(
    "Orders",
    labels=("account", "purpose"),
    about="Open orders, plain and conditional. Absent while an order list is unknown or the account is not live.",
)

OPEN_ORDERS = ORDERS.add(
    "binance_open_orders",
    "Open orders by what they are for.",
    unit="orders",
    formula="count by type: stop and take_profit; else reduce where the order can only close; else entry",
    source="`/fapi/v1/openOrders`, `/fapi/v1/openAlgoOrders`, `ORDER_TRADE_UPDATE`, `ALGO_UPDATE`",
)
