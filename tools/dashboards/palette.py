"""Colours and words with one meaning each, on every dashboard.

The hues keep apart for the colour-blind (they follow Okabe and Ito), in lightness too, on dark and on light ground;
and none of them stands alone: wherever a colour judges, a word says the same. A ground carries the letters that Grafana
puts on it (near-white, or near-black from a brightness of 180 on) at a contrast of 4.5 and more; what is drawn or
written in a colour stands at 3 and more on the panels of both themes. A test computes both.
"""

from __future__ import annotations

from dataclasses import dataclass

FINE = "#007F5F"
NEAR = "#F2B632"
"""As a ground; on a light panel nobody could read it as a line or as letters: those are ``NEAR_LINE``."""

NEAR_LINE = "#C97B00"
DANGER = "#D62B40"
UNKNOWN = "#6B6B7B"

MAIN = "#3B9BD9"
"""The figure that a plot is about."""

SECOND = "#B58900"
"""A second figure beside it."""

REFERENCE = "#8E8E9E"
"""What a figure is measured from: a high-water mark, an entry price, what is expected."""

LIMIT = DANGER
"""Where a limit lies."""

COINS = {
    "BTC": "#3B9BD9",
    "ETH": "#B58900",
    "BNB": "#9A6DD7",
    "SOL": "#17A08C",
    "XRP": "#A6754F",
    "DOGE": "#7F9A2A",
    "ADA": "#6F7FE0",
    "DOT": "#D46A9F",
}
"""What symbols are most often about: each is one line everywhere, and no two are alike, as chance would make them."""


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a number that stands for a state is called, and its colour."""

    value: float
    text: str
    color: str


VERDICTS = (
    Word(value=-1, text="no limits", color=UNKNOWN),
    Word(value=0, text="fine", color=FINE),
    Word(value=0.5, text="no stop yet", color=NEAR),
    Word(value=1, text="near", color=NEAR),
    Word(value=2, text="UNPROTECTED", color=DANGER),
    Word(value=3, text="STOPS UNKNOWN", color=DANGER),
    Word(value=4, text="CLOSE", color=DANGER),
    Word(value=5, text="OVER LIMIT", color=DANGER),
    Word(value=6, text="BREACHED", color=DANGER),
    Word(value=7, text="NOT LIVE", color=DANGER),
)
"""The worst that can be said of an account (``risk.verdict``); the larger the worse."""

LIVENESS = (Word(value=0, text="NOT LIVE", color=DANGER), Word(value=1, text="live", color=FINE))

MODES = (
    Word(value=0, text="off", color=UNKNOWN),
    Word(value=1, text="dry run", color=NEAR),
    Word(value=2, text="ARMED", color=FINE),
)
"""The mode that the enforcer has in force."""

MODES_OR_SILENT = (Word(value=-1, text="SILENT", color=DANGER), *MODES)
"""The same, where nobody may tell (``risk.mode_or_silent``)."""

AGAINST_LIMIT = (
    Word(value=0, text="within", color=FINE),
    Word(value=1, text="near", color=NEAR),
    Word(value=2, text="CLOSE", color=DANGER),
    Word(value=3, text="OVER", color=DANGER),
)
"""A figure against its limit; drawdown alone has levels before it."""


def drawn(color: str) -> str:
    """A colour as lines and letters take it."""
    return NEAR_LINE if color == NEAR else color
