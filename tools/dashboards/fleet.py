"""The dashboard *Fleet*: which account is nearest to a limit?

One table answers, worst account first; whatever is not known of an account stays empty in its row. The figures above it
say the same of all accounts together, how old they are first.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, statetimeline, table, timeseries
from tools.dashboards import fields, risk
from tools.dashboards.board import Board, link_to
from tools.dashboards.palette import DANGER, FINE, LIMIT, LIVENESS, MODES_OR_SILENT, NEAR, UNKNOWN, VERDICTS, Word
from tools.dashboards.panels import figure, plot, states
from tools.dashboards.query import USD, Column, Query, X, worst
from tools.dashboards.tables import rows

NONE_KNOWN = Word(value=-1, text="none known", color=UNKNOWN)
"""None of those that are known, and of some account nothing is."""

LOCKED = (Word(value=0, text="no", color=UNKNOWN), Word(value=1, text="LOCKED OUT", color=NEAR))
AT_LIMIT = 'label_replace(vector(1), "account", "limit", "", "")'
"""A line at the limit."""

UNPROTECTED = worst("binance_account_unprotected_exposure_usd")
ORDER = (
    "Account",
    "Verdict",
    "Data age",
    "Drawdown used",
    "Rule",
    "Used",
    "Of limit",
    "Leverage",
    "Allowed",
    "Unprotected",
    "Refused, 1 h",
    "No margin, 1 h",
    "Enforcer",
    "Locked",
)
REJECTIONS = "binance_order_rejections_total"


def fleet() -> Board:
    """Build it."""
    return Board(
        slug="fleet",
        title="Fleet",
        question="Which account is nearest to a limit?",
        one_account=False,
        sections=[
            ("Which account is nearest to a limit? (all times in UTC)", [*_verdict(), *_harm(), _accounts()]),
            ("How did it come to that?", _history()),
        ],
    )


def _none(text: str) -> tuple[Word, ...]:
    return (Word(value=0, text=text, color=FINE),)


def _verdict() -> list[stat.Panel]:
    return [
        figure(
            "Accounts not live",
            "Accounts of which nothing is known now: stream cut, reading failed, prices old, or the exporter is down."
            " Normal: all live. If not, no other figure here speaks of them: docs/runbook.md#accountdatastale and"
            " docs/runbook.md#exporterdown.",
            f"count({risk.not_live()}) or 0 * count({risk.known()})",
            words=_none("all live"),
            otherwise=DANGER,
            no_value="no account known",
            link=link_to("pipeline"),
            height=3,
        ),
        figure(
            "Oldest data",
            "Age of the last trusted sample, of the account where it is oldest. Normal: a few seconds. TOO OLD:"
            " some account's is older than the product allows itself now; NOT LIVE: nothing is known of one, whatever"
            " its age: docs/runbook.md#accountdatastale.",
            f"ceil(max({risk.age()}))",
            unit="s",
            decimals=0,
            grades=risk.age_grades(),
            fine="fresh",
            no_value="never any",
            link=link_to("pipeline"),
            height=3,
        ),
        figure(
            "Drawdown used",
            "How much of its drawdown limit the account has used that is nearest to it; at 100 % the rule is"
            " breached. Normal: within. near and CLOSE are the shares under `near` in plimsoll.yml, 60 % and"
            " 80 % unless changed; CLOSE pages: docs/runbook.md#drawdownnearlimit,"
            " docs/runbook.md#drawdownlimitbreached.",
            f"topk(1, {risk.drawdown_used()})",
            unit="percentunit",
            decimals=0,
            legend="{{account}} ({{rule}})",
            grades=risk.drawdown_grades(),
            by="account, rule",
            no_value="not known, or no rule",
            height=3,
        ),
    ]


def _harm() -> list[stat.Panel]:
    bare = f"sum({UNPROTECTED} and on (account) {risk.wanting_stops()})"
    blind = f"{risk.wanting_stops()} unless on (account) binance_account_unprotected_exposure_usd"
    return [
        figure(
            "Limits reached",
            "How many limits are reached or passed, over all accounts: drawdown, leverage of account and symbol,"
            " margin ratio, available margin, liquidation distance. Normal: none; 'none known' while an account is"
            " not live. The table says whose; what to do is under the alert's name: docs/runbook.md#drawdown,"
            " docs/runbook.md#leverage, docs/runbook.md#margin.",
            f"count({risk.breaches()}) or -1 * group({risk.not_live()}) or 0 * count({risk.shares()})",
            words=(*_none("none"), NONE_KNOWN),
            otherwise=DANGER,
            height=3,
        ),
        figure(
            "Unprotected",
            "Exposure that no stop covers, of the accounts that want stops (`stop_coverage` in plimsoll.yml). A"
            " take-profit protects nothing. Normal: none; 'none known' while somebody's stops cannot be read. Else"
            " place reduce-only stops: docs/runbook.md#positionunprotected.",
            f"{bare} > 0 or -1 * group({blind}) or {bare}",
            unit=USD,
            decimals=2,
            words=(*_none("none"), NONE_KNOWN),
            otherwise=DANGER,
            link=link_to("stops"),
            height=3,
        ),
        figure(
            "Refused, last hour",
            "Orders that the exchange refused within an hour, as far as streams, bots and logs told. Normal: none. A"
            " refused close leaves its position open: docs/runbook.md#closeorderrejected and"
            " docs/runbook.md#insufficientmarginrejection.",
            f"sum({risk.refused()})",
            decimals=0,
            words=_none("none"),
            otherwise=DANGER,
            link=link_to("orders"),
            height=3,
        ),
    ]


def _accounts() -> table.Panel:
    return rows(
        "Accounts, worst first",
        "One row an account. Read it from the left: the verdict, how old the data is, how much of its worst drawdown"
        " rule is used, then of all its limits the one that is used most; 100 % is at it. Normal: fine, and data a"
        " few seconds old. An account that is NOT LIVE stands first and its figures are unknown, not zero. A click on"
        " the account opens its own dashboard; what to do about each verdict is in docs/runbook.md under the alert's"
        " name. Refused counts all orders that the exchange refused within an hour, No margin those for want of margin"
        " (-2019) among them.",
        _columns(),
        labels={"account": "Account", "limit": "Of limit", "rule": "Rule"},
        sort="Verdict",
        then="Used",
        order=ORDER,
        links={"account": link_to("account", account="${__data.fields.Account}")},
        widths={"account": 90, "limit": 160},
        no_value="no account is known: the exporter never answered (docs/runbook.md#exporterdown)",
        height=6,
    )


def _columns() -> list[Column]:
    return [
        Column(title="Verdict", expr=risk.verdict(), words=VERDICTS, width=130),
        Column(title="Data age", expr=f"ceil({risk.age()})", unit="s", decimals=0, empty="never", width=76),
        Column(
            title="Drawdown used",
            expr=risk.of_each(risk.drawdown_used()),
            unit="percentunit",
            decimals=0,
            bar=1,
            empty="-",
            width=120,
        ),
        Column(
            title="Used",
            expr=risk.of_each(risk.shares()),
            unit="percentunit",
            decimals=0,
            empty="-",
            width=64,
        ),
        Column(title="Leverage", expr=worst("binance_account_leverage_ratio"), unit=X, decimals=2, width=80),
        Column(
            title="Allowed",
            expr=worst("binance_account_leverage_limit_ratio"),
            unit=X,
            decimals=0,
            empty="no limit",
            width=72,
        ),
        Column(title="Unprotected", expr=UNPROTECTED, unit=USD, decimals=2, width=110, link=_to("stops")),
        Column(title="Refused, 1 h", expr=risk.refused(), decimals=0, width=92, link=_to("orders")),
        Column(
            title="No margin, 1 h",
            expr=risk.refused('{reason="insufficient_margin"}'),
            decimals=0,
            width=104,
            link=_to("orders"),
        ),
        Column(
            title="Enforcer",
            expr=risk.mode_or_silent(),
            words=MODES_OR_SILENT,
            ground=False,
            width=82,
            link=_to("enforcement"),
        ),
        Column(title="Locked", expr=_locked(), words=LOCKED, ground=False, width=100, link=_to("enforcement")),
    ]


def _history() -> list[timeseries.Panel | statetimeline.Panel]:
    return [
        plot(
            "Drawdown used over time",
            "How much of each drawdown limit is used; at the dashed line the rule is breached and, where the enforcer"
            " is armed, everything is closed. Normal: well below. A line that ends: the account is not live. A sudden"
            " step is an order, a slope is the market. docs/runbook.md#drawdownnearlimit.",
            [Query(expr=f"{risk.drawdown_used()} or {AT_LIMIT}", legend="{{account}} {{rule}}")],
            unit="percentunit",
            decimals=0,
            lowest=0,
            by_order=True,
            width=12,
        ).override_by_regexp("/^limit/", fields.look(Query(expr=AT_LIMIT, color=LIMIT, dashed=True))),
        plot(
            "Exposure without a stop",
            "Exposure that no stop covers, of every account, whether stops are asked of it or not. Normal: zero, or a"
            " short spike between an entry and its stop. docs/runbook.md#positionunprotected.",
            [Query(expr=UNPROTECTED, legend="{{account}}")],
            unit=USD,
            decimals=0,
            lowest=0,
            by_order=True,
            width=12,
        ),
        plot(
            "Refused orders",
            "Refused orders since the ledger began; each step is one or more. Normal: flat. Which orders, and why, is"
            " on Orders. docs/runbook.md#rejections.",
            [Query(expr=f"sum by (account) ({REJECTIONS})", legend="{{account}}", steps=True)],
            decimals=0,
            lowest=0,
            by_order=True,
            width=12,
            height=6,
        ),
        states(
            "Live",
            "When each account was live. Normal: one bar without a break. A gap: nobody told, the exporter was down."
            " docs/runbook.md#accountdatastale.",
            [Query(expr=worst("binance_account_up"), legend="{{account}}")],
            words=LIVENESS,
            width=12,
        ),
    ]


def _locked() -> str:
    until = worst("plimsoll_enforcer_lockout_until_timestamp_seconds")
    return f"({until} > bool time()) or 0 * {worst('plimsoll_enforcer_mode_info')}"


def _to(slug: str) -> str:
    return link_to(slug, account="${__data.fields.Account}")
