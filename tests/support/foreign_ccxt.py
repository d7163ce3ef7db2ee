"""ccxt as a foreign client: its raw methods for every word of the list, so that whole answers can be compared.

Its unified methods, which speak ccxt's own language, have a test of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import ccxt.pro
from ccxt.base.errors import BaseError

from foreign_client import Outcome, Word, camel, code_in, written
from foreign_neutral import neutral
from plimsoll_simulator.server import Simulator

METHODS = {
    "ping": "fapiPublicGetPing",
    "server time": "fapiPublicGetTime",
    "exchange info": "fapiPublicGetExchangeInfo",
    "mark prices": "fapiPublicGetPremiumIndex",
    "last prices": "fapiPublicV2GetTickerPrice",
    "book tickers": "fapiPublicGetTickerBookTicker",
    "day tickers": "fapiPublicGetTicker24hr",
    "asset indices": "fapiPublicGetAssetIndex",
    "order book": "fapiPublicGetDepth",
    "funding rates": "fapiPublicGetFundingRate",
    "funding terms": "fapiPublicGetFundingInfo",
    "candles": "fapiPublicGetKlines",
    "continuous candles": "fapiPublicGetContinuousKlines",
    "recent trades": "fapiPublicGetTrades",
    "aggregated trades": "fapiPublicGetAggTrades",
    "open interest": "fapiPublicGetOpenInterest",
    "adl risks": "fapiPublicGetSymbolAdlRisk",
    "account v2": "fapiPrivateV2GetAccount",
    "account v3": "fapiPrivateV3GetAccount",
    "balances v2": "fapiPrivateV2GetBalance",
    "balances v3": "fapiPrivateV3GetBalance",
    "positions v2": "fapiPrivateV2GetPositionRisk",
    "positions v3": "fapiPrivateV3GetPositionRisk",
    "account settings": "fapiPrivateGetAccountConfig",
    "symbol settings": "fapiPrivateGetSymbolConfig",
    "brackets": "fapiPrivateGetLeverageBracket",
    "asset mode": "fapiPrivateGetMultiAssetsMargin",
    "position mode": "fapiPrivateGetPositionSideDual",
    "trading rules": "fapiPrivateGetApiTradingStatus",
    "commission": "fapiPrivateGetCommissionRate",
    "order limits": "fapiPrivateGetRateLimitOrder",
    "adl quantiles": "fapiPrivateGetAdlQuantile",
    "fee burn": "fapiPrivateGetFeeBurn",
    "open orders": "fapiPrivateGetOpenOrders",
    "open order": "fapiPrivateGetOpenOrder",
    "order": "fapiPrivateGetOrder",
    "all orders": "fapiPrivateGetAllOrders",
    "open algo orders": "fapiPrivateGetOpenAlgoOrders",
    "algo order": "fapiPrivateGetAlgoOrder",
    "all algo orders": "fapiPrivateGetAllAlgoOrders",
    "income": "fapiPrivateGetIncome",
    "trades": "fapiPrivateGetUserTrades",
    "liquidations": "fapiPrivateGetForceOrders",
    "order changes": "fapiPrivateGetOrderAmendment",
    "margin changes": "fapiPrivateGetPositionMarginHistory",
    "place": "fapiPrivatePostOrder",
    "test order": "fapiPrivatePostOrderTest",
    "modify": "fapiPrivatePutOrder",
    "cancel": "fapiPrivateDeleteOrder",
    "place several": "fapiPrivatePostBatchOrders",
    "modify several": "fapiPrivatePutBatchOrders",
    "cancel several": "fapiPrivateDeleteBatchOrders",
    "cancel all": "fapiPrivateDeleteAllOpenOrders",
    "countdown": "fapiPrivatePostCountdownCancelAll",
    "place algo": "fapiPrivatePostAlgoOrder",
    "cancel algo": "fapiPrivateDeleteAlgoOrder",
    "cancel all algo": "fapiPrivateDeleteAlgoOpenOrders",
    "set leverage": "fapiPrivatePostLeverage",
    "set margin type": "fapiPrivatePostMarginType",
    "set asset mode": "fapiPrivatePostMultiAssetsMargin",
    "set position mode": "fapiPrivatePostPositionSideDual",
    "set fee burn": "fapiPrivatePostFeeBurn",
    "move margin": "fapiPrivatePostPositionMargin",
    "open listen key": "fapiPrivatePostListenKey",
    "extend listen key": "fapiPrivatePutListenKey",
    "close listen key": "fapiPrivateDeleteListenKey",
}
_LIST_NAMES = {"orderIdList": "orderidlist", "origClientOrderIdList": "origclientorderidlist"}


def pointed(urls: object, simulator: Simulator) -> object:
    """Ccxt's table of URLs with another scheme, host and port in each."""
    if isinstance(urls, dict):
        return {name: pointed(url, simulator) for name, url in urls.items()}
    return re.sub(r"^ws+://[^/]+", simulator.stream_url, re.sub(r"^https://[^/]+", simulator.url, str(urls)))


class Ccxt:
    """ccxt's asynchronous client for USDT-margined futures, with its streams."""

    name = "ccxt"

    def __init__(self) -> None:
        self.client: Any = None

    async def open(self, simulator: Simulator, account: str) -> None:
        """Point the client at a simulator."""
        key, secret = f"simulator-key-{account}", f"simulator-secret-{account}"
        # Its own pacing would only make the test wait; what it sends is the same.
        self.client = ccxt.pro.binanceusdm({"apiKey": key, "secret": secret, "enableRateLimit": False})
        self.client.urls["api"] = pointed(self.client.urls["api"], simulator)

    async def close(self) -> None:
        """Let go of every connection."""
        await self.client.close()

    async def ask(self, word: str, args: Mapping[str, Word]) -> Outcome:
        """Carry out one call."""
        params = {camel(name): written(value) for name, value in args.items()}
        params = {_LIST_NAMES.get(name, name): value for name, value in params.items()}
        try:
            return Outcome(answer=neutral(await getattr(self.client, METHODS[word])(params)))
        except BaseError as refused:
            return Outcome(raised=type(refused).__name__, code=code_in(str(refused)))
