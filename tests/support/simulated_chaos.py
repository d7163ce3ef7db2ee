"""Random accounts and fault sequences at the simulated exchange, each wholly told by its seed, in a virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from random import seed as seed_everything

from memory_log import MemoryLog
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.run import Flattener
from plimsoll_simulator.account import Account
from plimsoll_simulator.digits import exact
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.living import pass_second
from plimsoll_simulator.world import World
from simulated_wire import Wire, connect, sim
from virtual_time import VirtualClock, play

ORDER = "POST /fapi/v1/order"
READS = ("v3/positionRisk", "v1/openOrders", "v1/openAlgoOrders", "v1/order", "v1/exchangeInfo")
CANCELS = ("v1/allOpenOrders", "v1/algoOpenOrders", "v1/algoOrder", "v1/order")
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "DOTUSDT", "ADAUSDT", "BTCUSDC")
CODES = (
    *(-2022, -4118, -4131, -4164, -4016, -4024, -2023, -4105, -4106, -4107, -4189, -4400, -1008, -1021, -2019),
    *(-4005, -4003, -4004, -1111, -4023, -4061, -1106, -4062, -4087, -4088, -4139, -4140, -4141, -1015, -1003),
    *(-1000, -1001, -1006, -1007, -1112, -2010, -2015, -2020, -5041, -9999),
)
RESTRICTIONS = (-4087, -4088, -4105, -4139, -4189, -4400, -4401)
UNKNOWN = {"code": 0, "msg": "Unknown error, please check your request or try again later."}
TROUBLE = 12.0
"""Seconds in which things happen; what was broken is whole again soon after."""

PATIENCE = 900.0
"""Virtual seconds after which a run that has not ended is judged to hang."""


@dataclass(kw_only=True)
class Play:
    """One seed's world.

    Attributes:
        log: The run's record, over its deaths.
        grown: What somebody else has opened meanwhile, so that a position may be larger than before.
    """

    random: Random
    exchange: Exchange
    account: Account
    wire: Wire
    log: MemoryLog = field(default_factory=MemoryLog)
    wrong: list[str] = field(default_factory=list)
    sizes: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    outside: bool = False

    @property
    def world(self) -> World:
        """The simulated world."""
        return self.exchange.world

    def sim(self, path: str, **fields: object) -> None:
        """One command about the account, as from outside."""
        self.outside = True
        try:
            sim(self.exchange, path, account=self.account.name, **fields)
        finally:
            self.outside = False
            self.look()

    def look(self) -> None:
        """Nobody but somebody outside may make a position larger or turn it round."""
        for key, position in self.account.positions.items():
            before = self.sizes.get(key, Decimal(0))
            grew = abs(position.amount) > abs(before) or position.amount * before < 0
            if grew and not self.outside:
                self.wrong.append(f"{key} went from {before} to {position.amount}")
            self.sizes[key] = position.amount

    def legs(self) -> tuple[str, ...]:
        """The position sides of its mode."""
        return ("LONG", "SHORT") if self.account.hedge else ("BOTH",)

    def flat(self) -> bool:
        """Whether nothing is left, by the exchange's books."""
        held = any(position.amount for position in self.account.positions.values())
        return not held and not self.account.open_orders() and not self.account.open_algo_orders()


def run(seed: int) -> list[str]:
    """Play a seed; gives what is wrong with how it ended."""
    seed_everything(seed)  # the repeats of a read are spread by chance
    return play(_run(Random(seed), deaths=seed % 3))  # noqa: S311 - reproducible by its seed is the point


async def _run(random: Random, deaths: int) -> list[str]:
    stage = _make(random)
    world = asyncio.ensure_future(_pass(stage))
    for _ in range(random.choice((0, 2, 4, 7))):
        delay = random.random() * random.choice((0.2, 2.0, TROUBLE))
        asyncio.get_running_loop().call_later(delay, _guarded, stage, random.choice(EVENTS))
    for _ in range(deaths):
        life = asyncio.ensure_future(_life(stage))
        await asyncio.wait({life}, timeout=random.random() * 2)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
    last = asyncio.ensure_future(_life(stage))
    await asyncio.wait({last}, timeout=PATIENCE)
    if last.done() and asyncio.get_running_loop().time() < TROUBLE * 3:
        # Whatever came after it was flat is for the lockout, which closes in the same way.
        await asyncio.sleep(TROUBLE * 3)
        last = asyncio.ensure_future(_life(stage))
        await asyncio.wait({last}, timeout=PATIENCE)
    world.cancel()
    return _judged(stage, last)


async def _life(stage: Play) -> FlattenResult:
    return await Flattener(stage.wire.trader, stage.wire.market, VirtualClock()).flatten(stage.log)


