"""One position seen at its mark price: what every other figure is made from, computed once.

Everything is in quote units except what ends in ``_usd``. What the book alone tells is in ``Held``, made once for all
prices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

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
class Held:
    """A position with what no price moves.

    Attributes:
        quantity: Base units, absolute.
        cost: Amount x entry price, signed.
        cross: Whether it draws on the whole wallet.
        brackets: Maintenance-margin table; empty while unknown.
    """

    position: Position
    quantity: Decimal
    cost: Decimal
    cross: bool
    brackets: tuple[Bracket, ...]


class Holding(NamedTuple):
    """A position with what the market says about it; ``None`` is unknown.

    A tuple, since one is made for every position whenever prices come, and a frozen dataclass takes four times as long.

    Attributes:
        quote_usd: USD a unit of the quote asset.
        notional: Signed.
        notional_usd: The same in USD.
        pnl: Unrealised.
        maintenance_usd: Maintenance margin in USD.
    """

    held: Held
    mark: Decimal | None
    quote_usd: Decimal | None
    notional: Decimal | None
    notional_usd: Decimal | None
    pnl: Decimal | None
    maintenance_usd: Decimal | None


def held_in(book: Book) -> tuple[Held, ...]:
    """The positions of a book, sorted, so that nothing depends on the order in which the book learned them."""
    return tuple(_held(book.positions[key], book.brackets) for key in sorted(book.positions))


def hold(held: Held, market: MarketState) -> Holding:
    """Look at one position at the mark price of now."""
    position = held.position
    mark = market.marks.get(position.symbol)
    price = None if mark is None else mark.price
    quote_usd = quote_price(position.symbol, position.margin_asset, market)
    notional = signed_notional(position, price)
    return Holding(
        held=held,
        mark=price,
        quote_usd=quote_usd,
        notional=notional,
        notional_usd=times(notional, quote_usd),
        pnl=unrealized_pnl(position, price),
        maintenance_usd=times(maintenance_margin(held.brackets, notional), quote_usd),
    )


def _held(position: Position, brackets: Mapping[str, tuple[Bracket, ...]]) -> Held:
    return Held(
        position=position,
        quantity=position.quantity,
        cost=position.amount * position.entry_price,
        cross=position.margin_mode is MarginMode.CROSS,
        brackets=brackets.get(position.symbol, ()),
    )
