"""Account, balance and position reads, each in its version's own field names."""

from __future__ import annotations

from plimsoll_simulator.book_keeping import break_even
from plimsoll_simulator.digits import ZERO, asset_amount, eight, plain, stepped
from plimsoll_simulator.figures import AccountFigures, account_figures
from plimsoll_simulator.margin import PositionFigures, WalletFigures, position_figures
from plimsoll_simulator.rest.call import Call, Json, Row

_FLAGS: Row = {"canTrade": True, "canDeposit": True, "canWithdraw": True}


def account_v3(call: Call) -> Json:
    """``GET /fapi/v3/account``: symbols with a position or an open order only."""
    figures = account_figures(call.account, call.world.market)
    return {
        **_totals(figures.total),
        "assets": [_asset(call, each) for each in figures.wallets.values()],
        "positions": [_position_v3(call, each) for each in _shown(call, figures)],
    }


def account_v2(call: Call) -> Json:
    """``GET /fapi/v2/account``: every symbol, with its settings."""
    figures = account_figures(call.account, call.world.market)
    return {
        "feeTier": 0,
        "feeBurn": call.account.fee_burn,
        **_FLAGS,
        "updateTime": 0,
        "multiAssetsMargin": call.account.multi_assets,
        "tradeGroupId": -1,
        **_totals(figures.total),
        "assets": [_asset(call, each) | {"marginAvailable": True} for each in figures.wallets.values()],
        "positions": [_position_v2(call, each) for each in _every(call)],
    }


def _totals(total: WalletFigures) -> Row:
    return {
        "totalInitialMargin": eight(total.initial_margin),
        "totalMaintMargin": eight(total.maintenance),
        "totalWalletBalance": eight(total.wallet),
        "totalUnrealizedProfit": eight(total.unrealised),
        "totalMarginBalance": eight(total.margin_balance),
        "totalPositionInitialMargin": eight(total.position_margin),
        "totalOpenOrderInitialMargin": eight(total.order_margin),
        "totalCrossWalletBalance": eight(total.cross_wallet),
        "totalCrossUnPnl": eight(total.cross_unrealised),
        "availableBalance": eight(total.available),
        "maxWithdrawAmount": eight(total.max_withdraw),
    }


def _asset(call: Call, wallet: WalletFigures) -> Row:
    return {
        "asset": wallet.asset,
        "walletBalance": asset_amount(wallet.wallet),
        "unrealizedProfit": asset_amount(wallet.unrealised),
        "marginBalance": asset_amount(wallet.margin_balance),
        "maintMargin": asset_amount(wallet.maintenance),
        "initialMargin": asset_amount(wallet.initial_margin),
        "positionInitialMargin": asset_amount(wallet.position_margin),
        "openOrderInitialMargin": asset_amount(wallet.order_margin),
        "crossWalletBalance": asset_amount(wallet.cross_wallet),
        "crossUnPnl": asset_amount(wallet.cross_unrealised),
        "availableBalance": asset_amount(wallet.available),
        "maxWithdrawAmount": asset_amount(wallet.max_withdraw),
        "updateTime": call.account.wallet_updated.get(wallet.asset, 0),
    }


def _shown(call: Call, figures: AccountFigures) -> list[PositionFigures]:
    """What version 3 lists: every side of each symbol that has a position or a resting order."""
    market, account = call.world.market, call.account
    symbols = dict.fromkeys(symbol for symbol, _ in figures.positions)
    return [position_figures(account, market, symbol, side) for symbol in symbols for side in account.sides]


def _every(call: Call) -> list[PositionFigures]:
    market, account = call.world.market, call.account
    return [position_figures(account, market, symbol, side) for symbol in market.symbols for side in account.sides]


def _amount(call: Call, figures: PositionFigures) -> str:
    return stepped(figures.position.amount, call.world.market.symbols[figures.position.symbol].step)


def _isolated_money(figures: PositionFigures) -> Row:
    if not figures.isolated:
        return {"isolatedMargin": "0", "isolatedWallet": "0"}
    wallet = figures.position.isolated_wallet
    return {"isolatedMargin": eight(wallet + figures.unrealised), "isolatedWallet": eight(wallet)}


def _position_v3(call: Call, figures: PositionFigures) -> Row:
    return {
        "symbol": figures.position.symbol,
        "positionSide": figures.position.side,
        "positionAmt": _amount(call, figures),
        "unrealizedProfit": eight(figures.unrealised),
        **_isolated_money(figures),
        "notional": eight(figures.notional),
        "initialMargin": eight(figures.initial_margin),
        "maintMargin": eight(figures.maintenance),
        "updateTime": figures.position.updated,
    }


