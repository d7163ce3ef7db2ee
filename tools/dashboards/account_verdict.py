"""The first rows of *Account*: is it in danger, would anything be closed by itself, and what money is at stake?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat
from tools.dashboards import risk
from tools.dashboards.board import link_to
from tools.dashboards.palette import DANGER, FINE, NEAR, UNKNOWN, VERDICTS, Word
from tools.dashboards.panels import figure
from tools.dashboards.query import ACCOUNT, USD, Grade, named, worst

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


def first_rows() -> list[stat.Panel]:
    """What must be seen within seconds."""
    return [*_verdict(), *_harm(), _enforcer(), *_money(), *_at_stops()]


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
    ]


def _at_stops() -> list[stat.Panel]:
    covered = worst(f"binance_account_stop_coverage_ratio{ACCOUNT}")
    loss = worst(f"binance_account_loss_at_stops_usd{ACCOUNT}")
    return [
        figure(
            "Loss at stops",
            "What the covered positions lose, from entry, if every stop fills at its trigger; what no stop covers is"
            " not in it. Normal: what you planned. Nothing is bounded where no stop covers anything, or that is not"
            " known: docs/runbook.md#positionunprotected.",
            f"{loss} and on (account) ({covered} > 0)",
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
