"""``GET`` and ``POST /fapi/v1/feeBurn``: whether the account pays its fees in BNB where it has some."""

from __future__ import annotations

from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Json


def status(call: Call) -> Json:
    """``GET``."""
    return {"feeBurn": call.account.fee_burn}


def switch(call: Call) -> Json:
    """``POST`` with ``feeBurn``.

    Raises:
        Refused: The parameter is neither ``true`` nor ``false`` (-1102).
    """
    wanted = call.params.get("feeBurn", "").lower()
    if wanted not in {"true", "false"}:
        raise refusal.missing("feeBurn")
    call.account.fee_burn = wanted == "true"
    return {"code": 200, "msg": "success"}
