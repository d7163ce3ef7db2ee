"""What is shown of an account as frozen values. Unknown is ``None`` with a reason beside it; times in Unix seconds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.config.model import Mode
from plimsoll.model.terms import PositionSide


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """One open position.

    Attributes:
        amount: Base units, signed.
        entry_price: In quote units.
        mark_price: In quote units, of the same answer as the other figures.
        exposure_usd: Notional at mark, absolute; ``None`` where the quote asset has no price.
        unrealized_pnl_usd: ``None`` where the settling asset has no price.
    """

    symbol: str
    position_side: PositionSide
    amount: Decimal
    entry_price: Decimal
    mark_price: Decimal
    exposure_usd: Decimal | None
    unrealized_pnl_usd: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """What one reading told of an account's money and positions.

    Attributes:
        equity_usd: As the exchange adds it up.
        exposure_usd: Of all positions, both sides of a hedge counted.
        symbols: With a position or a plain order.
    """

    equity_usd: Decimal | None
    exposure_usd: Decimal | None
    unrealized_pnl_usd: Decimal | None
    positions: tuple[Held, ...]
    symbols: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Orders:
    """How many orders work.

    Attributes:
        plain: In the plain list.
        conditional: In the algo list.
    """

    plain: int
    conditional: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What is known of one account from the exchange.

    Attributes:
        holding: Of the last reading that came; ``None`` before the first.
        holding_at: When it was asked for.
        why: In words why there is no newer one; empty where the last reading came.
        orders: As ``holding``.
        orders_at: When they were asked for.
        why_orders: As ``why``.
    """

    holding: Holding | None = None
    holding_at: float | None = None
    why: str = "not read yet"
    orders: Orders | None = None
    orders_at: float | None = None
    why_orders: str = "not read yet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Floor:
    """One drawdown rule that closes, and where its floor is.

    Attributes:
        limit: In words, e.g. ``10 %`` or ``7000 USD``.
        reference_usd: As the exporter tells it now.
        kept_usd: The floor if the reference is kept.
        rebased_usd: The floor if the rule begins anew from the equity read last.
        why: Why the reference is not known; empty where it is.
    """

    rule: str
    limit: str
    reference_usd: Decimal | None
    kept_usd: Decimal | None
    rebased_usd: Decimal | None
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Locked:
    """A lockout that stands.

    Attributes:
        since: ``None`` where a damaged journal leaves nobody knowing.
        until: ``None`` until released by hand.
        reason: In words, with what an operator wrote.
        rules: Whose breach it follows; empty for one by hand.
    """

    since: float | None
    until: float | None
    reason: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountView:
    """One account as the button page shows it.

    Attributes:
        configured: The mode that ``plimsoll.yml`` asks for.
        mode: What is in force.
        why_mode: In words why that is less; empty where it is not.
        locked: ``None`` where trading is allowed and no run is in progress.
        watching: Since when a breach is watched; ``None`` where none is.
        run_id: The run in progress; ``None`` between runs.
        failing_since: Since when a run in progress is late.
        releasable: Whether a release would find anything to release.
        floors: Of the rules that a release concerns: those of the lockout, or all that close.
        floors_at: When the exporter was asked for their references; ``None`` before that.
    """

    account: str
    configured: Mode
    mode: Mode
    why_mode: str
    locked: Locked | None
    watching: float | None
    run_id: str | None
    failing_since: float | None
    releasable: bool
    last_run_at: float | None
    seen: Seen
    floors: tuple[Floor, ...]
    floors_at: float | None
