"""What is shown of mirrors, the same for metrics and JSON: only what two live accounts hold, as they hold it now."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.risk.mirror import MirrorLeg, mirror_legs
from plimsoll.state.book import Book
from plimsoll_exporter.view import ExporterView, MirrorView


def shown_legs(mirror: MirrorView, books: Mapping[str, Book], view: ExporterView) -> tuple[MirrorLeg, ...] | None:
    """The legs of a mirror; ``None`` unless both accounts are in ``books``, which holds those that are live."""
    source, destination = books.get(mirror.config.source), books.get(mirror.config.destination)
    if source is None or destination is None:
        return None
    return mirror_legs(source, destination, mirror.config.scale, view.market)


def drift_since(mirror: MirrorView, leg: MirrorLeg) -> float | None:
    """Unix time since which a leg drifts; ``None`` unless it does now, whatever was so when the keeper looked last."""
    drifts = leg.drifts(mirror.config.tolerance, mirror.config.min_usd)
    return mirror.drift_since.get(leg.key) if drifts else None
