"""The liquidation price of a position, by the formula of section 13.4 of the exchange facts.

Pure. The bracket is that of the notional at the liquidation price itself, so the formula is iterated.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.market import Symbol

_ROUNDS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """A position of the symbol: signed amount and entry price."""

    amount: Decimal
    entry: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What stands behind the position: wallet, and the needs and profits of all other positions that share it."""

    wallet: Decimal
    maintenance: Decimal = ZERO
    unrealised: Decimal = ZERO


def liquidation_price(legs: tuple[Leg, ...], around: Surroundings, symbol: Symbol, mark: Decimal) -> Decimal | None:
    """The mark price at which the wallet just covers maintenance; ``None`` when no positive price does that."""
    price, seen = mark, set[Decimal]()
    for _ in range(_ROUNDS):
        solved = _solve(legs, around, symbol, price)
        if solved is None or solved <= 0:
            return None
        if solved == price or solved in seen:
            return solved
        seen.add(price)
        price = solved
    return price


def _solve(legs: tuple[Leg, ...], around: Surroundings, symbol: Symbol, price: Decimal) -> Decimal | None:
    above = around.wallet - around.maintenance + around.unrealised
    below = ZERO
    for leg in legs:
        bracket = symbol.bracket_for(abs(leg.amount) * price)
        above += bracket.cum - leg.amount * leg.entry
        below += abs(leg.amount) * bracket.ratio - leg.amount
    return above / below if below else None
