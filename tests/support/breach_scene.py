"""Breaches for tests of the enforcer: alerts, claims, rules and re-reads, each with sensible figures to be changed.

An account of 10,000 USD reference and a limit of 10 %; whatever is not said is as it should be for a true breach.
"""

from __future__ import annotations

from decimal import Decimal

import builders
from plimsoll.config.model import DrawdownRule
from plimsoll.model.account import Balance, Income, Position, PositionReport, Wallet
from plimsoll.model.market import Mark
from plimsoll_enforcer.decide.claim import Claim, claim_of
from plimsoll_enforcer.decide.reads import Reads
from plimsoll_enforcer.decide.told import Told
from plimsoll_enforcer.desk import Alert

NOW = 1_795_164_000.0
"""Unix time at which everything happens; the manual clock's beginning too."""

UNTIL = NOW - 60
"""Up to when flows are known."""

ANNOTATIONS = {
    "floor_usd": "9000.000000",
    "reference_usd": "10000.000000",
    "equity_usd": "8900.000000",
    "limit_ratio": "0.10000000",
    "flows_until": f"{UNTIL:.3f}",
    "sampled_at": f"{NOW - 1:.3f}",
    "samples": "2",
}


def alert(account: str = "eon", rule: str = "tmad", *, at: float = NOW, status: str = "firing", **told: str) -> Alert:
    """An alert as it comes; annotations that are given as empty are absent, as Prometheus leaves them out."""
    labels = {
        "alertname": "DrawdownLimitBreached",
        "account": account,
        "rule": rule,
        "severity": "critical",
        "lane": "money",
        "enforce": "flatten",
    }
    merged = {**ANNOTATIONS, "sampled_at": f"{at - 1:.3f}", **told}
    given = {name: text for name, text in merged.items() if text}
    return Alert(status=status, labels=labels, annotations=given, arrived_at=at, starts_at=at - 2, fingerprint="f" * 16)


def claim(**told: str) -> Claim:
    """The same, read."""
    return claim_of(alert(**told))


def rule(name: str = "tmad", *, ratio: str | None = "0.10", amount: str | None = None, **more: str) -> DrawdownRule:
    """A drawdown rule that closes."""
    return DrawdownRule(
        name=name,
        reference=more.get("reference", "high-water"),
        ratio=None if ratio is None else Decimal(ratio),
        amount_usd=None if amount is None else Decimal(amount),
        timezone=more.get("timezone", "UTC"),
        on_breach=more.get("on_breach", "flatten"),
    )


def reads(
    wallet: str = "9900",
    *,
    amount: str = "10",
    entry: str = "200",
    mark: str = "100",
    told_equity: str | None = None,
    moved_at: float = UNTIL - 600,
    traded_at: float = UNTIL - 600,
    marked_at: float = NOW,
    incomes: tuple[Income, ...] = (),
) -> Reads:
    """A re-read: one position, USDT only; by default 8,900 USD of equity and nothing moved since the claim."""
    held = () if Decimal(amount) == 0 else (_report(amount, entry, mark, traded_at),)
    profit = sum((report.unrealized_pnl for report in held), Decimal(0))
    equity = Decimal(wallet) + profit if told_equity is None else Decimal(told_equity)
    instruments = {"BTCUSDT": builders.instrument("BTCUSDT")}
    return Reads(
        wallet=Wallet(
            balances=(_balance(wallet, moved_at),),
            margin_balances={"USDT": equity},
            margin_balance=equity,
            initial_margin=Decimal(0),
            maintenance_margin=Decimal(0),
            available=Decimal(0),
            symbols=frozenset(report.position.symbol for report in held),
        ),
        positions=held,
        settings=builders.settings(),
        marks=(Mark(symbol="BTCUSDT", price=Decimal(mark), time_ms=int(marked_at * 1000)),),
        instruments=instruments,
        margin_assets=frozenset({"USDT"}),
        incomes=incomes,
        now_ms=int(NOW * 1000),
    )


def income(amount: str, *, at: float, kind: str = "TRANSFER", asset: str = "USDT") -> Income:
    """A row of the income history."""
    return Income(
        kind=kind,
        asset=asset,
        amount=Decimal(amount),
        symbol="",
        time_ms=int(at * 1000),
        transaction_id=f"{at}-{amount}",
        trade_id="",
    )


def told(
    *,
    equity: str | None = "8900",
    reference: str | None = "10000",
    breached: bool = True,
    unexplained: bool = False,
    until: float | None = UNTIL,
    live: bool = True,
    reference_at: float | None = None,
) -> Told:
    """What the exporter says."""
    return Told(
        live=live,
        reference_at=reference_at,
        equity_usd=None if equity is None else Decimal(equity),
        reference_usd=None if reference is None else Decimal(reference),
        flows_until=until,
        unexplained=unexplained,
        breached=breached,
    )


def _balance(wallet: str, moved_at: float) -> Balance:
    return builders.balance("USDT", wallet, updated_ms=int(moved_at * 1000))


def _report(amount: str, entry: str, mark: str, traded_at: float) -> PositionReport:
    position: Position = builders.position("BTCUSDT", amount, entry, updated_ms=int(traded_at * 1000))
    return PositionReport(
        position=position,
        mark_price=Decimal(mark),
        liquidation_price=None,
        maintenance_margin=Decimal(0),
        position_margin=Decimal(0),
        unrealized_pnl=position.amount * (Decimal(mark) - position.entry_price),
    )
