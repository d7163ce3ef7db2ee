"""What an amount of an asset is worth in USD, by the account's asset mode.

Money that the account owns or owes (wallet, PnL) goes through ``usd_rate``; sizes and requirements in quote units
(notional, margin) go through ``quote_price``.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll.model.market import AssetRate
from plimsoll.model.terms import AssetMode
from plimsoll.risk.unknown import ONE, ZERO
from plimsoll.state.market import USD_ASSETS, MarketState

_DOLLARS = {asset: AssetRate(asset=asset, bid=ONE, ask=ONE, time_ms=0) for asset in USD_ASSETS}


def usd_rate(asset: str, mode: AssetMode, market: MarketState) -> AssetRate | None:
    """The rate of one unit of an asset in USD.

    Single-asset mode: 1 for USD assets, else the asset's USDT mark. Multi-assets mode: the exchange's asset-index rate,
    bid for what is owned and ask for what is owed; 1 for a USD asset without a rate. ``None`` where neither is known.
    """
    if mode is AssetMode.MULTI:
        rate = market.rates.get(asset)
        if rate is not None or asset not in USD_ASSETS:
            return rate
    if asset in _DOLLARS:
        return _DOLLARS[asset]
    price = market.price_of(asset)
    return None if price is None else AssetRate(asset=asset, bid=price, ask=price, time_ms=0)


def worth(amount: Decimal | None, asset: str, mode: AssetMode, market: MarketState) -> Decimal | None:
    """An amount in USD; nothing is worth 0 even where the asset has no rate."""
    if amount is None:
        return None
    if amount == 0:
        return ZERO
    rate = usd_rate(asset, mode, market)
    return None if rate is None else rate.value(amount)


def quote_price(symbol: str, margin_asset: str, market: MarketState) -> Decimal | None:
    """USD a unit of the symbol's quote asset; the margin asset stands in while the instrument is unknown."""
    instrument = market.instruments.get(symbol)
    return market.price_of(margin_asset if instrument is None else instrument.quote_asset)
