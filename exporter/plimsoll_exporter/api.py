"""The state as JSON, for scripts: made from a view, decimals as strings, times as Unix seconds, unknown as ``null``.

An account that is not live shows why, and nothing that it holds: a figure that may be old is no figure.
"""

from __future__ import annotations

from plimsoll.model.account import Balance
from plimsoll.model.orders import Order
from plimsoll.risk.entries import Opening
from plimsoll.risk.figures import AccountFigures, PositionFigures, SymbolFigures
from plimsoll.risk.protection import stop_distance
from plimsoll.risk.protection_figures import PositionProtection, Protection
from plimsoll.state.book import Book
from plimsoll_exporter.api_drawdown import drawdown, ledger
from plimsoll_exporter.api_limits import limits
from plimsoll_exporter.api_rejections import ended_orders
from plimsoll_exporter.figures import Assessor
from plimsoll_exporter.json_values import Json, text
from plimsoll_exporter.view import SOURCES, AccountView, ExporterView, StopTimes

ACCOUNT_FIGURES = (
    "equity",
    "wallet",
    "unrealized_pnl",
    "other_assets",
    "initial_margin",
    "maintenance_margin",
    "margin_ratio",
    "available",
    "available_ratio",
    "gross_exposure",
    "net_exposure",
    "leverage",
)
"""Attributes of ``AccountFigures`` that are shown under their own name."""


def accounts(view: ExporterView, assessor: Assessor) -> dict[str, Json]:
    """Every account, in the order of the configuration."""
    return {
        "time": view.now,
        "ready": view.ready,
        "accounts": [_account(account, view, assessor) for account in view.accounts],
    }


def account(name: str, view: ExporterView, assessor: Assessor) -> Json:
    """One account; ``None`` where none has that name."""
    for candidate in view.accounts:
        if candidate.config.name == name:
            return {"time": view.now, **_account(candidate, view, assessor)}
    return None


def _account(shown: AccountView, view: ExporterView, assessor: Assessor) -> dict[str, Json]:
    figures = assessor.figures(shown, view.market)
    book = None if figures is None else shown.book
    return {
        "account": shown.config.name,
        "status": shown.status.value,
        "reason": shown.reason,
        "mode": shown.config.enforcement.mode.value,
        "stream_connected": shown.connected,
        "trusted_timestamp": shown.trusted_at,
        "allowed_age_seconds": shown.allowed_age,
        "unexplained_usd": text(shown.unexplained_usd),
        "unexplained_since_timestamp": shown.unexplained_since,
        "source_success_timestamp": {source: shown.sources.get(source) for source in SOURCES},
        "limits": limits(shown.config, book),
        "drawdown": drawdown(shown, figures),
        "ledger": ledger(shown),
        "ended_orders": ended_orders(shown),
        **_holdings(book, figures, shown),
    }


def _holdings(book: Book | None, figures: AccountFigures | None, shown: AccountView) -> dict[str, Json]:
    if book is None or figures is None:
        return dict.fromkeys(("settings", "figures", "positions", "symbols", "balances", "orders", "orders_complete"))
    orders = book.orders
    return {
        "settings": {
            "asset_mode": book.settings.asset_mode.value,
            "position_mode": book.settings.position_mode.value,
            "can_trade": book.settings.can_trade,
        },
        "figures": {
            **{name: text(getattr(figures, name)) for name in ACCOUNT_FIGURES},
            **_account_stops(figures.protection),
        },
        "positions": [
            _position(row)
            | _opening(shown.openings.of(row.position.key, book))
            | _position_stops(row, stops, shown.stop_times)
            for row, stops in zip(figures.positions, figures.protection.positions, strict=True)
        ],
        "symbols": [_symbol(row) for row in figures.symbols],
        "balances": [_balance(row) for row in book.balances.values()],
        "orders": None if orders is None else [_order(row) for row in orders.values()],
        "orders_complete": book.orders_complete,
    }


def _account_stops(found: Protection) -> dict[str, Json]:
    return {
        "stop_coverage": text(found.coverage),
        "unprotected_exposure": text(found.unprotected),
        "loss_at_stops": text(found.loss),
        "orphan_stops": found.orphans,
    }


def _position_stops(row: PositionFigures, stops: PositionProtection, since: StopTimes) -> dict[str, Json]:
    labels = stops.key[0], stops.side.value
    return {
        "stop_coverage": text(stops.coverage),
        "stop_price": text(stops.stop_price),
        "stop_distance": text(stop_distance(row, stops)),
        "stop_watches": None if stops.watches is None else stops.watches.value,
        "loss_at_stop": text(stops.loss),
        "stop_beyond_liquidation": stops.beyond_liquidation,
        "stop_may_open": stops.may_open,
        "stop_over_covered": stops.over_covered,
        "unprotected_since_timestamp": since.unprotected.get(labels),
        "stop_overrun_since_timestamp": {price: since.overrun.get((*labels, price)) for price in ("watched", "mark")},
    }


def _position(row: PositionFigures) -> dict[str, Json]:
    return {
        "symbol": row.position.symbol,
        "side": row.side.value,
        "margin_mode": row.position.margin_mode.value,
        "margin_asset": row.position.margin_asset,
        "quantity": text(row.position.quantity),
        "entry_price": text(row.position.entry_price),
        "isolated_wallet": text(row.position.isolated_wallet),
        "mark_price": text(row.mark_price),
        "notional": text(row.notional),
        "unrealized_pnl": text(row.unrealized_pnl),
        "leverage": text(row.leverage),
        "maintenance_margin": text(row.maintenance_margin),
        "liquidation_price": text(row.liquidation_price),
        "liquidation_distance": text(row.liquidation_distance),
        "updated_timestamp": row.position.updated_ms / 1000,
    }


def _opening(row: Opening | None) -> dict[str, Json]:
    opened_ms = None if row is None else row.opened_ms
    return {
        "opened_timestamp": None if opened_ms is None else opened_ms / 1000,
        "entries": None if row is None else row.entries,
    }


def _symbol(row: SymbolFigures) -> Json:
    return {"symbol": row.symbol, "leverage": text(row.leverage), "leverage_setting": row.leverage_setting}


def _balance(row: Balance) -> Json:
    return {"asset": row.asset, "wallet": text(row.wallet), "cross_wallet": text(row.cross_wallet)}


def _order(row: Order) -> Json:
    return {
        "book": row.book.value,
        "order_id": str(row.order_id),
        "client_order_id": row.client_id,
        "symbol": row.symbol,
        "direction": row.direction.value,
        "position_side": row.position_side.value,
        "type": row.type,
        "purpose": row.purpose.value,
        "quantity": text(row.quantity),
        "executed": text(row.executed),
        "price": text(row.price),
        "trigger_price": text(row.trigger_price),
        "watches": row.watches.value,
        "reduce_only": row.reduce_only,
        "close_position": row.close_position,
        "status": row.status,
        "updated_timestamp": row.updated_ms / 1000,
    }
