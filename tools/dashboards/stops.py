"""The dashboard *Stops*: are the stops there, do they cover, should they have triggered?

What a position's stops are called, and how that is asked for, is in ``stop_states``.
"""

from __future__ import annotations

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.board import Board, link_to
from tools.dashboards.palette import FINE, LIMIT, MAIN, SECOND, Word
from tools.dashboards.panels import figure, plot, states
from tools.dashboards.query import ACCOUNT, PRICE, USD, Column, Query
from tools.dashboards.stop_states import (
    COVERAGE,
    KNOWN,
    MEANING,
    NOTHING_HELD,
    PAST_SINCE,
    SINCE,
    STATE,
    STATES,
    UNCOVERED,
    of_positions,
)
from tools.dashboards.stop_verdict import verdict
from tools.dashboards.tables import matrix, rows

ROWS = f"({STATE} or -1 * {NOTHING_HELD})"
"""All rows of the table."""


def stops() -> Board:
    """Build it."""
    return Board(
        slug="stops",
        title="Stops",
        question="Are the stops there, do they cover, should they have triggered?",
        sections=[
            ("", verdict()),
            ("Position by position, worst first", [_positions()]),
            ("How it came to be", [_timeline(), _coverage(), _distance()]),
            ("What stops cost, and how they ended", [_at_stops(), _slippage(), _ended(), _orphans()]),
        ],
    )


def _positions() -> Builder[models.Panel]:
    price = "binance_position_{}_price_usd"
    return matrix(
        "Stops of each position",
        f"One row a position. {MEANING} Distance is from mark price to the nearest stop: the smaller, the sooner it"
        " fills; below 0 it is passed. Loss at stop counts from entry: a position that has lost less has not reached"
        " its stop. A dash: no stop with a known trigger.",
        (
            Column(title="Stops", expr=ROWS, words=STATES, width=190),
            Column(title="Covered", expr=COVERAGE, unit="percentunit", decimals=0),
            Column(title="Uncovered", expr=UNCOVERED, unit=USD, decimals=2),
            Column(
                title="For", expr=f"time() - ({SINCE} or {PAST_SINCE})", unit="s", decimals=0, empty="-", always=ROWS
            ),
            Column(title="Mark price", expr=of_positions(price.format("mark")), unit=PRICE, decimals=4),
            Column(
                title="Nearest stop",
                expr=of_positions(price.format("stop")),
                unit=PRICE,
                decimals=4,
                empty="-",
                always=ROWS,
            ),
            Column(
                title="Distance",
                expr=of_positions("binance_position_stop_distance_ratio"),
                unit="percentunit",
                decimals=2,
                empty="-",
                always=ROWS,
            ),
            Column(
                title="Loss at stop",
                expr=of_positions("binance_position_loss_at_stop_usd"),
                unit=USD,
                decimals=2,
                empty="-",
                always=ROWS,
            ),
        ),
        labels={"symbol": "Symbol", "side": "Side"},
        sort="Stops",
        widths={"symbol": 110, "side": 70},
        links={"symbol": link_to("account", account="$account")},
        no_value="not known: the account is not live",
    )


def _timeline() -> Builder[models.Panel]:
    return states(
        "Since when",
        f"The same words over time, a bar for each position. Normal is covered from the moment it is opened. {MEANING}"
        " A gap: the account was not live.",
        (Query(expr=STATE, legend="{{symbol}} {{side}}"),),
        words=STATES,
        no_value="no position, or not known: see above",
        width=24,
        height=5,
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
        lowest=-0.05,
        no_value="not known: the account is not live",
    )


def _distance() -> Builder[models.Panel]:
    return plot(
        "Distance from mark price to the nearest stop",
        "How far the price may still go until the stop fills. At 0 the mark price is at the trigger; below 0 it has"
        " passed it. A stop that fills ends its line. Below 0 for longer than the grace; runbook: StopOverrun."
        " Positions without stop and trailing stops have no line.",
        (
            Query(expr=of_positions("binance_position_stop_distance_ratio"), legend="{{symbol}} {{side}}"),
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
        " dashed line the plan itself loses more than wanted: move stops nearer or reduce; runbook:"
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
        last=False,
        no_value="none: no drawdown rule, a position is not fully covered, or not known",
        width=7,
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
            Query(expr=f"{mean} >= 0", legend="mean", color=MAIN, steps=True),
            Query(expr=f"{tail} >= 0", legend="nine of ten below", color=SECOND, steps=True),
        ),
        unit="percentunit",
        decimals=2,
        lowest=0,
        no_value="no stop has filled, as far as is known",
        width=7,
    )


def _ended() -> Builder[models.Panel]:
    return rows(
        "Stops that ended",
        "By how they ended, since the records began, and when that was last heard of. Rejected: triggered, and the"
        " order that it became was refused, so the position is open without it; runbook: ProtectiveOrderRejected."
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
        width=6,
    )


def _orphans() -> Builder[models.Panel]:
    return figure(
        "Left over",
        "Stops that have no position to close. They do nothing now; on the next position there they may trigger at"
        " once. Normal is none. Cancel them; runbook: OrphanStop.",
        f"max(binance_orphan_stops{ACCOUNT})",
        words=(Word(value=0, text="none", color=FINE),),
        bound=1,
        ground=False,
        no_value="not known",
        width=4,
        height=8,
    )
