"""What operators send with ``flatten`` and ``release``."""

from __future__ import annotations

from fuzz.target import Target, demand
from fuzz.values import sound, written
from plimsoll_enforcer.web.wish import LONGEST, BadWish, read_release, read_wish


def run(data: bytes) -> None:
    """Read a body as both kinds of wish.

    Raises:
        Broken: A wish has no reason of one line.
    """
    for read in (read_wish, read_release):
        try:
            wish = read(data)
        except BadWish as bad:
            written(str(bad))
            continue
        sound(wish)
        demand(0 < len(wish.reason) <= LONGEST and wish.reason.isprintable(), "a reason that is none")


TARGET = Target(
    name="operator-wishes",
    about="bodies of flatten and release: only BadWish; one printable line of a reason",
    run=run,
)
