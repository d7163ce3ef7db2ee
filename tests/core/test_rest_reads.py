"""The adapter's reads against a server that checks every key, signature and timestamp."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from fake_rest_server import LISTEN_KEY, PAYLOADS, open_desk
from plimsoll import __version__
from plimsoll.errors import Malformed, Refused
from plimsoll.exchange.endpoints import ENDPOINTS, OPEN_ORDERS
from rest_plays import answer, json_play, refuse


async def test_every_signed_read_is_accepted_and_translated():
    """Each read asks its documented path once, signed, and returns the model's values."""
    async with open_desk() as desk:
        reads = desk.account()
        wallet = await reads.wallet()
        assert (await reads.positions())[0].position.amount != 0
        assert (await reads.settings()).can_trade is True
        assert await reads.symbol_settings()
        assert await reads.brackets()
        assert await reads.plain_orders()
        assert await reads.algo_orders()
        assert (await reads.algo_order(4000001910701524)).order.ended
        assert (await reads.key_permissions()).read is True
        assert isinstance(wallet.margin_balance, Decimal)
        assert desk.server.paths() == [
            "/fapi/v3/account",
            "/fapi/v3/positionRisk",
            "/fapi/v1/accountConfig",
            "/fapi/v1/symbolConfig",
            "/fapi/v1/leverageBracket",
            "/fapi/v1/openOrders",
            "/fapi/v1/openAlgoOrders",
            "/fapi/v1/algoOrder",
            "/sapi/v1/account/apiRestrictions",
        ]
        assert {failure for _, failure in desk.recorder.requests} == {None}


async def test_market_reads_carry_no_key():
    """Unsigned reads work without an account and send neither key nor signature."""
    async with open_desk() as desk:
        market = desk.exchange.market
        assert (await market.rules()).instruments
        assert await market.routine().marks()
        assert await market.asset_rates()
        assert {(seen.key, "signature" in seen.query) for seen in desk.server.seen} == {(None, False)}


async def test_the_agent_says_who_we_are():
    """Every request names the product and its version, never a browser."""
    async with open_desk() as desk:
        await desk.account().wallet()
        await desk.exchange.market.rules()
        assert {seen.agent for seen in desk.server.seen} == {f"plimsoll/{__version__}"}


async def test_orders_of_one_symbol():
    """A symbol is sent percent-encoded and signed as sent, whatever its script."""
    async with open_desk() as desk:
        await desk.account().plain_orders("币安人生USDT")
        await desk.account().algo_orders("BTCUSDT")
        assert "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&" in desk.server.seen[0].query
        assert "symbol=BTCUSDT&" in desk.server.seen[1].query


def test_orders_of_one_symbol_are_cheaper():
    """The weight follows the documentation: 1 with a symbol, 40 without."""
    assert OPEN_ORDERS.cost({"symbol": "BTCUSDT"}) == 1
    assert OPEN_ORDERS.cost({}) == 40


def test_endpoints_have_names_of_their_own():
    """No two calls share a name, so that metrics tell them apart."""
    assert len({endpoint.name for endpoint in ENDPOINTS}) == len(ENDPOINTS)


async def test_listen_key_is_opened_and_extended_without_signature():
    """The private stream's key comes from POST and lives on by PUT, with the API key alone."""
    async with open_desk() as desk:
        reads = desk.account()
        assert await reads.open_listen_key() == LISTEN_KEY
        await reads.extend_listen_key()
        assert [(seen.verb, seen.query, seen.body) for seen in desk.server.seen] == [("POST", "", ""), ("PUT", "", "")]


async def test_a_lost_listen_key_is_refused_with_its_code():
    """The stream's supervisor learns from code -1125 that it needs a new key."""
    async with open_desk() as desk:
        desk.server.play("/fapi/v1/listenKey", refuse(400, -1125, "This listenKey does not exist."))
        with pytest.raises(Refused) as refused:
            await desk.account().extend_listen_key()
        assert refused.value.code == -1125
        assert len(desk.server.seen) == 1


@pytest.mark.parametrize("text", ["[]", "{}", '{"listenKey": 5}'])
async def test_a_listen_key_answer_without_key_is_malformed(text: str):
    """An answer without a key is a fault of the exchange, not of ours."""
    async with open_desk() as desk:
        desk.server.play("/fapi/v1/listenKey", answer(200, text))
        with pytest.raises(Malformed):
            await desk.account().open_listen_key()


