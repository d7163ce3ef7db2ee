"""How the algo service refuses: its own codes in the exchange's words; it shares the others with the engine."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll_simulator.rest.refusal import Refused, bad_request
from plimsoll_simulator.trading import refusals

_TEXTS: Mapping[int, str] = {
    -2021: "Order would immediately trigger.",
    -4006: "Stop price less than zero.",
    -4007: "Stop price greater than max price.",
    -4045: "Reach max stop order limit.",
    -4117: "Stop order is in triggering process.",
    -4130: "An open stop or take profit order with GTE and closePosition in the direction is existing.",
    -4135: "Invalid activation price",
    -4137: "Quantity must be zero with closePosition equals true",
    -4138: "Reduce only must be true with closePosition equals true",
    -4142: "REJECT: take profit or stop order will be triggered immediately.",
    -4509: "Time in Force (TIF) GTE can only be used with open positions. Please ensure that positions are available.",
}


def refused(code: int, *values: object) -> Refused:
    """The refusal of a code, its text filled with ``values``."""
    return bad_request(code, _TEXTS[code]) if code in _TEXTS else refusals.refused(code, *values)
