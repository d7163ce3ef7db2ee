"""The dashboard *Stops*: are the stops there, do they cover, should they have triggered?

A position whose stops are not known has no series about them. So states are made from what is known of the position
itself, and a panel that is empty is never one that says "all is well".
"""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.board import Board, link_to
from tools.dashboards.freshness import liveness
from tools.dashboards.palette import DANGER, FINE, LIMIT, NEAR, SECOND, UNKNOWN, Word
from tools.dashboards.panels import figure, plot, rows
from tools.dashboards.query import ACCOUNT, Column, Query

NO_POSITION = Word(value=-1, text="no position", color=FINE)

STATES = (
    NO_POSITION,
    Word(value=0, text="covered", color=FINE),
    Word(value=1, text="MAY OPEN THE REVERSE", color=NEAR),
    Word(value=2, text="A STOP TOO FAR", color=NEAR),
    Word(value=3, text="PARTLY COVERED", color=NEAR),
    Word(value=4, text="NOT KNOWN", color=UNKNOWN),
    Word(value=5, text="PAST BY MARK PRICE", color=DANGER),
    Word(value=6, text="DID NOT TRIGGER", color=DANGER),
    Word(value=7, text="UNPROTECTED", color=DANGER),
    Word(value=8, text="STOP TOO FAR TO HELP", color=DANGER),
)
"""What is the matter with the stops of a position; the worst has the highest number."""

PASSED = (
    NO_POSITION,
    Word(value=0, text="no", color=FINE),
    Word(value=1, text="BY MARK PRICE ONLY", color=DANGER),
    Word(value=2, text="YES", color=DANGER),
)

MEANING = (
    "UNPROTECTED: no stop at all. STOP TOO FAR TO HELP: the only stops lie beyond the liquidation price."
    " DID NOT TRIGGER: the price that a stop watches is past it. PAST BY MARK PRICE: the mark price is past it, but the"
    " stop watches the last price. NOT KNOWN: an order list cannot be read. PARTLY COVERED: the position is larger than"
    " its stops. A STOP TOO FAR: one of several lies beyond liquidation. MAY OPEN THE REVERSE: not reduce-only."
)


def stops() -> Board:
    """Build it."""
    return Board(
        slug="stops",
        title="Stops",
        question="Are the stops there, do they cover, should they have triggered?",
        sections=[
            ("", _verdict()),
            ("Position by position, worst first", [_positions()]),
            ("How it came to be", [_coverage(), _distance()]),
            ("What stops cost, and how they ended", [_at_stops(), _slippage(), _ended(), _orphans()]),
        ],
    )


def _all(name: str, matchers: str = "") -> str:
    """A series of the account's positions, one for each symbol and side, whoever scraped it."""
    return f'max by (symbol, side) ({name}{{account="$account"{matchers}}})'


def _where(condition: str) -> str:
    return f"group by (symbol, side) ({condition})"


COVERAGE = _all("binance_position_stop_coverage_ratio")
SINCE = _all("binance_position_unprotected_since_timestamp_seconds")
KNOWN = f"group(binance_account_stop_coverage_ratio{ACCOUNT})"
"""1 while the account is live and all its order lists are known, positions or not."""

NOTHING_HELD = f'label_replace({KNOWN} unless on () {COVERAGE}, "symbol", "none", "", "")'
"""1 with the symbol *none* while it is known that nothing is held."""

_LATE = _all("binance_position_stop_beyond_liquidation")
_MAY_OPEN = _all("binance_position_stop_may_open")
_OVERRUN = "binance_position_stop_overrun_since_timestamp_seconds"
_BY_WATCHED = _all(_OVERRUN, ', price="watched"')
_BY_MARK = _all(_OVERRUN, ', price="mark"')
STATE = " or ".join(
    (
        f"8 * {_where(f'{COVERAGE} == 0 and on (symbol, side) {_LATE} == 1')}",
        f"7 * {_where(f'{COVERAGE} == 0')}",
        f"6 * {_where(_BY_WATCHED)}",
        f"5 * {_where(_BY_MARK)}",
        f"3 * {_where(SINCE)}",
        f"2 * {_where(f'{_LATE} == 1')}",
        f"1 * {_where(f'{_MAY_OPEN} == 1')}",
        f"0 * {COVERAGE}",
        f"4 * {_where(_all('binance_position_quantity'))}",
    )
)
"""A number for ``STATES`` per position; the last one is of positions whose stops are not known."""

