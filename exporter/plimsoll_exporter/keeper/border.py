"""Which money of an account is equity, from look to look: when that changes, equity moves and no money does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from plimsoll.model.terms import AssetMode
from plimsoll.risk.assess import assess
from plimsoll.risk.equity import counted_assets
from plimsoll.risk.unknown import ZERO
from plimsoll.risk.valuation import worth
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState


def single_counted(book: Book, market: MarketState) -> frozenset[str] | None:
    """The assets whose money is equity in single-asset mode, whatever mode the account is in."""
    return counted_assets(replace(book, settings=replace(book.settings, asset_mode=AssetMode.SINGLE)), market)


class Border:
    """Remembers the asset mode and, in single-asset mode, which of the assets held are equity.

    Attributes:
        mode: At the last look; ``None`` before the first.
    """

    def __init__(self, mode: AssetMode | None) -> None:
        self.mode = mode
        self._inside: Mapping[str, bool] = {}

    def as_before(self, book: Book) -> bool:
        """Whether the asset mode is that of the last look."""
        return self.mode in {None, book.settings.asset_mode}

    def by_last_mode(self, book: Book, market: MarketState, last: Decimal) -> tuple[Book, Decimal | None]:
        """The account and its equity by the mode of the last look: flows are booked before what a switch brings in.

        ``last`` is equity at the last sample with the flows in it, for where the old mode's can no longer be known.
        """
        equity = assess(book, market).equity
        if self.mode is None or self.as_before(book):
            return book, equity
        old = replace(book, settings=replace(book.settings, asset_mode=self.mode))
        before = assess(old, market).equity
        if before is not None:
            return old, before
        return book, None if equity is None else last

    def moved_by(self, book: Book, market: MarketState, equity: Decimal, last: Decimal) -> Decimal:
        """By how much equity is higher only because other money counts; 0 where the same does.

        Args:
            book: The account now.
            market: Prices of now, the latest known ones where the old mode needs what the new one does not.
            equity: By the mode of now.
            last: Equity at the last sample, for where the old mode's can no longer be known.
        """
        if not self.as_before(book) and self.mode is not None:
            before = assess(replace(book, settings=replace(book.settings, asset_mode=self.mode)), market).equity
            return equity - (last if before is None else before)
        moved = ZERO
        for asset, inside in self._held(book, market).items():
            if self._inside.get(asset, inside) is not inside:
                value = worth(book.balances[asset].wallet, asset, book.settings.asset_mode, market) or ZERO
                moved += value if inside else -value
        return moved

    def keep(self, book: Book, market: MarketState) -> None:
        """Remember how it is now."""
        self.mode, self._inside = book.settings.asset_mode, self._held(book, market)

    def _held(self, book: Book, market: MarketState) -> dict[str, bool]:
        """The assets held, and whether each is equity; none in multi-assets mode, where all are."""
        counted = counted_assets(book, market)
        if counted is None or book.settings.asset_mode is AssetMode.MULTI:
            return {}
        return {asset: asset in counted for asset, balance in book.balances.items() if balance.wallet != 0}
