"""Control of accounts: money, fills, orders, settings and keys, as if somebody else used the account."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator import events, outside, settings
from plimsoll_simulator.account import PERMISSIONS, Account, AlgoOrder, Order
from plimsoll_simulator.acts import transfers
from plimsoll_simulator.control.fields import FieldError, Fields
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.world import World

_SIDES = ("BUY", "SELL")
_PLAIN_TYPES = ("LIMIT", *outside.ALGO_TYPES)


def transfer(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/transfer``: ``account``, ``asset``, signed ``amount``; ``kind``, ``event``, ``rejected``.

    ``rejected`` takes the amount out and gives it back.
    """
    account = fields.account()
    asset = fields.text("asset", "USDT", among=tuple(exchange.world.market.assets))
    amount, event = fields.decimal("amount"), fields.flag("event", default=True)
    kind, rejected = (
        fields.text("kind", "TRANSFER", among=tuple(transfers.REASONS)),
        fields.flag("rejected", default=False),
    )
    fields.finish()
    if not amount:
        raise FieldError("amount", "must not be 0")
    if rejected:
        transfers.reject_withdrawal(exchange.world, account, asset, abs(amount), event=event)
    else:
        transfers.move(exchange.world, account, asset, amount, kind=kind, event=event)
    return {"wallet": str(account.wallets[asset])}


