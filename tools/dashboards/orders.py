"""The dashboard *Orders*: what was executed, what was refused, and why?

Counts are those of the time range that is chosen: the counter at its end less the lowest within it, which is exact and
sees the first one, too. They begin with the records and outlive restarts, so they need no account that is live.
"""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.board import Board, link_to
from tools.dashboards.freshness import liveness, none_only_live
from tools.dashboards.palette import DANGER, FINE, MAIN, NEAR, REFERENCE, SECOND, Word
from tools.dashboards.panels import figure, matrix, plot, rows, said
from tools.dashboards.query import ACCOUNT, Column, Query

NOTICE = (
    "**An order that the exchange refuses at placement is invisible to everybody but its sender.** Refusals shown here"
    " were reported by a bot, found in its log, or seen when a conditional order was triggered. *None told* is a good"
    " sign only if your bots report: see `docs/integrate.md`. Counts are of the time range above; times are UTC."
)

NONE = (Word(value=0, text="none", color=FINE),)
NONE_TOLD = (Word(value=0, text="none told", color=FINE),)
"""What is red as soon as there is one; of refusals nobody can say that there was none."""

MEANINGS = (
    Word(value=-1, text="none told", color=FINE),
    Word(value=0, text="order refused", color=NEAR),
    Word(value=1, text="CLOSE REFUSED", color=DANGER),
    Word(value=2, text="MARGIN: ENTRY REFUSED", color=DANGER),
    Word(value=3, text="MARGIN: CLOSE REFUSED", color=DANGER),
)
"""What a refusal means, by its reason and intent; the larger the worse."""

REFUSED = "binance_order_rejections_total"
LAST = "binance_order_last_rejection_timestamp_seconds"
ENDED = "binance_orders_total"
FORCED = "binance_forced_closes_total"


def orders() -> Board:
    """Build it."""
    return Board(
        slug="orders",
        title="Orders",
        question="What was executed, what was refused, and why?",
        sections=[
            ("", [*_verdict(), said(NOTICE)]),
            ("What was refused", [_refusals(), _by_symbol(), _by_source()]),
            ("Executed and refused, side by side", [_executed(), _refused()]),
            ("Open orders, and what the exchange closed by itself", [_open(), _forced()]),
        ],
    )


def _series(name: str, matchers: str = "") -> str:
    return f'{name}{{account="$account"{matchers}}}'


def _total(name: str, matchers: str = "") -> str:
    """A counter, whoever scraped it."""
    return f"max without (instance, job) ({_series(name, matchers)})"


def _in_range(name: str, matchers: str = "") -> str:
    """How much each series of a counter has grown within the chosen time."""
    series = _series(name, matchers)
    return f"max without (instance, job) ({series} - min_over_time({series}[$__range]))"


def _verdict() -> Sequence[Builder[models.Panel]]:
    return (
        liveness(more=" What bots report comes in all the same."),
        figure(
            "Refused for margin",
            "Orders that the exchange refused for want of margin (-2019 and its kin). Normal is none. A refused entry"
            " is a trade that is missing, a refused close a position that stays open. Stop what sends them, then close"
            " with reduce-only orders; runbook: InsufficientMarginRejection.",
            f"sum({_in_range(REFUSED, _reason('insufficient_margin'))})",
            words=NONE_TOLD,
            bound=1,
            decimals=0,
            width=5,
        ),
        figure(
            "Closes refused",
            "Orders that should have closed something and were refused, whatever the reason. Normal is none: the"
            " position is open although its owner may think it is not. Close by hand with reduce-only; runbook:"
            " CloseOrderRejected.",
            f"sum({_in_range(REFUSED, _intent('close'))})",
            words=NONE_TOLD,
            bound=1,
            decimals=0,
            link=link_to("stops", account="$account"),
            width=4,
        ),
        figure(
            "Last refusal",
            "When the product last learned of a refused order, of any reason, in this time range or before. Below is"
            " which.",
            f"1000 * max({LAST}{ACCOUNT}) or 0 * group({REFUSED}{ACCOUNT})",
            unit="dateTimeFromNow",
            words=(Word(value=0, text="none told", color=FINE),),
            ground=False,
        ),
        figure(
            "Executed and refused",
            "Orders that were filled, and orders that were refused at placement or at their trigger. An order history"
            " shows both in one list: this tells them apart.",
            f"sum by (outcome) ({_in_range(ENDED, _outcome('filled|rejected'))})",
            decimals=0,
            legend="{{outcome}}",
        ),
        figure(
            "Forced closes",
            "Liquidations, auto-deleveragings and settlements. Normal is none. The exchange closed something by itself:"
            " look at the margin on Account; runbook: ForcedClose.",
            none_only_live(f"sum({_in_range(FORCED)})"),
            words=NONE,
            bound=1,
            decimals=0,
            link=link_to("account", account="$account"),
        ),
    )


def _reason(reason: str) -> str:
    return f', reason="{reason}"'


def _intent(intent: str) -> str:
    return f', intent="{intent}"'


def _outcome(outcomes: str) -> str:
    return f', outcome=~"{outcomes}"'


def _refusals() -> Builder[models.Panel]:
    by = "reason, intent"
    margin = _reason("insufficient_margin")
    total = f"sum by ({by}) ({_total(REFUSED)}) > 0"
    none = f"group({_series(REFUSED)}) unless on () {total}"
    meaning = " or ".join(
        (
            f"3 * group by ({by}) ({_series(REFUSED, margin + _intent('close'))} > 0)",
            f"2 * group by ({by}) ({_series(REFUSED, margin)} > 0)",
            f"1 * group by ({by}) ({_series(REFUSED, _intent('close'))} > 0)",
            f"0 * group by ({by}) ({total})",
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
            Column(title="In this time range", expr=f"sum by ({by}) ({_in_range(REFUSED)}) > 0", decimals=0, empty="-"),
            Column(title="Since the records began", expr=total, decimals=0),
            Column(
                title="Last",
                expr=f"1000 * max by ({by}) ({_series(LAST)})",
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
    series = _total("binance_order_rejections_by_symbol_total")
    return rows(
        "By symbol",
        "Where orders were refused, since the records began; what the sender told no symbol of is not here.",
        (Column(title="Refused", expr=f"sum by (symbol, reason, intent) ({series}) > 0", decimals=0),),
        labels={"symbol": "Symbol", "reason": "Reason", "intent": "Intent"},
        sort="Refused",
        links={"symbol": link_to("account", account="$account")},
        no_value="none with a symbol",
        width=14,
        height=7,
    )


def _by_source() -> Builder[models.Panel]:
    return figure(
        "Who told of it first",
        "Refused orders since the records began by how they became known. report: the bot's own word. log: found in its"
        " log. stream and history: the exchange, at a trigger. All 0 with bots that trade: they do not report; see"
        " docs/integrate.md.",
        f"sum by (source) ({_total('binance_order_rejections_by_source_total')})",
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
        Query(expr=f"sum({_total(ENDED, _outcome(outcome) + _intent(intent))})", legend=legend, color=color, steps=True)
        for intent, legend, color in looks
    ]


def _open() -> Builder[models.Panel]:
    return figure(
        "Open orders",
        "Orders that work now, plain and conditional, by what they are for. Entries that pile up can fill all at once."
        " Fewer stops than positions: see Stops.",
        f"max by (purpose) ({_series('binance_open_orders')})",
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
            Column(title="Orders", expr=f"max by (kind) ({_series(FORCED)})", decimals=0),
            Column(
                title="Last",
                expr=f"1000 * max by (kind) ({_series('binance_last_forced_close_timestamp_seconds')})",
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
