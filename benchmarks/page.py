"""Where the CPU of a page goes: 200 accounts of 10 positions with a stop each, at prices that are all new each time.

``python benchmarks/page.py`` prints milliseconds of process time, the least of many pages, so that other work on the
machine changes little. Nothing is started: the accounts are made up.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from measuring import Size
from prometheus_client import CollectorRegistry

from plimsoll.config.model import AccountConfig, Enforcement, KeyFiles, Limits, Mode
from plimsoll.metrics.format import negotiate
from plimsoll.metrics.fragments import Fragments
from plimsoll.metrics.page import PageWriter
from plimsoll.model.account import AccountSettings, Balance, Position
from plimsoll.model.market import Bracket, Mark
from plimsoll.model.orders import Order
from plimsoll.model.terms import AssetMode, Direction, MarginMode, OrderBook, PositionMode, PositionSide, PriceKind
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll_exporter.exposition import Pages
from plimsoll_exporter.families import FAMILIES, Families, KeptSections
from plimsoll_exporter.figures import Assessor, Kept
from plimsoll_exporter.view import AccountView, ExporterView, Status

SIZE = Size(accounts=200, positions=10)
PRICE = Decimal("905.12")
FORM = negotiate("application/openmetrics-text;version=1.0.0", "gzip")

Made = TypeVar("Made")


class Stopwatch:
    """Makes pages, whole ones and step by step, and keeps what each step took, in ms of CPU."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}
        self._figures, self._parts = Kept(SIZE.accounts), KeptSections()
        self._assessor = Assessor(failed=print, assess=self._figures)
        self._writer, self._fragments = PageWriter(), Fragments(FAMILIES)
        whole = Assessor(failed=print, assess=Kept(SIZE.accounts))
        self._pages = Pages(registry=CollectorRegistry(), assessor=whole)

    def page(self, view: ExporterView) -> None:
        """One page of a view."""
        families = Families(view=lambda: view, assessor=self._assessor, kept=self._parts)
        self._timed("figures", lambda: [self._figures(_book(each), view.market) for each in view.accounts])
        sections = self._timed("rows", families.sections)
        self._timed("text and joining", lambda: self._writer.sections(sections, self._fragments, FORM))
        self._timed("joining alone", lambda: self._writer.sections(sections, self._fragments, FORM))
        self._timed("a whole page, in gzip", lambda: self._pages.page(view, FORM))

    def _timed(self, what: str, do: Callable[[], Made]) -> Made:
        began = time.process_time()
        made = do()
        self.taken.setdefault(what, []).append((time.process_time() - began) * 1000)
        return made


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="?", type=int, default=20, help="how many to make (20)")
    stopwatch, pages = Stopwatch(), parser.parse_args(argv).pages
    accounts = tuple(_account(name) for name in SIZE.names)
    for number in range(pages):
        stopwatch.page(_view(accounts, number))
    for what, times in stopwatch.taken.items():
        print(f"{what:22} {min(times):6.1f} ms")


def _book(account: AccountView) -> Book:
    if account.book is None:
        raise ValueError(f"{account.config.name} has no book")
    return account.book


def _view(accounts: tuple[AccountView, ...], number: int) -> ExporterView:
    marks = {symbol: Mark(symbol=symbol, price=_price(place, number), time_ms=number) for place, symbol in _symbols()}
    return ExporterView(
        now=float(number),
        accounts=accounts,
        market=MarketState(marks=marks, margin_assets=frozenset({"USDT", "USDC"})),
        weight_used=number,
        weight_limit=2400,
        clock_offset=0.0,
        ready=True,
    )


def _symbols() -> list[tuple[int, str]]:
    return [(place, f"S{place}USDT") for place in range(SIZE.positions)]


def _price(place: int, number: int) -> Decimal:
    """Other prices for each page, some 2 % around the entry."""
    return (PRICE + place) * (100 + Decimal(number % 40 - 20) / 10) / 100


def _account(name: str) -> AccountView:
    positions = [_position(symbol, PRICE + place) for place, symbol in _symbols()]
    stops = [_stop(number, position) for number, position in enumerate(positions)]
    book = Book(
        settings=AccountSettings(position_mode=PositionMode.ONE_WAY, asset_mode=AssetMode.SINGLE, can_trade=False),
        balances={
            "USDT": Balance(asset="USDT", wallet=Decimal("19999.88643479"), cross_wallet=Decimal("19999.88643479"))
        },
        positions={position.key: position for position in positions},
        orders={stop.key: stop for stop in stops},
        leverage={symbol: 10 for _, symbol in _symbols()},
        brackets={symbol: _table() for _, symbol in _symbols()},
        orders_complete=True,
    )
    nowhere = Path("/nowhere")
    return AccountView(
        config=AccountConfig(
            name=name,
            product="usdm",
            read_key=KeyFiles(key_file=nowhere, secret_file=nowhere),
            trade_key=None,
            limits=Limits(),
            enforcement=Enforcement(mode=Mode.DRY_RUN),
        ),
        status=Status.LIVE,
        reason="",
        book=book,
        connected=True,
        trusted_at=1.0,
        unexplained_usd=Decimal(0),
        unexplained_since=None,
        allowed_age=60.0,
    )


def _table() -> tuple[Bracket, ...]:
    rows = (("0", "5000", "0.004", "0"), ("5000", "50000", "0.005", "5"), ("50000", "1000000", "0.01", "255"))
    return tuple(
        Bracket(
            floor=Decimal(floor),
            cap=Decimal(cap),
            maintenance_ratio=Decimal(ratio),
            deduction=Decimal(deduction),
            max_leverage=50,
        )
        for floor, cap, ratio, deduction in rows
    )


def _position(symbol: str, entry: Decimal) -> Position:
    return Position(
        symbol=symbol,
        position_side=PositionSide.BOTH,
        amount=Decimal("2.21"),
        entry_price=entry,
        margin_mode=MarginMode.CROSS,
        margin_asset="USDT",
    )


def _stop(number: int, position: Position) -> Order:
    return Order(
        book=OrderBook.ALGO,
        order_id=number,
        client_id=f"stop-{number}",
        symbol=position.symbol,
        direction=Direction.SELL,
        position_side=PositionSide.BOTH,
        type="STOP_MARKET",
        quantity=position.quantity,
        executed=Decimal(0),
        price=Decimal(0),
        trigger_price=position.entry_price * Decimal("0.9"),
        watches=PriceKind.LAST,
        reduce_only=True,
        close_position=False,
        status="NEW",
        time_in_force="GTC",
        updated_ms=0,
    )


if __name__ == "__main__":
    main()
