"""What of one account's standing must be written at once, and what may wait for the next batch."""

from __future__ import annotations

from plimsoll.risk.standing import Standing


def is_urgent(written: Standing | None, now: Standing) -> bool:
    """Whether anything moved since the standing was written: a reference, breach or day of a rule, or the units.

    Only the last sample's unit value and time may wait: what was shown of a rule is never lost with the process.
    """
    return written is None or written.units != now.units or written.rules != now.rules
