"""The dashboard *Orders*: what was executed, what was refused, and why?"""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.board import Board, link_to
from tools.dashboards.order_counts import (
    ENDED,
    FORCED,
    LAST,
    REFUSED,
    in_range,
    of_intent,
    of_outcome,
    of_reason,
    series,
    total,
)
from tools.dashboards.order_verdict import verdict
from tools.dashboards.palette import DANGER, FINE, MAIN, NEAR, REFERENCE, SECOND, Word
from tools.dashboards.panels import figure, plot, said
from tools.dashboards.query import Column, Query
from tools.dashboards.tables import matrix, rows

NOTICE = (
    "**An order that the exchange refuses at placement is invisible to everybody but its sender.** Refusals shown here"
    " were reported by a bot, found in its log, or seen when a conditional order was triggered. *None told* is a good"
    " sign only if your bots report: see `docs/integrate.md`. Counts are of the time range above; times are UTC."
)

MEANINGS = (
    Word(value=-1, text="none told", color=FINE),
    Word(value=0, text="order refused", color=NEAR),
    Word(value=1, text="CLOSE REFUSED", color=DANGER),
    Word(value=2, text="MARGIN: ENTRY REFUSED", color=DANGER),
    Word(value=3, text="MARGIN: CLOSE REFUSED", color=DANGER),
)
"""What a refusal means, by its reason and intent; the larger the worse."""


def orders() -> Board:
    """Build it."""
    return Board(
        slug="orders",
        title="Orders",
        question="What was executed, what was refused, and why?",
        sections=[
            ("", [*verdict(), said(NOTICE)]),
            ("What was refused", [_refusals(), _by_symbol(), _by_source()]),
            ("Executed and refused, side by side", [_executed(), _refused()]),
            ("Open orders, and what the exchange closed by itself", [_open(), _forced()]),
        ],
    )


def _refusals() -> Builder[models.Panel]:
    by = "reason, intent"
    margin = of_reason("insufficient_margin")
    counted = f"sum by ({by}) ({total(REFUSED)}) > 0"
    none = f"group({series(REFUSED)}) unless on () {counted}"
    meaning = " or ".join(
        (
            f"3 * group by ({by}) ({series(REFUSED, margin + of_intent('close'))} > 0)",
            f"2 * group by ({by}) ({series(REFUSED, margin)} > 0)",
            f"1 * group by ({by}) ({series(REFUSED, of_intent('close'))} > 0)",
            f"0 * group by ({by}) ({counted})",
            f'label_replace(-1 * ({none}), "reason", "none", "", "")',
        )
    )
    return matrix(
        "By reason and intent",
        "Every kind of refusal since the records began, worst first: those for want of margin, then other orders that"
        " should have closed. reduce_only mostly means that the position is already gone: look. filter and price_band"
        " are wrong sizes or prices, rate_limit a wrong pace, would_trigger a stop that came too late, leverage a wrong"
        " setting. Intent is the sender's word. Runbook, section Rejections.",
        (
            Column(title="What it means", expr=meaning, words=MEANINGS, width=210),
            Column(title="In this time range", expr=f"sum by ({by}) ({in_range(REFUSED)}) > 0", decimals=0, empty="-"),
            Column(title="Since the records began", expr=counted, decimals=0),
            Column(
                title="Last",
                expr=f"1000 * max by ({by}) ({series(LAST)})",
                unit="dateTimeFromNow",
                empty="-",
            ),
        ),
        labels={"reason": "Reason", "intent": "Intent"},
        sort="What it means",
        no_value="not known: no exporter",
        height=7,
    )


def _by_symbol() -> Builder[models.Panel]:
    by_symbol = total("binance_order_rejections_by_symbol_total")
    return rows(
        "By symbol",
        "Where orders were refused, since the records began; what the sender told no symbol of is not here.",
        (Column(title="Refused", expr=f"sum by (symbol, reason, intent) ({by_symbol}) > 0", decimals=0),),
        labels={"symbol": "Symbol", "reason": "Reason", "intent": "Intent"},
        sort="Refused",
        links={"symbol": link_to("account", account="$account")},
        no_value="none with a symbol, or not known: see above",
        width=14,
        height=7,
    )


def _by_source() -> Builder[models.Panel]:
    return figure(
        "Who told of it first",
        "Refused orders since the records began by how they became known. report: the bot's own word. log: found in its"
        " log. stream and history: the exchange, at a trigger. All 0 with bots that trade: they do not report; see"
        " docs/integrate.md.",
        f"sum by (source) ({total('binance_order_rejections_by_source_total')})",
        decimals=0,
        legend="{{source}}",
        width=10,
        height=7,
    )


def _executed() -> Builder[models.Panel]:
    return plot(
        "Executed orders",
        "Filled orders since the records began, by what they were for. Each step is one order. Compare with its"
        " neighbour: entries that are refused while others fill tell that margin is used up.",
        _by_intent("filled"),
        decimals=0,
        lowest=0,
        no_value="not known: no exporter",
    )


def _refused() -> Builder[models.Panel]:
    return plot(
        "Refused orders",
        "Refused orders since the records began, by what they were for. Each step is one order. Normal is flat.",
        _by_intent("rejected"),
        decimals=0,
        lowest=0,
        no_value="not known: no exporter",
    )


def _by_intent(outcome: str) -> Sequence[Query]:
    looks = (("open", "entries", MAIN), ("close", "closes", SECOND), ("unknown", "not told", REFERENCE))
    return [
        Query(
            expr=f"sum({total(ENDED, of_outcome(outcome) + of_intent(intent))})", legend=legend, color=color, steps=True
        )
        for intent, legend, color in looks
    ]


def _open() -> Builder[models.Panel]:
    return figure(
        "Open orders",
        "Orders that work now, plain and conditional, by what they are for. Entries that pile up can fill all at once."
        " Fewer stops than positions: see Stops.",
        f"max by (purpose) ({series('binance_open_orders')})",
        decimals=0,
        legend="{{purpose}}",
        no_value="not known: the account is not live",
        link=link_to("stops", account="$account"),
        width=12,
        height=6,
    )


def _forced() -> Builder[models.Panel]:
    return rows(
        "Closed by the exchange",
        "Orders by which the exchange itself closed something, since the records began. Normal is 0 everywhere."
        " liquidation: margin was used up. adl: the other side could not pay. settlement: the contract ended. Runbook:"
        " ForcedClose.",
        (
            Column(title="Orders", expr=f"max by (kind) ({series(FORCED)})", decimals=0),
            Column(
                title="Last",
                expr=f"1000 * max by (kind) ({series('binance_last_forced_close_timestamp_seconds')})",
                unit="dateTimeFromNow",
                empty="never",
            ),
        ),
        labels={"kind": "Kind"},
        sort="Orders",
        no_value="not known: no exporter",
        width=12,
        height=6,
    )
