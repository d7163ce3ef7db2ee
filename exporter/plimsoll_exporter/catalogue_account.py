"""The catalogue's account and symbol metrics: exist only while the account is live."""

from __future__ import annotations

from plimsoll.metrics.metric import Theme

USD, RATIO = "USD", "ratio"
WALLET = "`ACCOUNT_UPDATE`, `/fapi/v3/account`"
MARKED = "wallet, positions, mark prices"
BRACKETED = "positions, mark prices, `/fapi/v1/leverageBracket`"

ACCOUNT = Theme(
    "Account",
    labels=("account",),
    about="What one account holds and owes. These series exist only while the account is live.",
)

EQUITY = ACCOUNT.add(
    "binance_account_equity_usd",
    "Equity: wallet plus unrealised profit and loss of the assets that margin positions.",
    unit=USD,
    formula="wallet + unrealised PnL of every asset that margins a tradable symbol; multi-assets mode: of every asset, "
    "at its index rate",
    source=MARKED,
)
WALLET_BALANCE = ACCOUNT.add(
    "binance_account_wallet_balance_usd",
    "Wallet balance without unrealised profit and loss, of the assets that count as equity.",
    unit=USD,
    formula="sum of wallet balances x value of the asset",
    source=WALLET,
)
AVAILABLE_BALANCE = ACCOUNT.add(
    "binance_account_available_balance_usd",
    "What new positions may still use as margin.",
    unit=USD,
    formula="margin balance of the cross wallet - initial margin of positions and open orders, at least 0",
    source=MARKED + ", open orders",
)
UNREALIZED_PNL = ACCOUNT.add(
    "binance_account_unrealized_pnl_usd",
    "Profit and loss of the open positions at the mark prices of now.",
    unit=USD,
    formula="sum of signed quantity x (mark price - entry price)",
    source="positions, mark prices",
)
INITIAL_MARGIN = ACCOUNT.add(
    "binance_account_initial_margin_usd",
    "Margin that positions and open orders bind.",
    unit=USD,
    formula="sum over symbols of the notional of position and open orders / leverage setting",
    source="positions, open orders, mark prices, `/fapi/v1/symbolConfig`",
)
MAINTENANCE_MARGIN = ACCOUNT.add(
    "binance_account_maintenance_margin_usd",
    "Margin below which the exchange liquidates.",
    unit=USD,
    formula="sum over positions of notional x maintenance rate - deduction, by bracket",
    source=BRACKETED,
)
MARGIN_RATIO = ACCOUNT.add(
    "binance_account_margin_ratio",
    "Maintenance margin over margin balance, the worst of cross and each isolated position; at 1 comes liquidation.",
    unit=RATIO,
    formula="max of maintenance margin / margin balance; +Inf where the balance is at or below 0",
    source=BRACKETED,
)
AVAILABLE_MARGIN_RATIO = ACCOUNT.add(
    "binance_account_available_margin_ratio",
    "Share of the equity that new positions may still use.",
    unit=RATIO,
    formula="available balance / equity; 0 where equity is at or below 0",
    source=MARKED + ", open orders",
)
GROSS_EXPOSURE = ACCOUNT.add(
    "binance_account_gross_exposure_usd",
    "Size of all positions, long and short added up.",
    unit=USD,
    formula="sum of |quantity| x mark price",
    source="positions, mark prices",
)
NET_EXPOSURE = ACCOUNT.add(
    "binance_account_net_exposure_usd",
    "Size of all positions, short ones counted negative.",
    unit=USD,
    formula="sum of signed quantity x mark price",
    source="positions, mark prices",
)
LEVERAGE = ACCOUNT.add(
    "binance_account_leverage_ratio",
    "Effective leverage of the account.",
    unit=RATIO,
    formula="gross exposure / equity; +Inf where equity is at or below 0 while something is held",
    source=MARKED,
)
POSITIONS = ACCOUNT.add(
    "binance_account_positions",
    "Open positions; in hedge mode the two sides of a symbol are two.",
    unit="positions",
    formula="count of rows with a quantity",
    source="positions",
)
OTHER_ASSETS = ACCOUNT.add(
    "binance_account_other_assets_usd",
    "Value of assets that do not count as equity, e.g. BNB for fees.",
    unit=USD,
    formula="sum of wallet balances x mark price of the asset",
    source=WALLET + ", mark prices",
)
INFO = ACCOUNT.add(
    "binance_account_info",
    "Constant 1; the labels tell the account's modes.",
    unit="1",
    labels=("account", "asset_mode", "position_mode"),
    formula="1; `asset_mode` is single or multi, `position_mode` is one-way or hedge",
    source="`/fapi/v1/accountConfig`, `ACCOUNT_CONFIG_UPDATE`",
)

SYMBOL = Theme(
    "Symbol",
    labels=("account", "symbol"),
    about="One symbol of one account, both sides together. These series exist only while the account is live.",
)

SYMBOL_LEVERAGE = SYMBOL.add(
    "binance_symbol_leverage_ratio",
    "Effective leverage of one symbol, both sides summed.",
    unit=RATIO,
    formula="sum of |quantity| x mark price / equity of the account",
    source=MARKED,
)
SYMBOL_LEVERAGE_SETTING = SYMBOL.add(
    "binance_symbol_leverage_setting_ratio",
    "The exchange's own leverage setting of the symbol, e.g. 6 for 6x.",
    unit=RATIO,
    formula="as set",
    source="`/fapi/v1/symbolConfig`, `ACCOUNT_CONFIG_UPDATE`",
)
