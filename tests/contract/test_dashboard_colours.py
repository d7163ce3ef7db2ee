"""Every colour that the dashboards use can be read, in both of Grafana's themes, by Grafana's own choice of letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tools.dashboards.preview.colours import DARK, LIGHT, channels, ink

from dashboard_queries import boards

ON_GROUND = 4.5
"""WCAG's contrast of letters and their ground."""

DRAWN = 3.0
"""WCAG's contrast of what is drawn, and of large letters."""

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


def luminance(colour: str) -> float:
    """WCAG's relative luminance of a colour ``#RRGGBB``."""
    parts = channels(colour)
    assert parts is not None, colour
    red, green, blue = (
        one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in (part / 255 for part in parts)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours, 1 to 21."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def coloured(panel: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Every colour of a panel, and whether letters stand on it."""
    grounds = panel["type"] == "state-timeline" or panel["options"].get("colorMode") == "background_solid"
    yield from ((colour, grounds) for colour in _HEX.findall(str(panel["fieldConfig"]["defaults"])))
    for override in panel["fieldConfig"]["overrides"]:
        cell: dict[str, Any] = next(
            (one["value"] for one in override["properties"] if one["id"] == "custom.cellOptions"), {}
        )
        filled = cell.get("type") == "color-background" or grounds
        yield from ((colour, filled) for colour in _HEX.findall(str(override["properties"])))


def used() -> Iterator[tuple[str, str, bool]]:
    """Where a colour stands, the colour, and whether letters stand on it."""
    for slug, board in boards().items():
        for mark in board["annotations"]["list"]:
            yield f"{slug}: {mark['name']}", mark["iconColor"], False
        for panel in board["panels"]:
            if panel["type"] not in {"row", "text"}:
                yield from ((f"{slug}: {panel['title']}", colour, ground) for colour, ground in coloured(panel))


def test_every_colour_can_be_read_in_both_themes():
    """Letters on a coloured ground, and lines and letters on the panels of both themes, have WCAG's contrast."""
    seen = list(used())
    assert any(ground for _, _, ground in seen)
    faults = {
        f"{where}: {colour} under letters: {contrast(colour, ink(colour)):.2f}"
        for where, colour, ground in seen
        if ground and contrast(colour, ink(colour)) < ON_GROUND
    } | {
        f"{where}: {colour} on {theme.name}: {contrast(colour, theme.panel):.2f}"
        for where, colour, ground in seen
        for theme in (DARK, LIGHT)
        if not ground and contrast(colour, theme.panel) < DRAWN
    }
    assert not faults, "\n".join(sorted(faults))
