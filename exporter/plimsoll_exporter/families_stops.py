"""The series about stops of one live account, from its figures and the times that the keeper measured."""

from __future__ import annotations

from plimsoll.metrics.section import Section
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.protection import stop_distance
from plimsoll.risk.protection_figures import PositionProtection
from plimsoll.risk.unknown import times
from plimsoll_exporter import catalogue_stops as catalogue
from plimsoll_exporter.still import Still
from plimsoll_exporter.view import StopTimes


def add_stops(section: Section, name: str, figures: AccountFigures) -> None:
    """Add every series about stops of the account called ``name`` that moves with prices."""
    found = figures.protection
    section.add_all(
        (name,), ((catalogue.ACCOUNT_COVERAGE, found.coverage), (catalogue.UNPROTECTED_EXPOSURE, found.unprotected))
    )
    for row, stops in zip(figures.positions, found.positions, strict=True):
        labels = (name, row.position.symbol, row.side.value)
        section.add(catalogue.STOP_DISTANCE, labels, stop_distance(row, stops))


def add_still_stops(section: Section, name: str, still: Still) -> None:
    """Add the others."""
    section.add_all((name,), ((catalogue.LOSS_AT_STOPS, still.loss), (catalogue.ORPHANS, still.orphans)))
    for position, quote_usd, stops in still.positions:
        labels = (name, position.symbol, position.side.value)
        section.add_all(
            labels,
            (
                (catalogue.COVERAGE, stops.coverage),
                (catalogue.STOP_PRICE, times(stops.stop_price, quote_usd)),
                (catalogue.LOSS_AT_STOP, stops.loss),
                (catalogue.BEYOND_LIQUIDATION, stops.beyond_liquidation),
                (catalogue.MAY_OPEN, stops.may_open),
            ),
        )
        _add_times(section, labels, stops, still.since)


def _add_times(section: Section, labels: tuple[str, str, str], stops: PositionProtection, since: StopTimes) -> None:
    """The times, unless the position has changed since the keeper looked."""
    _, symbol, side = labels
    if stops.coverage is not None and stops.coverage < 1:
        section.add(catalogue.UNPROTECTED_SINCE, labels, since.unprotected.get((symbol, side)))
    for price in ("watched", "mark") if stops.stops else ():
        section.add(catalogue.OVERRUN_SINCE, (*labels, price), since.overrun.get((symbol, side, price)))
