"""The figures of each account of a view, where they may be shown: the one rule for metrics, JSON and pages.

Only a live account has figures. A fault while computing them is logged and reported, and harms no other account.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll_exporter.view import AccountView, Status

_log = logging.getLogger(__name__)

Assess = Callable[[Book, MarketState], AccountFigures]
Failed = Callable[[str], None]


class Kept:
    """An ``Assess`` that computes once what is asked for twice: of the same book in the same market, both unchanged.

    Whoever judges an account twice a second and whoever makes a page of it share one; may be used from several threads
    at once.

    Args:
        room: Figures that are kept at least, e.g. one for each account; those of twice as many at most.
        assess: The computation; it must depend on nothing else.
    """

    def __init__(self, room: int, assess: Assess = assess) -> None:
        self._room = room
        self._assess = assess
        self._new: dict[int, tuple[Book, MarketState, AccountFigures]] = {}
        self._old: dict[int, tuple[Book, MarketState, AccountFigures]] = {}

    def __call__(self, book: Book, market: MarketState) -> AccountFigures:
        """The figures, kept or computed; whatever the computation raises."""
        key = id(book)  # a book that is kept is alive, so no other has its number
        kept = self._new.get(key) or self._old.get(key)
        if kept is not None and kept[0] is book and kept[1] is market:
            return kept[2]
        figures = self._assess(book, market)
        if len(self._new) >= self._room:
            self._old, self._new = self._new, {}
        self._new[key] = (book, market, figures)
        return figures


class Assessor:
    """Computes figures and keeps faults inside their account.

    Args:
        failed: Told the name of an account whose figures could not be computed or shown.
        assess: The computation.
    """

    def __init__(self, *, failed: Failed, assess: Assess = assess) -> None:
        self._failed = failed
        self._assess = assess
        self._said: set[str] = set()

    def figures(self, account: AccountView, market: MarketState) -> AccountFigures | None:
        """The figures of an account, ``None`` unless it is live and they could be computed."""
        if account.status is not Status.LIVE or account.book is None:
            return None
        try:
            found = self._assess(account.book, market)
        except Exception:  # noqa: BLE001 - whatever is wrong with one account must not hide the others
            self.failed(account.config.name)
            return None
        self._said.discard(account.config.name)
        return found

    def failed(self, name: str) -> None:
        """Report the exception being handled, a fault of the account called ``name``; log it until it is over, once."""
        if name not in self._said:
            _log.exception("account %s: its figures cannot be shown", name)
        self._said.add(name)
        self._failed(name)
