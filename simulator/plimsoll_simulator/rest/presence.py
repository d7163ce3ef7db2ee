"""Parameters that were sent twice, or sent without a value: judged before the endpoint is asked. Pure."""

from __future__ import annotations

from urllib.parse import parse_qsl

from plimsoll_simulator.rest.refusal import Refused, bad_request

NEEDED_WHEREVER_THEY_ARE = frozenset(
    {
        *("symbol", "side", "type", "algoType", "quantity", "price", "triggerPrice", "batchOrders", "countdownTime"),
        *("leverage", "marginType", "dualSidePosition", "amount", "timestamp", "signature"),
    }
)
"""Empty, they are as good as absent (-1102), which the endpoint says itself."""

_CLIENT_IDS = {
    "newClientOrderId": (-1118, "Client order ID was empty."),
    "origClientOrderId": (-1119, "Original client order ID was empty."),
}


def check_presence(query: str, body: str) -> None:
    """Judge query string and form body, each by itself, for a parameter may stand in both.

    Raises:
        Refused: A parameter was sent twice (-1101), or empty (-1105, for client ids -1118 and -1119).
    """
    for text in (query, body):
        pairs = parse_qsl(text, keep_blank_values=True)
        names = [name for name, _ in pairs]
        for name, value in pairs:
            if names.count(name) > 1:
                raise bad_request(-1101, f"Duplicate values for parameter '{name}'.")
            if not value and name not in NEEDED_WHEREVER_THEY_ARE:
                raise _empty(name)


def _empty(name: str) -> Refused:
    code, text = _CLIENT_IDS.get(name, (-1105, f"Parameter '{name}' was empty."))
    return bad_request(code, text)
