"""The figures that follow from what an exporter shows of an account, computed by the simulator's own arithmetic.

Shown facts may each be of another moment within the allowed age, so a figure made of them is compared with what an
independent witness makes of the same facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll_simulator.account import Account, Order, SymbolSetting
from plimsoll_simulator.liquidation import Leg, Surroundings, liquidation_price
from plimsoll_simulator.margin import PositionFigures, position_figures
from plimsoll_simulator.market import Market
from truth_history import Facts

ZERO, ONE = Decimal(0), Decimal(1)
Rates = Mapping[str, tuple[Decimal, Decimal]]


@dataclass(frozen=True, kw_only=True)
class Witness:
    """The shown facts of one account as the simulator sees them; without ``rates`` in single-asset mode.

    Attributes:
        cross: Cross wallet by asset.
        wallets: Wallet by asset.
    """

    market: Market
    rows: tuple[PositionFigures, ...]
    wallets: Mapping[str, Decimal]
    cross: Mapping[str, Decimal]
    rates: Rates | None

    def worth(self, asset: str, amount: Decimal) -> Decimal:
        """An amount of an asset in USD."""
        if self.rates is None:
            return amount
        return amount * self.rates[asset][0 if amount >= 0 else 1]

    def figures(self) -> dict[str, Decimal]:
        """The figures of the account, by the names of the exporter's JSON."""
        wallet = sum((self.worth(asset, amount) for asset, amount in self.wallets.items()), ZERO)
        profit = self._profit(self.rows)
        equity, gross = wallet + profit, sum((abs(row.notional) for row in self.rows), ZERO)
        free = sum((max(ZERO, self._balance(pool) - self._drawn(pool)) for pool in self._pools()), ZERO)
        return {
            "equity": equity,
            "wallet": wallet,
            "unrealized_pnl": profit,
            "initial_margin": sum((row.initial_margin for row in self.rows), ZERO),
            "maintenance_margin": sum((row.maintenance for row in self.rows), ZERO),
            "margin_ratio": max([self._ratio(pool) for pool in self._pools()] + [*map(_isolated_ratio, self._alone())]),
            "available": free,
            "available_ratio": free / equity,
            "gross_exposure": gross,
            "net_exposure": sum((row.notional for row in self.rows), ZERO),
            "leverage": gross / equity,
        }

    def liquidation(self, row: PositionFigures) -> Decimal | None:
        """The liquidation price of one position."""
        symbol = row.position.symbol
        if row.isolated:
            legs, around = [row], Surroundings(wallet=row.position.isolated_wallet)
        else:
            legs = [each for each in self.rows if each.position.symbol == symbol and each.position.amount]
            pool = next(pool for pool in self._pools() if row.asset in pool)
            others = [each for each in self._cross(pool) if each.position.symbol != symbol]
            around = Surroundings(
                wallet=sum((self.worth(asset, self.cross.get(asset, ZERO)) for asset in pool), ZERO),
                maintenance=sum((each.maintenance for each in others), ZERO),
                unrealised=sum((each.unrealised for each in others), ZERO),
            )
        sides = tuple(Leg(amount=each.position.amount, entry=each.position.entry) for each in legs)
        return liquidation_price(sides, around, self.market.symbols[symbol], self.market.quotes[symbol].mark)

    def _pools(self) -> list[tuple[str, ...]]:
        """The assets that stand together: all in multi-assets mode, each alone otherwise."""
        assets = tuple(self.wallets)
        return [assets] if self.rates is not None else [(asset,) for asset in assets]

    def _cross(self, pool: Iterable[str]) -> list[PositionFigures]:
        return [row for row in self.rows if row.asset in pool and not row.isolated]

    def _alone(self) -> list[PositionFigures]:
        return [row for row in self.rows if row.isolated and row.position.amount]

    def _profit(self, rows: Iterable[PositionFigures]) -> Decimal:
        by_asset: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            by_asset[row.asset] += row.unrealised
        return sum((self.worth(asset, amount) for asset, amount in by_asset.items()), ZERO)

    def _balance(self, pool: Iterable[str]) -> Decimal:
        cross = sum((self.worth(asset, self.cross.get(asset, ZERO)) for asset in pool), ZERO)
        return cross + self._profit(self._cross(pool))

    def _drawn(self, pool: Iterable[str]) -> Decimal:
        mine = [row for row in self.rows if row.asset in pool]
        return sum((row.order_margin if row.isolated else row.initial_margin for row in mine), ZERO)

    def _ratio(self, pool: Iterable[str]) -> Decimal:
        held = [row for row in self._cross(pool) if row.position.amount]
        return sum((row.maintenance for row in held), ZERO) / self._balance(pool) if held else ZERO


def witness(facts: Facts, market: Market, leverage: Mapping[str, SymbolSetting], rates: Rates | None) -> Witness:
    """See shown facts as the simulator would; ``leverage`` are the settings of symbols of which none is shown."""
    account, quotes = Account(name="shown"), dict(market.quotes)
    for key, value in facts.items():
        if key[0] == "mark" and isinstance(value, Decimal):
            quotes[str(key[1])] = replace(quotes[str(key[1])], mark=value)
    account.hedge = bool(facts[("mode",)][1])  # type: ignore[index] # a pair of flags
    account.settings = {symbol: replace(setting) for symbol, setting in leverage.items()}
    _hold(account, facts)
    shown = Market(symbols=market.symbols, quotes=quotes, assets=market.assets)
    keys = {key for key, position in account.positions.items() if position.amount}
    keys |= {(order.symbol, side) for order in account.open_orders() for side in account.sides}
    wallets = {str(key[1]): value for key, value in facts.items() if key[0] == "wallet" and isinstance(value, tuple)}
    margins = set(wallets) if rates is not None else {symbol.quote for symbol in market.symbols.values()}
    return Witness(
        market=shown,
        rows=tuple(position_figures(account, shown, *key) for key in sorted(keys)),
        wallets={asset: pair[0] for asset, pair in wallets.items() if asset in margins},
        cross={asset: pair[1] for asset, pair in wallets.items() if asset in margins},
        rates=rates,
    )


def _hold(account: Account, facts: Facts) -> None:
    for key, value in facts.items():
        if key[0] == "setting" and isinstance(value, int):
            account.setting(str(key[1])).leverage = value
        elif key[0] == "position" and isinstance(value, tuple):
            _hold_position(account, str(key[1]), str(key[2]), value)
        elif key[:2] == ("order", "plain") and isinstance(value, tuple):
            symbol, side, position_side, kind, reduce_only, quantity, executed, price, trigger = value
            order = Order(
                order_id=int(str(key[2])),
                client_id="",
                symbol=symbol,
                side=side.upper(),
                type=kind,
                quantity=quantity,
                position_side=position_side.upper(),
                price=price,
                stop_price=trigger,
                executed=executed,
                reduce_only=reduce_only,
            )
            account.orders[order.order_id] = order


def _hold_position(account: Account, symbol: str, side: str, value: tuple[Decimal, Decimal, bool, Decimal]) -> None:
    position = account.position(symbol, side.upper() if account.hedge else "BOTH")
    quantity, position.entry, isolated, position.isolated_wallet = value
    position.amount = quantity if side == "long" else -quantity
    account.setting(symbol).margin_type = "ISOLATED" if isolated else "CROSSED"


def _isolated_ratio(row: PositionFigures) -> Decimal:
    return row.maintenance / (row.position.isolated_wallet + row.unrealised)
