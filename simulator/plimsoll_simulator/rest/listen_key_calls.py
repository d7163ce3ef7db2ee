"""``POST``, ``PUT`` and ``DELETE /fapi/v1/listenKey``: with the API key alone, neither signed nor timed."""

from __future__ import annotations

from plimsoll_simulator.listen_keys import ListenKeys
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Endpoint, Json
from plimsoll_simulator.rest.signing import Security

PATH = "/fapi/v1/listenKey"


def listen_key_endpoints(keys: ListenKeys) -> dict[tuple[str, str], Endpoint]:
    """The three rows of the endpoint table, bound to the exchange's keys."""

    def create(call: Call) -> Json:
        return {"listenKey": keys.open(call.account.name, trading=call.trading)}

    def extend(call: Call) -> Json:
        key = keys.extend(call.account.name, trading=call.trading)
        if key is None:
            raise refusal.no_such_listen_key()
        return {"listenKey": key}

    def end(call: Call) -> Json:
        keys.close(call.account.name, trading=call.trading)
        return {}

    handlers = {"POST": create, "PUT": extend, "DELETE": end}
    return {
        (method, PATH): Endpoint(handler=handler, security=Security.KEY, weight=1)
        for method, handler in handlers.items()
    }
