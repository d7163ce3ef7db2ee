"""Counts of orders, as *Orders* asks for them.

Counts of a time range are the counter at its end less the lowest within it, which is exact and sees the first one, too.
They begin with the records and outlive restarts, so they need no account that is live.
"""

from __future__ import annotations

REFUSED = "binance_order_rejections_total"
LAST = "binance_order_last_rejection_timestamp_seconds"
ENDED = "binance_orders_total"
FORCED = "binance_forced_closes_total"


def series(name: str, matchers: str = "") -> str:
    """A series of the account."""
    return f'{name}{{account="$account"{matchers}}}'


def total(name: str, matchers: str = "") -> str:
    """A counter, whoever scraped it."""
    return f"max without (instance, job) ({series(name, matchers)})"


def in_range(name: str, matchers: str = "") -> str:
    """How much each series of a counter has grown within the chosen time."""
    one = series(name, matchers)
    return f"max without (instance, job) ({one} - min_over_time({one}[$__range]))"


def of_reason(reason: str) -> str:
    """Matcher of one reason."""
    return f', reason="{reason}"'


def of_intent(intent: str) -> str:
    """Matcher of one intent."""
    return f', intent="{intent}"'


def of_outcome(outcomes: str) -> str:
    """Matcher of some outcomes."""
    return f', outcome=~"{outcomes}"'
