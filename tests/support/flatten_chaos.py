"""Random accounts and fault sequences for a flatten, each wholly told by its seed, and what must hold at the end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from fake_rules import instrument
from fake_trader import BOTH, LONG, SHORT, FakeTrader
from fake_trader_faults import Fault, html, refusal, unavailable, unknown
from memory_log import MemoryLog
from plimsoll.model.account import PositionKey
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.run import Flattener
from virtual_time import VirtualClock, play

BUY, SELL = Direction.BUY, Direction.SELL
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "ADAUSDT", "DOTUSDT")

CLOSE_CODES = (
    *(-2022, -4118, -4131, -4164, -4016, -4024, -2023, -4105, -4106, -4107, -4189, -4400, -4401, -1008, -1021),
    *(-2019, -4005, -4003, -4004, -1111, -4023, -4061, -1106, -4062, -4087, -4088, -4139, -4140, -4141, -1015),
    *(-1003, -1001, -1007, -1006, -1000, -2020, -1112, -2010, -2015, -5041, -9999, -4192, -4116),
)
"""Every code that a close may meet, and one that nobody knows."""

READS = ("positions", "plain_orders", "algo_orders", "find", "rules", "settings")
CANCELS = ("cancel_plain", "cancel_order", "cancel_algo", "cancel_algos")
PATIENCE = 900.0
"""Virtual seconds after which a run that has not ended is judged to hang."""


@dataclass(kw_only=True)
class Chaos:
    """One random account in its random world.

    Attributes:
        dust: Legs that no order can close: less than a step.
        others_left: How often somebody else does something yet.
        comes_back: He does so once after the account has become flat.
    """

    seed: int
    trader: FakeTrader
    random: Random
    dust: set[PositionKey] = field(default_factory=set)
    others_left: int = 0
    comes_back: bool = False

    def meanwhile(self, _call: str) -> None:
        """Now and then somebody else does something.

        Not to an account that is flat, where the next look might be the last one; but once he comes back a second
        after it has become so.
        """
        if self.trader.flat:
            if self.comes_back:
                self.comes_back = False
                asyncio.get_running_loop().call_later(1.0, self._event)
        elif self.others_left > 0 and self.random.random() < 0.15:
            self.others_left -= 1
            self._event()

    def _event(self) -> None:
        trader, symbol = self.trader, self.random.choice(list(self.trader.instruments))
        keys = [key for key in trader.open if key not in self.dust]
        kind = self.random.choice(("stop", "adl", "bot-order", "bot-stop", "bot-opens", "crash"))
        if kind in {"stop", "adl"} and keys:
            key = self.random.choice(keys)
            amount = trader.amounts[key]
            kept = Decimal(0) if kind == "stop" else _half(trader, key[0], amount)
            trader.change(key, kept)
        elif kind == "bot-order":
            trader.rest(symbol, self.random.choice((BUY, SELL)), "1", position_side=self._side())
        elif kind == "bot-stop":
            trader.stop(symbol, SELL, "1", position_side=self._side(), reduce_only=False)
        elif kind == "bot-opens":
            side = self._side()
            sign = -1 if side is SHORT or (side is BOTH and self.random.random() < 0.5) else 1
            if (symbol, side) not in self.dust:
                trader.change((symbol, side), Decimal(sign) * self.random.randint(1, 5))
        elif kind == "crash":
            trader.prices[symbol] *= Decimal("0.97")

    def _side(self) -> PositionSide:
        return self.random.choice((LONG, SHORT)) if self.trader.hedge else BOTH


def make(seed: int) -> Chaos:
    """The account and the world of a seed."""
    random = Random(seed)  # noqa: S311 - reproducible by its seed is the point
    trader = FakeTrader(hedge=random.random() < 0.5, round_trip=random.choice((0.0, 0.02, 0.25)))
    trader.prices_in_answers = random.random() < 0.5
    chaos = Chaos(seed=seed, trader=trader, random=random, others_left=random.choice((0, 0, 3, 8)))
    chaos.comes_back = random.random() < 0.2
    for symbol in random.sample(SYMBOLS, random.randint(1, 5)):
        _people(chaos, symbol)
    if random.random() < 0.3:
        trader.algo_reserves = set(trader.instruments)
    trader.rest_fills = random.choice((None, 1.0))
    trader.faults = [_fault(random) for _ in range(random.choice((0, 2, 5, 10)))]
    trader.meanwhile = chaos.meanwhile
    return chaos


def _people(chaos: Chaos, symbol: str) -> None:
    """Give a symbol its positions, orders and rules."""
    random, trader = chaos.random, chaos.trader
    trader.list_symbol(symbol, str(random.randint(1, 1000)))
    most = random.choice(("120", "120", "3", "0.5"))
    trader.instruments[symbol] = instrument(symbol, market_most=most, step=random.choice(("0.001", "0.1")))
    if random.random() < 0.1:
        market = trader.instruments[symbol].market_quantity
        trader.instruments[symbol] = replace(
            trader.instruments[symbol], market_quantity=replace(market, least=Decimal("0.4"))
        )
    for side in (LONG, SHORT) if trader.hedge else (BOTH,):
        if random.random() < 0.7:
            _position(chaos, symbol, side)
    for _ in range(random.choice((0, 0, 1, 3))):
        side = chaos._side()  # noqa: SLF001 - a helper of the same file
        if random.random() < 0.5:
            trader.rest(symbol, random.choice((BUY, SELL)), "1", position_side=side)
        else:
            protects = random.random() < 0.5
            trader.stop(
                symbol, random.choice((BUY, SELL)), "1", position_side=side, reduce_only=protects and not trader.hedge
            )


def _position(chaos: Chaos, symbol: str, side: PositionSide) -> None:
    random, trader = chaos.random, chaos.trader
    step = trader.instruments[symbol].quantity.step
    assert step is not None
    quantity = step * random.choice((1, 3, 17, 40, 150))
    if random.random() < 0.05 and step == Decimal("0.1"):
        quantity = Decimal("0.05")
        chaos.dust.add((symbol, side))
    sign = -1 if side is SHORT or (side is BOTH and random.random() < 0.5) else 1
    trader.amounts[symbol, side] = sign * quantity


def _half(trader: FakeTrader, symbol: str, amount: Decimal) -> Decimal:
    step = trader.instruments[symbol].quantity.step
    assert step is not None
    return Decimal(int(amount / 2 / step)) * step


def _fault(random: Random) -> Fault:
    make_one = random.choice((_code, _code, _code, _unknown, _late, _partial, _failing, _failing, _slow, _outage))
    return replace(make_one(random), skip=random.choice((0, 0, 1, 3)))


def _times(random: Random) -> int:
    return random.choice((1, 1, 1, 2, 4))


def _code(random: Random) -> Fault:
    return Fault(call="place", error=refusal(random.choice(CLOSE_CODES)), times=_times(random))


def _unknown(random: Random) -> Fault:
    error = random.choice((unknown(), html()))
    return Fault(call="place", error=error, executed=random.random() < 0.5, times=_times(random))


def _late(random: Random) -> Fault:
    return Fault(call="place", late=random.choice((0.05, 0.4, 1.2)))


def _partial(random: Random) -> Fault:
    return Fault(call="place", share=Decimal(random.choice(("0", "0.5"))), times=_times(random))


def _slow(random: Random) -> Fault:
    return Fault(call=random.choice((*READS, *CANCELS)), seconds=random.choice((0.5, 4.0)), times=_times(random))


def _outage(random: Random) -> Fault:
    return Fault(call="*", error=unavailable(), times=random.choice((5, 20)))


def _failing(random: Random) -> Fault:
    error = random.choice((unknown(), unavailable(), refusal(-1003), html()))
    call = random.choice(random.choice((READS, CANCELS)))
    return Fault(call=call, error=error, times=_times(random), executed=random.random() < 0.5)


def run(chaos: Chaos, log: MemoryLog, *, deaths: int = 0) -> FlattenResult | None:
    """Flatten, after so many deaths at random moments; ``None`` where only what nobody can close kept it going."""
    return play(_run(chaos, log, deaths))


async def _run(chaos: Chaos, log: MemoryLog, deaths: int) -> FlattenResult | None:
    for _ in range(deaths):
        life = asyncio.ensure_future(_life(chaos, log))
        await asyncio.wait({life}, timeout=chaos.random.random() * 2)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
    ended = asyncio.ensure_future(_life(chaos, log))
    patience = 120.0 if chaos.dust else PATIENCE
    await asyncio.wait({ended}, timeout=patience)
    if not ended.done():
        ended.cancel()
        await asyncio.gather(ended, return_exceptions=True)
        return None
    result = ended.result()
    await chaos.trader.arrived()
    return result


async def _life(chaos: Chaos, log: MemoryLog) -> FlattenResult:
    return await Flattener(chaos.trader, chaos.trader, VirtualClock()).flatten(log)


def faults_of(chaos: Chaos, result: FlattenResult | None, log: MemoryLog) -> list[str]:
    """What is wrong with how a run ended; empty where it kept every promise."""
    trader, wrong = chaos.trader, list(chaos.trader.offences)
    closable = set(trader.open) - chaos.dust
    if closable:
        wrong.append(f"left open: {sorted(closable)}")
    if trader.plain or (trader.algo and not trader.open):
        wrong.append(f"orders left: {[*trader.plain.values(), *trader.algo.values()]}")
    if result is None and not (set(trader.open) & chaos.dust):
        wrong.append("did not end, and nothing kept it from ending")
    if result is not None and not (result.flat and result.confirmed and trader.flat):
        wrong.append(f"says {result}, and there is {trader.open}")
    if len(log.sent) != len({order.client_id for order in trader.sent} | set(log.sent)):
        wrong.append("sent what the record does not know")
    wrong += [f"an error of our own: {text}" for kind, text in log.steps if kind == "failed"]
    return wrong
