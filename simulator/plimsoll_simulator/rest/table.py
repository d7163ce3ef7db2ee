"""The endpoint table: every path the exchange answers, who may call it and what it weighs (section 4.1 of the facts).

A new endpoint is one row here and one handler in the module of its theme.
"""

from __future__ import annotations

from collections.abc import Callable

from plimsoll_simulator.rest import (
    account_reads,
    algo_writes,
    batch_writes,
    fee_burn,
    history_reads,
    isolated_margin,
    market_history,
    market_prints,
    market_reads,
    order_reads,
    order_writes,
    settings_reads,
    settings_writes,
    wallet_reads,
)
from plimsoll_simulator.rest.call import Call, Endpoint, Json
from plimsoll_simulator.rest.signing import Security


def _public(handler: Callable[[Call], Json], weight: int, of_all: int | None = None) -> Endpoint:
    return Endpoint(handler=handler, security=Security.NONE, weight=weight, weight_of_all=of_all)


def _by_limit(handler: Callable[[Call], Json], most: int, weights: tuple[tuple[int, int], ...]) -> Endpoint:
    return Endpoint(handler=handler, security=Security.NONE, weight=most, by_limit=weights)


def _signed(handler: Callable[[Call], Json], weight: int, of_all: int | None = None) -> Endpoint:
    return Endpoint(handler=handler, security=Security.SIGNED, weight=weight, weight_of_all=of_all)


def _trade(handler: Callable[[Call], Json], weight: int, orders: tuple[int, int] = (0, 0)) -> Endpoint:
    return Endpoint(handler=handler, security=Security.TRADE, weight=weight, orders=orders)


READS: dict[tuple[str, str], Endpoint] = {
    ("GET", path): endpoint
    for path, endpoint in {
        "/fapi/v1/ping": _public(market_reads.ping, 1),
        "/fapi/v1/time": _public(market_reads.time, 1),
        "/fapi/v1/exchangeInfo": _public(market_reads.exchange_info, 1),
        "/fapi/v1/premiumIndex": _public(market_reads.premium_index, 1, 10),
        "/fapi/v1/ticker/price": _public(market_reads.ticker_price, 1, 2),
        "/fapi/v2/ticker/price": _public(market_reads.ticker_price, 1, 2),
        "/fapi/v1/ticker/bookTicker": _public(market_reads.book_ticker, 2, 5),
        "/fapi/v1/ticker/24hr": _public(market_history.ticker_day, 1, 40),
        "/fapi/v1/klines": _by_limit(market_history.klines, 10, market_history.CANDLE_WEIGHTS),
        "/fapi/v1/continuousKlines": _by_limit(market_history.continuous_klines, 10, market_history.CANDLE_WEIGHTS),
        "/fapi/v1/trades": _public(market_prints.trades, 5),
        "/fapi/v1/aggTrades": _public(market_prints.aggregated_trades, 20),
        "/fapi/v1/openInterest": _public(market_prints.open_interest, 1),
        "/fapi/v1/symbolAdlRisk": _public(market_prints.adl_risk, 1),
        "/fapi/v1/depth": _by_limit(market_history.depth, 20, market_history.DEPTH_WEIGHTS),
        "/fapi/v1/fundingRate": _public(market_history.funding_rates, 0),
        "/fapi/v1/fundingInfo": _public(market_history.funding_info, 0),
        "/fapi/v1/assetIndex": _public(market_reads.asset_index, 1, 10),
        "/fapi/v2/account": _signed(account_reads.account_v2, 5),
        "/fapi/v3/account": _signed(account_reads.account_v3, 5),
        "/fapi/v2/balance": _signed(account_reads.balance, 5),
        "/fapi/v3/balance": _signed(account_reads.balance, 5),
        "/fapi/v2/positionRisk": _signed(account_reads.position_risk_v2, 5),
        "/fapi/v3/positionRisk": _signed(account_reads.position_risk_v3, 5),
        "/fapi/v1/accountConfig": _signed(settings_reads.account_config, 5),
        "/fapi/v1/symbolConfig": _signed(settings_reads.symbol_config, 5),
        "/fapi/v1/leverageBracket": _signed(settings_reads.leverage_bracket, 1),
        "/fapi/v1/multiAssetsMargin": _signed(settings_reads.multi_assets_margin, 30),
        "/fapi/v1/positionSide/dual": _signed(settings_reads.position_mode, 30),
        "/fapi/v1/apiTradingStatus": _signed(settings_reads.trading_status, 1, 10),
        "/fapi/v1/commissionRate": _signed(settings_reads.commission_rate, 20),
        "/fapi/v1/rateLimit/order": _signed(settings_reads.order_limits, 1),
        "/fapi/v1/feeBurn": _signed(fee_burn.status, 30),
        "/fapi/v1/adlQuantile": _signed(settings_reads.adl_quantile, 5),
        "/fapi/v1/openOrders": _signed(order_reads.open_orders, 1, 40),
        "/fapi/v1/openOrder": _signed(order_reads.open_order, 1),
        "/fapi/v1/order": _signed(order_reads.order, 1),
        "/fapi/v1/allOrders": _signed(order_reads.all_orders, 5),
        "/fapi/v1/orderAmendment": _signed(order_reads.amendments, 1),
        "/fapi/v1/openAlgoOrders": _signed(order_reads.open_algo_orders, 1, 40),
        "/fapi/v1/algoOrder": _signed(order_reads.algo_order, 1),
        "/fapi/v1/allAlgoOrders": _signed(order_reads.all_algo_orders, 5),
        "/fapi/v1/income": _signed(history_reads.income, 30),
        "/fapi/v1/userTrades": _signed(history_reads.user_trades, 5),
        "/fapi/v1/forceOrders": _signed(history_reads.force_orders, 20, 50),
        "/sapi/v1/account/apiRestrictions": _signed(settings_reads.key_permissions, 1),
        "/sapi/v1/capital/config/getall": _signed(wallet_reads.coins, 10),
        "/sapi/v1/margin/allPairs": _signed(wallet_reads.margin_pairs, 1),
    }.items()
}

