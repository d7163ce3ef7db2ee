"""Liquidation: orders are cancelled first, then positions are sold one a second until the margin suffices again.

The worst price is that at which the pool's money is gone: what the market will not take at it, the insurance fund
takes over. A fee of 1.25 % goes to that fund, as far as there is money for it. An isolated position pays everything,
its commission too, from its own margin: the rest of the wallet stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import LIQUIDATION_PREFIX, Account, Position
from plimsoll_simulator.acts.auto_exchange import exchange_debts
from plimsoll_simulator.acts.forced import LIQUIDATED, Forced, close, expire_orders
from plimsoll_simulator.acts.pools import Pool, Stake, cross_wallet, pools
from plimsoll_simulator.book_keeping import fill, taker_fee
from plimsoll_simulator.digits import ONE, SMALLEST, ZERO
from plimsoll_simulator.execution import Fill
from plimsoll_simulator.fees import Fee, commission
from plimsoll_simulator.ledger import book
from plimsoll_simulator.market import Market, Symbol
from plimsoll_simulator.world import World

LIQUIDATION_FEE = Decimal("0.0125")
# A liquidation order meets a market in a hurry.
_SLIPPAGE = Decimal("0.001")


def lost_pools(world: World, account: Account) -> list[Pool]:
    """The pools whose maintenance margin is no longer covered."""
    return [pool for pool in pools(account, world.market) if pool.maintenance and pool.used(ONE)]


def begin(world: World, account: Account, lost: list[Pool]) -> None:
    """Take the account over: no new order is taken (-2023), and the orders of what is lost end."""
    account.liquidating = True
    crossed = any(not pool.isolated for pool in lost)
    symbols = {stake.position.symbol for pool in lost for stake in pool.stakes}
    expire_orders(world, account, LIQUIDATED, None if crossed else symbols)


def proceed(world: World, account: Account) -> None:
    """Close the neediest position of each lost pool, or end the liquidation when none is lost any more."""
    lost = lost_pools(world, account)
    for pool in lost:
        _close_neediest(world, account, pool)
    if not lost_pools(world, account):
        account.liquidating = False
        exchange_debts(world, account, whatever=True)
        _clear_debts(world, account)


def _close_neediest(world: World, account: Account, pool: Pool) -> None:
    stake = max(pool.stakes, key=lambda each: each.maintenance)
    position, market = stake.position, world.market
    symbol, quantity = market.symbols[position.symbol], abs(position.amount)
    limit = _bankruptcy_price(world, pool, stake)
    price = _execution_price(world, stake, limit)
    means = _means(position, price) if pool.isolated else None
    fee = _commission(account, market, symbol, quantity * price, means)
    number = world.counters.next("transaction")
    how = Forced(
        client_id=f"{LIQUIDATION_PREFIX}{world.time_ms()}{number % 1_000_000:06}",
        type="LIMIT",
        limit=limit,
        fill=Fill(price=price, quantity=quantity, fee=fee),
    )
    close(world, account, position, how)
    left = cross_wallet(account, market, symbol.quote) if means is None else means - fee.amount
    _charge(world, account, position.symbol, min(quantity * price * LIQUIDATION_FEE, left))


def _means(position: Position, price: Decimal) -> Decimal:
    """What is left of an isolated position's margin once it is closed at ``price``."""
    return max(ZERO, position.isolated_wallet + fill(position.amount, position.entry, -position.amount, price).realised)


def _commission(account: Account, market: Market, symbol: Symbol, notional: Decimal, means: Decimal | None) -> Fee:
    """The commission of a liquidation order; an isolated position pays in its own asset, as far as its means go."""
    if means is None:
        return commission(account, market, symbol, notional)
    return Fee(asset=symbol.quote, amount=min(taker_fee(notional), means))


def _bankruptcy_price(world: World, pool: Pool, stake: Stake) -> Decimal:
    """The price at which closing the position leaves nothing of the pool."""
    name, amount = stake.position.symbol, stake.position.amount
    symbol = world.market.symbols[name]
    rate = ONE if pool.asset == symbol.quote else world.market.bid_rate(symbol.quote)
    price = world.market.quotes[name].mark - pool.balance / rate / amount
    rounding = ROUND_CEILING if amount > 0 else ROUND_FLOOR
    return max(symbol.tick, (price / symbol.tick).to_integral_value(rounding) * symbol.tick)


def _execution_price(world: World, stake: Stake, limit: Decimal) -> Decimal:
    """The market's price where it is better than the limit; the insurance fund takes the rest at the limit."""
    name, long = stake.position.symbol, stake.position.amount > 0
    tick, last = world.market.symbols[name].tick, world.market.quotes[name].last
    slipped = last * (ONE - _SLIPPAGE if long else ONE + _SLIPPAGE)
    price = (slipped / tick).to_integral_value(ROUND_FLOOR if long else ROUND_CEILING) * tick
    return max(price, limit) if long else min(price, limit)


def _charge(world: World, account: Account, symbol: str, fee: Decimal) -> None:
    """Take the liquidation fee, or nothing where nothing is left."""
    charged = max(ZERO, fee.quantize(SMALLEST))
    if charged:
        _insure(world, account, world.market.symbols[symbol].quote, -charged, symbol)


def _clear_debts(world: World, account: Account) -> None:
    """The insurance fund pays what is owed beyond everything, where no cross position stands behind it any more."""
    backed = {asset for pool in pools(account, world.market) if not pool.isolated for asset in _assets(account, pool)}
    for asset in sorted(account.wallets.keys() - backed):
        owed = -cross_wallet(account, world.market, asset)
        if owed > 0:
            _insure(world, account, asset, owed, "")


def _assets(account: Account, pool: Pool) -> Iterable[str]:
    """The wallets that a cross pool draws on."""
    return account.wallets if account.multi_assets else (pool.asset,)


def _insure(world: World, account: Account, asset: str, amount: Decimal, symbol: str) -> None:
    book(world, account, "INSURANCE_CLEAR", asset, amount, symbol=symbol)
    world.emit(account, events.account_update(world, account, "INSURANCE_CLEAR", assets={asset: amount}))
