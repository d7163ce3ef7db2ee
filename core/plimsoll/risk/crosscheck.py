"""Our figures against the exchange's own: a difference means that a table or a formula of ours is out of date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from plimsoll.model.account import PositionReport, Wallet
from plimsoll.model.market import Mark
from plimsoll.model.terms import AssetMode
from plimsoll.risk.assess import assess
from plimsoll.risk.equity import counted_assets
from plimsoll.risk.figures import AccountFigures, PositionFigures
from plimsoll.risk.unknown import times, total
from plimsoll.state.book import Book
from plimsoll.state.compare import Difference
from plimsoll.state.market import MarketState

TOLERANCE = Decimal("0.005")
"""Relative difference that rounding and the moments between two answers explain."""


EQUITY_EXPOSURE = Decimal("0.002")
"""Share of the exposure by which equity may differ besides: prices move between the answers that it is made of."""


def crosscheck(
    book: Book, market: MarketState, wallet: Wallet, reports: Iterable[PositionReport]
) -> tuple[Difference, ...]:
    """Figures of the exchange that we compute otherwise from the same mark prices.

    Args:
        book: The account; where it does not hold what a report says, one of the two is late and nothing is compared.
        market: Prices of now; for the symbols of the reports the reports' own marks are taken instead.
        wallet: The answer of ``GET /fapi/v3/account``, read just before the reports.
        reports: The answer of ``GET /fapi/v3/positionRisk``.
    """
    listed = {report.position.key: report for report in reports}
    if {key: report.position.amount for key, report in listed.items()} != {
        key: position.amount for key, position in book.positions.items()
    }:
        return ()
    marks = {
        report.position.symbol: Mark(symbol=report.position.symbol, price=report.mark_price, time_ms=0)
        for report in listed.values()
        if report.mark_price > 0
    }
    seen = replace(market, marks={**market.marks, **marks})
    figures = assess(book, seen)
    return tuple(_equity_differences(figures, book, seen, wallet)) + tuple(
        difference
        for ours in figures.positions
        if (theirs := listed.get(ours.position.key)) is not None
        for difference in _differences(ours, theirs, book.leverage.get(ours.position.symbol))
    )


def _equity_differences(
    figures: AccountFigures, book: Book, market: MarketState, wallet: Wallet
) -> Iterator[Difference]:
    ours, theirs = figures.equity, equity_told(book, market, wallet)
    if ours is None or theirs is None or figures.gross_exposure is None:
        return
    if abs(ours - theirs) > TOLERANCE * max(abs(ours), abs(theirs)) + EQUITY_EXPOSURE * figures.gross_exposure:
        yield Difference(field="equity", key="account", ours=f"{ours:f}", theirs=f"{theirs:f}")


def equity_told(book: Book, market: MarketState, wallet: Wallet) -> Decimal | None:
    """What the exchange's margin balances add up to, over the assets that count; ``None`` where a price is unknown."""
    if book.settings.asset_mode is AssetMode.MULTI:
        return wallet.margin_balance
    counted = counted_assets(book, market)
    if counted is None:
        return None
    told = {asset: amount for asset, amount in wallet.margin_balances.items() if asset in counted}
    return total(times(amount, market.price_of(asset)) for asset, amount in told.items() if amount != 0)


def _differences(ours: PositionFigures, theirs: PositionReport, setting: int | None) -> Iterator[Difference]:
    told = theirs.position_margin or None
    bound = abs(theirs.position.amount) * theirs.mark_price / setting or None if setting else None
    pairs = {
        "leverage": (bound, told),
        "maintenance_margin": (ours.maintenance_margin, times(theirs.maintenance_margin, ours.quote_usd)),
        "liquidation_price": (ours.liquidation_price, theirs.liquidation_price),
    }
    for field, (mine, other) in pairs.items():
        if mine is None or other is None:
            continue
        if abs(mine - other) > TOLERANCE * max(abs(mine), abs(other)):
            yield Difference(field=field, key=theirs.position.key, ours=f"{mine:f}", theirs=f"{other:f}")
