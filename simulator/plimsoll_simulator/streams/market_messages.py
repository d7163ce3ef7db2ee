"""The messages of the market streams, made once per stream and second whoever listens."""

from __future__ import annotations

from collections.abc import Callable

from plimsoll_simulator.digits import eight, stepped
from plimsoll_simulator.market import Symbol
from plimsoll_simulator.rest.call import Call
from plimsoll_simulator.rest.market_reads import index_row
from plimsoll_simulator.trading.book import top
from plimsoll_simulator.world import World

Message = dict[str, object] | list[dict[str, object]]
_SLOW_SECONDS = 3


def messages(world: World, stream: str, second: int) -> list[Message]:
    """What a stream says in this second, message by message; nothing when it is unknown or not its turn."""
    if stream == "!bookTicker":
        return [_book(world, symbol) for symbol in world.market.symbols.values()]
    said = _message(world, stream, second)
    return [] if said is None else [said]


def _message(world: World, stream: str, second: int) -> Message | None:
    name, _, rest = stream.partition("@")
    if name.startswith("!"):
        return _of_all(world, name, rest, second)
    if name != name.lower():  # the exchange knows its symbols in small letters alone, and says nothing of others
        return None
    if rest == "assetIndex":
        asset = name.upper().removesuffix("USD")
        return _index(world, asset) if asset in world.market.assets else None
    symbol = world.market.symbols.get(name.upper())
    if symbol is None or (rest == "markPrice" and second % _SLOW_SECONDS):
        return None
    maker = _BY_SYMBOL.get(rest)
    return maker(world, symbol) if maker else None


def _of_all(world: World, name: str, rest: str, second: int) -> Message | None:
    if name == "!markPrice" and rest in {"arr", "arr@1s"}:
        if rest == "arr" and second % _SLOW_SECONDS:
            return None
        return [mark_price(world, symbol) for symbol in world.market.symbols.values()]
    if (name, rest) == ("!assetIndex", "arr"):
        return [_index(world, asset) for asset in world.market.assets]
    if (name, rest) == ("!miniTicker", "arr"):
        return [_mini_ticker(world, symbol) for symbol in world.market.symbols.values()]
    if (name, rest) == ("!ticker", "arr"):
        return [_ticker(world, symbol) for symbol in world.market.symbols.values()]
    return None


def mark_price(world: World, symbol: Symbol) -> dict[str, object]:
    """``markPriceUpdate`` of one symbol."""
    quote, now = world.market.quotes[symbol.name], world.time_ms()
    return {
        "e": "markPriceUpdate",
        "E": now,
        "s": symbol.name,
        "p": eight(quote.mark),
        "ap": eight(quote.mark),
        "P": eight(quote.index),
        "i": eight(quote.index),
        "r": eight(quote.funding_rate),
        "T": world.funding_time,
        "st": 1,
    }


def _index(world: World, asset: str) -> dict[str, object]:
    row = index_row(Call(world=world, params={}), asset)
    short = {
        "i": "index",
        "b": "bidBuffer",
        "a": "askBuffer",
        "B": "bidRate",
        "A": "askRate",
        "q": "autoExchangeBidBuffer",
        "g": "autoExchangeAskBuffer",
        "Q": "autoExchangeBidRate",
        "G": "autoExchangeAskRate",
    }
    head = {"e": "assetIndexUpdate", "E": world.time_ms(), "s": f"{asset}USD"}
    return head | {key: row[name] for key, name in short.items()}


def _ticker(world: World, symbol: Symbol) -> dict[str, object]:
    quote = world.market.quotes[symbol.name]
    change = quote.last - quote.opened_at
    price = stepped(quote.last, symbol.tick)
    return {
        "e": "24hrTicker",
        "E": world.time_ms(),
        "s": symbol.name,
        "p": stepped(change, symbol.tick),
        "P": f"{change / quote.opened_at * 100:.3f}",
        "w": price,
        "c": price,
        "Q": stepped(symbol.step, symbol.step),
        "o": stepped(quote.opened_at, symbol.tick),
        "h": stepped(max(quote.last, quote.opened_at), symbol.tick),
        "l": stepped(min(quote.last, quote.opened_at), symbol.tick),
        "v": "0",
        "q": "0",
        "O": world.time_ms() - 86_400_000,
        "C": world.time_ms(),
        "F": 1,
        "L": 1,
        "n": 1,
        "st": 1,
        "ps": symbol.name,
    }


def _mini_ticker(world: World, symbol: Symbol) -> dict[str, object]:
    row = _ticker(world, symbol)
    return {"e": "24hrMiniTicker"} | {name: row[name] for name in ("E", "s", "c", "o", "h", "l", "v", "q", "ps", "st")}


def _single_trade(world: World, symbol: Symbol) -> dict[str, object]:
    """``trade``: described nowhere, but clients listen to it; without ``st`` and ``ps``."""
    row = _trade(world, symbol)
    return (
        {"e": "trade"}
        | {name: row[name] for name in ("E", "T", "s")}
        | {
            "t": row["a"],
            "p": row["p"],
            "q": row["q"],
            "X": "MARKET",
            "m": row["m"],
        }
    )


def _trade(world: World, symbol: Symbol) -> dict[str, object]:
    number, now = world.time_ms() // 1000, world.time_ms()
    return {
        "e": "aggTrade",
        "E": now,
        "s": symbol.name,
        "a": number,
        "p": stepped(world.market.quotes[symbol.name].last, symbol.tick),
        "q": stepped(symbol.step, symbol.step),
        "nq": stepped(symbol.step, symbol.step),
        "f": number,
        "l": number,
        "T": now,
        "m": False,
        "st": 1,
    }


def _book(world: World, symbol: Symbol) -> dict[str, object]:
    (bid, ask), now = top(world.market, symbol.name), world.time_ms()
    return {
        "e": "bookTicker",
        "u": now,
        "E": now,
        "T": now,
        "s": symbol.name,
        "b": stepped(bid.price, symbol.tick),
        "B": stepped(bid.quantity, symbol.step),
        "a": stepped(ask.price, symbol.tick),
        "A": stepped(ask.quantity, symbol.step),
        "st": 1,
        "ps": symbol.name,
    }


_BY_SYMBOL: dict[str, Callable[[World, Symbol], dict[str, object]]] = {
    "markPrice": mark_price,
    "markPrice@1s": mark_price,
    "ticker": _ticker,
    "miniTicker": _mini_ticker,
    "aggTrade": _trade,
    "trade": _single_trade,
    "bookTicker": _book,
}
