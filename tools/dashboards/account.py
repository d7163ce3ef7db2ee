"""The dashboard *Account*: how near is this one account to its limits, and what does it hold?

The verdict first, how old the data is before all; then its money, its positions, its limits, and how all that came to
be.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, table
from tools.dashboards import risk
from tools.dashboards.account_history import history
from tools.dashboards.board import Board, link_to
from tools.dashboards.palette import AGAINST_LIMIT, DANGER, FINE, NEAR, UNKNOWN, VERDICTS, Word
from tools.dashboards.panels import figure, matrix, rows
from tools.dashboards.query import ACCOUNT, PRICE, USD, Column, Grade, X, named, worst

STOPPED = (
    Word(value=-1, text="NOT KNOWN", color=DANGER),
    Word(value=0, text="UNPROTECTED", color=DANGER),
    Word(value=1, text="PARTLY", color=NEAR),
    Word(value=2, text="covered", color=FINE),
)
COVERED = (Word(value=0, text="NOTHING", color=DANGER), Word(value=1, text="all", color=FINE))
NONE = (Word(value=0, text="none", color=FINE),)
CLOSES = (
    Word(value=-1, text="SILENT", color=DANGER),
    Word(value=0, text="off: closes nothing", color=UNKNOWN),
    Word(value=1, text="dry run: closes nothing", color=NEAR),
    Word(value=2, text="ARMED", color=FINE),
    Word(value=3, text="LOCKED OUT", color=NEAR),
)
"""What the enforcer would do."""


def account() -> Board:
    """Build it."""
    return Board(
        slug="account",
        title="Account",
        question="How near is this account to its limits, and what does it hold?",
        sections=[
            ("Is $account in danger? (all times in UTC)", [*_verdict(), *_harm(), _enforcer(), *_money()]),
            ("What does it hold?", [_positions()]),
            ("How near are its limits, and how did it come to that?", [_limits(), *history()]),
        ],
    )


def _verdict() -> list[stat.Panel]:
    floor = worst(f"binance_account_drawdown_floor_usd{ACCOUNT}")
    room = f"{worst(f'binance_account_equity_usd{ACCOUNT}')} - {floor}"
    return [
        figure(
            "Data age",
            "Age of the last trusted sample. Normal: a few seconds. TOO OLD: more than the product allows itself"
            " now; everything else here is as old. docs/runbook.md#accountdatastale.",
            f"ceil({risk.age(ACCOUNT)})",
            unit="s",
            decimals=0,
            grades=risk.age_grades(ACCOUNT),
            fine="fresh",
            no_value="never any",
            link=link_to("pipeline", account="$account"),
            width=3,
            height=3,
        ),
        figure(
            "Verdict",
            "The worst that can be said of it now: NOT LIVE (nothing is known), BREACHED (a drawdown rule), OVER"
            " LIMIT (any other), CLOSE and near (drawdown at its `near` levels), STOPS UNKNOWN, UNPROTECTED (for"
            " longer than the grace; before, no stop yet). Normal: fine. What to do is in docs/runbook.md under the"
            " alert that fires.",
            risk.verdict(ACCOUNT),
            words=VERDICTS,
            no_value="no such account",
            width=5,
            height=3,
        ),
        figure(
            "Drawdown used",
            "How much of its drawdown limit is used, of the rule that is nearest to it; at 100 % the rule is"
            " breached. Normal: within. near and CLOSE are the shares under `near` in plimsoll.yml; CLOSE pages."
            " docs/runbook.md#drawdownnearlimit.",
            risk.of_each(risk.drawdown_used(ACCOUNT)),
            unit="percentunit",
            decimals=1,
            legend="{{rule}}",
            grades=risk.drawdown_grades(ACCOUNT),
            by="account, rule",
            no_value="no rule, or not known",
            width=4,
            height=3,
        ),
        figure(
            "Room above the floor",
            "Equity that may be lost before the nearest drawdown limit is hit; below zero it is breached by so much."
            " What is normal depends on your limits. docs/runbook.md#drawdownlimitbreached.",
            room,
            unit=USD,
            decimals=2,
            grades=[Grade(when=f"{room} < 0", word="BELOW THE FLOOR", color=DANGER)],
            fine="left",
            no_value="no rule, or not known",
            width=4,
            height=3,
        ),
    ]


def _harm() -> list[stat.Panel]:
    bare = worst(f"binance_account_unprotected_exposure_usd{ACCOUNT}")
    wanted = risk.wanting_stops(ACCOUNT)
    return [
        figure(
            "Unprotected",
            "Exposure that no stop covers; a take-profit protects nothing. Normal: none. Red where stops are wanted"
            " (`stop_coverage` in plimsoll.yml), grey where nobody asks for any. The positions below say which."
            " docs/runbook.md#positionunprotected; unknown while an order list cannot be read:"
            " docs/runbook.md#stopdataunknown.",
            bare,
            unit=USD,
            decimals=2,
            words=NONE,
            otherwise=UNKNOWN,
            grades=[
                Grade(when=f"{bare} > 0 and on (account) {wanted}", word="STOPS MISSING", color=DANGER),
                Grade(when=wanted, word="stops wanted", color=FINE),
            ],
            fine="no stops asked for",
            link=link_to("stops", account="$account"),
            width=4,
            height=3,
        ),
        figure(
            "Refused, no margin, 1 h",
            "Orders refused with -2019 within an hour, closes apart from entries. Normal: 0 and 0. A refused"
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
    return risk.refused(f'{{account="$account", reason="insufficient_margin", intent{intent}}}')


def _enforcer() -> stat.Panel:
    locked = f"plimsoll_enforcer_lockout_until_timestamp_seconds{ACCOUNT} > time()"
    return figure(
        "Enforcer",
        "Whether anything is closed by itself when a drawdown rule is breached: only where it says ARMED. LOCKED OUT:"
        " it has closed everything, and closes again what is opened. SILENT: no enforcer answers, so close by hand if"
        " you must: docs/runbook.md#enforcerdown. Whether a breach would reach it is on Enforcement.",
        f"3 * group({locked}) or max({risk.mode_or_silent(ACCOUNT)})",
        words=CLOSES,
        no_value="NOT KNOWN",
        link=link_to("enforcement", account="$account"),
        width=5,
        height=3,
    )


def _money() -> list[stat.Panel]:
    def usd(name: str) -> str:
        return worst(f"binance_account_{name}_usd{ACCOUNT}")

    covered = worst(f"binance_account_stop_coverage_ratio{ACCOUNT}")
    figures = {
        "equity": usd("equity"),
        "unrealised": usd("unrealized_pnl"),
    }
    held = {
        "gross exposure": usd("gross_exposure"),
        "available": usd("available_balance"),
    }
    missing = "A figure that is missing is not known now: docs/runbook.md#when-a-series-is-missing."
    return [
        figure(
            "Equity and result",
            f"Equity is wallet and unrealised result together. What is normal depends on your account. {missing}",
            named("figure", figures),
            unit=USD,
            decimals=2,
            legend="{{figure}}",
            width=6,
            height=3,
        ),
        figure(
            "Exposure and what is available",
            "Gross exposure is the value of all positions, whichever way; available is what orders may still use: near"
            f" 0 they are refused (-2019). Normal: what your strategy holds, and much available. {missing}",
            named("figure", held),
            unit=USD,
            decimals=2,
            legend="{{figure}}",
            width=6,
            height=3,
        ),
        figure(
            "Loss at stops",
            "What the covered positions lose, from entry, if every stop fills at its trigger; what no stop covers is"
            " not in it. Normal: what you planned. Nothing is bounded where no stop covers anything, or that is not"
            " known: docs/runbook.md#positionunprotected.",
            f"{usd('loss_at_stops')} and on (account) ({covered} > 0)",
            unit=USD,
            decimals=2,
            no_value="no stop, or not known",
            width=4,
            height=3,
        ),
        figure(
            "Covered",
            "Share of the gross exposure that working stops cover; 100 % where nothing is held. Normal: 100 %."
            " docs/runbook.md#positionunderprotected.",
            covered,
            unit="percentunit",
            decimals=1,
            words=COVERED,
            otherwise=NEAR,
            link=link_to("stops", account="$account"),
            width=3,
            height=3,
        ),
    ]


def _positions() -> table.Panel:
    def each(name: str, how: str = "max") -> str:
        return worst(f"binance_position_{name}{ACCOUNT}", "symbol, side", how)

    covered, held = each("stop_coverage_ratio"), each("entry_price_usd")
    columns = [
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