def trade(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/trade``: ``account``, ``symbol``, ``side``, ``quantity``; ``position_side``, ``price``, ``event``.

    ``fee_asset`` names the asset that pays the fee, instead of the symbol's quote.
    """
    account, symbol, side = fields.account(), fields.symbol(), fields.text("side", among=_SIDES)
    quantity, position_side = fields.decimal("quantity", positive=True), _position_side(fields, account)
    price, event = fields.optional_decimal("price", positive=True), fields.flag("event", default=True)
    fee_asset = fields.text("fee_asset", among=tuple(exchange.world.market.assets)) if fields.has("fee_asset") else None
    fields.finish()
    _check_leg(account, symbol, side, quantity, position_side)
    done = outside.trade(
        exchange.world,
        account,
        symbol,
        side,
        quantity,
        position_side=position_side,
        price=price,
        fee_asset=fee_asset,
        event=event,
    )
    return {"orderId": done.order_id, "tradeId": done.trade_id, "price": str(done.price)}


def _position_side(fields: Fields, account: Account) -> str:
    return fields.text("position_side", account.sides[0] if not account.hedge else None, among=account.sides)


def _check_leg(account: Account, symbol: str, side: str, quantity: Decimal, position_side: str) -> None:
    """A leg of a hedge cannot be closed beyond flat."""
    closing = (position_side, side) in {("LONG", "SELL"), ("SHORT", "BUY")}
    if closing and quantity > abs(account.position(symbol, position_side).amount):
        raise FieldError("quantity", f"more than the {position_side} position holds")


def place(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/order``: a resting order; conditional types go to the algo service unless ``plain`` is true.

    With ``unknown_type`` the type may be any text, as one that the exchange invents tomorrow.
    """
    account, event = fields.account(), fields.flag("event", default=True)
    invented = fields.flag("unknown_type", default=False)
    kind = fields.text("type", "LIMIT", among=() if invented else _PLAIN_TYPES)
    if kind == "LIMIT" or fields.flag("plain", default=False):
        order = _plain_order(fields, account, kind)
        fields.finish()
        return {"orderId": outside.rest_order(exchange.world, account, order, event=event).order_id}
    algo = _algo_order(fields, account, kind)
    fields.finish()
    return {"algoId": outside.rest_algo_order(exchange.world, account, algo, event=event).algo_id}


def _plain_order(fields: Fields, account: Account, kind: str) -> Order:
    fields.has("plain")
    return Order(
        order_id=0,
        client_id=fields.text("client_id", ""),
        symbol=fields.symbol(),
        side=fields.text("side", among=_SIDES),
        type=kind,
        quantity=_quantity(fields),
        position_side=_position_side(fields, account),
        price=fields.decimal("price", positive=True) if kind == "LIMIT" else fields.decimal("price", "0"),
        stop_price=fields.decimal("trigger_price", positive=True) if kind != "LIMIT" else ZERO,
        reduce_only=fields.flag("reduce_only", default=False),
        close_position=fields.flag("close_position", default=False),
        working_type=fields.text("working_type", "CONTRACT_PRICE", among=("CONTRACT_PRICE", "MARK_PRICE")),
    )


def _algo_order(fields: Fields, account: Account, kind: str) -> AlgoOrder:
    trailing = kind == "TRAILING_STOP_MARKET"
    return AlgoOrder(
        algo_id=0,
        client_id=fields.text("client_id", ""),
        symbol=fields.symbol(),
        side=fields.text("side", among=_SIDES),
        type=kind,
        quantity=_quantity(fields),
        position_side=_position_side(fields, account),
        trigger_price=ZERO if trailing else fields.decimal("trigger_price", positive=True),
        price=fields.decimal("price", "0"),
        activate_price=fields.optional_decimal("activate_price", positive=True),
        callback_rate=fields.decimal("callback_rate", positive=True) if trailing else None,
        activated=fields.flag("activated", default=False),
        reduce_only=fields.flag("reduce_only", default=False),
        close_position=fields.flag("close_position", default=False),
        working_type=fields.text("working_type", "CONTRACT_PRICE", among=("CONTRACT_PRICE", "MARK_PRICE")),
    )


def _quantity(fields: Fields) -> Decimal:
    """The quantity; an order that closes the whole position has none."""
    if fields.has("close_position") and fields.flag("close_position"):
        return ZERO
    return fields.decimal("quantity", positive=True)


def cancel(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/cancel``: ``account`` and ``order_id`` or ``algo_id``, optional ``event``."""
    account, event = fields.account(), fields.flag("event", default=True)
    name = "algo_id" if fields.has("algo_id") else "order_id"
    number = fields.whole(name)
    fields.finish()
    order = (account.algo_orders if name == "algo_id" else account.orders).get(number)
    if order is None or not order.working:
        raise FieldError(name, f"{account.name} has no working order {number}")
    outside.cancel(exchange.world, account, order, event=event)
    return {}


def configure(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/config``: ``account``; ``leverage``, ``margin_type`` (of ``symbol``), ``multi_assets``, ``hedge``."""
    account, world = fields.account(), exchange.world
    wanted = _Settings(
        symbol=fields.symbol() if fields.has("symbol") else None,
        leverage=fields.whole("leverage") if fields.has("leverage") else None,
        margin_type=fields.text("margin_type", among=("CROSSED", "ISOLATED")) if fields.has("margin_type") else None,
        multi_assets=fields.flag("multi_assets") if fields.has("multi_assets") else None,
        hedge=fields.flag("hedge") if fields.has("hedge") else None,
    )
    fields.finish()
    if wanted.symbol is None and (wanted.leverage is not None or wanted.margin_type is not None):
        raise FieldError("symbol", "missing: leverage and margin_type belong to a symbol")
    try:
        # Rehearsed with a copy: a call that is refused half way would have changed the other half.
        _change(world, deepcopy(account), wanted)
    except settings.NotAllowed as problem:
        raise FieldError(problem.setting, str(problem)) from problem
    _change(world, account, wanted)
    if wanted.symbol is not None and wanted.leverage is not None:
        world.emit(account, events.leverage_update(world, wanted.symbol, wanted.leverage))
    if wanted.multi_assets is not None:
        world.emit(account, events.asset_mode_update(world, multi_assets=wanted.multi_assets))
    return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Settings:
    """What an account's settings shall be; ``None`` leaves one as it is."""

    symbol: str | None
    leverage: int | None
    margin_type: str | None
    multi_assets: bool | None
    hedge: bool | None


def _change(world: World, account: Account, wanted: _Settings) -> None:
    if wanted.symbol is not None and wanted.leverage is not None:
        settings.change_leverage(world.market, account, wanted.symbol, wanted.leverage)
    if wanted.symbol is not None and wanted.margin_type is not None:
        settings.set_margin_type(account, wanted.symbol, wanted.margin_type)
    if wanted.multi_assets is not None:
        settings.change_multi_assets(account, on=wanted.multi_assets)
    if wanted.hedge is not None:
        settings.set_hedge(account, on=wanted.hedge)


def set_key(_exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/key``: ``account``, optional ``which`` (read or trade), ``revoked`` and ``permissions``.

    Permissions are named as apiRestrictions names them.
    """
    account = fields.account()
    trading = fields.text("which", "read", among=("read", "trade")) == "trade"
    revoked = fields.flag("revoked", account.trade_key_revoked if trading else account.key_revoked)
    permissions = fields.raw("permissions", {})
    fields.finish()
    if not isinstance(permissions, dict):
        raise FieldError("permissions", "must be an object of permission names and true or false")
    for name, value in permissions.items():
        if name not in PERMISSIONS or not isinstance(value, bool):
            raise FieldError(f"permissions.{name}", f"must be true or false, and one of {', '.join(PERMISSIONS)}")
    if trading:
        account.trade_key_revoked = revoked
        account.trade_permissions.update(permissions)
    else:
        account.key_revoked = revoked
        account.permissions.update(permissions)
    return {}
