"""Control of the story: how far it goes, and the cues by which it keeps in step with its actors."""

from __future__ import annotations

from plimsoll_simulator.control.fields import Fields
from plimsoll_simulator.exchange import Exchange


def set_story(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/story``: the story halts after second ``until``, or goes on where none is given."""
    until = fields.whole("until") if fields.has("until") else None
    fields.finish()
    exchange.stage.until = until
    return tell_story(exchange, fields)


def tell_story(exchange: Exchange, _fields: Fields) -> object:
    """``GET /sim/story``: the last second that was played, and after which the story halts."""
    return {"second": exchange.stage.second, "until": exchange.stage.until}


def report(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/report``: an ``actor`` has dealt with the order of a number (``order_id``)."""
    actor, number = fields.text("actor"), fields.whole("order_id")
    fields.finish()
    exchange.stage.report(actor, number)
    return {}


async def next_cue(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/cue``: wait for what an ``actor`` is to do; ``cue`` is null when the play is over."""
    actor = fields.text("actor")
    fields.finish()
    return {"cue": await exchange.stage.next_cue(actor)}
