"""Grafana's palette in both themes, and the colours of its pages.

Names as Grafana's own (``semi-dark-orange``, ``text``); anything else is taken for a CSS colour and left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["dark", "light"]

_BRIGHT = 180
_TONES = ("super-light-", "light-", "", "semi-dark-", "dark-")
_HUES: dict[str, dict[str, str]] = {
    "dark": {
        "red": "#FFA6B0 #FF7383 #F2495C #E02F44 #C4162A",
        "orange": "#FFCB7D #FFB357 #FF9830 #FF780A #FA6400",
        "yellow": "#FFF899 #FFEE52 #FADE2A #F2CC0C #E0B400",
        "green": "#C8F2C2 #96D98D #73BF69 #56A64B #37872D",
        "blue": "#C0D8FF #8AB8FF #5794F2 #3274D9 #1F60C4",
        "purple": "#DEB6F2 #CA95E5 #B877D9 #A352CC #8F3BB8",
    },
    "light": {
        "red": "#FF7383 #F2495C #E02F44 #C4162A #AD0317",
        "orange": "#FFB357 #FF9830 #FF780A #FA6400 #E55400",
        "yellow": "#FFEE52 #FADE2A #F2CC0C #E0B400 #CC9D00",
        "green": "#96D98D #73BF69 #56A64B #37872D #19730E",
        "blue": "#8AB8FF #5794F2 #3274D9 #1F60C4 #1250B0",
        "purple": "#CA95E5 #B877D9 #A352CC #8F3BB8 #7C2EA3",
    },
}
_CLASSIC = (
    *("green", "semi-dark-yellow", "light-blue", "semi-dark-orange", "red", "blue", "purple", "#705DA0", "#508642"),
    *("#CCA300", "#447EBC", "#C15C17", "#890F02", "#0A437C", "#6D1F62", "#584477", "#B7DBAB", "#F4D598", "#70DBED"),
    *("#F9BA8F", "#F29191", "#82B5D8", "#E5A8E2", "#AEA2E0", "#629E51", "#E5AC0E", "#64B0C8", "#E0752D", "#BF1B00"),
    *("#0A50A1", "#962D82", "#614D93", "#9AC48A", "#F2C96D", "#65C5DB", "#F9934E", "#EA6460", "#5195CE", "#D683CE"),
    *("#806EB7", "#3F6833", "#967302", "#2F575E", "#99440A", "#58140C", "#052B51", "#511749", "#3F2B5B", "#E0F9D7"),
    *("#FCEACA", "#CFFAFF", "#F9E2D2", "#FCE2DE", "#BADFF4", "#F9D9F9", "#DEDAF7"),
)
"""The order in which series without a colour of their own are coloured."""


@dataclass(frozen=True, kw_only=True)
class Theme:
    """The colours of one of Grafana's themes."""

    name: ThemeName
    text: str
    faint: str
    canvas: str
    panel: str
    border: str
    link: str
    palette: Mapping[str, str]

    def colour(self, name: str) -> str:
        """The CSS colour of a name."""
        return self.palette.get(name, name)

    def series(self, index: int) -> str:
        """The colour of the series with that number, in the classic palette."""
        return self.colour(_CLASSIC[index % len(_CLASSIC)])

    def series_named(self, name: str) -> str:
        """A colour that a series keeps, whichever others are drawn beside it."""
        code = 0
        for letter in name:
            code = (code * 31 + ord(letter)) % 2**32
        return self.series(min(code, 2**32 - code))


def _palette(name: str, text: str) -> dict[str, str]:
    shades = {
        f"{tone}{hue}": colour
        for hue, colours in _HUES[name].items()
        for tone, colour in zip(_TONES, colours.split(), strict=True)
    }
    return {**shades, "text": text, "transparent": "rgba(0,0,0,0)", "white": "#FFFFFF", "black": "#000000"}


DARK = Theme(
    name="dark",
    text="#CCCCDC",
    faint="#9FA0AD",
    canvas="#111217",
    panel="#181B1F",
    border="#2A2C33",
    link="#6E9FFF",
    palette=_palette("dark", "#CCCCDC"),
)
LIGHT = Theme(
    name="light",
    text="#24292E",
    faint="#5A6066",
    canvas="#F4F5F5",
    panel="#FFFFFF",
    border="#DCDDDE",
    link="#1F62E0",
    palette=_palette("light", "#24292E"),
)
THEMES: Mapping[str, Theme] = {"dark": DARK, "light": LIGHT}


def channels(colour: str) -> tuple[int, int, int] | None:
    """Red, green and blue of a ``#RRGGBB`` or ``#RGB``; none for what is written otherwise."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:  # noqa: PLR2004 - one digit a channel
        digits = "".join(2 * digit for digit in digits)
    try:
        return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    except ValueError:
        return None


def faded(colour: str, opacity: float) -> str:
    """A colour let through in part; 1 is opaque."""
    parts = channels(colour)
    return f"rgba({parts[0]},{parts[1]},{parts[2]},{opacity:g})" if parts and colour.startswith("#") else colour


def ink(ground: str) -> str:
    """The colour of words on a ground, by Grafana's rule: dark where the ground is bright."""
    parts = channels(ground) if ground.startswith("#") else None
    if parts is None:
        return "inherit"
    brightness = (299 * parts[0] + 587 * parts[1] + 114 * parts[2]) / 1000
    return "#202226" if brightness > _BRIGHT else "#F7F8FA"
