"""Binance's official SDK as a foreign client: strict models, and every word of doubt in its log counts as a failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import Error
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from binance_sdk_derivatives_trading_usds_futures.rest_api.models import (
    ModifyMultipleOrdersBatchOrdersParameterInner,
    PlaceMultipleOrdersBatchOrdersParameterInner,
)

from foreign_client import Outcome, Word
from foreign_neutral import neutral, unknown_fields
from plimsoll_simulator.server import Simulator

METHODS = {
    "ping": "test_connectivity",
    "server time": "check_server_time",
    "exchange info": "exchange_information",
    "mark prices": "mark_price",
    "last prices": "symbol_price_ticker_v2",
    "book tickers": "symbol_order_book_ticker",
    "day tickers": "ticker24hr_price_change_statistics",
    "asset indices": "asset_index",
    "order book": "order_book",
    "funding rates": "get_funding_rate_history",
    "funding terms": "get_funding_rate_info",
    "candles": "kline_candlestick_data",
    "continuous candles": "continuous_contract_kline_candlestick_data",
    "recent trades": "recent_trades_list",
    "aggregated trades": "compressed_aggregate_trades_list",
    "open interest": "open_interest",
    "adl risks": "adl_risk",
    "account v2": "account_information_v2",
    "account v3": "account_information_v3",
    "balances v2": "futures_account_balance_v2",
    "balances v3": "futures_account_balance_v3",
    "positions v2": "position_information_v2",
    "positions v3": "position_information_v3",
    "account settings": "futures_account_configuration",
    "symbol settings": "symbol_configuration",
    "brackets": "notional_and_leverage_brackets",
    "asset mode": "get_current_multi_assets_mode",
    "position mode": "get_current_position_mode",
    "trading rules": "futures_trading_quantitative_rules_indicators",
    "commission": "user_commission_rate",
    "order limits": "query_user_rate_limit",
    "adl quantiles": "position_adl_quantile_estimation",
    "fee burn": "get_bnb_burn_status",
    "open orders": "current_all_open_orders",
    "open order": "query_current_open_order",
    "order": "query_order",
    "all orders": "all_orders",
    "open algo orders": "current_all_algo_open_orders",
    "algo order": "query_algo_order",
    "all algo orders": "query_all_algo_orders",
    "income": "get_income_history",
    "trades": "account_trade_list",
    "liquidations": "users_force_orders",
    "order changes": "get_order_modify_history",
    "margin changes": "get_position_margin_change_history",
    "place": "new_order",
    "test order": "test_order",
    "modify": "modify_order",
    "cancel": "cancel_order",
    "place several": "place_multiple_orders",
    "modify several": "modify_multiple_orders",
    "cancel several": "cancel_multiple_orders",
    "cancel all": "cancel_all_open_orders",
    "countdown": "auto_cancel_all_open_orders",
    "place algo": "new_algo_order",
    "cancel algo": "cancel_algo_order",
    "cancel all algo": "cancel_all_algo_open_orders",
    "set leverage": "change_initial_leverage",
    "set margin type": "change_margin_type",
    "set asset mode": "change_multi_assets_mode",
    "set position mode": "change_position_mode",
    "set fee burn": "toggle_bnb_burn_on_futures_trade",
    "move margin": "modify_isolated_position_margin",
    "open listen key": "start_user_data_stream",
    "extend listen key": "keepalive_user_data_stream",
    "close listen key": "close_user_data_stream",
}
_ITEMS = {
    "place several": PlaceMultipleOrdersBatchOrdersParameterInner,
    "modify several": ModifyMultipleOrdersBatchOrdersParameterInner,
}


class Doubts(logging.Handler):
    """What a library says at level WARNING or above on the root logger."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of the root logger, which only careless libraries use."""
        if record.name == "root":
            self.lines.append(record.getMessage())


@contextmanager
def doubts() -> Iterator[list[str]]:
    """Listen to the root logger: the SDK says there, and nowhere else, that an answer did not fit its model."""
    handler = Doubts()
    logging.getLogger().addHandler(handler)
    try:
        yield handler.lines
    finally:
        logging.getLogger().removeHandler(handler)


class OfficialSdk:
    """The official SDK's REST client; it blocks, so it runs in a thread."""

    name = "sdk"

    def __init__(self) -> None:
        self._rest: Any = None

    async def open(self, simulator: Simulator, account: str) -> None:
        """Point the client at a simulator."""
        key, secret = f"simulator-key-{account}", f"simulator-secret-{account}"
        settings = ConfigurationRestAPI(api_key=key, api_secret=secret, base_path=simulator.url)
        self._rest = DerivativesTradingUsdsFutures(config_rest_api=settings).rest_api

    async def close(self) -> None:
        """Let go of every connection."""
        self._rest._session.close()  # noqa: SLF001 - the SDK offers no way to close its pool

    async def ask(self, word: str, args: Mapping[str, Word]) -> Outcome:
        """Carry out one call.

        Raises:
            AssertionError: The SDK had doubts about the answer.
        """
        given = {name: _models(word, value) for name, value in args.items()}
        with doubts() as lines:
            try:
                answer = await asyncio.to_thread(self._call, word, given)
            except Error as refused:
                return Outcome(raised=type(refused).__name__, code=getattr(refused, "status_code", None))
        assert lines == [], f"{word}: {lines}"
        return Outcome(answer=neutral(answer), unknown=tuple(sorted(set(unknown_fields(answer)))))

    def _call(self, word: str, given: Mapping[str, object]) -> object:
        return getattr(self._rest, METHODS[word])(**given).data()


def _models(word: str, value: object) -> object:
    if not isinstance(value, list) or word not in _ITEMS:
        return value
    model = _ITEMS[word]
    numbers = ("quantity", "price")
    # Its model of a batch takes floats and integers only; its ``from_dict`` chokes on its own defaults.
    rows = ({name: float(item) if name in numbers else item for name, item in row.items()} for row in value)
    return [model(**row) for row in rows]
