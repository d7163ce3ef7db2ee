"""``october-mirror``: a mirror that copies ``source`` into ``eon`` at the source's size, in a falling market.

Here are the accounts, the prices and the timetable; the orders come over HTTP from the actors ``bot`` and ``mirror``.
A tranche of 85,000 USD is a round quantity of each symbol at its first price, so that the figures are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial

from plimsoll_simulator.digits import ONE, SMALLEST, ZERO
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.scenarios.placing import set_leverage
from plimsoll_simulator.scenarios.scenario import Scenario, three_accounts
from plimsoll_simulator.stage import Cue
from plimsoll_simulator.world import World

LEVERAGE = 6
TRANCHE_USD = "85000"
TRANCHES = ("BTC", "BTC", "ETH", "BTC", "BTC", "BTC", "ETH", "ETH")
TRANCHE_EVERY = 10

PRICES = {"BTC": Decimal(85_000), "ETH": Decimal(3_125), "SOL": Decimal(136)}

FALL_BEGINS = 90
FALL_SECONDS = 150
FALL_PER_SECOND = Decimal("0.0002")
SELL_AT = FALL_BEGINS + 50
"""When prices are 1 % down."""

GAP = Decimal("0.015")
GAP_AT = FALL_BEGINS + 96
"""The second in which eon, left alone with 255,000 USD, would fall through its floor of 45,000: 1.92 % down."""

STORY_ENDS = FALL_BEGINS + FALL_SECONDS

TIMETABLE: Mapping[int, tuple[Cue, ...]] = {
    **{
        TRANCHE_EVERY * number: ({"action": "buy", "symbol": f"{base}USDT", "usd": TRANCHE_USD},)
        for number, base in enumerate(TRANCHES, start=1)
    },
    SELL_AT: tuple({"action": "close", "symbol": symbol} for symbol in ("BTCUSDT", "ETHUSDT")),
}
"""What the bot is told to do, by second of the story."""


def _set_up(world: World, _option: str) -> None:
    for account in three_accounts(world):
        set_leverage(world, account, LEVERAGE)
    # Funding would move the wallets away from the figures of the incident.
    for name, quote in world.market.quotes.items():
        quote.funding_rate = ZERO
        quote.opened_at = PRICES.get(world.market.symbols[name].base, quote.opened_at)
        world.market.set_price(name, quote.opened_at)


def share_left(second: int, gap: Decimal = ZERO) -> Decimal:
    """What everything is worth in a second of the story, as a share of its first price."""
    fallen = FALL_PER_SECOND * min(max(second - FALL_BEGINS, 0), FALL_SECONDS)
    return ONE - fallen - (gap if second >= GAP_AT else ZERO)


def _step(world: World, second: int, gap: Decimal = ZERO) -> None:
    share = share_left(second, gap)
    for name, quote in world.market.quotes.items():
        world.market.set_price(name, (quote.opened_at * share).quantize(SMALLEST))


async def _conduct(exchange: Exchange, second: int) -> None:
    """Cue the bot, one order at a time; the mirror has dealt with each before anything else happens."""
    for cue in TIMETABLE.get(second, ()):
        await exchange.stage.cue("bot", cue)
        orders = exchange.world.accounts["source"].orders.values()
        done = [order.order_id for order in orders if order.executed and not order.working]
        await exchange.stage.dealt_with("mirror", done)


_STORY = Scenario(
    name="october-mirror",
    summary="a mirror copies source into eon at the source's size while prices fall by 3 %; gap: 1.5 % of it at once",
    set_up=_set_up,
    step=_step,
    actors=("mirror", "bot"),
    conduct=_conduct,
)
SCENARIO = replace(_STORY, variants={"gap": replace(_STORY, step=partial(_step, gap=GAP))})
