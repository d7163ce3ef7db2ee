"""The first row of *Orders*: what a reader must see within seconds."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat
from tools.dashboards.board import link_to
from tools.dashboards.freshness import liveness, none_only_live
from tools.dashboards.order_counts import ENDED, FORCED, LAST, REFUSED, in_range, of_intent, of_outcome, of_reason
from tools.dashboards.palette import FINE, Word
from tools.dashboards.panels import figure
from tools.dashboards.query import ACCOUNT

NONE = (Word(value=0, text="none", color=FINE),)
NONE_TOLD = (Word(value=0, text="none told", color=FINE),)
"""What is red as soon as there is one; of refusals nobody can say that there was none."""


def verdict() -> list[stat.Panel]:
    """The first row."""
    return [
        liveness(more=" What bots report comes in all the same."),
        _no_margin(),
        _closes(),
        _last(),
        _both(),
        _forced(),
    ]


def _no_margin() -> stat.Panel:
    return figure(
        "Refused, no margin",
        "Orders that the exchange refused for want of margin (-2019 and its kin). Normal is none. A refused entry"
        " is a trade that is missing, a refused close a position that stays open. Stop what sends them, then close"
        " with reduce-only orders; runbook: InsufficientMarginRejection.",
        f"sum({in_range(REFUSED, of_reason('insufficient_margin'))})",
        words=NONE_TOLD,
        bound=1,
        decimals=0,
        width=5,
    )


def _closes() -> stat.Panel:
    return figure(
        "Refused, closes",
        "Orders that should have closed something and were refused, whatever the reason. Normal is none: the"
        " position is open although its owner may think it is not. Close by hand with reduce-only; runbook:"
        " CloseOrderRejected.",
        f"sum({in_range(REFUSED, of_intent('close'))})",
        words=NONE_TOLD,
        bound=1,
        decimals=0,
        link=link_to("stops", account="$account"),
        width=4,
    )


def _last() -> stat.Panel:
    return figure(
        "Last refusal",
        "When the product last learned of a refused order, of any reason, in this time range or before. Below is"
        " which.",
        f"1000 * max({LAST}{ACCOUNT}) or 0 * group({REFUSED}{ACCOUNT})",
        unit="dateTimeFromNow",
        words=(Word(value=0, text="none told", color=FINE),),
        ground=False,
    )


def _both() -> stat.Panel:
    return figure(
        "Executed and refused",
        "Orders that were filled, and orders that were refused at placement or at their trigger. An order history"
        " shows both in one list: this tells them apart.",
        f"sum by (outcome) ({in_range(ENDED, of_outcome('filled|rejected'))})",
        decimals=0,
        legend="{{outcome}}",
    )


def _forced() -> stat.Panel:
    return figure(
        "Forced closes",
        "Liquidations, auto-deleveragings and settlements. Normal is none. The exchange closed something by itself:"
        " look at the margin on Account; runbook: ForcedClose.",
        none_only_live(f"sum({in_range(FORCED)})"),
        words=NONE,
        bound=1,
        decimals=0,
        link=link_to("account", account="$account"),
    )