def _judged(stage: Play, last: asyncio.Future[FlattenResult]) -> list[str]:
    wrong = list(stage.wrong)
    if not last.done():
        last.cancel()
        return [*wrong, f"did not end: {stage.log.steps[-5:]}"]
    result = last.result()
    if not (result.flat and result.confirmed and stage.flat()):
        wrong.append(f"says {result}")
    wrong += [text for kind, text in stage.log.steps if kind == "failed"]
    ours = [order for order in stage.account.orders.values() if order.client_id.startswith("plim-")]
    wrong += [f"{order.client_id} could open" for order in ours if not order.reduce_only]
    if len({order.client_id for order in ours}) < len(ours):
        wrong.append("something was sent twice")
    return wrong


async def _pass(stage: Play) -> None:
    """The exchange's own seconds."""
    while True:
        await asyncio.sleep(1.0)
        stage.outside = True
        with exact():
            pass_second(stage.world)
        stage.outside = False
        stage.look()


def _guarded(stage: Play, event: Callable[[Play], None]) -> None:
    with exact():
        event(stage)


def _make(random: Random) -> Play:
    world = World(clock=VirtualClock(), seed=random.randrange(10**6))
    wealth = random.choice(("1000000", "60000"))
    account = world.add_account("desk", {"USDT": Decimal(wealth), "USDC": Decimal(wealth)})
    exchange = Exchange(world)
    wire = connect(exchange, account, VirtualClock())
    stage = Play(random=random, exchange=exchange, account=account, wire=wire)
    world.listeners.append(lambda _name, _event: stage.look())
    for symbol in SYMBOLS:
        account.setting(symbol).leverage = 20
    stage.sim("config", hedge=random.random() < 0.5)
    kind = random.choice(("cross", "isolated", "multi"))
    if kind == "multi":
        stage.sim("config", multi_assets=True)
    for symbol in random.sample(SYMBOLS, random.randint(1, 5)):
        if kind == "isolated":
            stage.sim("config", symbol=symbol, margin_type="ISOLATED")
        _people(stage, symbol)
    exchange.rest_faults.latency = random.choice((0.0, 0.02, 0.25))
    for _ in range(random.choice((0, 1, 3, 6))):
        random.choice((_refuse, _refuse, _lose, _break_read, _break_cancel, _slow))(stage)
    return stage


def _quantity(stage: Play, symbol: str) -> str:
    """Worth some thousands of dollars, on the step; now and then more than one market order may hold."""
    found = stage.world.market.symbols[symbol]
    worth = stage.random.choice((50, 3000, 3000, 15000))
    steps = max(1, int(worth / stage.world.market.quotes[symbol].mark / found.step))
    return f"{found.step * steps:f}"


