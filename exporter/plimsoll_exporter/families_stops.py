"""The series about stops of one live account, from its figures and the times that the keeper measured."""

from __future__ import annotations

from plimsoll.metrics.section import Section
from plimsoll.risk.figures import AccountFigures, PositionFigures
from plimsoll.risk.protection import stop_distance
from plimsoll.risk.protection_figures import PositionProtection
from plimsoll.risk.unknown import times
from plimsoll_exporter import catalogue_stops as catalogue
from plimsoll_exporter.view import StopTimes


def add_stops(section: Section, name: str, figures: AccountFigures, since: StopTimes) -> None:
    """Add every series about stops of the account called ``name``."""
    found = figures.protection
    for metric, value in (
        (catalogue.ACCOUNT_COVERAGE, found.coverage),
        (catalogue.UNPROTECTED_EXPOSURE, found.unprotected),
        (catalogue.LOSS_AT_STOPS, found.loss),
        (catalogue.ORPHANS, found.orphans),
    ):
        section.add(metric, (name,), value)
    for row, stops in zip(figures.positions, found.positions, strict=True):
        _add_position(section, (name, row.position.symbol, row.side.value), row, stops)
        _add_times(section, (name, row.position.symbol, row.side.value), stops, since)


def _add_position(
    section: Section, labels: tuple[str, str, str], row: PositionFigures, stops: PositionProtection
) -> None:
    for metric, value in (
        (catalogue.COVERAGE, stops.coverage),
        (catalogue.STOP_PRICE, times(stops.stop_price, row.quote_usd)),
        (catalogue.STOP_DISTANCE, stop_distance(row, stops)),
        (catalogue.LOSS_AT_STOP, stops.loss),
        (catalogue.BEYOND_LIQUIDATION, stops.beyond_liquidation),
        (catalogue.MAY_OPEN, stops.may_open),
    ):
        section.add(metric, labels, value)


def _add_times(section: Section, labels: tuple[str, str, str], stops: PositionProtection, since: StopTimes) -> None:
    """The times, unless the position has changed since the keeper looked."""
    _, symbol, side = labels
    if stops.coverage is not None and stops.coverage < 1:
        section.add(catalogue.UNPROTECTED_SINCE, labels, since.unprotected.get((symbol, side)))
    for price in ("watched", "mark") if stops.stops else ():
        section.add(catalogue.OVERRUN_SINCE, (*labels, price), since.overrun.get((symbol, side, price)))
