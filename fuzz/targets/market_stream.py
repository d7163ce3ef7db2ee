"""Messages of the market stream: single events and lists of them."""

from __future__ import annotations

from fuzz.target import Target, demand
from fuzz.values import shown, sound
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import events, scalars
from plimsoll.model.market import AssetRate


def run(data: bytes) -> None:
    """Translate a message; together with a broken event its sound ones must stay.

    Raises:
        Broken: A result is not sound, a price is not above zero, or a broken neighbour changed something.
    """
    try:
        json = scalars.parse(data, "market stream")
        found = events.market_events(json)
    except Malformed as error:
        shown(error)
        return
    sound(found)
    for event in found:
        rates = (event.bid, event.ask) if isinstance(event, AssetRate) else (event.price,)
        demand(all(rate > 0 for rate in rates), f"a price that is none: {event!r:.200}")
    if found and isinstance(json, list):
        demand(events.market_events([*json, {"e": "markPriceUpdate"}]) == found, "a broken event took others with it")


TARGET = Target(
    name="market-stream",
    about="market events: only Malformed; prices above zero; one broken event does not take its neighbours",
    run=run,
)
