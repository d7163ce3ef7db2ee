"""Refusals on command, by their code: what ``POST /sim/fail`` answers where it is given a ``code``.

Every code of the exchange can be had so, those too that nothing here leads to; the texts of these stand here.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll_simulator.control.fields import FieldError, Fields
from plimsoll_simulator.rest.refusal import Refused

_LEAST, _LARGEST = -9999, -1000

_STATUS: Mapping[int, int] = {
    -1000: 503,
    -1001: 503,
    -1002: 401,
    -1003: 429,
    -1007: 408,
    -1008: 503,
    -1015: 429,
    -1016: 503,
    -2014: 401,
    -2015: 401,
}
"""The HTTP status of a code, where it is not 400."""

_TEXTS: Mapping[int, str] = {
    -1000: "An unknown error occurred while processing the request.",
    -1001: "Internal error; unable to process your request. Please try again.",
    -1002: "You are not authorized to execute this request.",
    -1004: "This IP is already on the white list",
    -1005: "No such IP has been white listed",
    -1006: "An unexpected response was received from the message bus. Execution status unknown.",
    -1007: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
    -1010: "ERROR_MSG_RECEIVED.",
    -1011: "This IP cannot access this route.",
    -1013: "INVALID_MESSAGE",
    -1014: "Unsupported order combination.",
    -1016: "This service is no longer available.",
    -1020: "This operation is not supported.",
    -1099: "Not found, authenticated, or authorized",
    -1103: "An unknown parameter was sent.",
    -1104: "Not all sent parameters were read.",
    -1108: "Invalid asset.",
    -1109: "Invalid account.",
    -1110: "Invalid symbolType.",
    -1114: "TimeInForce parameter sent when not required.",
    -1126: "This asset is not supported.",
    -2010: "NEW_ORDER_REJECTED",
    -2012: "Batch cancel failure.",
    -2016: "No trading window could be found for the symbol. Try ticker/24hrs instead.",
    -2017: "API Keys are locked on this account.",
    -2018: "Balance is insufficient.",
    -2020: "Unable to fill.",
    -2024: "Position is not sufficient.",
    -2026: "This OrderType is not supported when reduceOnly.",
    -4000: "Invalid order status.",
    -4052: "No need to change auto add margin.",
    -4053: "Auto add margin only support for isolated position.",
    -4083: "Fail to process batch placing orders.",
    -4129: "Time in Force (TIF) GTE can only be used with open positions or open orders.",
    -4531: "Position mode cannot be changed now.",
    -5028: "Timestamp for this request is outside of the ME recvWindow.",
    -5043: "A pending modification already exists for this order.",
}


def coded(fields: Fields) -> Refused | None:
    """The refusal that ``code`` and ``msg`` ask for; ``None`` without a code.

    Raises:
        FieldError: It is no error code.
    """
    if not fields.has("code"):
        return None
    value = fields.decimal("code")
    if value != value.to_integral_value() or not _LEAST <= value <= _LARGEST:
        raise FieldError("code", f"must be a whole number from {_LEAST} to {_LARGEST}, found {value}")
    code = int(value)
    text = fields.text("msg") if fields.has("msg") else _TEXTS.get(code, "The request is refused.")
    return Refused(status=_STATUS.get(code, 400), code=code, text=text)
