"""User-data events in the shapes of 2026-11: one function per event, from the state of the world to the message.

A new event is one function here; whoever changes the world decides when it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from plimsoll_simulator.account import Account, AlgoOrder, Order, Position, Trade
from plimsoll_simulator.acts.pools import Pool, pools
from plimsoll_simulator.book_keeping import break_even
from plimsoll_simulator.digits import ZERO, eight, plain, stepped
from plimsoll_simulator.margin import position_figures
from plimsoll_simulator.world import Event, World


def account_update(
    world: World,
    account: Account,
    reason: str,
    *,
    assets: Mapping[str, Decimal],
    positions: Iterable[Position] = (),
    symbol: str | None = None,
) -> Event:
    """``ACCOUNT_UPDATE``: ``assets`` maps each changed asset to its change without profit and commission."""
    body: dict[str, object] = {
        "m": reason,
        "B": [_balance(world, account, asset, change) for asset, change in assets.items()],
        "P": [_position(world, account, position) for position in positions],
    }
    if symbol is not None:
        body["S"] = symbol
    return {"e": "ACCOUNT_UPDATE", "E": world.time_ms(), "T": world.time_ms(), "a": body}


def _balance(world: World, account: Account, asset: str, change: Decimal) -> Event:
    wallet = account.wallets.get(asset, ZERO)
    margined = {name for name, symbol in world.market.symbols.items() if symbol.quote == asset}
    cross = wallet - account.isolated_wallets(margined)
    return {"a": asset, "wb": eight(wallet), "cw": eight(cross), "bc": plain(change)}


def _position(world: World, account: Account, position: Position) -> Event:
    figures = position_figures(account, world.market, position.symbol, position.side)
    return {
        "s": position.symbol,
        "pa": stepped(position.amount, world.market.symbols[position.symbol].step) if position.amount else "0",
        "ep": plain(position.entry),
        "bep": plain(break_even(position.amount, position.entry, position.entry_fees)),
        "cr": eight(position.realised),
        "up": eight(figures.unrealised),
        "mt": "isolated" if figures.isolated else "cross",
        "iw": eight(position.isolated_wallet) if figures.isolated else "0",
        "ps": position.side,
    }


def order_update(world: World, account: Account, order: Order, execution: str, trade: Trade | None = None) -> Event:
    """``ORDER_TRADE_UPDATE``: a TRADE, or CALCULATED by the exchange, comes with its fill."""
    step = world.market.symbols[order.symbol].step
    figures = position_figures(account, world.market, order.symbol, order.position_side)
    amended = execution == "AMENDMENT" and order.modify_id is not None
    return {
        "e": "ORDER_TRADE_UPDATE",
        "E": world.time_ms(),
        "T": world.time_ms(),
        "o": {
            "s": order.symbol,
            "c": order.client_id,
            "S": order.side,
            "o": _shown_type(order),
            "f": order.time_in_force,
            "q": stepped(order.quantity, step),
            "p": plain(order.price),
            "ap": plain(order.average if execution != "NEW" else ZERO),
            "sp": plain(order.stop_price),
            "x": execution,
            "X": "NEW" if execution == "NEW" else order.status,
            "i": order.order_id,
            "l": stepped(trade.quantity, step) if trade else "0",
            "z": stepped(order.executed, step) if order.executed and execution != "NEW" else "0",
            "L": plain(trade.price) if trade else "0",
            "n": eight(trade.commission) if trade else "0",
            "N": trade.commission_asset if trade else world.market.symbols[order.symbol].quote,
            "T": world.time_ms(),
            "t": trade.trade_id if trade else 0,
            "b": plain(figures.bids),
            "a": plain(figures.asks),
            "m": bool(trade and trade.maker),
            "R": order.reduce_only,
            "wt": order.working_type,
            "ot": order.original_type or _shown_type(order),
            "ps": order.position_side,
            "cp": order.close_position,
            "rp": eight(trade.realised) if trade and trade.realised else "0",
            "pP": order.price_protect,
            "si": 0,
            "ss": 0,
            "V": "NONE" if order.liquidation else order.self_trade,
            "pm": order.price_match,
            "gtd": order.good_till,
            "er": str(order.expiry),
            **({"M": order.modify_id} if amended else {}),
        },
    }


def _shown_type(order: Order) -> str:
    return "LIQUIDATION" if order.liquidation else order.type


def trade_lite(world: World, order: Order, trade: Trade) -> Event:
    """``TRADE_LITE``: the early, short word of a fill."""
    symbol = world.market.symbols[order.symbol]
    return {
        "e": "TRADE_LITE",
        "E": world.time_ms(),
        "T": trade.time,
        "s": order.symbol,
        "q": stepped(order.quantity, symbol.step),
        "p": f"{order.price:.2f}",
        "m": trade.maker,
        "c": order.client_id,
        "S": order.side,
        "L": stepped(trade.price, symbol.tick),
        "l": stepped(trade.quantity, symbol.step),
        "t": trade.trade_id,
        "i": order.order_id,
    }


def algo_update(world: World, order: AlgoOrder) -> Event:
    """``ALGO_UPDATE``: what became of a conditional order; ``ap``, ``aq`` and ``act`` only once it triggered."""
    body: dict[str, object] = {
        "caid": order.client_id,
        "aid": order.algo_id,
        "at": "CONDITIONAL",
        "o": order.type,
        "s": order.symbol,
        "S": order.side,
        "ps": order.position_side,
        "f": order.time_in_force,
        "q": stepped(order.quantity, world.market.symbols[order.symbol].step),
        "X": order.status,
        "ai": str(order.actual_order_id or ""),
        "tp": plain(order.trigger_price),
        "p": plain(order.price),
        "V": order.self_trade,
        "wt": order.working_type,
        "pm": order.price_match,
        "cp": order.close_position,
        "pP": order.price_protect,
        "R": order.reduce_only,
        "tt": order.triggered,
        "gtd": order.good_till,
        "ia": order.activated,
    }
    if order.triggered and order.status != "TRIGGERING":
        step = world.market.symbols[order.symbol].step
        executed = stepped(order.actual_quantity, step) if order.actual_quantity else "0"
        body |= {"ap": plain(order.actual_price), "aq": executed, "act": _actual_type(order)}
    if order.reject_reason is not None:
        body["rm"] = order.reject_reason
    return {"e": "ALGO_UPDATE", "T": world.time_ms(), "E": world.time_ms(), "o": body}


def _actual_type(order: AlgoOrder) -> str:
    if order.actual_order_id is None:
        return "0"
    return "LIMIT" if order.type in {"STOP", "TAKE_PROFIT"} else "MARKET"


def leverage_update(world: World, symbol: str, leverage: int) -> Event:
    """``ACCOUNT_CONFIG_UPDATE`` for a leverage setting."""
    now = world.time_ms()
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now, "T": now, "ac": {"s": symbol, "l": leverage}}


def asset_mode_update(world: World, *, multi_assets: bool) -> Event:
    """``ACCOUNT_CONFIG_UPDATE`` for multi-assets mode."""
    now = world.time_ms()
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now, "T": now, "ai": {"j": multi_assets}}


def margin_call(world: World, account: Account, called: Pool | None = None) -> Event:
    """``MARGIN_CALL`` with every open position; no ``T``, and the cross wallet only where a position uses it.

    The cross wallet is that of the pool that is ``called``, or of the account's first one where that is isolated.
    """
    rows = []
    for position in account.open_positions():
        figures = position_figures(account, world.market, position.symbol, position.side)
        row = _position(world, account, position)
        rows.append(
            {
                **{key: row[key] for key in ("s", "ps", "pa")},
                "mt": "ISOLATED" if figures.isolated else "CROSSED",
                "iw": row["iw"],
                "mp": plain(world.market.quotes[position.symbol].mark),
                "up": eight(figures.unrealised),
                "mm": eight(figures.maintenance),
            },
        )
    crossed = [each for each in (*filter(None, [called]), *pools(account, world.market)) if not each.isolated]
    wallet = {"cw": eight(crossed[0].wallet)} if crossed else {}
    return {"e": "MARGIN_CALL", "E": world.time_ms(), **wallet, "p": rows}


def listen_key_expired(world: World, key: str) -> Event:
    """``listenKeyExpired``: the socket stays open and silent afterwards."""
    return {"e": "listenKeyExpired", "E": world.time_ms(), "listenKey": key}
