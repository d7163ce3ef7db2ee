"""python-binance, unchanged but for its base URLs, calls every read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from binance import AsyncClient, BinanceSocketManager
from binance.exceptions import BinanceAPIException

from plimsoll_simulator import outside
from plimsoll_simulator.server import Simulator, running_simulator

READS: tuple[tuple[str, dict[str, str]], ...] = (
    ("futures_ping", {}),
    ("futures_time", {}),
    ("futures_exchange_info", {}),
    ("futures_mark_price", {}),
    ("futures_mark_price", {"symbol": "BTCUSDT"}),
    ("futures_symbol_ticker", {}),
    ("futures_orderbook_ticker", {"symbol": "BTCUSDT"}),
    ("futures_v1_get_asset_index", {}),
    ("futures_account", {}),
    ("futures_account_balance", {}),
    ("futures_position_information", {}),
    ("futures_account_config", {}),
    ("futures_symbol_config", {}),
    ("futures_leverage_bracket", {}),
    ("futures_get_multi_assets_mode", {}),
    ("futures_get_position_mode", {}),
    ("futures_api_trading_status", {}),
    ("futures_commission_rate", {"symbol": "BTCUSDT"}),
    ("futures_v1_get_rate_limit_order", {}),
    ("futures_adl_quantile_estimate", {}),
    ("futures_get_open_orders", {}),
    ("futures_get_all_orders", {}),
    ("futures_get_open_algo_orders", {}),
    ("futures_get_all_algo_orders", {"symbol": "BTCUSDT"}),
    ("futures_income_history", {}),
    ("futures_account_trades", {"symbol": "BTCUSDT"}),
    ("futures_liquidation_orders", {}),
    ("get_account_api_permissions", {}),
)


@asynccontextmanager
async def foreign_client(owner: str = "live") -> AsyncIterator[tuple[Simulator, Any]]:
    """The library's client, pointed at a simulator; it signs with the secret of ``owner``."""
    async with running_simulator(scenario="november-stops") as simulator:
        client = AsyncClient("simulator-key-live", f"simulator-secret-{owner}")
        client.FUTURES_URL = f"{simulator.url}/fapi"
        client.MARGIN_API_URL = f"{simulator.url}/sapi"
        try:
            yield simulator, client
        finally:
            await client.close_connection()


async def test_every_read_answers_python_binance():
    """No read is refused: signatures, windows and paths are as the library expects them."""
    async with foreign_client() as (_, client):
        for name, params in READS:
            answer = await getattr(client, name)(**params)
            assert isinstance(answer, dict | list), name


async def test_versions_2_and_3_agree_on_the_account():
    """What the library reads by two versions is one account."""
    async with foreign_client() as (_, client):
        account, positions = await client.futures_account(), await client.futures_position_information()
        held = {each["symbol"]: each["positionAmt"] for each in account["positions"] if float(each["positionAmt"])}
        assert held == {each["symbol"]: each["positionAmt"] for each in positions}
        assert len(await client.futures_get_open_algo_orders()) == 4


async def test_listen_keys_answer_python_binance():
    """The library opens, extends and closes a listen key."""
    async with foreign_client() as (_, client):
        key = await client.futures_stream_get_listen_key()
        await client.futures_stream_keepalive(key)
        await client.futures_stream_close(key)
        with pytest.raises(BinanceAPIException) as refused:
            await client.futures_stream_keepalive(key)
        assert refused.value.code == -1125


async def test_a_wrong_secret_is_refused():
    """A signature by another secret is -1022."""
    async with foreign_client("another") as (_, client):
        with pytest.raises(BinanceAPIException) as refused:
            await client.futures_account()
        assert (refused.value.code, refused.value.status_code) == (-1022, 400)


async def test_the_library_cannot_change_several_orders_in_one_call():
    """Its own call signs the list as it is and sends it encoded, so it is refused (-1022) as there."""
    async with foreign_client() as (_, client):
        change = {"symbol": "BNBUSDT", "side": "BUY", "orderId": 1, "quantity": "1", "price": "900"}
        with pytest.raises(BinanceAPIException) as refused:
            await client.futures_v1_put_batch_orders(batchOrders=[change])
        assert refused.value.code == -1022


async def test_orders_are_found_by_either_number():
    """A single order is found by its number or by the client's own."""
    async with foreign_client() as (simulator, client):
        account = simulator.world.accounts["live"]
        order = next(iter(account.algo_orders.values()))
        found = await client.futures_get_algo_order(algoId=order.algo_id)
        assert found == await client.futures_get_algo_order(clientAlgoId=order.client_id)
        with pytest.raises(BinanceAPIException) as refused:
            await client.futures_get_order(symbol="BNBUSDT", orderId=order.algo_id)
        assert refused.value.code == -2013


async def test_the_socket_manager_hears_marks_and_user_events():
    """The library's own streams deliver: marks on /market, user events by its form of the private URL."""
    async with foreign_client() as (simulator, client):
        manager = BinanceSocketManager(client)
        manager.FSTREAM_URL = f"{simulator.stream_url}/"
        sockets = manager.futures_multiplex_socket(["btcusdt@markPrice@1s"]), manager.futures_user_socket()
        for socket in sockets:
            # They look only that often, in seconds, whether they have been told to end.
            socket.TIMEOUT = 0.1
        async with sockets[0] as marks:
            assert (await marks.recv())["data"]["p"] == "92415.82307692"
        async with sockets[1] as user:
            outside.transfer(simulator.world, simulator.world.accounts["live"], "USDT", Decimal(1))
            assert (await user.recv())["a"]["m"] == "DEPOSIT"
