"""The plots of the dashboard *Account*: each figure over time, with its limits as lines of their own."""

from __future__ import annotations

from grafana_foundation_sdk.builders import timeseries
from tools.dashboards.palette import LIMIT, MAIN, NEAR, REFERENCE
from tools.dashboards.panels import plot
from tools.dashboards.query import ACCOUNT, USD, Query, X, named, worst


def history() -> list[timeseries.Panel]:
    """How its figures came to be where they are, limits beside them."""
    return [_equity(), _drawdown(), _leverage(), _margin(), _income()]


def _equity() -> timeseries.Panel:
    return plot(
        "Equity, reference and floor",
        "Equity, for each drawdown rule what it is measured from (grey) and the equity at which it is breached"
        " (dashed). Normal: well above the floor. The floor rises with a trailing reference and moves with money paid"
        " in or out. docs/runbook.md#drawdownlimitbreached.",
        [
            Query(expr=worst(f"binance_account_equity_usd{ACCOUNT}"), legend="equity", color=MAIN),
            Query(
                expr=worst(f"binance_account_drawdown_floor_usd{ACCOUNT}", "rule"),
                legend="floor {{rule}}",
                color=LIMIT,
                dashed=True,
            ),
            Query(
                expr=worst(f"binance_account_drawdown_reference_usd{ACCOUNT}", "rule"),
                legend="reference {{rule}}",
                color=REFERENCE,
                dashed=True,
            ),
        ],
        unit=USD,
        decimals=2,
        width=15,
        height=10,
    )


def _drawdown() -> timeseries.Panel:
    near = f"binance_account_drawdown_near_ratio{ACCOUNT}"
    return plot(
        "Drawdown and its limit",
        "Share of the reference that is lost, for each rule, with the levels that warn and page and the limit itself."
        " Normal: below all dashed lines. At the limit, two trusted samples long, the rule is breached."
        " docs/runbook.md#drawdownnearlimit.",
        [
            Query(
                expr=worst(f"binance_account_drawdown_ratio{ACCOUNT}", "rule"), legend="{{rule}}", color=MAIN, fill=10
            ),
            Query(expr=worst(near, "rule, level"), legend="{{level}} {{rule}}", color=NEAR, dashed=True),
            Query(
                expr=worst(f"binance_account_drawdown_limit_ratio{ACCOUNT}", "rule"),
                legend="limit {{rule}}",
                color=LIMIT,
                dashed=True,
            ),
        ],
        unit="percentunit",
        decimals=2,
        lowest=0,
        no_value="not known, or no rule",
    )


def _leverage() -> timeseries.Panel:
    def both(kind: str) -> str:
        whole = worst(f"binance_account_leverage_{kind}{ACCOUNT}", "account")
        single = worst(f"binance_symbol_leverage_{kind}{ACCOUNT}", "account, symbol")
        named_after = f'label_replace({single}, "of", "$1", "symbol", "(.+)")'
        return f"max by (of) ({named('of', {'account': whole})} or {named_after})"

    return plot(
        "Leverage and its limits",
        "Exposure divided by equity: of the account and of each symbol. The dashed lines are the limits, if set."
        " Normal: each below its own. A step up is an order; a slope up is a loss."
        " docs/runbook.md#accountleverageabovelimit, docs/runbook.md#symbolleverageabovelimit.",
        [
            Query(expr=both("ratio"), legend="{{of}}"),
            Query(expr=both("limit_ratio"), legend="limit of {{of}}", color=LIMIT, dashed=True),
        ],
        unit=X,
        decimals=2,
        lowest=0,
    )


def _margin() -> timeseries.Panel:
    def both(kind: str) -> str:
        figures = {
            "margin ratio": worst(f"binance_account_margin_{kind}{ACCOUNT}"),
            "available margin": worst(f"binance_account_available_margin_{kind}{ACCOUNT}"),
        }
        return named("of", figures)

    return plot(
        "Margin and its limits",
        "Margin ratio: at 100 % the exchange liquidates; normal is below its dashed line. Available margin: share of"
        " the equity that orders may still use; normal is above its dashed line, for when it ends, orders are refused"
        " (-2019). docs/runbook.md#availablemarginlow, docs/runbook.md#marginratioabovelimit.",
        [
            Query(expr=both("ratio"), legend="{{of}}"),
            Query(expr=both("limit_ratio"), legend="limit of {{of}}", color=LIMIT, dashed=True),
        ],
        unit="percentunit",
        decimals=1,
        lowest=0,
        by_order=True,
    )


def _income() -> timeseries.Panel:
    income = f"sum by (type) (binance_account_income_usd{ACCOUNT})"
    flow = f"sum by (direction) (binance_account_external_flow_usd_total{ACCOUNT})"
    moved = f'label_replace({flow}, "type", "moved $1", "direction", "(.+)")'
    return plot(
        "Where the money came from",
        "Since the ledger began: result of closed positions, fees, funding, each with its sign, and what was paid in"
        " or taken out (moved), which is no profit and moves no drawdown. Normal: flows only where you moved money. A"
        " change that nothing explains: docs/runbook.md#unexplainedbalancechange.",
        [Query(expr=f"{income} or {moved}", legend="{{type}}", steps=True)],
        unit=USD,
        decimals=2,
        by_order=True,
    )
