"""Whether the account can carry an order: the margin it needs beyond what is bound already, and the position limit.

One-way: max(|position + resting buys|, |position - resting sells|) / setting, the order included; so closing less than
twice the position needs none. In hedge mode each leg counts its opening side alone.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.account import Account, Order
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.margin import position_figures
from plimsoll_simulator.market import Market
from plimsoll_simulator.trading.refusals import refused
from plimsoll_simulator.trading.request import OrderRequest


def check_margin(account: Account, market: Market, request: OrderRequest, price: Decimal, old: Order | None) -> None:
    """Refuse what the account cannot carry at ``price`` per unit; ``old`` is the order that this one replaces.

    Raises:
        Refused: The position could grow beyond its limit (-2027), or margin is short (-2019).
    """
    before, after = _exposure(account, market, request, price, old)
    if after <= before:
        return
    symbol, setting = market.symbols[request.symbol], account.setting(request.symbol)
    if after > symbol.max_notional(setting.leverage):
        raise refused(-2027)
    mark = market.quotes[request.symbol].mark
    needed = (after - before) / setting.leverage + request.quantity * max(ZERO, (price - mark) * request.sign)
    if needed > account_figures(account, market).wallets[symbol.quote].available:
        raise refused(-2019)


def _exposure(
    account: Account, market: Market, request: OrderRequest, price: Decimal, old: Order | None
) -> tuple[Decimal, Decimal]:
    """The largest exposure that the resting orders allow, without and with the order."""
    figures = position_figures(account, market, request.symbol, request.position_side)
    bids, asks = figures.bids, figures.asks
    before = max(abs(figures.notional + bids), abs(figures.notional - asks))
    added = request.quantity * price
    if old is not None and not old.reduce_only:
        added -= old.rest * old.price
    if request.side == "BUY":
        bids += added
    else:
        asks += added
    return before, max(abs(figures.notional + bids), abs(figures.notional - asks))
