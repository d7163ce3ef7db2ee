"""What a test or scenario may do to triggers: hold an order back, let the engine reject it, leave it hanging.

Each fault is for one account and, if a symbol is given, for that symbol alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Whose triggers a fault is about; without a symbol all of the account's."""

    account: str
    symbol: str | None = None

    def covers(self, account: str, symbol: str) -> bool:
        """Whether a trigger is meant."""
        return account == self.account and self.symbol in {None, symbol}


@dataclass(kw_only=True, slots=True)
class Rejection:
    """The next ``times`` triggers of a scope are rejected by the engine with a reason."""

    scope: Scope
    reason: str
    times: int = 1


@dataclass(kw_only=True)
class TriggerFaults:
    """The faults in force: ``held`` orders never trigger, ``stalled`` ones stay TRIGGERING."""

    held: set[Scope] = field(default_factory=set)
    stalled: set[Scope] = field(default_factory=set)
    rejections: list[Rejection] = field(default_factory=list)

    def holds(self, account: str, symbol: str) -> bool:
        """Whether the exchange should trigger the order and does not."""
        return any(scope.covers(account, symbol) for scope in self.held)

    def stalls(self, account: str, symbol: str) -> bool:
        """Whether a triggered order does not get through to the engine."""
        return any(scope.covers(account, symbol) for scope in self.stalled)

    def rejection(self, account: str, symbol: str) -> str | None:
        """Use up a rejection and give its reason."""
        for each in self.rejections:
            if each.times and each.scope.covers(account, symbol):
                each.times -= 1
                return each.reason
        return None

    def release(self, account: str, symbol: str | None) -> None:
        """End the faults of an account, or of one symbol of it."""
        for scopes in (self.held, self.stalled):
            scopes.difference_update({each for each in scopes if _ends(each, account, symbol)})
        self.rejections = [each for each in self.rejections if not _ends(each.scope, account, symbol)]


def _ends(scope: Scope, account: str, symbol: str | None) -> bool:
    return scope.account == account and symbol in {None, scope.symbol}
