"""Changes of an account's settings over REST: leverage, margin type, position mode, asset mode."""

from __future__ import annotations

from plimsoll_simulator import settings
from plimsoll_simulator.account import Account
from plimsoll_simulator.digits import ZERO, plain
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.margin import position_figures
from plimsoll_simulator.market import Market, Symbol
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Json
from plimsoll_simulator.rest.order_params import needed, truth_value
from plimsoll_simulator.trading.refusals import refused
from plimsoll_simulator.trading.standing import check_leverage

_DONE = {"code": 200, "msg": "success"}


def set_leverage(call: Call) -> Json:
    """``POST /fapi/v1/leverage``.

    Raises:
        Refused: The symbol does not offer it (-4028), a restriction forbids it (-4202 to -4209, -4403), an isolated
            position forbids less (-4161), the position is too large for it (-2027), or margin is short (-2028).
    """
    symbol = call.needed_symbol()
    needed(call, "leverage")
    wanted = call.number("leverage") or 0
    if not 1 <= wanted <= symbol.brackets[0].leverage:
        raise refused(-4028, wanted)
    check_leverage(call.world, call.account, symbol.name, wanted)
    _check_leverage(call.account, call.world.market, symbol, wanted)
    settings.set_leverage(call.world, call.account, symbol.name, wanted)
    return {"leverage": wanted, "maxNotionalValue": plain(symbol.max_notional(wanted)), "symbol": symbol.name}


def _check_leverage(account: Account, market: Market, symbol: Symbol, wanted: int) -> None:
    now = account.setting(symbol.name)
    rows = [position_figures(account, market, symbol.name, side) for side in account.sides]
    if wanted < now.leverage and now.isolated and any(row.notional for row in rows):
        raise refused(-4161)
    largest = max(max(abs(row.notional + row.bids), abs(row.notional - row.asks)) for row in rows)
    if largest > symbol.max_notional(wanted):
        raise refused(-2027)
    bound = sum((row.initial_margin for row in rows), ZERO)
    if bound * now.leverage / wanted - bound > account_figures(account, market).wallets[symbol.quote].available:
        raise refused(-2028)


def set_margin_type(call: Call) -> Json:
    """``POST /fapi/v1/marginType``.

    Raises:
        Refused: It is so already (-4046), orders (-4047) or positions (-4048) are open, or multi-assets mode (-4168).
    """
    symbol, wanted, account = call.needed_symbol().name, needed(call, "marginType"), call.account
    if wanted not in {"CROSSED", "ISOLATED"}:
        raise refusal.missing("marginType")
    if account.multi_assets and wanted == "ISOLATED":
        raise refused(-4168)
    if account.setting(symbol).margin_type == wanted:
        raise refused(-4046)
    if account.open_orders(symbol):
        raise refused(-4047)
    if any(position.symbol == symbol for position in account.open_positions()):
        raise refused(-4048)
    settings.set_margin_type(account, symbol, wanted)
    return _DONE


def set_position_mode(call: Call) -> Json:
    """``POST /fapi/v1/positionSide/dual``.

    Raises:
        Refused: It is so already (-4059), or orders (-4067) or positions (-4068) are open.
    """
    wanted, account = _wanted(call, "dualSidePosition"), call.account
    if account.hedge == wanted:
        raise refused(-4059)
    if account.open_orders() or account.open_algo_orders():
        raise refused(-4067)
    if account.open_positions():
        raise refused(-4068)
    settings.set_hedge(account, on=wanted)
    return _DONE


def set_asset_mode(call: Call) -> Json:
    """``POST /fapi/v1/multiAssetsMargin``.

    Raises:
        Refused: It is so already (-4171), a symbol is isolated (-4167), orders are open (-4170), an asset is owed
            (-4172), or single-asset mode could not carry the positions (-4169).
    """
    wanted, account = _wanted(call, "multiAssetsMargin"), call.account
    if account.multi_assets == wanted:
        raise refused(-4171)
    if any(setting.isolated for setting in account.settings.values()):
        raise refused(-4167)
    if account.open_orders():
        raise refused(-4170)
    if not wanted:
        _check_single(call)
    settings.set_multi_assets(call.world, account, on=wanted)
    return _DONE


def _check_single(call: Call) -> None:
    """Every asset must carry its own positions once they no longer share."""
    rows = account_figures(call.account, call.world.market).wallets.values()
    if any(row.wallet < 0 for row in rows):
        raise refused(-4172)
    if any(row.cross_wallet + row.cross_unrealised < row.initial_margin for row in rows):
        raise refused(-4169)


def _wanted(call: Call, name: str) -> bool:
    value = truth_value(call.params, name)
    if value is None:
        raise refusal.missing(name)
    return value
