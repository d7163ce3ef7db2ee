"""``Finder``: finds whatever is in an account that was closed and is to stay so, read as cheaply as that can be seen.

The red button's guard and the lockout's both ask it; what is found they close by a run, which reads for itself.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.errors import Malformed
from plimsoll_enforcer.trading.port import Trader

ALGO_SECONDS = 30.0
"""Between two readings of the conditional orders, weight 40: none of them holds anything before it triggers."""

TIMEOUT = 5.0
"""Real seconds that one look may take."""


class Finder:
    """Looks at one account.

    Args:
        trader: Reads it.
        clock: Time.

    Attributes:
        balance: The margin balance at the last clean look, in USD, or in USDT in single-asset mode.
    """

    def __init__(self, trader: Trader, clock: Clock) -> None:
        self._trader, self._clock = trader, clock
        self._algo_at = float("-inf")
        self.balance: Decimal | None = None

    def forget(self) -> None:
        """Ask for conditional orders again with the next look."""
        self._algo_at = float("-inf")

    async def symbols(self) -> frozenset[str]:
        """Where any position or order is; weight 5, and 40 more where conditional orders are due.

        Positions are found though something else of the account's answer is broken.

        Raises:
            ExchangeError: It could not be read whole, and what could be read shows nothing.
        """
        try:
            wallet = await self._trader.wallet()
        except Malformed:
            reports = await self._trader.sound_positions()
            found = frozenset(report.position.symbol for report in reports) or await self._conditional()
            if not found:
                raise
            return found
        if wallet.symbols:
            return wallet.symbols
        self.balance = wallet.margin_balance
        return await self._conditional()

    async def _conditional(self) -> frozenset[str]:
        """Where conditional orders are; nowhere while it is not yet time to ask."""
        now = self._clock.monotonic()
        if now - self._algo_at < ALGO_SECONDS:
            return frozenset()
        found = frozenset(order.symbol for order in await self._trader.algo_orders())
        self._algo_at = now
        return found
