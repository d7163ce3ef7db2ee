"""Booking flows that waited: what each is worth, which of them are one, and what they do to an account under watch.

All that wait are booked together, each valued with the later ones still outside. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.config.model import AccountConfig
from plimsoll.model.flows import Flow, FlowSource
from plimsoll.risk.booking import flowed
from plimsoll.risk.flows import flow_value
from plimsoll.risk.unknown import ZERO
from plimsoll.risk.watching import Watched
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A flow that is not booked yet.

    Attributes:
        flow: Its ``usd`` is 0 until it is booked, but for a switch of the asset mode.
        late_at: For one that the history told: exchange time from which the wallet held it unexplained, in seconds;
            ``None`` for one that was told when it moved.
        undoes: The flow is none: ``flow`` takes back what was booked.
    """

    flow: Flow
    late_at: float | None = None
    undoes: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """What was booked together.

    Attributes:
        watched: The account after it.
        flows: With their values, in the order of booking.
        undone: Provisional flows that were none.
    """

    watched: Watched
    flows: tuple[Flow, ...]
    undone: tuple[Flow, ...]


def book_together(
    waiting: Sequence[Waiting],
    watched: Watched,
    config: AccountConfig,
    book: Book,
    market: MarketState,
    *,
    equity: Decimal,
    now: float,
) -> Booked | None:
    """Book flows; ``None`` where a rate is unknown.

    Args:
        waiting: The flows.
        watched: The account before.
        config: Its rules.
        book: What it holds now, every flow in its wallet.
        market: Prices of now.
        equity: Of the book, in USD.
        now: Unix time.
    """
    late = sorted((item for item in waiting if item.late_at is not None), key=lambda item: item.late_at or 0.0)
    told = [item for item in waiting if item.late_at is None and not item.undoes]
    undone = [item for item in waiting if item.undoes]
    values = values_of([*late, *told], book, market)
    if values is None:
        return None
    flat = not book.positions
    before = equity - sum(values, ZERO)
    for usd, time, is_late in _groups(late, told, values, watched.standing.sampled_at):
        before += usd
        watched = flowed(
            watched,
            config.limits.drawdown,
            usd,
            before,
            flow_time=time,
            flat=flat,
            min_equity=config.limits.min_equity_usd,
            late=is_late,
        )
    for item in undone:
        watched = flowed(
            watched,
            config.limits.drawdown,
            -item.flow.usd,
            equity - item.flow.usd,  # as if it left again; the next sample finds it as performance
            flow_time=item.flow.time_ms / 1000,
            flat=flat,
            min_equity=config.limits.min_equity_usd,
            late=False,
        )
    pairs = zip([*late, *told], values, strict=True)
    flows = tuple(replace(item.flow, usd=usd, booked_at=now) for item, usd in pairs)
    return Booked(watched=watched, flows=flows, undone=tuple(item.flow for item in undone))


def values_of(items: Sequence[Waiting], book: Book, market: MarketState) -> list[Decimal] | None:
    """What each flow is worth, with those after it not yet in the wallet; ``None`` where a rate is unknown."""
    values: list[Decimal] = []
    for item in reversed(items):
        flow = item.flow
        if flow.source is FlowSource.SWITCH:
            values.append(flow.usd)
            continue
        usd = flow_value(flow.asset, flow.amount, book, market)
        if usd is None:
            return None
        values.append(usd)
        balance = book.balances.get(flow.asset)
        if balance is not None:
            earlier = replace(balance, wallet=balance.wallet - flow.amount)
            book = replace(book, balances={**book.balances, flow.asset: earlier})
    return values[::-1]


def _groups(
    late: Sequence[Waiting], told: Sequence[Waiting], values: Sequence[Decimal], sampled_at: float
) -> Iterator[tuple[Decimal, float, bool]]:
    """What is booked as one: value, time, and whether it may have passed for performance.

    What the last sample held unexplained is one; so is what came unseen since then: it was in no sample.
    """
    count = sum(1 for item in late if (item.late_at or 0.0) <= sampled_at)
    for first, end in ((0, count), (count, len(late))):
        if first < end:
            yield sum(values[first:end], ZERO), late[first].late_at or 0.0, True
    for item, usd in zip(told, values[len(late) :], strict=True):
        yield usd, item.flow.time_ms / 1000, False