UNCOVERED = f"(1 - {COVERAGE}) * {_all('binance_position_notional_usd')}"


def _verdict() -> Sequence[Builder[models.Panel]]:
    return (
        liveness(),
        figure(
            "Worst position",
            f"What is the matter with the stops of the worst position. Normal is covered. {MEANING}"
            " Runbook, section Stops.",
            f"max({STATE}) or -1 * {KNOWN}",
            words=STATES,
            no_value="NOT KNOWN: not live",
            width=5,
        ),
        figure(
            "Without enough stop, USD",
            "The part of each position that no stop covers, where that is more than the limit allows. Normal is"
            " nothing. A take-profit protects nothing. Place a reduce-only stop or close the position; runbook,"
            " PositionUnprotected and PositionUnderprotected.",
            f"({UNCOVERED}) and {SINCE} or"
            f' label_replace(0 * ({KNOWN} unless on () {SINCE}), "symbol", "nothing", "", "")',
            unit="locale",
            decimals=2,
            words=(Word(value=0, text="0", color=FINE),),
            bound=0.01,
            legend="{{symbol}} {{side}}",
            no_value="not known",
            width=6,
        ),
        figure(
            "For how long",
            "Since when the position that waits longest is without enough stop. Red after the grace (stop_grace in"
            " plimsoll.yml), when it pages. The time stands still while nobody can know. 0 s: none is.",
            f"time() - min({SINCE}) or 0 * {KNOWN}",
            unit="s",
            decimals=0,
            limit=f"max(binance_account_stop_grace_seconds{ACCOUNT})",
            no_value="not known",
        ),
        figure(
            "Price past a stop that still waits?",
            "YES: the price that the stop watches is past its trigger, so the exchange should have triggered it. BY"
            " MARK PRICE ONLY: the stop watches the last price and liquidation goes by mark price. A loss without this"
            " is no failed stop: see Distance below. If you wanted out, close by hand; runbook, StopOverrun.",
            f"2 * group({_BY_WATCHED}) or 1 * group({_BY_MARK}) or 0 * group({COVERAGE}) or -1 * {KNOWN}",
            words=PASSED,
            no_value="NOT KNOWN: not live",
            width=6,
        ),
    )


def _positions() -> Builder[models.Panel]:
    price = "binance_position_{}_price_usd"
    return rows(
        "Stops of each position",
        f"One row a position. {MEANING} Distance is from mark price to the nearest stop: the smaller, the sooner it"
        " fills; below 0 it is passed. Loss at stop counts from entry: a position that has lost less has not reached"
        " its stop. A dash: no stop with a known trigger.",
        (
            Column(title="Stops", expr=f"{STATE} or -1 * {NOTHING_HELD}", words=STATES, width=190),
            Column(title="Covered", expr=COVERAGE, unit="percentunit", decimals=0),
            Column(title="Uncovered, USD", expr=UNCOVERED, unit="locale", decimals=2),
            Column(title="Too little for", expr=f"time() - {SINCE}", unit="s", decimals=0),
            Column(title="Mark price", expr=_all(price.format("mark")), unit="locale", decimals=4),
            Column(title="Nearest stop", expr=_all(price.format("stop")), unit="locale", decimals=4, empty="-"),
            Column(
                title="Distance",
                expr=_all("binance_position_stop_distance_ratio"),
                unit="percentunit",
                decimals=2,
                empty="-",
            ),
            Column(
                title="Loss at stop, USD",
                expr=_all("binance_position_loss_at_stop_usd"),
                unit="locale",
                decimals=2,
                empty="-",
            ),
        ),
        labels={"symbol": "Symbol", "side": "Side"},
        sort="Stops",
        links={"symbol": link_to("account", account="$account")},
        no_value="not known: the account is not live",
    )


def _coverage() -> Builder[models.Panel]:
    account = f'label_replace(max(binance_account_stop_coverage_ratio{ACCOUNT}), "symbol", "all together", "", "")'
    return plot(
        "Coverage",
        "Share of each position, and of all together, that working stops cover; 1 for an account without position."
        " Normal is at or above the dashed limit. A line that ends: the position is closed; all lines end: not known.",
        (
            Query(expr=f"{COVERAGE} or {account}", legend="{{symbol}} {{side}}", steps=True),
            Query(
                expr=f"max(binance_account_stop_coverage_limit_ratio{ACCOUNT})",
                legend="limit",
                color=LIMIT,
                dashed=True,
            ),
        ),
        unit="percentunit",
        decimals=0,
        lowest=0,
        no_value="not known: the account is not live",
    )


