"""The series of mirrors: their settings always, what drifts only while both accounts are live."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.metrics.section import Section
from plimsoll.state.book import Book
from plimsoll_exporter import catalogue_mirror as catalogue
from plimsoll_exporter.mirrors import drift_since, shown_legs
from plimsoll_exporter.view import ExporterView, MirrorView


def add_mirror(section: Section, mirror: MirrorView, books: Mapping[str, Book], view: ExporterView) -> None:
    """Add every series of one mirror; ``books`` holds the accounts that are live."""
    config = mirror.config
    pair = config.source, config.destination
    for metric, setting in (
        (catalogue.TOLERANCE, config.tolerance),
        (catalogue.GRACE, config.grace),
        (catalogue.MIN_USD, config.min_usd),
    ):
        section.add(metric, pair, setting)
    for leg in shown_legs(mirror, books, view) or ():
        symbol, side = leg.key
        for metric, value in (
            (catalogue.EXPECTED, leg.expected),
            (catalogue.ACTUAL, leg.actual),
            (catalogue.DRIFT_RATIO, leg.drift_ratio),
            (catalogue.DRIFT_USD, leg.drift_usd),
            (catalogue.DRIFT_SINCE, drift_since(mirror, leg)),
        ):
            section.add(metric, (*pair, symbol, side or ""), value)
