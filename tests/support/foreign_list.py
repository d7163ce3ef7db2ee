"""The list of calls that every foreign client runs, in the product's own words, with what happens in between."""

from __future__ import annotations

from foreign_client import Ask, Do
from foreign_refusals import MORE_REFUSALS, REFUSALS
from foreign_writes import ENDING, TRADING

BTC = {"symbol": "BTCUSDT"}

OPENING: tuple[Ask | Do, ...] = (
    Do(path="transfer", fields={"account": "live", "amount": "20000"}),
    Do(path="transfer", fields={"account": "live", "amount": "2", "asset": "BNB"}),
    Do(path="trade", fields={"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.150"}),
    Do(path="trade", fields={"account": "live", "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.050"}),
    Do(
        path="order",
        fields={"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.010", "price": "80000"},
    ),
    Do(path="funding", fields={"symbol": "BTCUSDT", "rate": "0.0001"}),
)

PUBLIC_READS = (
    Ask(word="ping"),
    Ask(word="server time"),
    Ask(word="exchange info"),
    Ask(word="mark prices"),
    Ask(word="mark prices", label="of one symbol", args=BTC),
    Ask(word="last prices"),
    Ask(word="last prices", label="of one symbol", args=BTC),
    Ask(word="book tickers"),
    Ask(word="book tickers", label="of one symbol", args=BTC),
    Ask(word="asset indices"),
    Ask(word="asset indices", label="of one asset", args={"symbol": "BTCUSD"}),
)

ACCOUNT_READS = (
    Ask(word="account v2"),
    Ask(word="account v3"),
    Ask(word="balances v2"),
    Ask(word="balances v3"),
    Ask(word="positions v2"),
    Ask(word="positions v2", label="of one symbol", args=BTC),
    Ask(word="positions v3"),
    Ask(word="positions v3", label="of one symbol", args=BTC),
    Ask(word="account settings"),
    Ask(word="symbol settings"),
    Ask(word="symbol settings", label="of one symbol", args=BTC),
    Ask(word="brackets"),
    Ask(word="brackets", label="of one symbol", args=BTC),
    Ask(word="asset mode"),
    Ask(word="position mode"),
    Ask(word="trading rules"),
    Ask(word="commission", args=BTC),
    Ask(word="order limits"),
    Ask(word="adl quantiles"),
)

ORDER_READS = (
    Ask(word="open orders"),
    Ask(word="open orders", label="of one symbol", args=BTC),
    Ask(word="all orders", args=BTC),
    Ask(word="open algo orders"),
    Ask(word="open algo orders", label="of one symbol", args={"symbol": "BNBUSDT"}),
    Ask(word="all algo orders", args={"symbol": "BNBUSDT"}),
    Ask(word="algo order", args={"algo_id": 4_000_001_910_700_006}),
    Ask(word="income"),
    Ask(word="income", label="of one kind", args={"income_type": "FUNDING_FEE"}),
    Ask(word="trades", args=BTC),
    Ask(word="liquidations"),
)

REFUSED_READS = (
    Ask(word="mark prices", label="of no symbol", args={"symbol": "NOSUCH"}, refused=-1121),
    Ask(word="order", label="unknown", args={**BTC, "order_id": 1}, refused=-2013),
    Ask(word="open order", label="unknown", args={**BTC, "order_id": 1}, refused=-2013),
    Ask(word="algo order", label="unknown", args={"algo_id": 1}, refused=-2013),
    Ask(word="income", label="backwards", args={"start_time": 2000, "end_time": 1000}, refused=-1023),
)

LISTEN_KEY = (
    Ask(word="open listen key"),
    Ask(word="open listen key", label="again"),
    Ask(word="extend listen key"),
    Ask(word="close listen key"),
    Ask(word="extend listen key", label="when closed", refused=-1125),
)

READS = (*PUBLIC_READS, *ACCOUNT_READS, *ORDER_READS, *REFUSED_READS, *LISTEN_KEY)
CALLS: tuple[Ask | Do, ...] = (
    *OPENING,
    *READS,
    *TRADING,
    *REFUSALS,
    *MORE_REFUSALS,
    *ENDING,
)
