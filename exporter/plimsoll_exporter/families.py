"""The families of one scrape, built afresh from one frozen view: what is not in the view is not on the page.

No gauge outlives a scrape, so a closed position vanishes by itself. Risk series exist only for live accounts;
``binance_account_up`` exists for every configured one, whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import Metric as AnyFamily
from prometheus_client.registry import Collector

from plimsoll.metrics.section import Section, empty
from plimsoll.state.book import Book
from plimsoll_exporter import catalogue_pipeline as pipeline
from plimsoll_exporter.catalogue import THEMES
from plimsoll_exporter.catalogue_pipeline import EXCHANGE
from plimsoll_exporter.families_account import add_openings, add_risk
from plimsoll_exporter.families_drawdown import add_drawdown
from plimsoll_exporter.families_ledger import add_ledger, add_state
from plimsoll_exporter.families_limits import add_limits
from plimsoll_exporter.families_mirror import add_mirror
from plimsoll_exporter.families_pipeline import add_exchange, add_health
from plimsoll_exporter.families_rejections import add_rejections
from plimsoll_exporter.families_stops import add_stops
from plimsoll_exporter.figures import Assessor
from plimsoll_exporter.view import AccountView, ExporterView, MirrorView

FAMILIES = (
    *(metric for theme in THEMES if theme is not EXCHANGE for metric in theme.metrics),
    pipeline.USED_WEIGHT,
    pipeline.WEIGHT_LIMIT,
    pipeline.CLOCK_OFFSET,
)
"""The metrics made from views; the rest of the catalogue is counted by ``instruments``."""


class Families(Collector):
    """A collector that asks for one view a scrape.

    Args:
        view: Gives the state of now; called once for each ``collect``.
    """

    def __init__(self, *, view: Callable[[], ExporterView], assessor: Assessor) -> None:
        self._view = view
        self._assessor = assessor

    def describe(self) -> Iterable[AnyFamily]:
        """Every family without samples, so that registering asks for no view."""
        return [empty(metric) for metric in FAMILIES]

    def collect(self) -> Iterable[AnyFamily]:
        """The families of now."""
        view = self._view()
        page = Section()
        live = {account.config.name: self._add_account(page, account, view) for account in view.accounts}
        books = {name: book for name, book in live.items() if book is not None}
        for mirror in view.mirrors:
            self._add_mirror(page, mirror, books, view)
        add_exchange(page, view)
        add_state(page, view)
        return list(page.families(FAMILIES))

    def _add_account(self, page: Section, account: AccountView, view: ExporterView) -> Book | None:
        """Add the series of an account; what it holds, if it is live and could be shown."""
        name = account.config.name
        figures = self._assessor.figures(account, view.market)
        up = False
        if figures is not None and account.book is not None:
            book = account.book

            def fill(section: Section) -> None:
                add_risk(section, name, book, figures)
                add_stops(section, name, figures, account.stop_times)
                add_openings(section, name, book, account.openings)

            up = self._add_whole(page, name, fill)
        page.add(pipeline.UP, (name,), up)
        self._add_whole(page, name, lambda section: add_health(section, account))
        live = account.book if up else None
        self._add_whole(page, name, lambda section: add_limits(section, account.config, live))
        self._add_whole(page, name, lambda section: add_drawdown(section, account, figures if up else None))
        self._add_whole(page, name, lambda section: add_ledger(section, account))
        self._add_whole(page, name, lambda section: add_rejections(section, account))
        return live

    def _add_mirror(self, page: Section, mirror: MirrorView, books: Mapping[str, Book], view: ExporterView) -> None:
        self._add_whole(page, mirror.config.destination, lambda section: add_mirror(section, mirror, books, view))

    def _add_whole(self, page: Section, name: str, fill: Callable[[Section], None]) -> bool:
        section = Section()
        try:
            fill(section)
        except Exception:  # noqa: BLE001 - one account that cannot be shown must not take the page away
            self._assessor.failed(name)
            return False
        page.merge(section)
        return True
