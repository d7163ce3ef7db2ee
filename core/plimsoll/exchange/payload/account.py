"""Translation of the signed reads that tell what an account holds and how it is set.

Balances, positions and income rows are taken whole or not at all: half a picture of an account is a wrong picture. Of
the per-symbol settings a broken row is left out, since most symbols concern nobody. Closing alone may take half of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

from plimsoll.errors import Malformed
from plimsoll.exchange.payload.fields import (
    Row,
    boolean,
    children,
    decimal,
    good_rows,
    identifier,
    integer,
    mapping,
    optional_positive,
    optional_text,
    positive,
    positive_integer,
    rows,
    text,
)
from plimsoll.exchange.payload.words import check_position, margin_mode, position_side
from plimsoll.model.account import (
    AccountSettings,
    Balance,
    Income,
    KeyPermissions,
    Position,
    PositionReport,
    SymbolSettings,
    Wallet,
)
from plimsoll.model.terms import AssetMode, MarginMode, PositionMode


def wallet(json: object) -> Wallet:
    """Translate ``GET /fapi/v3/account``; of its positions only the symbols, ``position_reports`` knows more.

    Raises:
        Malformed: Anything is missing, is no number, or an asset is listed twice.
    """
    row = mapping(json, "GET /fapi/v3/account")
    assets = children(row, "assets")
    balances = tuple(_balance(asset) for asset in assets)
    _refuse_twins(row.where, (balance.asset for balance in balances))
    return Wallet(
        balances=balances,
        margin_balances={text(asset, "asset"): decimal(asset, "marginBalance") for asset in assets},
        margin_balance=decimal(row, "totalMarginBalance"),
        initial_margin=decimal(row, "totalInitialMargin"),
        maintenance_margin=decimal(row, "totalMaintMargin"),
        available=decimal(row, "availableBalance"),
        symbols=frozenset(text(position, "symbol") for position in children(row, "positions")),
    )


def _balance(row: Row) -> Balance:
    return Balance(
        asset=text(row, "asset"),
        wallet=decimal(row, "walletBalance"),
        cross_wallet=decimal(row, "crossWalletBalance"),
        updated_ms=integer(row, "updateTime"),
    )


def position_reports(json: object) -> tuple[PositionReport, ...]:
    """Translate ``GET /fapi/v3/positionRisk``; rows with an amount of zero stand for open orders and are left out.

    Raises:
        Malformed: Any open position is broken, contradicts itself, or is listed twice.
    """
    where = "GET /fapi/v3/positionRisk"
    reports = tuple(_report(row) for row in rows(json, where) if decimal(row, "positionAmt") != 0)
    _refuse_twins(where, (report.position.key for report in reports))
    return reports


def sound_position_reports(json: object) -> tuple[PositionReport, ...]:
    """The same without the rows that are broken or listed twice: for who must close what can be closed, nobody else.

    Raises:
        Malformed: It is no list, or no row of it is sound.
    """
    found = good_rows(json, "GET /fapi/v3/positionRisk", _report_or_none)
    reports = tuple(report for report in found if report is not None)
    keys = Counter(report.position.key for report in reports)
    return tuple(report for report in reports if keys[report.position.key] == 1)


def _report_or_none(row: Row) -> PositionReport | None:
    return _report(row) if decimal(row, "positionAmt") != 0 else None


def _report(row: Row) -> PositionReport:
    return PositionReport(
        position=_position(row),
        mark_price=positive(row, "markPrice"),
        liquidation_price=optional_positive(row, "liquidationPrice"),
        maintenance_margin=decimal(row, "maintMargin"),
        position_margin=decimal(row, "positionInitialMargin"),
        unrealized_pnl=decimal(row, "unRealizedProfit"),
    )


def _position(row: Row) -> Position:
    amount, side, entry_price = (
        decimal(row, "positionAmt"),
        position_side(row, "positionSide"),
        decimal(row, "entryPrice"),
    )
    check_position(row, amount=amount, side=side, entry_price=entry_price)
    return Position(
        symbol=text(row, "symbol"),
        position_side=side,
        amount=amount,
        entry_price=entry_price,
        margin_mode=_mode_of_position(row),
        margin_asset=text(row, "marginAsset"),
        isolated_wallet=decimal(row, "isolatedWallet"),
        updated_ms=integer(row, "updateTime"),
    )


def _mode_of_position(row: Row) -> MarginMode:
    """Read the margin mode off the margin set aside, since version 3 does not name it: an isolated row has some."""
    isolated = decimal(row, "isolatedWallet") != 0 or decimal(row, "isolatedMargin") != 0
    return MarginMode.ISOLATED if isolated else MarginMode.CROSS


def settings(json: object) -> AccountSettings:
    """Translate ``GET /fapi/v1/accountConfig``.

    Raises:
        Malformed: A switch is missing or neither true nor false.
    """
    row = mapping(json, "GET /fapi/v1/accountConfig")
    return AccountSettings(
        position_mode=PositionMode.HEDGE if boolean(row, "dualSidePosition") else PositionMode.ONE_WAY,
        asset_mode=AssetMode.MULTI if boolean(row, "multiAssetsMargin") else AssetMode.SINGLE,
        can_trade=boolean(row, "canTrade"),
    )


def symbol_settings(json: object) -> tuple[SymbolSettings, ...]:
    """Translate ``GET /fapi/v1/symbolConfig``; a broken row is left out.

    Raises:
        Malformed: It is no list, or no row of it is sound.
    """
    return good_rows(json, "GET /fapi/v1/symbolConfig", _symbol_settings)


def _symbol_settings(row: Row) -> SymbolSettings:
    return SymbolSettings(
        symbol=text(row, "symbol"),
        leverage=positive_integer(row, "leverage"),
        margin_mode=margin_mode(row, "marginType"),
    )


def incomes(json: object) -> tuple[Income, ...]:
    """Translate ``GET /fapi/v1/income``, in the order given.

    Raises:
        Malformed: Any row is broken: a ledger with a hole does not explain the wallet.
    """
    return tuple(_income(row) for row in rows(json, "GET /fapi/v1/income"))


def _income(row: Row) -> Income:
    return Income(
        kind=text(row, "incomeType"),
        asset=text(row, "asset"),
        amount=decimal(row, "income"),
        symbol=optional_text(row, "symbol"),
        time_ms=integer(row, "time"),
        transaction_id=identifier(row, "tranId"),
        trade_id=identifier(row, "tradeId"),
    )


def key_permissions(json: object) -> KeyPermissions:
    """Translate ``GET /sapi/v1/account/apiRestrictions``.

    Raises:
        Malformed: A right is not told. Only the portfolio-margin right may be missing, as in older answers.
    """
    row = mapping(json, "GET /sapi/v1/account/apiRestrictions")
    internal, universal = boolean(row, "enableInternalTransfer"), boolean(row, "permitsUniversalTransfer")
    return KeyPermissions(
        read=boolean(row, "enableReading"),
        trade=boolean(row, "enableFutures"),
        withdraw=boolean(row, "enableWithdrawals"),
        transfer=internal or universal,
        ip_restricted=boolean(row, "ipRestrict"),
        portfolio_margin=boolean(row, "enablePortfolioMarginTrading", default=False),
    )


def _refuse_twins(where: str, keys: Iterable[Hashable]) -> None:
    """Refuse a list that tells one thing twice: it would be counted twice."""
    seen = list(keys)
    if len(set(seen)) != len(seen):
        raise Malformed(f"{where}: the same row is listed twice")
