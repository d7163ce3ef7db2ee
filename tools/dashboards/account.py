"""The dashboard *Account*: how near is this one account to its limits, and what does it hold?

The verdict first, how old the data is before all; then its money, its positions, its limits, and how all that came to
be.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, table
from tools.dashboards import risk
from tools.dashboards.account_history import history
from tools.dashboards.board import Board, link_to
from tools.dashboards.palette import DANGER, FINE, NEAR, VERDICTS, WITHIN, Word
from tools.dashboards.panels import figure, matrix, rows
from tools.dashboards.query import ACCOUNT, PRICE, USD, Column, X, named, worst

REJECTIONS = "binance_order_rejections_total"
STOPPED = (
    Word(value=-1, text="NOT KNOWN", color=DANGER),
    Word(value=0, text="UNPROTECTED", color=DANGER),
    Word(value=1, text="PARTLY", color=NEAR),
    Word(value=2, text="covered", color=FINE),
)
COVERED = (Word(value=0, text="NOTHING", color=DANGER), Word(value=1, text="all", color=FINE))
NONE = (Word(value=0, text="none", color=FINE),)


def account() -> Board:
    """Build it."""
    return Board(
        slug="account",
        title="Account",
        question="How near is this account to its limits, and what does it hold?",
        sections=[
            ("Is $account in danger? (all times in UTC)", [*_verdict(), *_harm(), *_money()]),
            ("What does it hold?", [_positions()]),
            ("How near are its limits, and how did it come to that?", [_limits(), *history()]),
        ],
    )


def _verdict() -> list[stat.Panel]:
    return [
        figure(
            "Data age",
            "Age of the last trusted sample. Normal: a few seconds. It turns to danger at the age that the product"
            " allows itself now; everything else here is as old. docs/runbook.md#accountdatastale.",
            f"ceil({risk.age(ACCOUNT)})",
            unit="s",
            decimals=0,
            limit=worst(f"binance_account_allowed_age_seconds{ACCOUNT}"),
            no_value="never any",
            link=link_to("pipeline", account="$account"),
            width=3,
            height=3,
        ),
        figure(
            "Verdict",
            "The worst that can be said of it now: NOT LIVE (nothing is known), BREACHED (a drawdown rule), OVER"
            " LIMIT (any other), CLOSE and near (drawdown at its `near` levels), STOPS UNKNOWN, UNPROTECTED (for"
            " longer than the grace). Normal: fine. What to do is in docs/runbook.md under the alert that fires.",
            risk.verdict(ACCOUNT),
            words=VERDICTS,
            no_value="no such account",
            width=6,
            height=3,
        ),
        figure(
            "Drawdown used",
            "How much of its drawdown limit is used, of the rule that is nearest to it; at 100 % the rule is"
            " breached. Normal: below the shares under `near` in plimsoll.yml; it turns to danger at the one that"
            " pages. docs/runbook.md#drawdownnearlimit.",
            risk.of_each(risk.drawdown_used(ACCOUNT)),
            unit="percentunit",
            decimals=1,
            legend="{{rule}}",
            limit=risk.paging_share(ACCOUNT),
            no_value="none known",
            width=3,
            height=3,
        ),
        figure(
            "Room above the floor",
            "Equity that may be lost before the nearest drawdown limit is hit; below zero it is breached by so much."
            " What is normal depends on your limits. docs/runbook.md#drawdownlimitbreached.",
            f"{worst(f'binance_account_equity_usd{ACCOUNT}')} -"
            f" {worst(f'binance_account_drawdown_floor_usd{ACCOUNT}')}",
            unit=USD,
            decimals=2,
            no_value="none known",
            width=4,
            height=3,
        ),
    ]


def _harm() -> list[stat.Panel]:
    return [
        figure(
            "Unprotected",
            "Exposure that no stop covers; a take-profit protects nothing. Normal: none. The positions below say"
            " which. docs/runbook.md#positionunprotected; unknown while an order list cannot be read:"
            " docs/runbook.md#stopdataunknown.",
            worst(f"binance_account_unprotected_exposure_usd{ACCOUNT}"),
            unit=USD,
            decimals=2,
            words=NONE,
            otherwise=DANGER,
            link=link_to("stops", account="$account"),
            width=4,
            height=3,
        ),
        figure(
            "Refused, no margin",
            "Orders refused with -2019 since the ledger began, closes apart from entries. Normal: 0 and 0. A refused"
            " close leaves its position open: docs/runbook.md#closeorderrejected,"
            " docs/runbook.md#insufficientmarginrejection. Other reasons are on Orders.",
            named("kind", {"closes": _refused('="close"'), "entries": _refused('!="close"')}),
            decimals=0,
            bound=1,
            legend="{{kind}}",
            link=link_to("orders", account="$account"),
            width=4,
            height=3,
        ),
    ]


def _refused(intent: str) -> str:
    matchers = 'account="$account", reason="insufficient_margin", intent'
    return f"sum by (account) ({REJECTIONS}{{{matchers}{intent}}})"


def _money() -> list[stat.Panel]:
    def usd(name: str) -> str:
        return worst(f"binance_account_{name}_usd{ACCOUNT}")

    covered = worst(f"binance_account_stop_coverage_ratio{ACCOUNT}")
    figures = {
        "equity": usd("equity"),
        "unrealised result": usd("unrealized_pnl"),
        "gross exposure": usd("gross_exposure"),
        "available": usd("available_balance"),
        "loss at stops": f"({usd('loss_at_stops')} and on (account) ({covered} > 0))",
    }
    return [
        figure(
            "Money",
            "Equity is wallet and unrealised result together. Loss at stops is what the covered positions lose, from"
            " entry, if every stop fills at its trigger; what no stop covers is not in it, and without any stop it is"
            " missing. A figure that is missing is not known now. Normal: loss at stops is what you planned."
            " docs/runbook.md#when-a-series-is-missing.",
            named("figure", figures),
            unit=USD,
            decimals=2,
            legend="{{figure}}",
            width=20,
            height=3,
        ),
        figure(
            "Covered by stops",
            "Share of the gross exposure that working stops cover; 100 % where nothing is held. Normal: 100 %."
            " docs/runbook.md#positionunderprotected.",
            covered,
            unit="percentunit",
            decimals=1,
            words=COVERED,
            otherwise=NEAR,
            link=link_to("stops", account="$account"),
            width=4,
            height=3,
        ),
    ]


def _positions() -> table.Panel:
    def each(name: str, how: str = "max") -> str:
        return worst(f"binance_position_{name}{ACCOUNT}", "symbol, side", how)

    covered = each("stop_coverage_ratio")
    columns = [
        Column(
            title="Stops",
            expr=f"({covered} >= bool 1) + ({covered} > bool 0) or 0 * {each('entry_price_usd')} - 1",
            words=STOPPED,
            width=130,
        ),
        Column(title="Notional", expr=each("notional_usd"), unit=USD, decimals=2, width=110),
        Column(title="Leverage", expr=each("leverage_ratio"), unit=X, decimals=2, width=76),
        Column(title="Result", expr=each("unrealized_pnl_usd"), unit=USD, decimals=2, width=92),
        Column(title="Entry", expr=each("entry_price_usd"), unit=PRICE, decimals=4, empty="not known"),
        Column(title="Mark", expr=each("mark_price_usd"), unit=PRICE, decimals=4, empty="not known"),
        Column(title="Stop", expr=each("stop_price_usd"), unit=PRICE, decimals=4, empty="none"),
        Column(title="To stop", expr=each("stop_distance_ratio"), unit="percentunit", decimals=2, empty="-"),
        Column(title="Covered", expr=covered, unit="percentunit", decimals=0, empty="not known", width=76),
        Column(title="Loss at stop", expr=each("loss_at_stop_usd"), unit=USD, decimals=2, empty="no stop", width=96),
        Column(
            title="To liquidation",
            expr=each("liquidation_distance_ratio", "min"),
            unit="percentunit",
            decimals=1,
            empty="none near",
            width=100,
        ),
        Column(title="Entries", expr=each("entries"), decimals=0, empty="not known", width=68),
        Column(
            title="Open for",
            expr=f"time() - {each('opened_timestamp_seconds')}",
            unit="s",
            decimals=0,
            empty="not known",
        ),
    ]
    return matrix(
        "Positions, unprotected ones first",
        "One row a position; a closed one disappears at once. Normal: covered. UNPROTECTED: no stop works for it,"
        " whatever take-profit there is; PARTLY: the stop is smaller than the position; NOT KNOWN: an order list"
        " cannot be read. To stop is the way from mark price to trigger: positive means that price has not passed it,"
        " so a loss so far is no stop that failed; below zero it is passed (docs/runbook.md#stopoverrun). Loss at"
        " stop is from entry. Entries counts the orders that made the position larger. Else:"
        " docs/runbook.md#positionunprotected, docs/runbook.md#liquidationnear.",
        columns,
        labels={"symbol": "Symbol", "side": "Side"},
        sort="Stops",
        descending=False,
        links={"symbol": link_to("stops", account="$account")},
        no_value="no open position, or not known (see Verdict)",
        height=6,
    )


def _limits() -> table.Panel:
    shares = risk.shares(ACCOUNT)
    return rows(
        "Limits, nearest first",
        "How much of each limit that is set is used; at 100 % it is reached. Of available margin it is what is bound"
        " against what may be bound; of liquidation the wanted distance against the distance. Normal: all within."
        " What to do: docs/runbook.md#drawdown, docs/runbook.md#leverage, docs/runbook.md#margin.",
        [
            Column(title="Now", expr=f"sum by (limit) ({shares} >= bool 1)", words=WITHIN, width=80),
            Column(title="Used", expr=f"max by (limit) ({shares})", unit="percentunit", decimals=1, bar=1, width=150),
        ],
        labels={"limit": "Limit"},
        sort="Used",
        no_value="no limit is set, or not known (see Verdict)",
        width=9,
        height=10,
    )
