"""How closing one leg goes on after an answer: which form comes next, how large, how soon. Pure.

``Standing`` is all that a run remembers of a leg between two readings; every answer makes a new one of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll_enforcer.flatten.codes import MEANINGS, WORDS, Meaning
from plimsoll_enforcer.flatten.pieces import ZERO
from plimsoll_enforcer.trading.port import OrderForm

LADDER = (OrderForm.MARKET, OrderForm.LIMIT_AT_BAND, OrderForm.LIMIT_OPPONENT, OrderForm.LIMIT_AT_MARK)
"""The forms in the order in which they are tried; after the last one the first comes again."""

CHASE = 3.0
"""Seconds that a resting order is left alone before it is cancelled and the ladder begins anew."""

RARELY = 10.0
"""Seconds between two tries at a closed market, or without the right to trade."""

SOONEST, LATEST = 0.05, 2.0
"""Seconds before a try after the first refusal and after many; doubled from one to the next."""

SMALLEST_SHARE = Decimal(1) / 16
COARSEST = 3
STRIP_AT = 2
"""Conflicts in a row, those while plain orders stood left out, after which protective orders no longer stay."""

PATIENT = 5
"""Failures in a row after which they do not stay either where plain orders keep coming."""

MOST_DOUBLINGS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How far closing one leg has got.

    Attributes:
        form: How the next order is sent.
        not_before: Monotonic seconds before which none is sent.
        failures: In a row; sets the wait.
        conflicts: Refusals in a row because of other orders, or of a position that is gone; 1 at most while plain
            orders stood in the way.
        share: Of the leg that one order may hold, 0..1; below 1 after margin was short.
        in_turn: One order of the account at a time, the one first that frees most margin.
        short: Refused for margin; others come first.
        most: Base units that one order may hold, where the exchange taught it.
        coarser: How many times the step was refused.
        resting: Client id of the order that rests at the mark price; empty without one.
        residual: The last refusal said that it is less than an order may hold.
        why: The last refusal in words; empty after progress.
    """

    form: OrderForm = OrderForm.MARKET
    not_before: float = float("-inf")
    failures: int = 0
    conflicts: int = 0
    share: Decimal = Decimal(1)
    in_turn: bool = False
    short: bool = False
    most: Decimal | None = None
    coarser: int = 0
    resting: str = ""
    residual: bool = False
    why: str = ""

    @property
    def strips(self) -> bool:
        """Whether protective orders of the symbol stand in the way of the close."""
        return self.conflicts >= STRIP_AT or (self.conflicts > 0 and self.failures >= PATIENT)


FRESH = Standing()


def meaning_of(code: int | None) -> Meaning:
    """What a refusal's code means for a close."""
    return Meaning.UNKNOWN if code is None else MEANINGS.get(code, Meaning.UNKNOWN)


def filled(standing: Standing, *, executed: Decimal, rests: bool, client_id: str, now: float) -> Standing:
    """After an order that the exchange took: progress keeps its form, none at all takes the next one.

    Args:
        standing: Before it.
        executed: Base units filled at once.
        rests: The order still works.
        client_id: Of the order.
        now: Monotonic seconds.
    """
    taken = replace(standing, failures=0, conflicts=0, short=False, in_turn=False, residual=False, why="")
    if rests:
        return replace(taken, resting=client_id, not_before=now + CHASE)
    if executed > ZERO:
        return replace(taken, not_before=now)
    words = f"nobody takes the other side ({standing.form})"
    return _later(replace(taken, form=next_form(standing.form), why=words), standing.failures, now)


def chased(standing: Standing) -> Standing:
    """After a resting order has ended or was cancelled: from the first form again."""
    return replace(standing, resting="", form=LADDER[0], not_before=float("-inf"))


def refused(
    standing: Standing,
    code: int | None,
    *,
    sent: Decimal,
    now: float,
    wait: float | None = None,
    plain_orders: bool = False,
) -> Standing:
    """After a refusal.

    Args:
        standing: Before it.
        code: The exchange's; ``None`` where it gave none.
        sent: Base units of the order.
        now: Monotonic seconds.
        wait: Seconds that the exchange asks to wait, where it does.
        plain_orders: Plain orders of the symbol were there when it was sent, if only until the cancel before it.
    """
    meaning = meaning_of(code)
    why = WORDS[meaning] if code is None else f"{WORDS[meaning]} ({code})"
    changed = _changed(replace(standing, why=why, residual=False), meaning, sent)
    if plain_orders:
        changed = replace(changed, conflicts=min(changed.conflicts, 1))
    if meaning in {Meaning.CLOSED, Meaning.BARRED}:
        return replace(changed, failures=standing.failures + 1, not_before=now + RARELY)
    if meaning is Meaning.RESIDUAL and standing.form is not LADDER[0]:
        return replace(changed, failures=standing.failures + 1, not_before=now + RARELY)
    later = _later(changed, standing.failures, now)
    return later if wait is None else replace(later, not_before=max(later.not_before, now + wait))


def failed(standing: Standing, why: str, *, now: float) -> Standing:
    """After a certain failure on the way, or an order that never arrived."""
    return _later(replace(standing, why=why), standing.failures, now)


def next_form(form: OrderForm) -> OrderForm:
    """The rung after this one; after the last the first."""
    return LADDER[(LADDER.index(form) + 1) % len(LADDER)]


def _changed(standing: Standing, meaning: Meaning, sent: Decimal) -> Standing:
    change = _CHANGES.get(meaning)
    return standing if change is None else change(standing, sent)


def _conflict(standing: Standing, _sent: Decimal) -> Standing:
    return replace(standing, conflicts=standing.conflicts + 1)


def _next(standing: Standing, _sent: Decimal) -> Standing:
    return replace(standing, form=next_form(standing.form))


def _residual(standing: Standing, _sent: Decimal) -> Standing:
    form = OrderForm.LIMIT_AT_BAND if standing.form is LADDER[0] else standing.form
    return replace(standing, form=form, residual=True, coarser=0, most=None)


def _margin(standing: Standing, _sent: Decimal) -> Standing:
    return replace(standing, share=max(standing.share / 2, SMALLEST_SHARE), in_turn=True, short=True)


def _split(standing: Standing, sent: Decimal) -> Standing:
    return replace(standing, most=sent / 2)


def _step(standing: Standing, _sent: Decimal) -> Standing:
    # Off the tick looks the same as off the step: a form with a price makes room for the next one as well.
    form = standing.form if standing.form is LADDER[0] else next_form(standing.form)
    return replace(standing, coarser=(standing.coarser + 1) % (COARSEST + 1), form=form)


def _busy(standing: Standing, _sent: Decimal) -> Standing:
    return replace(standing, in_turn=True)


_CHANGES: Mapping[Meaning, Callable[[Standing, Decimal], Standing]] = {
    Meaning.CONFLICT: _conflict,
    Meaning.NEXT_FORM: _next,
    Meaning.UNKNOWN: _next,
    Meaning.RESIDUAL: _residual,
    Meaning.MARGIN: _margin,
    Meaning.SPLIT: _split,
    Meaning.STEP: _step,
    Meaning.BUSY: _busy,
}


def _later(standing: Standing, failures: int, now: float) -> Standing:
    wait = min(SOONEST * 2 ** min(failures, MOST_DOUBLINGS), LATEST)
    return replace(standing, failures=failures + 1, not_before=now + wait)
