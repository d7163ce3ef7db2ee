"""How prices move in scenarios: a little, by the world's seed, or along a path that a story lays down."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.digits import SMALLEST
from plimsoll_simulator.world import World

# Prices are drawn back to where they began, so that they wander by parts of a per cent and reach no stop.
_PULL = Decimal("0.01")
SWAY = 0.0002


def wander(world: World) -> None:
    """Let every price wander for a second."""
    for name, quote in world.market.quotes.items():
        drift = (quote.opened_at - quote.mark) * _PULL
        mark = quote.mark + drift + quote.mark * noise(world, SWAY)
        world.market.set_price(name, mark.quantize(SMALLEST))


def noise(world: World, sway: float) -> Decimal:
    """A normal random number of the world, with ``sway`` as its deviation."""
    return Decimal(repr(world.random.gauss(0.0, sway)))