def _position_v2(call: Call, figures: PositionFigures) -> Row:
    symbol, setting = call.world.market.symbols[figures.position.symbol], call.account.setting(figures.position.symbol)
    return {
        "symbol": symbol.name,
        "initialMargin": eight(figures.initial_margin),
        "maintMargin": eight(figures.maintenance),
        "unrealizedProfit": eight(figures.unrealised),
        "positionInitialMargin": eight(figures.position_margin),
        "openOrderInitialMargin": eight(figures.order_margin),
        "leverage": str(setting.leverage),
        "isolated": setting.isolated,
        "entryPrice": plain(figures.position.entry),
        "maxNotional": plain(symbol.max_notional(setting.leverage)),
        "bidNotional": plain(figures.bids),
        "askNotional": plain(figures.asks),
        "positionSide": figures.position.side,
        "positionAmt": _amount(call, figures),
        "updateTime": figures.position.updated,
    }


def balance(call: Call) -> Json:
    """``GET /fapi/v3/balance`` and ``v2``."""
    figures = account_figures(call.account, call.world.market)
    return [
        {
            "accountAlias": f"sim-{call.account.name}",
            "asset": each.asset,
            "balance": eight(each.wallet),
            "crossWalletBalance": eight(each.cross_wallet),
            "crossUnPnl": eight(each.cross_unrealised),
            "availableBalance": eight(each.available),
            "maxWithdrawAmount": eight(each.max_withdraw),
            "marginAvailable": True,
            "updateTime": call.account.wallet_updated.get(each.asset, 0),
        }
        for each in figures.wallets.values()
    ]


def position_risk_v3(call: Call) -> Json:
    """``GET /fapi/v3/positionRisk``: symbols with a position or an open order only."""
    symbol, figures = call.symbol(), account_figures(call.account, call.world.market)
    shown = [each for each in _shown(call, figures) if symbol is None or each.position.symbol == symbol.name]
    return [_risk_v3(call, each, figures) for each in shown]


def _liquidation(figures: PositionFigures, everything: AccountFigures) -> str:
    price = everything.liquidations.get((figures.position.symbol, figures.position.side))
    return "0" if price is None else eight(price)


def _risk_v3(call: Call, figures: PositionFigures, everything: AccountFigures) -> Row:
    position = figures.position
    return {
        "symbol": position.symbol,
        "positionSide": position.side,
        "positionAmt": _amount(call, figures),
        "entryPrice": plain(position.entry),
        "breakEvenPrice": plain(break_even(position.amount, position.entry, position.entry_fees)),
        "markPrice": eight(call.mark(position.symbol)),
        "unRealizedProfit": eight(figures.unrealised),
        "liquidationPrice": _liquidation(figures, everything),
        **_isolated_money(figures),
        "notional": eight(figures.notional),
        "marginAsset": figures.asset,
        "initialMargin": eight(figures.initial_margin),
        "maintMargin": eight(figures.maintenance),
        "positionInitialMargin": eight(figures.position_margin),
        "openOrderInitialMargin": eight(figures.order_margin) if figures.order_margin else "0",
        "adl": adl_rank(figures),
        "bidNotional": plain(figures.bids),
        "askNotional": plain(figures.asks),
        "updateTime": position.updated,
    }


def adl_rank(figures: PositionFigures) -> int:
    """The place in the auto-deleveraging queue, 0 to 4: here simply whether the position gains."""
    if not figures.position.amount:
        return 0
    return 2 if figures.unrealised > ZERO else 1


def position_risk_v2(call: Call) -> Json:
    """``GET /fapi/v2/positionRisk``: every symbol, with its settings."""
    symbol, figures = call.symbol(), account_figures(call.account, call.world.market)
    shown = [each for each in _every(call) if symbol is None or each.position.symbol == symbol.name]
    return [_risk_v2(call, each, figures) for each in shown]


def _risk_v2(call: Call, figures: PositionFigures, everything: AccountFigures) -> Row:
    position, setting = figures.position, call.account.setting(figures.position.symbol)
    largest = call.world.market.symbols[position.symbol].max_notional(setting.leverage)
    return {
        "entryPrice": plain(position.entry),
        "breakEvenPrice": plain(break_even(position.amount, position.entry, position.entry_fees)),
        "marginType": "isolated" if setting.isolated else "cross",
        "isAutoAddMargin": "false",
        **_isolated_money(figures),
        "leverage": str(setting.leverage),
        "liquidationPrice": _liquidation(figures, everything),
        "markPrice": eight(call.mark(position.symbol)),
        "maxNotionalValue": plain(largest),
        "positionAmt": _amount(call, figures),
        "notional": eight(figures.notional) if figures.notional else "0",
        "symbol": position.symbol,
        "unRealizedProfit": eight(figures.unrealised),
        "positionSide": position.side,
        "updateTime": position.updated,
    }
