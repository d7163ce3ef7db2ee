"""A bot's trading desk for one account: prices, what it holds, market orders, and the orders that were refused."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any

from plimsoll_simulator.actors.refusals import OnRefusal, RefusedOrder, Wish
from plimsoll_simulator.actors.rest import CallFailed, Rest
from plimsoll_simulator.digits import plain

ZERO = Decimal(0)


@dataclass(kw_only=True)
class Desk:
    """Trades for ``account`` in the name of a bot; every refusal is logged, kept, and told to ``on_refusal``."""

    bot: str
    account: str
    rest: Rest
    on_refusal: Iterable[OnRefusal] = ()

    def __post_init__(self) -> None:
        """Start with nothing refused."""
        self.refused: list[RefusedOrder] = []
        self._numbers = count(1)
        self._steps: dict[str, Decimal] = {}
        self._log = logging.getLogger(f"plimsoll.simulator.{self.bot}")

    async def quantity_for(self, symbol: str, usd: Decimal) -> Decimal:
        """How much of a symbol ``usd`` buys at the last price, to the nearest step."""
        quote: Any = await self.rest.keyed("GET", f"/fapi/v1/ticker/price?symbol={symbol}")
        step = await self._step(symbol)
        return (usd / Decimal(quote["price"]) / step).quantize(Decimal(1), ROUND_HALF_UP) * step

    async def _step(self, symbol: str) -> Decimal:
        if symbol not in self._steps:
            info: Any = await self.rest.keyed("GET", "/fapi/v1/exchangeInfo")
            for row in info["symbols"]:
                lot = next(each for each in row["filters"] if each["filterType"] == "LOT_SIZE")
                self._steps[row["symbol"]] = Decimal(lot["stepSize"])
        return self._steps[symbol]

    def give_up(self, failure: CallFailed) -> None:
        """Write down that something could not be read, so that nothing was done."""
        self._log.error("%s: nothing done, code %d: %s", self.account, failure.code, failure.message)

    async def held(self, symbol: str) -> Decimal:
        """The account's position of a symbol, short negative (one-way mode)."""
        rows: Any = await self.rest.signed("GET", "/fapi/v3/positionRisk", symbol=symbol)
        return sum((Decimal(row["positionAmt"]) for row in rows), ZERO)

    async def send(self, wish: Wish) -> bool:
        """Send a plain market order; tells whether the exchange took it. It is never sent twice."""
        client_id = f"{self.bot}-{next(self._numbers)}"
        try:
            await self.rest.signed(
                "POST",
                "/fapi/v1/order",
                symbol=wish.symbol,
                side=wish.side,
                type="MARKET",
                quantity=plain(wish.quantity),
                newClientOrderId=client_id,
            )
        except CallFailed as failure:
            self._note(wish, client_id, failure)
            return False
        self._log.info("%s: %s %s %s (%s) sent", self.account, wish.side, wish.quantity, wish.symbol, wish.intent)
        return True

    def _note(self, wish: Wish, client_id: str, failure: CallFailed) -> None:
        words = (self.account, wish.side, wish.quantity, wish.symbol, wish.intent, failure.code, failure.message)
        if failure.code == 0:
            self._log.error("%s: %s %s %s (%s): outcome unknown, code %d: %s", *words)
            return
        self._log.warning("%s: %s %s %s (%s) refused, code %d: %s", *words)
        order = RefusedOrder(
            account=self.account,
            wish=wish,
            client_id=client_id,
            code=failure.code,
            message=failure.message,
            time_ms=self.rest.time_ms(),
        )
        self.refused.append(order)
        for told in self.on_refusal:
            told(order)
