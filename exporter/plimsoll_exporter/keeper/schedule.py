"""How often each account is read over REST, so that all of them together stay inside the address's weight budget.

Pure arithmetic. The promise that follows from it, how long a lost event may stay unnoticed, is the metric
``binance_account_allowed_age_seconds``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

BUDGET_SHARE = 0.6
"""Share of the address's limit that normal running may use (``exchange.budget`` enforces it)."""

ROUTINE_SHARE = 0.8
"""Share of the budget that regular readings plan with; the rest is for resyncs, keys and clocks."""

SWEEPS_AT_ONCE = 4
"""Full sweeps that may begin together after a quiet time: enough for most users, little beside the budget."""

SWEEP_SHARE = 0.3
"""Share of the plan that full sweeps may take before they are stretched."""

RECONCILE_SECONDS = 55.0
SLACK_SECONDS = 5.0
"""Time a reconcile may take, repeats included, before the promise is broken."""

HASTY_SECONDS = 10.0
"""Between two readings of an account near a drawdown limit."""

HASTY_USED = Decimal("0.6")
"""Share of a drawdown limit above which an account is near it."""

HASTY_SHARE = 0.5
"""Share of the plan that accounts near a limit may take before the others, where these must wait for it."""

SWEEP_SECONDS = 900.0

SHORTEST_SHARE = 0.25
GOLDEN = 0.618
"""Multiples of the golden ratio spread evenly over 0 to 1, however many there are."""

ACCOUNT_WEIGHT = 10
"""``/fapi/v3/account`` and ``/fapi/v3/positionRisk``."""

SYMBOL_WEIGHT = 2
"""Plain and algo open orders of one symbol."""

SWEEP_WEIGHT = 90
"""Plain and algo open orders of all symbols, account and symbol settings."""


def reconcile_weight(symbols: int) -> int:
    """Weight of one reconcile of an account with that many symbols in use; without any, one is asked all the same."""
    return ACCOUNT_WEIGHT + min(SYMBOL_WEIGHT * max(symbols, 1), SWEEP_WEIGHT - ACCOUNT_WEIGHT)


def capacity(weight_limit: int) -> float:
    """Weight a second that regular readings may use of an address's limit a minute."""
    return weight_limit * BUDGET_SHARE * ROUTINE_SHARE / 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The intervals in force.

    Attributes:
        reconcile: Seconds between two readings of one account.
        hasty: The same of an account near a drawdown limit; never more.
        sweep: Seconds between two full sweeps of its open orders and settings.
    """

    reconcile: float = RECONCILE_SECONDS
    hasty: float = HASTY_SECONDS
    sweep: float = SWEEP_SECONDS

    @property
    def allowed_age(self) -> float:
        """Seconds that a lost event may stay unnoticed."""
        return self.reconcile + SLACK_SECONDS

    @property
    def hasty_age(self) -> float:
        """The same of an account near a drawdown limit."""
        return self.hasty + SLACK_SECONDS


def plan(symbols: Iterable[int], weight_limit: int, *, hasty: Iterable[int] = ()) -> Plan:
    """The shortest intervals that fit.

    Args:
        symbols: How many symbols each account uses, one entry an account that is near no limit.
        weight_limit: The address's request weight a minute.
        hasty: The same for the accounts near a drawdown limit.
    """
    usual, near = list(map(reconcile_weight, symbols)), list(map(reconcile_weight, hasty))
    accounts = len(usual) + len(near)
    sweep = max(SWEEP_SECONDS, accounts * SWEEP_WEIGHT / (capacity(weight_limit) * SWEEP_SHARE))
    left = capacity(weight_limit) - accounts * SWEEP_WEIGHT / sweep
    together = max(RECONCILE_SECONDS, (sum(usual) + sum(near)) / left)
    spare = max(left - sum(usual) / together, left * HASTY_SHARE)
    first = min(max(HASTY_SECONDS, sum(near) / spare), together)
    reconcile = max(RECONCILE_SECONDS, sum(usual) / (left - sum(near) / first)) if usual else together
    return Plan(reconcile=max(reconcile, first), hasty=first, sweep=sweep)


@dataclass(slots=True)
class Schedule:
    """The plan for all accounts of one address; keepers tell their load, and read the plan."""

    weight_limit: int
    plan: Plan = field(default_factory=Plan)
    _load: dict[str, int] = field(default_factory=dict)
    _near: set[str] = field(default_factory=set)
    _next_sweep_at: float = float("-inf")
    _turn: float = 0.0

    def may_sweep(self, now: float) -> bool:
        """Whether a full sweep may begin at a monotonic time: a few at once, then one when its share of weight allows.

        Without that, accounts that start together would sweep together, and their reconciles would wait for a minute.
        """
        if now < self._next_sweep_at:
            return False
        gap = SWEEP_WEIGHT / (capacity(self.weight_limit) * SWEEP_SHARE)
        self._next_sweep_at = max(self._next_sweep_at, now - (SWEEPS_AT_ONCE - 1) * gap) + gap
        return True

    def stagger(self) -> float:
        """Share of the usual interval after which an account that was just read whole is read next: each another.

        Without that, accounts that start together would be read together for ever, twice in some minutes.
        """
        self._turn = (self._turn + GOLDEN) % 1
        return SHORTEST_SHARE + (1 - SHORTEST_SHARE) * self._turn

    def tell(self, account: str, symbols: int) -> None:
        """An account uses that many symbols now."""
        if self._load.get(account) != symbols:
            self._load[account] = symbols
            self._renew()

    def hasten(self, account: str, *, near: bool) -> bool:
        """An account is near a drawdown limit, or is no longer; gives whether that is new."""
        if (account in self._near) is near:
            return False
        (self._near.add if near else self._near.discard)(account)
        self._renew()
        return True

    def due(self, account: str, usual: float, read_at: float) -> float:
        """When an account is read next: ``usual``, or earlier where it is near a limit and was read at ``read_at``."""
        return min(usual, read_at + self.plan.hasty) if account in self._near else usual

    def promise(self, account: str, age: float) -> float:
        """Seconds that a lost event of an account may stay unnoticed, its last reading being ``age`` old.

        The short promise of an account near a limit is made only while it is kept: until the first hasty reading, and
        while REST fails, it is the usual one. An account is stale by the usual one only.
        """
        kept = account in self._near and age <= self.plan.hasty_age
        return self.plan.hasty_age if kept else self.plan.allowed_age

    def _renew(self) -> None:
        near = [count for name, count in self._load.items() if name in self._near]
        usual = [count for name, count in self._load.items() if name not in self._near]
        self.plan = plan(usual, self.weight_limit, hasty=near)

    def set_limit(self, weight_limit: int) -> None:
        """The exchange told its limit."""
        self.weight_limit = weight_limit
        self._renew()

    @property
    def load(self) -> Mapping[str, int]:
        """Symbols in use, by account."""
        return dict(self._load)
