"""The REST calls this product makes, one row each: what it is called, where it is, what it weighs.

Weights are those of the documentation; what the exchange really counts comes back in a header and wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Parameters = Mapping[str, str | int]
"""Parameters of one call, before the signature's own."""

NOTHING: Parameters = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One call of the exchange.

    Attributes:
        name: What it is called in metrics and messages: the last part of its path, unless two share that.
        verb: HTTP method, in capitals.
        method: The method of python-binance's ``AsyncClient`` that makes the call.
        weight: What it costs of the address's allowance, with a symbol where one can be given.
        weight_all: What it costs without a symbol, where that differs.
        fixed: Parameters that every call of it has.
        wallet: True for the calls of the wallet's host (``/sapi``). It counts for itself: its count and its "too many"
            say nothing about ours; our budget holds its calls all the same, which errs on the safe side.
        writes: True for what changes the account: never made again without being asked to.
    """

    name: str
    verb: str = "GET"
    path: str
    method: str
    weight: int
    weight_all: int | None = None
    fixed: Parameters = field(default_factory=lambda: NOTHING)
    wallet: bool = False
    writes: bool = False

    def cost(self, parameters: Parameters) -> int:
        """The weight of one call with these parameters."""
        if self.weight_all is not None and "symbol" not in parameters:
            return self.weight_all
        return self.weight

    @property
    def repeats(self) -> int:
        """How often a call without an answer is made again: reads twice, a listen key once, what writes never."""
        if self.writes:
            return 0
        return 2 if self.verb == "GET" else 1

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


ACCOUNT = Endpoint(
    # python-binance asks version 2 unless told; "version" goes into the path and is not sent.
    name="account",
    path="/fapi/v3/account",
    method="futures_account",
    weight=5,
    fixed=MappingProxyType({"version": 3}),
)
POSITION_RISK = Endpoint(
    name="positionRisk", path="/fapi/v3/positionRisk", method="futures_position_information", weight=5
)
ACCOUNT_CONFIG = Endpoint(
    name="accountConfig", path="/fapi/v1/accountConfig", method="futures_account_config", weight=5
)
SYMBOL_CONFIG = Endpoint(name="symbolConfig", path="/fapi/v1/symbolConfig", method="futures_symbol_config", weight=5)
LEVERAGE_BRACKET = Endpoint(
    name="leverageBracket", path="/fapi/v1/leverageBracket", method="futures_leverage_bracket", weight=1
)
OPEN_ORDERS = Endpoint(
    name="openOrders", path="/fapi/v1/openOrders", method="futures_get_open_orders", weight=1, weight_all=40
)
OPEN_ALGO_ORDERS = Endpoint(
    name="openAlgoOrders",
    path="/fapi/v1/openAlgoOrders",
    method="futures_get_open_algo_orders",
    weight=1,
    weight_all=40,
)
ALGO_ORDER = Endpoint(name="algoOrder", path="/fapi/v1/algoOrder", method="futures_get_algo_order", weight=1)
INCOME = Endpoint(
    name="income",
    path="/fapi/v1/income",
    method="futures_income_history",
    weight=30,
    fixed=MappingProxyType({"limit": 1000}),
)
API_RESTRICTIONS = Endpoint(
    name="apiRestrictions",
    path="/sapi/v1/account/apiRestrictions",
    method="get_account_api_permissions",
    weight=1,
    wallet=True,
)
OPEN_LISTEN_KEY = Endpoint(
    name="openListenKey", verb="POST", path="/fapi/v1/listenKey", method="futures_stream_get_listen_key", weight=1
)
EXTEND_LISTEN_KEY = Endpoint(
    name="extendListenKey", verb="PUT", path="/fapi/v1/listenKey", method="futures_stream_keepalive", weight=1
)
EXCHANGE_INFO = Endpoint(name="exchangeInfo", path="/fapi/v1/exchangeInfo", method="futures_exchange_info", weight=1)
PREMIUM_INDEX = Endpoint(
    name="premiumIndex", path="/fapi/v1/premiumIndex", method="futures_mark_price", weight=1, weight_all=10
)
ASSET_INDEX = Endpoint(
    name="assetIndex", path="/fapi/v1/assetIndex", method="futures_v1_get_asset_index", weight=1, weight_all=10
)
TIME = Endpoint(name="time", path="/fapi/v1/time", method="futures_time", weight=1)

ENDPOINTS = (
    ACCOUNT,
    POSITION_RISK,
    ACCOUNT_CONFIG,
    SYMBOL_CONFIG,
    LEVERAGE_BRACKET,
    OPEN_ORDERS,
    OPEN_ALGO_ORDERS,
    ALGO_ORDER,
    INCOME,
    API_RESTRICTIONS,
    OPEN_LISTEN_KEY,
    EXTEND_LISTEN_KEY,
    EXCHANGE_INFO,
    PREMIUM_INDEX,
    ASSET_INDEX,
    TIME,
)
"""Every call, for metrics that start at zero and for the documentation."""
