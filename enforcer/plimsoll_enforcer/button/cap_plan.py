"""Which leverage settings are above the cap, and what lowering them would bind of the available balance. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.account import ZERO, PositionKey, PositionReport, SymbolSettings, Wallet
from plimsoll.model.orders import Order
from plimsoll.model.terms import MarginMode, OrderBook
from plimsoll.risk.initial import Resting, bound_notional, opening_notionals

LEAST_AVAILABLE = Decimal("0.10")
"""Part of the equity that must stay available: less of it is how -2019 begins."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Excess:
    """One symbol whose setting is above the cap.

    Attributes:
        setting: The exchange's, now.
        flat: Neither position nor plain order: lowering it binds nothing.
        isolated: It has an isolated position, under which the exchange refuses to lower it (-4161).
        extra: Margin that lowering it binds besides what is bound now, in quote units.
    """

    symbol: str
    setting: int
    flat: bool
    isolated: bool
    extra: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Holdings:
    """What an account has open; orders are plain ones, since conditional ones bind nothing."""

    positions: tuple[PositionReport, ...]
    orders: tuple[Order, ...]

    def isolated(self) -> frozenset[str]:
        """Symbols with an isolated position."""
        return frozenset(
            report.position.symbol for report in self.positions if report.position.margin_mode is MarginMode.ISOLATED
        )

    def busy(self) -> frozenset[str]:
        """Symbols with a position or a plain order."""
        ordered = (order.symbol for order in self.orders if order.book is OrderBook.PLAIN)
        return frozenset((*(report.position.symbol for report in self.positions), *ordered))

    def bound(self) -> dict[str, Decimal]:
        """Notional that margin is asked for, in quote units, by symbol: margin is this / the setting."""
        held = {report.position.key: report.position.amount * report.mark_price for report in self.positions}
        resting = opening_notionals(self.orders)
        found: dict[str, Decimal] = {}
        rows: dict[PositionKey, None] = dict.fromkeys((*held, *resting))
        for key in rows:
            orders = resting.get(key, Resting())
            notional = bound_notional(held.get(key, ZERO), orders.buys, orders.sells)
            found[key[0]] = found.get(key[0], ZERO) + notional
        return found


def find_excesses(
    cap: int, settings: Iterable[SymbolSettings], holdings: Holdings, *, tradable: Collection[str]
) -> tuple[Excess, ...]:
    """Every tradable symbol whose setting is above the cap: flat ones first, then those that bind least.

    Args:
        cap: ``limits.leverage_setting``.
        settings: Of every symbol.
        holdings: What is open.
        tradable: Symbols that orders are accepted for; the setting of any other binds nobody.
    """
    bound, busy, isolated = holdings.bound(), holdings.busy(), holdings.isolated()
    found = [
        Excess(
            symbol=item.symbol,
            setting=item.leverage,
            flat=item.symbol not in busy,
            isolated=item.symbol in isolated,
            extra=_extra(bound.get(item.symbol, ZERO), item.leverage, cap),
        )
        for item in settings
        if item.leverage > cap and item.symbol in tradable
    ]
    return tuple(sorted(found, key=lambda one: (not one.flat, one.extra, one.symbol)))


def _extra(notional: Decimal, setting: int, cap: int) -> Decimal:
    return notional / cap - notional / setting


def too_little_left(wallet: Wallet, extra: Decimal = ZERO) -> bool:
    """Whether less than ``LEAST_AVAILABLE`` of the equity would be available with this much more bound.

    Both figures are the exchange's own and of one scope: USDT in single-asset mode, USD in multi-assets mode.
    """
    return wallet.available - extra < wallet.margin_balance * LEAST_AVAILABLE


def available_text(wallet: Wallet, extra: Decimal = ZERO) -> str:
    """The available balance with this much more bound, and its part of the equity, for people."""
    left, equity = wallet.available - extra, wallet.margin_balance
    part = f", {left / equity:.1%} of the equity of {equity:,.2f} USD" if equity > 0 else ""
    return f"{left:,.2f} USD{part}"
