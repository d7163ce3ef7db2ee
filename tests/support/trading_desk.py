"""A desk at the simulated exchange for tests of trading: one account, a clock that stands still, no HTTP."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.account import Account
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.rest.call import Call
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.world import SteppedClock, World


class Desk:
    """An exchange with one account; ``heard`` is every event that the account was sent."""

    def __init__(self, wallet: str = "10000", *, hedge: bool = False, leverage: int = 20) -> None:
        """Open the account; BTCUSDT stands at 92,000."""
        self.clock = SteppedClock()
        self.world = World(clock=self.clock)
        self.account: Account = self.world.add_account("desk", {"USDT": Decimal(wallet)})
        self.account.hedge = hedge
        for symbol in self.world.market.symbols:
            self.account.setting(symbol).leverage = leverage
        self.exchange = Exchange(self.world)
        self.heard: list[dict] = []
        self.world.listeners.append(lambda _name, event: self.heard.append(dict(event)))

    def call(self, method: str, path: str, **params: object):
        """Call an endpoint as the account; parameters are sent as texts."""
        endpoint = self.exchange.endpoints[method, f"/fapi/{path}" if path.startswith("v3/") else f"/fapi/v1/{path}"]
        texts = {name: str(value) for name, value in params.items() if value is not None}
        return endpoint.handler(
            Call(world=self.world, params=texts, caller=self.account, permissions=self.account.trade_permissions)
        )

    def code(self, method: str, path: str, **params: object) -> int:
        """The error code that a call meets; nothing may have changed by it."""
        before = (len(self.heard), len(self.account.orders), dict(self.account.wallets))
        try:
            answer = self.call(method, path, **params)
        except Refused as refused:
            assert (len(self.heard), len(self.account.orders), dict(self.account.wallets)) == before
            return refused.code
        raise AssertionError(f"not refused: {answer}")

    def order(self, side: str, quantity: object, price: object = None, symbol: str = "BTCUSDT", **more: object) -> dict:
        """Place an order: a limit order where a price is given, else a market order whose answer is its result."""
        return self.call("POST", "order", **order_params(side, quantity, price, symbol, **more))

    def refused(
        self, side: str, quantity: object, price: object = None, symbol: str = "BTCUSDT", **more: object
    ) -> int:
        """The code with which an order is refused."""
        return self.code("POST", "order", **order_params(side, quantity, price, symbol, **more))

    def price(self, mark: object, last: object = None, symbol: str = "BTCUSDT") -> None:
        """Move a symbol."""
        self.world.market.set_price(symbol, Decimal(str(mark)), None if last is None else Decimal(str(last)))

    def amount(self, symbol: str = "BTCUSDT", side: str = "BOTH") -> Decimal:
        """What the account holds."""
        return self.account.position(symbol, side).amount

    def available(self) -> Decimal:
        """The available balance."""
        return account_figures(self.account, self.world.market).total.available

    def told(self) -> list[str]:
        """The events heard so far, in short: the kind or, for orders, execution and status."""
        return [_short(event) for event in self.heard]

    def forget(self) -> None:
        """Forget what was heard."""
        self.heard.clear()


def _short(event: dict) -> str:
    return f"{event['o']['x']} {event['o']['X']}" if event["e"] == "ORDER_TRADE_UPDATE" else event["e"]


def order_params(side: str, quantity: object, price: object, symbol: str, **more: object) -> dict[str, object]:
    """The parameters of an order."""
    params = {"symbol": symbol, "side": side, "quantity": quantity}
    if price is None and "priceMatch" not in more:
        return {**params, "type": "MARKET", "newOrderRespType": "RESULT", **more}
    return {**params, "type": "LIMIT", "price": price, "timeInForce": "GTC", **more}