def _distance() -> Builder[models.Panel]:
    return plot(
        "Distance from mark price to the nearest stop",
        "How far the price may still go until the stop fills. At 0 the mark price is at the trigger; below 0 it has"
        " passed it. A stop that fills ends its line. Below 0 for longer than the grace: runbook, StopOverrun."
        " Positions without stop and trailing stops have no line.",
        (
            Query(expr=_all("binance_position_stop_distance_ratio"), legend="{{symbol}} {{side}}"),
            Query(expr=f"0 * {KNOWN}", legend="its stop", color=LIMIT, dashed=True),
        ),
        unit="percentunit",
        decimals=2,
        no_value="not known: the account is not live",
    )


def _at_stops() -> Builder[models.Panel]:
    return plot(
        "Drawdown if every stop fills",
        "What each drawdown rule would show after all stops have filled at their triggers, fees included. Above the"
        " dashed line the plan itself loses more than wanted: move stops nearer or reduce; runbook,"
        " DrawdownAtStopsAboveLimit. No line while a position is not fully covered: then nothing bounds the loss.",
        (
            Query(
                expr=f"max by (rule) (binance_account_drawdown_at_stops_ratio{ACCOUNT})",
                legend="{{rule}}",
                color=SECOND,
            ),
            Query(
                expr=f"max(binance_account_drawdown_at_stops_limit_ratio{ACCOUNT})",
                legend="limit",
                color=LIMIT,
                dashed=True,
            ),
        ),
        unit="percentunit",
        decimals=2,
        lowest=0,
        no_value="none: no drawdown rule, or a position is not fully covered",
        width=8,
    )


def _slippage() -> Builder[models.Panel]:
    histogram = "binance_stop_slippage_ratio"
    mean = f"sum({histogram}_sum{ACCOUNT}) / sum({histogram}_count{ACCOUNT})"
    tail = f"histogram_quantile(0.9, sum by (le) ({histogram}_bucket{ACCOUNT}))"
    return plot(
        "Slippage of filled stops",
        "How much worse than their triggers stops filled, since the records began: the mean, and what nine of ten stay"
        " below (as exact as the buckets). Normal is under 0.1 %; more means gaps or thin books, and that losses at"
        " stops are larger than planned. Smaller positions help.",
        (
            Query(
                expr=f'label_replace({mean} >= 0, "of", "mean", "", "")'
                f' or label_replace({tail} >= 0, "of", "nine of ten below", "", "")',
                legend="{{of}}",
                steps=True,
            ),
        ),
        unit="percentunit",
        decimals=2,
        lowest=0,
        no_value="no stop has filled, as far as is known",
        width=8,
    )


def _ended() -> Builder[models.Panel]:
    return rows(
        "Stops that ended",
        "By how they ended, since the records began, and when that was last heard of. Rejected: triggered, and the"
        " order that it became was refused, so the position is open without it: runbook, ProtectiveOrderRejected."
        " Expired holds those that the exchange ended because their position was closed. Nobody places one again.",
        (
            Column(
                title="Stops", expr=f"max by (outcome) (binance_protective_orders_ended_total{ACCOUNT})", decimals=0
            ),
            Column(
                title="Last",
                expr=f"1000 * max by (outcome) (binance_protective_order_last_end_timestamp_seconds{ACCOUNT})",
                unit="dateTimeFromNow",
                empty="never",
            ),
        ),
        labels={"outcome": "How"},
        sort="Stops",
        no_value="not known",
        width=5,
    )


def _orphans() -> Builder[models.Panel]:
    return figure(
        "Left over",
        "Stops that have no position to close. They do nothing now; on the next position there they may trigger at"
        " once. Normal is none. Cancel them; runbook, OrphanStop.",
        f"max(binance_orphan_stops{ACCOUNT})",
        words=(Word(value=0, text="none", color=FINE),),
        bound=1,
        no_value="not known",
        width=3,
        height=8,
    )
