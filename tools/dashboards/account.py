"""The dashboard *Account*: how near is this one account to its limits, and what does it hold?

The verdict first, how old the data is before all; then its money, its positions, its limits, and how all that came to
be.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders import table
from tools.dashboards import risk
from tools.dashboards.account_history import history
from tools.dashboards.account_verdict import first_rows
from tools.dashboards.board import Board, link_to
from tools.dashboards.palette import AGAINST_LIMIT, DANGER, FINE, NEAR, Word
from tools.dashboards.query import ACCOUNT, PRICE, USD, Column, X, worst
from tools.dashboards.tables import matrix, rows

STOPPED = (
    Word(value=-1, text="NOT KNOWN", color=DANGER),
    Word(value=0, text="UNPROTECTED", color=DANGER),
    Word(value=1, text="PARTLY", color=NEAR),
    Word(value=2, text="covered", color=FINE),
)


def account() -> Board:
    """Build it."""
    return Board(
        slug="account",
        title="Account",
        question="How near is this account to its limits, and what does it hold?",
        sections=[
            ("Is $account in danger? (all times in UTC)", first_rows()),
            ("What does it hold?", [_positions()]),
            ("How near are its limits, and how did it come to that?", [_limits(), *history()]),
        ],
    )


def _position_columns() -> list[Column]:
    def each(name: str, how: str = "max") -> str:
        return worst(f"binance_position_{name}{ACCOUNT}", "symbol, side", how)

    covered, held = each("stop_coverage_ratio"), each("entry_price_usd")
    return [
        Column(
            title="Stops",
            expr=f"({covered} >= bool 1) + ({covered} > bool 0) or 0 * {held} - 1",
            words=STOPPED,
            width=124,
        ),
        Column(title="Notional", expr=each("notional_usd"), unit=USD, decimals=2, width=108),
        Column(title="Leverage", expr=each("leverage_ratio"), unit=X, decimals=2, width=76),
        Column(title="Result", expr=each("unrealized_pnl_usd"), unit=USD, decimals=2, width=92),
        Column(title="Entry", expr=each("entry_price_usd"), unit=PRICE, decimals=4, width=94),
        Column(title="Mark", expr=each("mark_price_usd"), unit=PRICE, decimals=4, width=94),
        Column(
            title="Stop", expr=each("stop_price_usd"), unit=PRICE, decimals=4, empty="none known", width=88, always=held
        ),
        Column(
            title="To stop",
            expr=each("stop_distance_ratio"),
            unit="percentunit",
            decimals=2,
            empty="-",
            width=66,
            always=held,
        ),
        Column(title="Covered", expr=covered, unit="percentunit", decimals=0, width=70, always=held),
        Column(
            title="Loss at stop",
            expr=each("loss_at_stop_usd"),
            unit=USD,
            decimals=2,
            empty="not bounded",
            width=98,
            always=held,
        ),
        Column(
            title="To liquidation",
            expr=each("liquidation_distance_ratio", "min"),
            unit="percentunit",
            decimals=1,
            empty="none near",
            width=100,
            always=held,
        ),
        Column(title="Entries", expr=each("entries"), decimals=0, width=76, always=held),
    ]


def _positions() -> table.Panel:
    return matrix(
        "Positions, unprotected ones first",
        "One row a position; a closed one disappears at once. Normal: covered. UNPROTECTED: no stop works for it,"
        " whatever take-profit there is; PARTLY: the stop is smaller than the position; NOT KNOWN: an order list"
        " cannot be read. To stop is the way from mark price to trigger: positive means that price has not passed it,"
        " so a loss so far is no stop that failed; below zero it is passed (docs/runbook.md#stopoverrun). Loss at"
        " stop is from entry. Entries counts the orders that made the position larger. Else:"
        " docs/runbook.md#positionunprotected, docs/runbook.md#liquidationnear.",
        _position_columns(),
        labels={"symbol": "Symbol", "side": "Side"},
        sort="Stops",
        descending=False,
        links={"symbol": link_to("stops", account="$account")},
        widths={"symbol": 92, "side": 50},
        no_value="no open position, or not known (see Verdict)",
        height=6,
    )


def _limits() -> table.Panel:
    return rows(
        "Limits, nearest first",
        "How much of each limit that is set is used; at 100 % it is reached. Of available margin it is what is bound"
        " against what may be bound; of liquidation the wanted distance against the distance. Normal: all within;"
        " near and CLOSE are drawdown at its `near` levels."
        " What to do: docs/runbook.md#drawdown, docs/runbook.md#leverage, docs/runbook.md#margin.",
        [
            Column(title="Now", expr=f"max by (limit) ({risk.against_limits(ACCOUNT)})", words=AGAINST_LIMIT, width=80),
            Column(
                title="Used",
                expr=f"max by (limit) ({risk.shares(ACCOUNT)})",
                unit="percentunit",
                decimals=1,
                bar=1,
                width=150,
            ),
        ],
        labels={"limit": "Limit"},
        sort="Used",
        no_value="no limit is set, or not known (see Verdict)",
        width=9,
        height=10,
    )
