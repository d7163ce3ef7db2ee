"""Payload samples of other sources, kept beside the repository, through our translators; skipped where they are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plimsoll.errors import Malformed
from plimsoll.exchange.payload import account, events, market, orders
from plimsoll.exchange.payload.scalars import parse
from plimsoll.model.events import UnknownEvent

SAMPLES = Path(__file__).parents[3] / "shared" / "payloads"
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason=f"the payload samples of other sources are not beside the repository ({SAMPLES})"
)

WORKED, DOCS = "worked-examples", "docs-2026-05/usdm"
SDK, NET = "connector-python/usdm/rest", "binance.net/Endpoints"

READS: list[tuple[Callable[[object], object], list[str]]] = [
    (
        account.wallet,
        [
            f"{WORKED}/rest_account_v3",
            f"{DOCS}/account/Account-Information-V3",
            f"{DOCS}/account/Account-Information-V3.2",
            f"{SDK}/account_information_v3",
            f"{NET}/Account/GetAccountInfoV3",
        ],
    ),
    (
        account.position_reports,
        [
            f"{WORKED}/rest_positionRisk_v3",
            f"{DOCS}/trade/Position-Information-V3",
            f"{DOCS}/trade/Position-Information-V3.2",
            f"{SDK}/position_information_v3",
        ],
    ),
    (
        account.settings,
        [
            f"{WORKED}/rest_accountConfig",
            f"{DOCS}/account/Account-Config",
            f"{SDK}/futures_account_configuration",
            f"{NET}/Account/GetAccountConfiguration",
        ],
    ),
    (
        account.symbol_settings,
        [
            f"{WORKED}/rest_symbolConfig",
            f"{DOCS}/account/Symbol-Config",
            f"{SDK}/symbol_configuration",
            f"{NET}/Account/GetSymbolConfiguration",
        ],
    ),
    (
        account.incomes,
        [
            f"{WORKED}/rest_income",
            f"{DOCS}/account/Get-Income-History",
            f"{SDK}/get_income_history",
            f"{NET}/Account/GetIncomeHistory",
        ],
    ),
    (
        account.key_permissions,
        [f"{WORKED}/sapi_apiRestrictions", "connector-python/wallet/rest/get_api_key_permission"],
    ),
    (
        market.rules,
        [
            f"{WORKED}/rest_exchangeInfo_excerpt",
            f"{DOCS}/market-data/Exchange-Information",
            f"{SDK}/exchange_information",
            f"{NET}/ExchangeData/GetExchangeInfo",
        ],
    ),
    (
        market.marks,
        [
            f"{WORKED}/rest_premiumIndex",
            f"{DOCS}/market-data/Mark-Price",
            f"{DOCS}/market-data/Mark-Price.2",
            f"{SDK}/mark_price",
            f"{NET}/ExchangeData/GetMarkPrice",
        ],
    ),
    (
        market.asset_rates,
        [
            f"{WORKED}/rest_assetIndex",
            f"{DOCS}/market-data/Multi-Assets-Mode-Asset-Index",
            f"{DOCS}/market-data/Multi-Assets-Mode-Asset-Index.2",
            f"{SDK}/asset_index",
            f"{NET}/ExchangeData/GetAssetIndexes",
        ],
    ),
    (
        market.brackets,
        [
            f"{WORKED}/rest_leverageBracket",
            f"{DOCS}/account/Notional-and-Leverage-Brackets",
            f"{DOCS}/account/Notional-and-Leverage-Brackets.2",
            f"{NET}/Account/GetBrackets",
            "freqtrade/leverageBracket_subset_2024-10",
        ],
    ),
    (market.server_time, [f"{SDK}/check_server_time", f"{NET}/ExchangeData/GetServerTime"]),
    (
        orders.plain_orders,
        [
            f"{WORKED}/rest_openOrders",
            f"{WORKED}/rest_allOrders",
            f"{DOCS}/trade/Current-All-Open-Orders",
            f"{DOCS}/trade/All-Orders",
            f"{SDK}/current_all_open_orders",
            f"{SDK}/all_orders",
            f"{NET}/Trading/GetOpenOrders",
            f"{NET}/Trading/GetOrders",
        ],
    ),
    (
        orders.algo_orders,
        [
            f"{WORKED}/rest_openAlgoOrders",
            f"{WORKED}/rest_allAlgoOrders",
            f"{DOCS}/trade/Current-All-Algo-Open-Orders",
            f"{DOCS}/trade/Query-All-Algo-Orders",
            f"{SDK}/current_all_algo_open_orders",
            f"{SDK}/query_all_algo_orders",
            f"{NET}/Trading/GetOpenConditionalOrders",
            f"{NET}/Trading/GetConditionalOrders",
        ],
    ),
]
ACCOUNT_EVENTS = [
    *sorted(SAMPLES.glob(f"{WORKED}/ev_[A-Zlp]*.json")),
    *sorted(SAMPLES.glob(f"{DOCS}/user-data-streams/Event-*.json")),
    *(
        SAMPLES / f"binance.net/Subscriptions/{name}.json"
        for name in (
            "AccountUpdate",
            "AlgoOrderUpdate",
            "ConditionalTrigger",
            "GridUpdate",
            "Leverage",
            "MarginUpdate",
            "MultiAssetMode",
            "OrderUpdate",
            "StrategyUpdate",
            "TradeUpdate",
        )
    ),
]
MARKET_EVENTS = [
    f"{WORKED}/ev_markPriceUpdate",
    f"{DOCS}/websocket-market-streams/Mark-Price-Stream",
    f"{DOCS}/websocket-market-streams/Mark-Price-Stream-for-All-market",
    f"{DOCS}/websocket-market-streams/Multi-Assets-Mode-Asset-Index",
    "connector-python/usdm/streams/asset_index",
    "connector-python/usdm/streams/mark_price_stream",
    "connector-python/usdm/streams/mark_price_stream_for_all_market",
    "binance.net/Subscriptions/AssetIndex",
    "binance.net/Subscriptions/MarkPrice",
]
OTHER_MARKET_EVENTS = ["AggTrades", "Book", "BookTicker", "CompositIndex", "Klines", "Liquidations", "SymbolUpdates"]


def _word(value: object) -> str:
    """The same id in every process: functions by name."""
    return str(getattr(value, "__name__", value))


def _sample(name: str) -> object:
    return parse((SAMPLES / f"{name}.json").read_bytes(), name)


@pytest.mark.parametrize(
    ("translate", "name"), [(translate, name) for translate, found in READS for name in found], ids=_word
)
def test_reads_of_other_sources_are_understood(translate: Callable[[object], object], name: str):
    """Every sample of a read that we make, in every published form, has something to tell."""
    assert translate(_sample(name))


@pytest.mark.parametrize("path", ACCOUNT_EVENTS, ids=lambda path: path.stem)
def test_account_events_of_other_sources_are_known(path: Path):
    """Every sample of a user-data event is understood; none is unknown."""
    assert not isinstance(events.account_event(parse(path.read_bytes(), path.stem)), UnknownEvent)


@pytest.mark.parametrize("name", MARKET_EVENTS)
def test_market_events_of_other_sources_are_understood(name: str):
    """Every sample of a mark price or asset rate gives at least one."""
    assert events.market_events(_sample(name))


@pytest.mark.parametrize("name", OTHER_MARKET_EVENTS)
def test_other_market_events_say_nothing(name: str):
    """Samples of streams that we do not use give nothing and do no harm."""
    assert events.market_events(_sample(f"binance.net/Subscriptions/{name}")) == ()


def test_an_empty_table_of_brackets_is_left_out():
    """A sample whose table is empty gives no table."""
    assert market.brackets(_sample(f"{SDK}/notional_and_leverage_brackets")) == {}


def test_positions_of_the_older_version_are_refused():
    """A sample of version 2 of the position read lacks the margin asset: it is refused, not guessed."""
    with pytest.raises(Malformed, match="marginAsset is missing"):
        account.position_reports(_sample(f"{NET}/Trading/GetPositions"))


def test_all_files_of_own_examples_are_found():
    """The list of events is made by a pattern; it must not become empty unnoticed."""
    assert len(ACCOUNT_EVENTS) > 35
