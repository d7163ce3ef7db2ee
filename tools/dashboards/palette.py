"""Colours and words with one meaning each, on every dashboard.

The hues keep apart for the colour-blind (they follow Okabe and Ito), in lightness too, on dark and on light ground;
and none of them stands alone: wherever a colour judges, a word says the same.
"""

from __future__ import annotations

from dataclasses import dataclass

FINE = "#009E73"
NEAR = "#E69F00"
DANGER = "#DC2D42"
UNKNOWN = "#8E8E9E"

LONG = "#56B4E9"
SHORT = "#CC79A7"

MAIN = "#3B9BD9"
"""The figure that a plot is about."""

SECOND = "#B58900"
"""A second figure beside it."""

REFERENCE = UNKNOWN
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


NEARNESS = (
    Word(value=0, text="fine", color=FINE),
    Word(value=1, text="near", color=NEAR),
    Word(value=2, text="CLOSE", color=DANGER),
    Word(value=3, text="BREACHED", color=DANGER),
)
"""How near a figure is to its limit, by the levels that the configuration sets (``near``) and the limit itself."""

VERDICTS = (
    Word(value=-1, text="no limits", color=UNKNOWN),
    Word(value=0, text="fine", color=FINE),
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

YES_IS_BAD = (Word(value=0, text="no", color=FINE), Word(value=1, text="YES", color=DANGER))

MODES = (
    Word(value=0, text="off", color=UNKNOWN),
    Word(value=1, text="dry run", color=NEAR),
    Word(value=2, text="ARMED", color=FINE),
)
"""The mode that the enforcer has in force."""

WITHIN = (Word(value=0, text="within", color=FINE), Word(value=1, text="OVER", color=DANGER))
"""A figure against a limit that has no levels before it."""
