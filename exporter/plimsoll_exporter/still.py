"""What of a live account's risk series prices do not move: told apart, so that it is not made again at every price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.account import Position
from plimsoll.risk.entries import Openings
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.protection_figures import PositionProtection
from plimsoll.state.book import Book
from plimsoll_exporter.view import StopTimes


@dataclass(frozen=True, kw_only=True, slots=True)
class Still:
    """All that these series are made of: two that are equal are shown alike.

    Attributes:
        quotes: USD a unit of the quote asset of each position, in the order of ``stops``.
        stops: What stops do for each position.
        loss: Sum of the losses at stops, in USD.
        orphans: Stops without a position.
        since: Since when positions lack stops, or are beyond one.
        openings: When positions were opened.
    """

    book: Book
    quotes: tuple[Decimal | None, ...]
    stops: tuple[PositionProtection, ...]
    loss: Decimal | None
    orphans: int | None
    since: StopTimes
    openings: Openings

    @property
    def positions(self) -> Iterator[tuple[Position, Decimal | None, PositionProtection]]:
        """Every position, what its quote asset is worth, and its stops."""
        for quote_usd, stops in zip(self.quotes, self.stops, strict=True):
            yield self.book.positions[stops.key], quote_usd, stops

    @property
    def settings(self) -> Mapping[str, int | None]:
        """The exchange's leverage setting of each symbol held."""
        return {symbol: self.book.leverage.get(symbol) for symbol, _ in (stops.key for stops in self.stops)}


def still(book: Book, figures: AccountFigures, since: StopTimes, openings: Openings) -> Still:
    """Take it from the figures of a book at any prices."""
    found = figures.protection
    return Still(
        book=book,
        quotes=tuple([row.quote_usd for row in figures.positions]),
        stops=found.positions,
        loss=found.loss,
        orphans=found.orphans,
        since=since,
        openings=openings,
    )
