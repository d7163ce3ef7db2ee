"""The enforcer's way to the exchange for tests: over the fake server, with repeats that do not wait."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import parse_qsl

from fake_rest_server import FakeRest, QuickClock, Recorder
from plimsoll.credentials import simulator_credentials
from plimsoll.exchange.client import Timeouts
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.trading.gateway import TIMEOUTS, Gateway
from plimsoll_enforcer.trading.port import CloseOrder, OrderForm
from plimsoll_enforcer.trading.rest import RestTrader
from rest_checks import hmac_check

ORDER_ANSWER = {
    "clientOrderId": "plim-abcd1234-1",
    "cumQty": "0.050",
    "executedQty": "0.050",
    "orderId": 712349990001,
    "origQty": "0.050",
    "price": "0.00",
    "reduceOnly": True,
    "side": "SELL",
    "positionSide": "BOTH",
    "status": "FILLED",
    "symbol": "BTCUSDT",
    "type": "MARKET",
    "updateTime": 1795164001004,
}
"""As ``newOrderRespType=RESULT`` is answered: neither average price nor quote quantity."""


@dataclass(kw_only=True)
class TraderScene:
    """A fake server, the gateway that talks to it, and the trader of its one account."""

    server: FakeRest
    gateway: Gateway
    trader: RestTrader
    recorder: Recorder
    clock: QuickClock

    def sent(self) -> list[tuple[str, str, dict[str, str]]]:
        """Verb, path and parameters of every request but those for the time, without the signature's own."""
        own = {"timestamp", "signature", "recvWindow"}
        return [
            (
                seen.verb,
                seen.path,
                {name: value for name, value in parse_qsl(seen.body or seen.query) if name not in own},
            )
            for seen in self.server.seen
            if seen.path != "/fapi/v1/time"
        ]


@asynccontextmanager
async def trader_scene(*, timeouts: Timeouts = TIMEOUTS) -> AsyncIterator[TraderScene]:
    """A server that fills every order, and the account ``eon``."""
    clock, recorder = QuickClock(), Recorder()
    credentials = simulator_credentials("eon")
    assert credentials.secret is not None
    async with FakeRest(clock=clock) as server:
        server.keys[credentials.key.reveal()] = hmac_check(credentials.secret.reveal())
        server.answers["/fapi/v1/order"] = ORDER_ANSWER
        gateway = Gateway(server.config(), {"eon": credentials}, clock=clock, observer=recorder, timeouts=timeouts)
        try:
            yield TraderScene(
                server=server, gateway=gateway, trader=gateway.traders["eon"], recorder=recorder, clock=clock
            )
        finally:
            await gateway.close()


def close_order(
    quantity: str = "0.050",
    *,
    symbol: str = "BTCUSDT",
    side: PositionSide = PositionSide.BOTH,
    direction: Direction = Direction.SELL,
    form: OrderForm = OrderForm.MARKET,
    price: str | None = None,
    client_id: str = "plim-abcd1234-1",
) -> CloseOrder:
    """An order that closes a long."""
    return CloseOrder(
        symbol=symbol,
        position_side=side,
        direction=direction,
        quantity=Decimal(quantity),
        client_id=client_id,
        form=form,
        price=None if price is None else Decimal(price),
    )
