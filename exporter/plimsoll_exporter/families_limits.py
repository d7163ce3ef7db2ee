"""The limits of one account as series, live or not."""

from __future__ import annotations

from plimsoll.config.model import AccountConfig
from plimsoll.metrics.section import Section
from plimsoll.state.book import Book
from plimsoll_exporter import catalogue_limits as catalogue
from plimsoll_exporter.limits import symbol_leverage_limits


def add_limits(section: Section, account: AccountConfig, book: Book | None) -> None:
    """Add every limit of an account; ``book`` is ``None`` while it is not live."""
    limits = account.limits
    for metric, limit in (
        (catalogue.MARGIN_LIMIT, limits.margin_ratio),
        (catalogue.AVAILABLE_LIMIT, limits.available_margin),
        (catalogue.LEVERAGE_LIMIT, limits.leverage),
        (catalogue.LIQUIDATION_LIMIT, limits.liquidation_distance),
        (catalogue.COVERAGE_LIMIT, limits.stop_coverage),
        (catalogue.STOP_GRACE, limits.stop_grace),
        (catalogue.AT_STOPS_LIMIT, limits.drawdown_at_stops),
        (catalogue.SETTING_LIMIT, limits.leverage_setting),
    ):
        section.add(metric, (account.name,), limit)
    for symbol, highest in symbol_leverage_limits(limits, book).items():
        section.add(catalogue.SYMBOL_LEVERAGE_LIMIT, (account.name, symbol), highest)
