"""One position seen at its mark price: what every other figure is made from, computed once.

Everything is in quote units except what ends in ``_usd``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.account import Position
from plimsoll.model.market import Bracket
from plimsoll.model.terms import MarginMode
from plimsoll.risk.brackets import maintenance_margin
from plimsoll.risk.equity import unrealized_pnl
from plimsoll.risk.exposure import signed_notional
from plimsoll.risk.unknown import times
from plimsoll.risk.valuation import quote_price
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A position with what the market says about it; ``None`` is unknown.

    Attributes:
        quote_usd: USD a unit of the quote asset.
        brackets: Maintenance-margin table; empty while unknown.
        notional: Signed.
        pnl: Unrealised.
    """

    position: Position
    mark: Decimal | None
    quote_usd: Decimal | None
    brackets: tuple[Bracket, ...]
    notional: Decimal | None
    pnl: Decimal | None
    maintenance: Decimal | None

    @property
    def cross(self) -> bool:
        """Whether it draws on the whole wallet."""
        return self.position.margin_mode is MarginMode.CROSS

    @property
    def notional_usd(self) -> Decimal | None:
        """Signed notional in USD."""
        return times(self.notional, self.quote_usd)

    @property
    def maintenance_usd(self) -> Decimal | None:
        """Maintenance margin in USD."""
        return times(self.maintenance, self.quote_usd)


def hold(position: Position, book: Book, market: MarketState) -> Holding:
    """Look at one position of the book at the mark price of now."""
    mark = market.marks.get(position.symbol)
    price = None if mark is None else mark.price
    brackets = book.brackets.get(position.symbol, ())
    notional = signed_notional(position, price)
    return Holding(
        position=position,
        mark=price,
        quote_usd=quote_price(position.symbol, position.margin_asset, market),
        brackets=brackets,
        notional=notional,
        pnl=unrealized_pnl(position, price),
        maintenance=maintenance_margin(brackets, notional),
    )
