"""What is the matter with the stops of a position, in words and in PromQL.

A position whose stops are not known has no series about them. So a state is made from what is known of the position
itself, and one that is absent never means that all is well.
"""

from __future__ import annotations

from tools.dashboards.palette import DANGER, FINE, NEAR, Word
from tools.dashboards.query import ACCOUNT

NO_POSITION = Word(value=-1, text="no position", color=FINE)

STATES = (
    NO_POSITION,
    Word(value=0, text="covered", color=FINE),
    Word(value=1, text="MAY OPEN THE REVERSE", color=NEAR),
    Word(value=2, text="A STOP TOO FAR", color=NEAR),
    Word(value=3, text="PARTLY COVERED", color=NEAR),
    Word(value=4, text="STOPS UNKNOWN", color=DANGER),
    Word(value=5, text="PAST BY MARK PRICE", color=DANGER),
    Word(value=6, text="DID NOT TRIGGER", color=DANGER),
    Word(value=7, text="UNPROTECTED", color=DANGER),
    Word(value=8, text="STOP TOO FAR TO HELP", color=DANGER),
)
"""What is the matter with the stops of a position; the worst has the highest number."""

PASSED = (
    Word(value=-2, text="no stop", color=DANGER),
    NO_POSITION,
    Word(value=0, text="no", color=FINE),
    Word(value=1, text="BY MARK PRICE ONLY", color=DANGER),
    Word(value=2, text="YES", color=DANGER),
)

MEANING = (
    "UNPROTECTED: no stop at all. STOP TOO FAR TO HELP: the only stops lie beyond the liquidation price."
    " DID NOT TRIGGER: the price that a stop watches is past it. PAST BY MARK PRICE: the mark price is past it, but the"
    " stop watches the last price. STOPS UNKNOWN: an order list cannot be read. PARTLY COVERED: the position is larger"
    " than its stops. A STOP TOO FAR: one of several lies beyond liquidation. MAY OPEN THE REVERSE: not reduce-only."
)


def of_positions(name: str, matchers: str = "") -> str:
    """A series of the account's positions, one for each symbol and side, whoever scraped it."""
    return f'max by (symbol, side) ({name}{{account="$account"{matchers}}})'


def _where(condition: str) -> str:
    return f"group by (symbol, side) ({condition})"


COVERAGE = of_positions("binance_position_stop_coverage_ratio")
SINCE = of_positions("binance_position_unprotected_since_timestamp_seconds")
TRIGGERS = of_positions("binance_position_stop_price_usd")
KNOWN = f"group(binance_account_stop_coverage_ratio{ACCOUNT})"
"""1 while the account is live and all its order lists are known, positions or not."""

NOTHING_HELD = f'label_replace({KNOWN} unless on () {COVERAGE}, "symbol", "none", "", "")'
"""1 with the symbol *none* while it is known that nothing is held."""

_LATE = of_positions("binance_position_stop_beyond_liquidation")
_MAY_OPEN = of_positions("binance_position_stop_may_open")
_OVERRUN = "binance_position_stop_overrun_since_timestamp_seconds"
PAST_BY_WATCHED = of_positions(_OVERRUN, ', price="watched"')
PAST_BY_MARK = of_positions(_OVERRUN, ', price="mark"')
PAST_SINCE = f"min by (symbol, side) ({_OVERRUN}{ACCOUNT})"

STATE = " or ".join(
    (
        f"8 * {_where(f'{COVERAGE} == 0 and on (symbol, side) {_LATE} == 1')}",
        f"7 * {_where(f'{COVERAGE} == 0')}",
        f"6 * {_where(PAST_BY_WATCHED)}",
        f"5 * {_where(PAST_BY_MARK)}",
        f"3 * {_where(SINCE)}",
        f"2 * {_where(f'{_LATE} == 1')}",
        f"1 * {_where(f'{_MAY_OPEN} == 1')}",
        f"0 * {COVERAGE}",
        f"4 * {_where(of_positions('binance_position_quantity'))}",
    )
)
"""A number for ``STATES`` per position; the last one is of positions whose stops are not known."""

UNCOVERED = f"(1 - {COVERAGE}) * {of_positions('binance_position_notional_usd')}"
