"""``/fapi/v1/positionMargin``: money moved into and out of an isolated position, and the history of that."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import MarginChange, Position
from plimsoll_simulator.digits import ZERO, plain
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.margin import position_figures
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Json, Row
from plimsoll_simulator.rest.history_reads import page
from plimsoll_simulator.rest.order_params import needed, needed_number, position_side
from plimsoll_simulator.trading.refusals import refused

ADD, REDUCE = 1, 2
_KEPT_MS = 30 * 24 * 3600 * 1000


def change(call: Call) -> Json:
    """``POST``: ``amount`` into (``type`` 1) or out of (2) an isolated position.

    Raises:
        Refused: No isolated position (-4049, -4054, -4061), or not that much there to move (-4055, -4050, -4051).
    """
    symbol, side, kind = call.needed_symbol(), position_side(call), _kind(call)
    amount = needed_number(call, "amount")
    if side not in call.account.sides:
        raise refused(-4061)
    if not call.account.setting(symbol.name).isolated:
        raise refused(-4049)
    position = call.account.position(symbol.name, side)
    if not position.amount:
        raise refused(-4054)
    if amount <= 0:
        raise refused(-4055)
    _check_money(call, position, kind, amount)
    _move(call, position, kind, amount)
    whole = amount == amount.to_integral_value()
    answer = {"code": 200, "msg": "Successfully modify position margin.", "type": kind}
    return {"amount": int(amount) if whole else float(amount), **answer}


def _kind(call: Call) -> int:
    needed(call, "type")
    kind = call.number("type")
    if kind not in {ADD, REDUCE}:
        raise refusal.missing("type")
    return kind


def _check_money(call: Call, position: Position, kind: int, amount: Decimal) -> None:
    """Adding takes from what is available, reducing leaves the initial margin."""
    figures = position_figures(call.account, call.world.market, position.symbol, position.side)
    if kind == ADD:
        if amount > account_figures(call.account, call.world.market).wallets[figures.asset].available:
            raise refused(-4050)
    elif position.isolated_wallet + min(ZERO, figures.unrealised) - amount < figures.position_margin:
        raise refused(-4051)


def _move(call: Call, position: Position, kind: int, amount: Decimal) -> None:
    world, account, asset = call.world, call.account, call.world.market.symbols[position.symbol].quote
    position.isolated_wallet += amount if kind == ADD else -amount
    position.updated = account.wallet_updated[asset] = world.time_ms()
    account.margin_changes.append(
        MarginChange(
            symbol=position.symbol, side=position.side, type=kind, amount=amount, asset=asset, time=world.time_ms()
        )
    )
    told = events.account_update(world, account, "MARGIN_TRANSFER", assets={asset: ZERO}, positions=[position])
    world.emit(account, told)


def history(call: Call) -> Json:
    """``GET /fapi/v1/positionMargin/history``: thirty days; the trade right is needed to read it."""
    symbol, kind = call.needed_symbol(), call.number("type")
    since = call.world.time_ms() - _KEPT_MS
    rows = [row for row in call.account.margin_changes if row.symbol == symbol.name and row.time >= since]
    rows = [row for row in rows if kind in {None, row.type}]
    return [_row(row) for row in page(call, rows, key=lambda row: row.time, most=500, default=500, window=None)]


def _row(row: MarginChange) -> Row:
    return {
        "symbol": row.symbol,
        "type": row.type,
        "deltaType": "USER_ADJUST",
        "amount": plain(row.amount),
        "asset": row.asset,
        "time": row.time,
        "positionSide": row.side,
    }
