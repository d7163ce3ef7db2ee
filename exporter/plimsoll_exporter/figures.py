"""The figures of each account of a view, where they may be shown: the one rule for metrics, JSON and pages.

Only a live account has figures. A fault while computing them is logged and reported, and harms no other account.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from plimsoll.risk.assess import Ready, assess, ready
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
    at once. In another market the same book is computed anew, but for what no price changes.

    Args:
        room: Figures that are kept at least, e.g. one for each account; those of twice as many at most.
        prepare: Makes a book ready; what comes of it must depend on nothing else.
    """

    def __init__(self, room: int, prepare: Callable[[Book], Ready] = ready) -> None:
        self._room = room
        self._prepare = prepare
        self._new: dict[int, _Account] = {}
        self._old: dict[int, _Account] = {}

    def __call__(self, book: Book, market: MarketState) -> AccountFigures:
        """The figures, kept or computed; whatever the computation raises."""
        account = self._account(book)
        made = account.made
        if made is not None and made[0] is market:
            return made[1]
        figures = account.ready(market)
        account.made = market, figures
        return figures

    def _account(self, book: Book) -> _Account:
        key = id(book)  # a book that is kept is alive, so no other has its number
        account = self._new.get(key)
        if account is not None:
            return account
        account = self._old.get(key) or _Account(book, self._prepare(book))
        if len(self._new) >= self._room:
            self._old, self._new = self._new, {}
        self._new[key] = account
        return account


@dataclass(slots=True, eq=False)
class _Account:
    """A book made ready, and the last figures that were made of it, with their market."""

    book: Book
    ready: Ready
    made: tuple[MarketState, AccountFigures] | None = None


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
