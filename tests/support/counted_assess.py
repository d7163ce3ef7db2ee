"""The assessment of an account, counted, to see when figures are computed again."""

from __future__ import annotations

from functools import partial

from plimsoll.risk.assess import Ready, assess
from plimsoll.risk.figures import AccountFigures
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState


class Counted:
    """The assessment of an account, with the calls counted."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, book: Book, market: MarketState) -> AccountFigures:
        """Assess as usual."""
        self.calls += 1
        return assess(book, market)

    def prepare(self, book: Book) -> Ready:
        """The same as what makes a book ready: its figures are counted, each time."""
        return partial(self, book)