def _people(stage: Play, symbol: str) -> None:
    random = stage.random
    for leg in stage.legs():
        if random.random() < 0.75:
            _open(stage, symbol, leg)
    if random.random() < 0.3:
        known = stage.world.market.symbols[symbol]
        held = max((abs(row.amount) for row in stage.account.positions.values() if row.symbol == symbol), default=None)
        if held:
            piece = max(known.step, (held / 3 // known.step) * known.step)
            stage.world.market.symbols[symbol] = replace(known, market_max=piece)
    for _ in range(random.choice((0, 1, 2))):
        _rest(stage, symbol)


def _open(stage: Play, symbol: str, leg: str) -> None:
    side = {"LONG": "BUY", "SHORT": "SELL"}.get(leg) or stage.random.choice(("BUY", "SELL"))
    stage.sim("trade", symbol=symbol, side=side, quantity=_quantity(stage, symbol), position_side=leg)


def _rest(stage: Play, symbol: str) -> None:
    """A plain or conditional order of any purpose, away from the market."""
    random, mark = stage.random, stage.world.market.quotes[symbol].mark
    tick = stage.world.market.symbols[symbol].tick
    side, leg = random.choice(("BUY", "SELL")), random.choice(stage.legs())
    low, high = (f"{(mark * ratio // tick) * tick:f}" for ratio in (Decimal("0.96"), Decimal("1.04")))
    order = {"symbol": symbol, "side": side, "quantity": _quantity(stage, symbol), "position_side": leg}
    # The exchange itself marks what closes a leg of a hedge.
    closes_leg = (leg, side) in {("LONG", "SELL"), ("SHORT", "BUY")}
    only = closes_leg or (random.random() < 0.5 and not stage.account.hedge)
    if random.random() < 0.5:
        stage.sim("order", **order, price=low if side == "BUY" else high, reduce_only=only)
    else:
        trigger = high if side == "BUY" else low
        stage.sim("order", **order, type="STOP_MARKET", trigger_price=trigger, reduce_only=only)


# What goes wrong with calls.


def _refuse(stage: Play) -> None:
    code, times = stage.random.choice(CODES), stage.random.choice((1, 1, 2, 5))
    sim(stage.exchange, "fail", endpoint=ORDER, code=code, times=times)


def _lose(stage: Play) -> None:
    how: dict[str, object] = stage.random.choice(({"status": 503, "body": UNKNOWN}, {"reset": True}))
    executed = stage.random.random() < 0.5
    sim(stage.exchange, "fail", endpoint=ORDER, times=stage.random.choice((1, 2, 4)), executed=executed, **how)


def _break_read(stage: Play) -> None:
    path = f"GET /fapi/{stage.random.choice(READS)}"
    how: dict[str, object] = stage.random.choice(
        ({"status": 500, "body": "<html>"}, {"code": -1003}, {"status": 200, "body": "[{}]"}, {"code": -1001})
    )
    sim(stage.exchange, "fail", endpoint=path, times=stage.random.choice((1, 3, 8)), **how)


def _break_cancel(stage: Play) -> None:
    path = f"DELETE /fapi/{stage.random.choice(CANCELS)}"
    how: dict[str, object] = stage.random.choice(({"status": 503, "body": UNKNOWN}, {"code": -2012}, {"code": -1001}))
    sim(stage.exchange, "fail", endpoint=path, times=stage.random.choice((1, 3)), **how)


def _slow(stage: Play) -> None:
    path = stage.random.choice((ORDER, f"GET /fapi/{stage.random.choice(READS)}"))
    sim(stage.exchange, "fail", endpoint=path, times=2, delay=stage.random.choice((0.5, 4.0)))


# What happens meanwhile.


def _symbol(stage: Play) -> str:
    return stage.random.choice(SYMBOLS)


def _move(stage: Play) -> None:
    """A price jumps: stops trigger, orders fill, accounts are liquidated."""
    symbol = _symbol(stage)
    ratio = Decimal(stage.random.choice(("0.93", "0.97", "1.03", "1.07")))
    mark = (stage.world.market.quotes[symbol].mark * ratio).quantize(Decimal("0.0001"))
    stage.outside = True
    sim(stage.exchange, "price", symbol=symbol, mark=str(mark))
    stage.outside = False
    stage.look()


def _tear(stage: Play) -> None:
    """Last and mark price stand apart for a while: -4131."""
    symbol = _symbol(stage)
    mark = stage.world.market.quotes[symbol].mark
    tick = stage.world.market.symbols[symbol].tick
    last = (mark * Decimal(stage.random.choice(("0.92", "1.08"))) // tick) * tick
    stage.outside = True
    sim(stage.exchange, "price", symbol=symbol, mark=str(mark), last=str(last))
    stage.outside = False
    stage.look()
    _later(stage, lambda: _heal(stage, symbol))


def _heal(stage: Play, symbol: str) -> None:
    stage.outside = True
    sim(stage.exchange, "price", symbol=symbol, mark=str(stage.world.market.quotes[symbol].mark))
    stage.outside = False
    stage.look()


def _thin(stage: Play) -> None:
    """The book gives next to nothing for a while (er 9), or nothing at all (-1112)."""
    symbol = _symbol(stage)
    sim(stage.exchange, "book", symbol=symbol, depth_usd=stage.random.choice((0, 20)))
    _later(stage, lambda: sim(stage.exchange, "book", symbol=symbol, depth_usd=1_000_000))


def _restrict(stage: Play) -> None:
    code, symbol = stage.random.choice(RESTRICTIONS), _symbol(stage)
    sim(stage.exchange, "restrict", account="desk", symbol=symbol, code=code)
    _later(stage, lambda: sim(stage.exchange, "restrict", account="desk", symbol=symbol))


def _shut(stage: Play) -> None:
    """A market that is closed with everybody's positions in it (-4141)."""
    symbol, symbols = _symbol(stage), stage.world.market.symbols
    symbols[symbol] = replace(symbols[symbol], status="CLOSE")
    _later(stage, lambda: symbols.update({symbol: replace(symbols[symbol], status="TRADING")}))


def _deleverage(stage: Play) -> None:
    held = [row for row in stage.account.positions.values() if row.amount]
    if held:
        row = stage.random.choice(held)
        stage.sim("adl", symbol=row.symbol, position_side=row.side)


def _bot_trades(stage: Play) -> None:
    _open(stage, _symbol(stage), stage.random.choice(stage.legs()))


def _bot_rests(stage: Play) -> None:
    _rest(stage, _symbol(stage))


def _outage(stage: Play) -> None:
    sim(stage.exchange, "fail", endpoint="*", times=stage.random.choice((10, 40)), code=-1016)


def _overload(stage: Play) -> None:
    sim(stage.exchange, "overload", on=True)


def _later(stage: Play, mend: Callable[[], object]) -> None:
    asyncio.get_running_loop().call_later(stage.random.choice((0.5, 3.0, 15.0)), lambda: _guarded(stage, _of(mend)))


def _of(mend: Callable[[], object]) -> Callable[[Play], None]:
    def event(_stage: Play) -> None:
        mend()

    return event


EVENTS: tuple[Callable[[Play], None], ...] = (
    *(_move, _tear, _thin, _restrict, _shut, _deleverage, _bot_trades, _bot_rests, _outage, _overload, _refuse, _lose),
)
