"""The market as every account sees it at one moment: a frozen value, made anew whenever somebody looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from plimsoll.model.market import AssetRate, Instrument, LastPrice, Mark

USD_ASSETS = frozenset({"USDT", "USDC", "FDUSD", "BUSD", "USD1", "BFUSD", "BNFCR", "USD"})
"""Assets that count as one US dollar a unit wherever the exchange gives no rate of its own."""

_ONE = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class MarketState:
    """Prices and rules at one moment.

    Attributes:
        lasts: Last prices of the symbols whose stops watch them, no others.
        margin_assets: Assets that margin at least one tradable symbol; those count as equity in single-asset mode.
    """

    marks: Mapping[str, Mark] = field(default_factory=dict)
    rates: Mapping[str, AssetRate] = field(default_factory=dict)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    margin_assets: frozenset[str] = frozenset()
    lasts: Mapping[str, LastPrice] = field(default_factory=dict)

    @cached_property
    def newest_mark_ms(self) -> int | None:
        """The exchange's time of the newest mark price; ``None`` without any."""
        return max((mark.time_ms for mark in self.marks.values()), default=None)

    def price_of(self, asset: str) -> Decimal | None:
        """What one unit of an asset is worth in USD outside multi-assets mode: 1, else its USDT mark, else unknown."""
        if asset in USD_ASSETS:
            return _ONE
        mark = self.marks.get(f"{asset}USDT")
        return mark.price if mark is not None else None
