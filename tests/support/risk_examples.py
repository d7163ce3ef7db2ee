"""Accounts with known figures: the worked example of the facts sheet and the two incidents, as book and market."""

from __future__ import annotations

from decimal import Decimal

from builders import balance, book, market, order, position
from plimsoll.model.terms import Direction
from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures, PositionFigures
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState


def worked_example() -> tuple[Book, MarketState]:
    """Long BTC and short ETH, cross, with one resting buy."""
    held = [position("BTCUSDT", "0.150", "91240.50"), position("ETHUSDT", "-2.000", "3105.20")]
    resting = [order("BTCUSDT", Direction.BUY, "0.010", "90000")]
    account = book(held, [balance("USDT", "8250")], resting, leverage={"BTCUSDT": 10, "ETHUSDT": 5})
    return account, market({"BTCUSDT": "91912.34", "ETHUSDT": "3088.41"})


def november_stops() -> tuple[Book, MarketState]:
    """The live system of "stops are set, yet the losses grow"."""
    held = [
        position("BNBUSDT", "-2.17", "896.80"),
        position("BTCUSDT", "-0.013", "91508.90"),
        position("SOLUSDT", "-2.4", "139.01"),
        position("DOTUSDT", "300", "2.6750"),
    ]
    marks = {"BNBUSDT": "906.32534562", "BTCUSDT": "92415.82307692", "SOLUSDT": "139.81", "DOTUSDT": "2.69406667"}
    return book(held, [balance("USDT", "5000")]), market(marks)


def october_mirror() -> tuple[Book, MarketState]:
    """The mirrored account after its three fills: 170,000 of BTC and 85,000 of ETH at 6x, taker fees paid."""
    held = [position("BTCUSDT", "2", "85000"), position("ETHUSDT", "25", "3400")]
    wallet = Decimal(50000) - Decimal(255000) * Decimal("0.0005")
    account = book(held, [balance("USDT", str(wallet))], leverage={"BTCUSDT": 6, "ETHUSDT": 6, "SOLUSDT": 6})
    return account, market({"BTCUSDT": "85000", "ETHUSDT": "3400", "SOLUSDT": "140"})


def figures(account: Book, prices: MarketState) -> dict[str, PositionFigures]:
    """The position figures by symbol, for accounts with one position a symbol."""
    return {row.position.symbol: row for row in assess(account, prices).positions}


def account_values(account: AccountFigures) -> dict[str, Decimal | None]:
    """Every number of an account that is not about one position or symbol, or about stops."""
    names = AccountFigures.__dataclass_fields__.keys() - {"positions", "symbols", "protection"}
    return {name: getattr(account, name) for name in names}
