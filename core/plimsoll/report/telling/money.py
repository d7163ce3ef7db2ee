"""What the period cost or earned, and whether the parts add up to the change of equity. Pure."""

from __future__ import annotations

from decimal import Decimal

from plimsoll.report.curves import known
from plimsoll.report.say import is_some
from plimsoll.report.tables import MoneyRow
from plimsoll.report.view import View

INCOME = "binance_account_income_usd"
NAMES = {
    "realized_pnl": "realised profit and loss",
    "commission": "fees",
    "funding_fee": "funding",
}


def money(view: View) -> tuple[MoneyRow, ...]:
    """Realised, fees, funding, everything else, flows and what is still open; then the change of equity."""
    if view.start is None or view.end is None:
        why = "Prometheus tells nothing of the account in this period"
        return tuple(MoneyRow(name=name, amount=None, note=why) for name in (*NAMES.values(), "change of equity"))
    rows = [MoneyRow(name=name, amount=_income(view, kind)) for kind, name in NAMES.items()]
    others = [curve.labels.get("type", "") for curve in view.curves.all(INCOME)]
    for kind in others:
        amount = _income(view, kind)
        if kind not in NAMES and amount is not None and is_some(amount):
            rows.append(MoneyRow(name=kind.replace("_", " "), amount=amount))
    rows.append(_open(view))
    rows.append(_flows(view))
    change = view.end.value - view.start.value
    parts = sum((row.amount for row in rows if row.amount is not None), Decimal(0))
    whole = all(row.amount is not None for row in rows)
    if whole and is_some(change - parts):
        rows.append(MoneyRow(name="not explained", amount=change - parts, note="e.g. between two looks of Prometheus"))
    return (*rows, MoneyRow(name="change of equity", amount=change, note="all of the above"))


def _income(view: View, kind: str) -> Decimal | None:
    """By how much the sum of one type of income changed; 0 for a type that never came while others are known."""
    if view.start is None or view.end is None:
        return None
    before, after = (view.curves.at(INCOME, one.time, type=kind) for one in (view.start, view.end))
    if after is None:
        return Decimal(0) if view.curves.all(INCOME) else None
    return after - (before or Decimal(0))


def _open(view: View) -> MoneyRow:
    values = known(view.curves.one("binance_account_unrealized_pnl_usd").points)
    change = values[-1].value - values[0].value if values else None
    return MoneyRow(name="change of what open positions are worth", amount=change)


def _flows(view: View) -> MoneyRow:
    name = "deposits and withdrawals"
    curves = view.curves.all("binance_account_external_flow_usd_total")
    if not curves:
        return MoneyRow(name=name, amount=None, note="their counter is not known")
    came = view.curves.increase("binance_account_external_flow_usd_total", direction="in") or Decimal(0)
    left = view.curves.increase("binance_account_external_flow_usd_total", direction="out") or Decimal(0)
    return MoneyRow(name=name, amount=came - left, note="neither profit nor loss")
