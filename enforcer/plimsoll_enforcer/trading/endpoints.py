"""The calls that change an account, and the one that looks an order up, in the manner of core's ``exchange.endpoints``.

They live here so that no other program can make them. None is ever made again by itself.
"""

from __future__ import annotations

from types import MappingProxyType

from plimsoll.exchange.endpoints import Endpoint

PLACE = Endpoint(
    name="placeOrder",
    verb="POST",
    path="/fapi/v1/order",
    method="futures_create_order",
    weight=0,
    fixed=MappingProxyType({"newOrderRespType": "RESULT"}),
    writes=True,
)
FIND = Endpoint(name="order", path="/fapi/v1/order", method="futures_get_order", weight=1)
CANCEL_ORDER = Endpoint(
    name="cancelOrder", verb="DELETE", path="/fapi/v1/order", method="futures_cancel_order", weight=1, writes=True
)
CANCEL_PLAIN = Endpoint(
    name="allOpenOrders",
    verb="DELETE",
    path="/fapi/v1/allOpenOrders",
    method="futures_cancel_all_open_orders",
    weight=1,
    writes=True,
)
CANCEL_ALGO = Endpoint(
    name="cancelAlgoOrder",
    verb="DELETE",
    path="/fapi/v1/algoOrder",
    method="futures_cancel_algo_order",
    weight=1,
    writes=True,
)
CANCEL_ALGOS = Endpoint(
    name="algoOpenOrders",
    verb="DELETE",
    path="/fapi/v1/algoOpenOrders",
    method="futures_cancel_all_algo_open_orders",
    weight=1,
    writes=True,
)
SET_LEVERAGE = Endpoint(
    name="leverage", verb="POST", path="/fapi/v1/leverage", method="futures_change_leverage", weight=1, writes=True
)

WRITES = (PLACE, CANCEL_ORDER, CANCEL_PLAIN, CANCEL_ALGO, CANCEL_ALGOS, SET_LEVERAGE)
"""Everything that changes an account."""

ENDPOINTS = (*WRITES, FIND)
"""Every call of the enforcer that the exporter does not make, for metrics that start at zero."""
