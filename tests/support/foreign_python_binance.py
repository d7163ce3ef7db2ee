"""python-binance as a foreign client: which of its methods a word stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from binance import AsyncClient
from binance.exceptions import BinanceAPIException

from foreign_client import Outcome, Word, camel, written
from foreign_neutral import neutral
from plimsoll_simulator.server import Simulator

METHODS = {
    "ping": "futures_ping",
    "server time": "futures_time",
    "exchange info": "futures_exchange_info",
    "mark prices": "futures_mark_price",
    "last prices": "futures_symbol_ticker",
    "book tickers": "futures_orderbook_ticker",
    "day tickers": "futures_ticker",
    "asset indices": "futures_v1_get_asset_index",
    "order book": "futures_order_book",
    "funding rates": "futures_funding_rate",
    "funding terms": "futures_v1_get_funding_info",
    "candles": "futures_klines",
    "continuous candles": "futures_continuous_klines",
    "recent trades": "futures_recent_trades",
    "aggregated trades": "futures_aggregate_trades",
    "open interest": "futures_open_interest",
    "adl risks": "futures_symbol_adl_risk",
    "account v2": "futures_account",
    "account v3": "futures_account",
    "balances v2": "futures_account_balance",
    "balances v3": "futures_account_balance",
    "positions v2": "futures_position_information",
    "positions v3": "futures_position_information",
    "account settings": "futures_account_config",
    "symbol settings": "futures_symbol_config",
    "brackets": "futures_leverage_bracket",
    "asset mode": "futures_get_multi_assets_mode",
    "position mode": "futures_get_position_mode",
    "trading rules": "futures_api_trading_status",
    "commission": "futures_commission_rate",
    "order limits": "futures_v1_get_rate_limit_order",
    "adl quantiles": "futures_adl_quantile_estimate",
    "fee burn": "futures_v1_get_fee_burn",
    "open orders": "futures_get_open_orders",
    "open order": "futures_v1_get_open_order",
    "order": "futures_get_order",
    "all orders": "futures_get_all_orders",
    "open algo orders": "futures_get_open_algo_orders",
    "algo order": "futures_get_algo_order",
    "all algo orders": "futures_get_all_algo_orders",
    "income": "futures_income_history",
    "trades": "futures_account_trades",
    "liquidations": "futures_liquidation_orders",
    "order changes": "futures_v1_get_order_amendment",
    "margin changes": "futures_position_margin_history",
    "place": "futures_create_order",
    "test order": "futures_create_test_order",
    "modify": "futures_modify_order",
    "cancel": "futures_cancel_order",
    "place several": "futures_place_batch_order",
    "modify several": "futures_modify_order",  # SINGLY, see there
    "cancel several": "futures_cancel_orders",
    "cancel all": "futures_cancel_all_open_orders",
    "countdown": "futures_countdown_cancel_all",
    "place algo": "futures_create_algo_order",
    "cancel algo": "futures_cancel_algo_order",
    "cancel all algo": "futures_cancel_all_algo_open_orders",
    "set leverage": "futures_change_leverage",
    "set margin type": "futures_change_margin_type",
    "set asset mode": "futures_change_multi_assets_mode",
    "set position mode": "futures_change_position_mode",
    "set fee burn": "futures_v1_post_fee_burn",
    "move margin": "futures_change_position_margin",
    "open listen key": "futures_stream_get_listen_key",
    "extend listen key": "futures_stream_keepalive",
    "close listen key": "futures_stream_close",
}
SINGLY = frozenset({"modify several"})
"""Words that this client cannot say in one call, and says one element at a time; what it means by them is compared all
the same. Its ``futures_v1_put_batch_orders`` signs a list otherwise than it sends it (``test_sim_python_binance``)."""

# The library asks for one version unless told otherwise.
_VERSIONS = {"account v3": 3, "balances v2": 2, "positions v2": 2}
_LIST_NAMES = {"orderIdList": "orderidlist", "origClientOrderIdList": "origclientorderidlist"}


class PythonBinance:
    """python-binance's asynchronous client."""

    name = "python-binance"

    def __init__(self) -> None:
        self.client: Any = None
        self._key = ""

    async def open(self, simulator: Simulator, account: str) -> None:
        """Point the client at a simulator."""
        self.client = AsyncClient(f"simulator-key-{account}", f"simulator-secret-{account}")
        self.client.FUTURES_URL = f"{simulator.url}/fapi"
        self.client.MARGIN_API_URL = f"{simulator.url}/sapi"

    async def close(self) -> None:
        """Let go of every connection."""
        await self.client.close_connection()

    async def ask(self, word: str, args: Mapping[str, Word]) -> Outcome:
        """Carry out one call."""
        params = {camel(name): written(value) for name, value in args.items()}
        params = {_LIST_NAMES.get(name, name): value for name, value in params.items()}
        if word in _VERSIONS:
            params["version"] = _VERSIONS[word]
        try:
            answer = await self._call(word, params)
            return Outcome(answer=neutral(answer), plain=answer)
        except BinanceAPIException as refused:
            return Outcome(raised=type(refused).__name__, code=refused.code)

    async def _call(self, word: str, params: dict[str, Any]) -> object:
        method = getattr(self.client, METHODS[word])
        if word == "open listen key":
            self._key = await method()
            return {"listenKey": self._key}
        if word in {"extend listen key", "close listen key"}:
            return await method(self._key)
        if word in SINGLY:
            return [await self.client.futures_modify_order(**row) for row in params["batchOrders"]]
        if word == "set asset mode":
            # The library takes a truth value here and writes it as text itself.
            return await method(multiAssetsMargin=params["multiAssetsMargin"] == "true")
        return await method(**params)
