"""Whether an order may be placed now: overload, liquidation, the symbol's status, restrictions, position mode."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll_simulator.account import Account
from plimsoll_simulator.trading.refusals import OVERLOADED, refused
from plimsoll_simulator.trading.request import OrderRequest
from plimsoll_simulator.world import World

MAX_OPEN_ORDERS = 200
_SHUT = ("DELIVERED", "CLOSE")
_EVERY_ORDER = (-4088, -4402)
_ONE_SIDE = {-4106: "BUY", -4107: "SELL"}
QUANTITATIVE_RULES = -4400
NO_MARKET_ORDERS = -4139
LEVERAGE_CODES = (-4202, -4203, -4204, -4205, -4206, -4207, -4208, -4209, -4403)
"""Restrictions of the leverage setting; orders do not meet them."""
LEVERAGE_FREE_FOR_ALL = 20
"""The largest setting that no restriction forbids."""
RESTRICTIONS = (-4087, -4088, -4105, -4106, -4107, -4189, -4192, QUANTITATIVE_RULES, -4401, -4402)
"""Restrictions that opening orders meet."""
ALL_RESTRICTIONS = (*RESTRICTIONS, NO_MARKET_ORDERS, *LEVERAGE_CODES)


def check_standing(world: World, account: Account, request: OrderRequest) -> None:
    """Everything that does not depend on the order's price and size.

    Raises:
        Refused: -1008, -4109, -2023, -4141, -1122, -4140, -4061, one of the restrictions, -2025 or -4116.
    """
    if world.overloaded and not request.only_reduces:
        raise refused(OVERLOADED)
    if not account.wallets:
        raise refused(-4109)  # nothing was ever transferred in
    if account.liquidating:
        raise refused(-2023)
    if request.position_side not in account.sides:
        raise refused(-4061)
    _check_status(world.market.symbols[request.symbol].status, request)
    for code in restrictions(world, account.name, request.symbol):
        _check_restriction(code, request)


def check_room(account: Account, request: OrderRequest) -> None:
    """Room in the list of open orders, for the order and for its client id.

    Raises:
        Refused: -4116 or -2025.
    """
    if any(each.client_id == request.client_id for each in account.open_orders()):
        raise refused(-4116)
    if len(account.open_orders(request.symbol)) >= MAX_OPEN_ORDERS and request.type == "LIMIT":
        raise refused(-2025)


def check_leverage(world: World, account: Account, symbol: str, wanted: int) -> None:
    """Whether a restriction forbids a leverage setting.

    Raises:
        Refused: One of ``LEVERAGE_CODES`` is in force, and the setting is above 20.
    """
    for code in restrictions(world, account.name, symbol):
        if code in LEVERAGE_CODES and wanted > LEVERAGE_FREE_FOR_ALL:
            raise refused(code, LEVERAGE_FREE_FOR_ALL)


def _check_status(status: str, request: OrderRequest) -> None:
    if status in _SHUT:
        raise refused(-4141)
    if status == "PENDING_TRADING":
        raise refused(-1122)
    if status != "TRADING" and not request.only_reduces:
        raise refused(-4140)


def restrictions(world: World, account: str, symbol: str) -> Iterable[int]:
    """The codes in force for an account and symbol, those for everybody and everything included."""
    for key in ((None, None), (None, symbol), (account, None), (account, symbol)):
        if key in world.restrictions:
            yield world.restrictions[key]


def _check_restriction(code: int, request: OrderRequest) -> None:
    if code == NO_MARKET_ORDERS and request.type == "MARKET":
        raise refused(code)
    free = request.only_reduces and code not in _EVERY_ORDER
    if code in RESTRICTIONS and not free and _ONE_SIDE.get(code, request.side) == request.side:
        raise refused(code)
