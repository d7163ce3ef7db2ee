"""How often each account is read over REST, so that all of them together stay inside the address's weight budget.

Pure arithmetic. The promise that follows from it, how long a lost event may stay unnoticed, is the metric
``binance_account_allowed_age_seconds``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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
        sweep: Seconds between two full sweeps of its open orders and settings.
    """

    reconcile: float = RECONCILE_SECONDS
    sweep: float = SWEEP_SECONDS

    @property
    def allowed_age(self) -> float:
        """Seconds that a lost event may stay unnoticed."""
        return self.reconcile + SLACK_SECONDS


def plan(symbols: Iterable[int], weight_limit: int) -> Plan:
    """The shortest intervals that fit.

    Args:
        symbols: How many symbols each account uses, one entry an account.
        weight_limit: The address's request weight a minute.
    """
    costs = [reconcile_weight(count) for count in symbols]
    sweep = max(SWEEP_SECONDS, len(costs) * SWEEP_WEIGHT / (capacity(weight_limit) * SWEEP_SHARE))
    left = capacity(weight_limit) - len(costs) * SWEEP_WEIGHT / sweep
    return Plan(reconcile=max(RECONCILE_SECONDS, sum(costs) / left), sweep=sweep)


@dataclass(slots=True)
class Schedule:
    """The plan for all accounts of one address; keepers tell their load, and read the plan."""

    weight_limit: int
    plan: Plan = field(default_factory=Plan)
    _load: dict[str, int] = field(default_factory=dict)
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
            self.plan = plan(self._load.values(), self.weight_limit)

    def set_limit(self, weight_limit: int) -> None:
        """The exchange told its limit."""
        self.weight_limit = weight_limit
        self.plan = plan(self._load.values(), weight_limit)

    @property
    def load(self) -> Mapping[str, int]:
        """Symbols in use, by account."""
        return dict(self._load)
