"""The families of one scrape, built afresh from one frozen view: what is not in the view is not on the page.

No gauge outlives a scrape, so a closed position vanishes by itself. Risk series exist only for live accounts;
``binance_account_up`` exists for every configured one, whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client import Metric as AnyFamily
from prometheus_client.registry import Collector

from plimsoll.metrics.section import Section, empty
from plimsoll.risk.figures import AccountFigures
from plimsoll.state.book import Book
from plimsoll_exporter import catalogue_pipeline as pipeline
from plimsoll_exporter.catalogue import THEMES
from plimsoll_exporter.catalogue_pipeline import EXCHANGE
from plimsoll_exporter.families_account import add_risk, add_still_risk
from plimsoll_exporter.families_drawdown import add_drawdown
from plimsoll_exporter.families_ledger import add_ledger, add_state
from plimsoll_exporter.families_limits import add_limits
from plimsoll_exporter.families_mirror import add_mirror
from plimsoll_exporter.families_pipeline import Health, Trust, add_exchange, add_health, add_trust
from plimsoll_exporter.families_rejections import add_rejections
from plimsoll_exporter.families_stops import add_still_stops, add_stops
from plimsoll_exporter.figures import Assessor
from plimsoll_exporter.still import still
from plimsoll_exporter.view import AccountView, ExporterView, MirrorView

FAMILIES = (
    *(metric for theme in THEMES if theme is not EXCHANGE for metric in theme.metrics),
    pipeline.USED_WEIGHT,
    pipeline.WEIGHT_LIMIT,
    pipeline.CLOCK_OFFSET,
)
"""The metrics made from views; the rest of the catalogue is counted by ``instruments``."""


Fill = Callable[[Section], None]

Part = tuple[str, str]
"""An account, and a part of its series."""

Plan = tuple[str, object, Fill]
"""A part's name, all that it is made of, and how."""


class KeptSections:
    """What was shown last of each part, with what it was made of; may be used from several threads at once."""

    def __init__(self) -> None:
        self._kept: dict[Part, tuple[object, Section]] = {}

    def get(self, part: Part, made_of: object) -> Section | None:
        """The section of a part, if it was made of the same."""
        kept = self._kept.get(part)
        return kept[1] if kept is not None and kept[0] == made_of else None

    def next(self, part: Part) -> Section:
        """An empty section to take the place of the one that is kept."""
        kept = self._kept.get(part)
        return Section(None if kept is None else kept[1])

    def keep(self, part: Part, made_of: object, section: Section) -> None:
        """Remember a section; it is not changed any more."""
        self._kept[part] = (made_of, section)


class Families(Collector):
    """A collector that asks for one view a scrape.

    Args:
        view: Gives the state of now; called once for each ``collect``.
        assessor: Computes figures and keeps faults apart.
        kept: Sections of earlier scrapes; what has not changed since is shown again as it was.
    """

    def __init__(
        self, *, view: Callable[[], ExporterView], assessor: Assessor, kept: KeptSections | None = None
    ) -> None:
        self._view = view
        self._assessor = assessor
        self._kept = KeptSections() if kept is None else kept

    def describe(self) -> Iterable[AnyFamily]:
        """Every family without samples, so that registering asks for no view."""
        return [empty(metric) for metric in FAMILIES]

    def collect(self) -> Iterable[AnyFamily]:
        """The families of now."""
        page = Section()
        for section in self.sections():
            page.merge(section)
        return list(page.families(FAMILIES))

    def sections(self) -> Sequence[Section]:
        """The same in parts, in the order of the samples within a family."""
        view = self._view()
        made: list[tuple[str, Book | None, list[Section]]] = []
        for account in reversed(view.accounts):  # looks begin at the first: neither computes what the other has done
            parts: list[Section] = []
            live = self._add_account(parts, account, view)
            made.append((account.config.name, live, parts))
        page = [section for _, _, parts in reversed(made) for section in parts]
        books = {name: book for name, book, _ in made if book is not None}
        for mirror in view.mirrors:
            self._add_mirror(page, mirror, books, view)
        rest = Section()
        add_exchange(rest, view)
        add_state(rest, view)
        return [*page, rest]

    def _add_account(self, page: list[Section], account: AccountView, view: ExporterView) -> Book | None:
        """Add the series of an account; what it holds, if it is live and could be shown.

        Each part is filled anew only if what it is made of has changed, so every part names all that it reads.
        """
        config, name = account.config, account.config.name
        figures = self._assessor.figures(account, view.market)
        up = figures is not None and account.book is not None and self._add_risk(page, account, account.book, figures)
        shown, live = (figures, account.book) if up else (None, None)
        health, trust = Health.of(account), Trust.of(account)
        counts, ledger = account.order_counts, account.ledger
        self._add_whole(page, name, ("up", up, lambda section: section.add(pipeline.UP, (name,), up)))
        self._add_whole(
            page,
            name,
            ("health", health, lambda section: add_health(section, name, health)),
            ("trust", trust, lambda section: add_trust(section, name, trust)),
        )
        for plan in (
            ("limits", (config, live), lambda section: add_limits(section, config, live)),
            ("drawdown", (config, ledger, shown), lambda section: add_drawdown(section, account, shown)),
            ("ledger", ledger, lambda section: add_ledger(section, account)),
            ("rejections", counts, lambda section: add_rejections(section, account)),
        ):
            self._add_whole(page, name, plan)
        return live

    def _add_risk(self, page: list[Section], account: AccountView, book: Book, figures: AccountFigures) -> bool:
        """Add the risk series of a live account, those that prices move by themselves."""
        name, rest = account.config.name, still(book, figures, account.stop_times, account.openings)

        def fill(section: Section) -> None:
            add_risk(section, name, figures)
            add_stops(section, name, figures)

        def fill_rest(section: Section) -> None:
            add_still_risk(section, name, rest)
            add_still_stops(section, name, rest)

        return self._add_whole(page, name, ("risk", figures, fill), ("still", rest, fill_rest))

    def _add_mirror(
        self, page: list[Section], mirror: MirrorView, books: Mapping[str, Book], view: ExporterView
    ) -> None:
        section = Section()
        if self._fills(mirror.config.destination, lambda it: add_mirror(it, mirror, books, view), section):
            page.append(section)

    def _add_whole(self, page: list[Section], name: str, *plans: Plan) -> bool:
        """Add parts of an account, all of them or, where a fault keeps one from being filled, none."""
        parts: list[Section] = []
        for plan, made_of, fill in plans:
            part = name, plan
            section = self._kept.get(part, made_of)
            if section is None:
                section = self._kept.next(part)
                if not self._fills(name, fill, section):
                    return False
                self._kept.keep(part, made_of, section)
            parts.append(section)
        page += parts
        return True

    def _fills(self, name: str, fill: Fill, section: Section) -> bool:
        """Fill a section; false where a fault of an account kept it from being filled whole."""
        try:
            fill(section)
        except Exception:  # noqa: BLE001 - one account that cannot be shown must not take the page away
            self._assessor.failed(name)
            return False
        return True