async def test_no_wallet_host_means_unknown_permissions():
    """Where the environment has no wallet endpoints nothing is asked and nothing is claimed."""
    async with open_desk(wallet=False) as desk:
        assert await desk.account().key_permissions() is None
        assert desk.server.seen == []


def income_rows(start: int, count: int, *, time_step: int = 1) -> list[dict[str, object]]:
    """Funding rows numbered and dated from ``start`` on."""
    return [
        {
            "symbol": "BTCUSDT",
            "incomeType": "FUNDING_FEE",
            "income": "-0.5",
            "asset": "USDT",
            "info": "",
            "time": 1_795_000_000_000 + number * time_step,
            "tranId": number,
            "tradeId": "",
        }
        for number in range(start, start + count)
    ]


async def test_income_pages_on_without_counting_a_row_twice():
    """A full page is followed by the next from its last moment; rows seen already are left out."""
    async with open_desk() as desk:
        pages = [income_rows(0, 1000), income_rows(999, 20)]
        for page in pages:
            desk.server.play("/fapi/v1/income", json_play(page))
        rows = await desk.account().income(start_ms=1_794_000_000_000)
        assert [row.transaction_id for row in rows] == [str(number) for number in range(1019)]
        assert "limit=1000" in desk.server.seen[0].query
        assert "startTime=1794000000000" in desk.server.seen[0].query
        assert f"startTime={1_795_000_000_999}" in desk.server.seen[1].query


async def test_income_stops_where_a_page_brings_nothing_new():
    """A thousand rows of one moment cannot be paged through, and are not asked for again and again."""
    async with open_desk() as desk:
        desk.server.answers["/fapi/v1/income"] = income_rows(0, 1000, time_step=0)
        assert len(await desk.account().income(start_ms=0)) == 1000
        assert len(desk.server.seen) == 2


async def test_income_is_bounded():
    """A reading never takes more than ten pages; the caller asks on from the last row."""
    async with open_desk() as desk:
        for page in range(12):
            desk.server.play("/fapi/v1/income", json_play(income_rows(page * 1000, 1000)))
        assert len(await desk.account().income(start_ms=0)) == 10_000
        assert len(desk.server.seen) == 10


async def test_numbers_keep_every_digit():
    """Bare JSON numbers become decimals, never floats."""
    async with open_desk() as desk:
        row = income_rows(0, 1)[0]
        text = f"[{json.dumps(row)}]".replace('"-0.5"', "0.123456789012345678901234567890")
        desk.server.play("/fapi/v1/income", answer(200, text))
        assert (await desk.account().income(start_ms=0))[0].amount == Decimal("0.123456789012345678901234567890")


async def test_rules_set_the_budget_limit():
    """The limit that the exchange tells replaces the default; an answer without one changes nothing."""
    async with open_desk() as desk:
        rules = json.loads((PAYLOADS / "rest_exchange_info.json").read_text())
        rules["rateLimits"] = [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 1200}
        ]
        desk.server.answers["/fapi/v1/exchangeInfo"] = rules
        await desk.exchange.market.rules()
        assert desk.exchange.budget.limit == 1200
        rules["rateLimits"] = []
        await desk.exchange.market.rules()
        assert desk.exchange.budget.limit == 1200


async def test_used_weight_comes_from_the_answer():
    """The count in the header is the address's truth, whatever the case of its name; it is reported on."""
    async with open_desk() as desk:
        desk.server.headers = {"x-mbx-used-weight-1m": "817"}
        await desk.account().wallet()
        assert desk.exchange.budget.used == 817
        assert desk.recorder.weights[-1] == (817, 2400)


async def test_streams_share_the_connections_but_no_key():
    """The session for the streams carries our name and no API key, and is the same each time."""
    async with open_desk() as desk:
        session = desk.exchange.session
        assert session is desk.exchange.session
        async with session.get(f"{desk.server.url}/fapi/v1/time") as response:
            assert response.status == 200
        assert desk.server.seen[0].key is None


async def test_routine_reads_are_the_same_reads():
    """A routine reader asks the same with the same key, only later when weight is short."""
    async with open_desk() as desk:
        reads = desk.account()
        assert await reads.routine().wallet() == await reads.wallet()
        assert {seen.key for seen in desk.server.seen} == {"simulator-key-main"}
        assert (reads.caller.urgent, reads.routine().caller.urgent) == (True, False)


async def test_accounts_share_one_pool():
    """Many accounts use one pool of connections, so that two hundred accounts do not open two hundred."""
    async with open_desk() as desk:
        clients = [desk.account(f"a{number}").caller.key.client() for number in range(3)]
        assert len({id(client.session.connector) for client in clients}) == 1
