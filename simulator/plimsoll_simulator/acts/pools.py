"""How near each part of an account is to liquidation: its cross money of one asset, or one isolated position.

A pool is what is liquidated together: in single-asset mode the cross positions of a margin asset, in multi-assets mode
all of them, in USD. Pure, and lean: it is asked for every account every second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator.account import Account, Position
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.margin import maintenance_margin
from plimsoll_simulator.market import Market


@dataclass(frozen=True, kw_only=True, slots=True)
class Stake:
    """A position with its maintenance margin and unrealised profit, in the pool's asset."""

    position: Position
    maintenance: Decimal
    unrealised: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """Positions that stand and fall together, and the wallet money behind them; ``asset`` is ``USD`` for all assets."""

    asset: str
    isolated: bool
    wallet: Decimal
    stakes: tuple[Stake, ...]

    @property
    def name(self) -> str:
        """What tells it from the account's other pools."""
        first = self.stakes[0].position
        return f"{first.symbol} {first.side}" if self.isolated else self.asset

    @property
    def maintenance(self) -> Decimal:
        """The margin that must remain."""
        return sum((each.maintenance for each in self.stakes), ZERO)

    @property
    def balance(self) -> Decimal:
        """Wallet and unrealised profit."""
        return sum((each.unrealised for each in self.stakes), self.wallet)

    def used(self, share: Decimal) -> bool:
        """Whether maintenance margin takes at least ``share`` of the balance."""
        return self.maintenance >= self.balance * share


def pools(account: Account, market: Market) -> list[Pool]:
    """The pools of an account that hold positions, at the marks of now."""
    held = [(position, market.symbols[position.symbol].quote) for position in account.open_positions()]
    isolated = [(each, asset) for each, asset in held if account.setting(each.symbol).isolated]
    found = [
        Pool(asset=asset, isolated=True, wallet=each.isolated_wallet, stakes=(_stake(market, each),))
        for each, asset in isolated
    ]
    crossed = [(each, asset) for each, asset in held if not account.setting(each.symbol).isolated]
    if account.multi_assets:
        return [*found, *([_usd_pool(account, market, crossed)] if crossed else [])]
    return [*found, *(_asset_pool(account, market, asset, crossed) for asset in dict.fromkeys(a for _, a in crossed))]


def _asset_pool(account: Account, market: Market, asset: str, crossed: Iterable[tuple[Position, str]]) -> Pool:
    stakes = tuple(_stake(market, each) for each, quote in crossed if quote == asset)
    return Pool(asset=asset, isolated=False, wallet=cross_wallet(account, market, asset), stakes=stakes)


def _usd_pool(account: Account, market: Market, crossed: Iterable[tuple[Position, str]]) -> Pool:
    wallet = sum((_in_usd(market, asset, amount) for asset, amount in account.wallets.items()), ZERO)
    stakes = tuple(_stake(market, each, market.bid_rate(asset)) for each, asset in crossed)
    return Pool(asset="USD", isolated=False, wallet=wallet, stakes=stakes)


def _in_usd(market: Market, asset: str, amount: Decimal) -> Decimal:
    return amount * (market.bid_rate(asset) if amount >= 0 else market.ask_rate(asset))


def _stake(market: Market, position: Position, rate: Decimal = Decimal(1)) -> Stake:
    symbol, mark = market.symbols[position.symbol], market.quotes[position.symbol].mark
    return Stake(
        position=position,
        maintenance=maintenance_margin(symbol, abs(position.amount) * mark) * rate,
        unrealised=position.amount * (mark - position.entry) * rate,
    )


def cross_wallet(account: Account, market: Market, asset: str) -> Decimal:
    """The wallet of an asset without what isolated positions have set aside."""
    symbols = {name for name, symbol in market.symbols.items() if symbol.quote == asset}
    return account.wallets.get(asset, ZERO) - account.isolated_wallets(symbols)
