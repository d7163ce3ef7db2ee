"""Messages of the user-data stream, bare and wrapped."""

from __future__ import annotations

from fuzz.target import Target, demand
from fuzz.values import shown, sound
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import events, scalars


def run(data: bytes) -> None:
    """Translate a message; wrapped, and with its keys in another order, it must be the same event.

    Raises:
        Broken: The event is not sound, or the same content gives another event or another identity.
    """
    try:
        json = scalars.parse(data, "user stream")
        found = events.account_event(json)
    except Malformed as error:
        shown(error)
        return
    sound(found)
    if isinstance(json, dict) and not {"stream", "data"} <= json.keys():
        turned = dict(reversed(json.items()))
        wrapped = {"stream": "x", "data": turned}
        demand(events.account_event(wrapped) == found, "wrapping changed the event")
        demand(events.fingerprint(wrapped) == events.fingerprint(json), "wrapping changed the identity")


TARGET = Target(
    name="user-stream",
    about="user-data events: only Malformed; wrapping and order of keys change neither event nor identity",
    run=run,
)
