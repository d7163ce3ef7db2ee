"""The market: symbols with their filters and brackets, their prices, and what each asset is worth in USD.

Prices are set from outside (control, scenario); this module only keeps them and answers questions about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll_simulator.digits import ONE, ZERO, to_step

FUNDING_INTERVAL_MS = 8 * 3600 * 1000
MAX_PRICE = Decimal(4529764)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bracket:
    """One step of a leverage bracket; ``cum`` is the amount that makes maintenance margin continuous."""

    number: int
    leverage: int
    floor: Decimal
    cap: Decimal
    ratio: Decimal
    cum: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Symbol:
    """A tradable contract; ``listed`` false keeps it out of exchangeInfo, as a symbol newer than the client's copy."""

    name: str
    base: str
    quote: str
    tick: Decimal
    step: Decimal
    market_max: Decimal
    lot_max: Decimal
    min_notional: Decimal
    brackets: tuple[Bracket, ...]
    price_band: Decimal = Decimal("0.05")
    status: str = "TRADING"
    listed: bool = True

    def bracket_for(self, notional: Decimal) -> Bracket:
        """The bracket of an absolute notional; beyond the last cap the last one holds."""
        return next((each for each in self.brackets if notional <= each.cap), self.brackets[-1])

    def max_notional(self, leverage: int) -> Decimal:
        """The largest position that a leverage setting allows."""
        return max((each.cap for each in self.brackets if each.leverage >= leverage), default=self.brackets[0].cap)


@dataclass(kw_only=True, slots=True)
class Quote:
    """The prices of one symbol, in its quote asset, and its funding rate."""

    mark: Decimal
    last: Decimal
    index: Decimal
    funding_rate: Decimal = Decimal("0.0001")
    opened_at: Decimal = ZERO


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """A margin asset. ``index_symbol`` names the symbol whose index price values it; without one ``rate`` does."""

    name: str
    rate: Decimal = ONE
    index_symbol: str | None = None
    buffer: Decimal = ZERO
    auto_exchange: Decimal = Decimal(-10000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Depth:
    """The order book of a symbol: money within 0.05 % of the best price of each side, and the spread as a ratio."""

    depth_usd: Decimal = Decimal(1_000_000)
    spread: Decimal = ZERO


@dataclass(kw_only=True, slots=True)
class Market:
    """All symbols, quotes and assets; ``watchers`` are told the name of every symbol whose price was set."""

    symbols: dict[str, Symbol] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    depths: dict[str, Depth] = field(default_factory=dict)
    watchers: list[Callable[[str], None]] = field(default_factory=list)

    def add_symbol(self, symbol: Symbol, mark: Decimal) -> None:
        """List a symbol at a price; an existing one is replaced."""
        self.symbols[symbol.name] = symbol
        last = to_step(mark, symbol.tick)
        self.quotes[symbol.name] = Quote(mark=mark, last=last, index=mark, opened_at=last)

    def set_price(self, name: str, mark: Decimal, last: Decimal | None = None) -> None:
        """Move a symbol; without ``last`` the last trade follows the mark price, on the tick."""
        quote = self.quotes[name]
        quote.mark = quote.index = mark
        quote.last = to_step(mark, self.symbols[name].tick) if last is None else last
        for watcher in self.watchers:
            watcher(name)

    def depth(self, name: str) -> Depth:
        """The order book of a symbol, the usual one until another is set."""
        return self.depths.get(name, _USUAL_DEPTH)

    def index_of(self, asset: str) -> Decimal:
        """What one unit of the asset is worth in USD, before any haircut."""
        spec = self.assets[asset]
        return self.quotes[spec.index_symbol].index if spec.index_symbol else spec.rate

    def bid_rate(self, asset: str) -> Decimal:
        """The rate that values a positive balance."""
        return self.index_of(asset) * (ONE - self.assets[asset].buffer)

    def ask_rate(self, asset: str) -> Decimal:
        """The rate that values a negative balance."""
        return self.index_of(asset) * (ONE + self.assets[asset].buffer)

    def exchange_bid(self, asset: str) -> Decimal:
        """What the automatic exchange pays for the asset: half its haircut below the index."""
        return self.index_of(asset) * (ONE - self.assets[asset].buffer / 2)

    def exchange_ask(self, asset: str) -> Decimal:
        """What the automatic exchange takes for the asset: half its haircut above the index."""
        return self.index_of(asset) * (ONE + self.assets[asset].buffer / 2)


_USUAL_DEPTH = Depth()


def make_brackets(rows: Iterable[tuple[int, int, str]]) -> tuple[Bracket, ...]:
    """Brackets from (leverage, cap, maintenance ratio) rows, floors and ``cum`` computed as the exchange defines."""
    brackets: list[Bracket] = []
    floor = cum = previous = ZERO
    for number, (leverage, cap, text) in enumerate(rows, start=1):
        ratio = Decimal(text)
        cum = floor * (ratio - previous) + cum if brackets else ZERO
        brackets.append(
            Bracket(number=number, leverage=leverage, floor=floor, cap=Decimal(cap), ratio=ratio, cum=cum),
        )
        floor, previous = Decimal(cap), ratio
    return tuple(brackets)