WRITES: dict[tuple[str, str], Endpoint] = {
    ("POST", "/fapi/v1/order"): _trade(order_writes.place, 0, (1, 1)),
    ("PUT", "/fapi/v1/order"): _trade(order_writes.change, 0, (1, 1)),
    ("DELETE", "/fapi/v1/order"): _trade(order_writes.remove, 1),
    ("POST", "/fapi/v1/order/test"): _trade(order_writes.test, 0),
    ("POST", "/fapi/v1/batchOrders"): _trade(batch_writes.place, 5, (5, 1)),
    ("PUT", "/fapi/v1/batchOrders"): _trade(batch_writes.change, 5, (5, 1)),
    ("DELETE", "/fapi/v1/batchOrders"): _trade(batch_writes.remove, 1),
    ("DELETE", "/fapi/v1/allOpenOrders"): _trade(batch_writes.remove_all, 1),
    ("POST", "/fapi/v1/countdownCancelAll"): _trade(batch_writes.count_down, 10),
    ("POST", "/fapi/v1/leverage"): _trade(settings_writes.set_leverage, 1),
    ("POST", "/fapi/v1/marginType"): _trade(settings_writes.set_margin_type, 1),
    ("POST", "/fapi/v1/positionSide/dual"): _trade(settings_writes.set_position_mode, 1),
    ("POST", "/fapi/v1/multiAssetsMargin"): _trade(settings_writes.set_asset_mode, 1),
    ("POST", "/fapi/v1/positionMargin"): _trade(isolated_margin.change, 1),
    ("GET", "/fapi/v1/positionMargin/history"): _trade(isolated_margin.history, 1),
    ("POST", "/fapi/v1/algoOrder"): _trade(algo_writes.place, 0, (1, 1)),
    ("DELETE", "/fapi/v1/algoOrder"): _trade(algo_writes.remove, 1),
    ("DELETE", "/fapi/v1/algoOpenOrders"): _trade(algo_writes.remove_all, 1),
    ("POST", "/fapi/v1/feeBurn"): _trade(fee_burn.switch, 1),
}
