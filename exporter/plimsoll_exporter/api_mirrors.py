"""Mirrors as JSON: settings always, legs only while both accounts are live, ``null`` otherwise."""

from __future__ import annotations

from plimsoll.risk.mirror import MirrorLeg
from plimsoll_exporter.figures import Assessor
from plimsoll_exporter.json_values import Json, text
from plimsoll_exporter.mirrors import drift_since, shown_legs
from plimsoll_exporter.view import ExporterView, MirrorView


def mirrors(view: ExporterView, assessor: Assessor) -> dict[str, Json]:
    """Every mirror, in the order of the configuration."""
    mirrored = {name for mirror in view.mirrors for name in (mirror.config.source, mirror.config.destination)}
    books = {
        account.config.name: account.book
        for account in view.accounts
        if account.config.name in mirrored
        and account.book is not None
        and assessor.figures(account, view.market) is not None
    }
    return {
        "time": view.now,
        "mirrors": [_mirror(mirror, shown_legs(mirror, books, view)) for mirror in view.mirrors],
    }


def _mirror(mirror: MirrorView, legs: tuple[MirrorLeg, ...] | None) -> Json:
    config = mirror.config
    return {
        "source": config.source,
        "destination": config.destination,
        "scale": text(config.scale),
        "tolerance": text(config.tolerance),
        "min_usd": text(config.min_usd),
        "grace_seconds": config.grace,
        "legs": None if legs is None else [_leg(mirror, leg) for leg in legs],
    }


def _leg(mirror: MirrorView, leg: MirrorLeg) -> Json:
    symbol, side = leg.key
    return {
        "symbol": symbol,
        "side": None if side is None else side.value,
        "expected_quantity": text(leg.expected),
        "actual_quantity": text(leg.actual),
        "drift_ratio": text(leg.drift_ratio),
        "drift_usd": text(leg.drift_usd),
        "drift_since_timestamp": drift_since(mirror, leg),
    }
