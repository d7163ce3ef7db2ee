"""The risk series of one live account: account, symbols, positions and open orders, each from its figures or its book.

Nothing is computed here: a figure that is missing belongs into ``plimsoll.risk``.
"""

from __future__ import annotations

from collections import Counter

from plimsoll.metrics.section import Section
from plimsoll.model.terms import Purpose
from plimsoll.risk.entries import Openings
from plimsoll.risk.figures import AccountFigures, PositionFigures
from plimsoll.risk.unknown import times
from plimsoll.state.book import Book
from plimsoll_exporter import catalogue_account as account
from plimsoll_exporter import catalogue_position as position
from plimsoll_exporter.still import Still


def add_risk(section: Section, name: str, figures: AccountFigures) -> None:
    """Add every risk series of the account called ``name`` that moves with prices, but those of stops."""
    _add_account(section, name, figures)
    for symbol in figures.symbols:
        section.add(account.SYMBOL_LEVERAGE, (name, symbol.symbol), symbol.leverage)
    for row in figures.positions:
        _add_position(section, name, row)


def add_still_risk(section: Section, name: str, still: Still) -> None:
    """Add the others, but those of stops."""
    settings = still.book.settings
    section.add(account.INFO, (name, settings.asset_mode.value, settings.position_mode.value), 1)
    section.add(account.POSITIONS, (name,), len(still.stops))
    for symbol, setting in still.settings.items():
        section.add(account.SYMBOL_LEVERAGE_SETTING, (name, symbol), setting)
    for held, quote_usd, _ in still.positions:
        labels = (name, held.symbol, held.side.value)
        section.add(position.QUANTITY, labels, held.quantity)
        section.add(position.ENTRY_PRICE, labels, times(held.entry_price, quote_usd))
    _add_orders(section, name, still.book)
    _add_openings(section, name, still.book, still.openings)


def _add_account(section: Section, name: str, figures: AccountFigures) -> None:
    section.add_all(
        (name,),
        (
            (account.EQUITY, figures.equity),
            (account.WALLET_BALANCE, figures.wallet),
            (account.AVAILABLE_BALANCE, figures.available),
            (account.UNREALIZED_PNL, figures.unrealized_pnl),
            (account.INITIAL_MARGIN, figures.initial_margin),
            (account.MAINTENANCE_MARGIN, figures.maintenance_margin),
            (account.MARGIN_RATIO, figures.margin_ratio),
            (account.AVAILABLE_MARGIN_RATIO, figures.available_ratio),
            (account.GROSS_EXPOSURE, figures.gross_exposure),
            (account.NET_EXPOSURE, figures.net_exposure),
            (account.LEVERAGE, figures.leverage),
            (account.OTHER_ASSETS, figures.other_assets),
        ),
    )


def _add_position(section: Section, name: str, figures: PositionFigures) -> None:
    section.add_all(
        (name, figures.position.symbol, figures.side.value),
        (
            (position.NOTIONAL, figures.notional),
            (position.MARK_PRICE, times(figures.mark_price, figures.quote_usd)),
            (position.LIQUIDATION_PRICE, times(figures.liquidation_price, figures.quote_usd)),
            (position.LIQUIDATION_DISTANCE, figures.liquidation_distance),
            (position.POSITION_PNL, figures.unrealized_pnl),
            (position.POSITION_LEVERAGE, figures.leverage),
        ),
    )


def _add_orders(section: Section, name: str, book: Book) -> None:
    if book.orders is None or not book.orders_complete:
        return
    counts = Counter(order.purpose for order in book.orders.values())
    for purpose in Purpose:
        section.add(position.OPEN_ORDERS, (name, purpose.value), counts[purpose])


def _add_openings(section: Section, name: str, book: Book, openings: Openings) -> None:
    """Add when the positions of a book were opened and by how many orders, where that was seen."""
    for held in book.positions.values():
        row = openings.of(held.key, book)
        if row is not None and row.opened_ms is not None:
            labels = (name, held.symbol, held.side.value)
            section.add(position.OPENED, labels, row.opened_ms / 1000)
            section.add(position.ENTRIES, labels, row.entries)
