"""Positions without a stop, from the start or since it was lost, and stops that were smaller than their position."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from plimsoll.database.closing import ClosingOrder
from plimsoll.report.curves import Known, Stretch, stretches
from plimsoll.report.findings.making import told
from plimsoll.report.model import Evidence, Finding, Severity, SourceName
from plimsoll.report.say import clock, lasting, listed, price, quantity, share
from plimsoll.report.view import LAG, Holding, View

COVERAGE = "binance_position_stop_coverage_ratio"
KINDS = {"take_profit": "a take-profit", "reduce": "a limit order", "entry": "a limit order"}


def findings(view: View) -> Iterator[Finding]:
    """All findings of this theme."""
    for holding in view.holdings:
        bare = _longest(view, holding, lambda covered: covered == 0)
        if bare is not None and _long_enough(view, holding, bare):
            lost = _lost(view, holding, bare)
            if lost is not None and lost.outcome != "rejected":
                yield _stop_lost(view, holding, bare, lost)
            elif lost is None and not _stops(view, holding, bare):
                covered = any(one.value > 0 and one.time < bare.since for one in view.known(COVERAGE, holding))
                yield _stop_gone(view, holding, bare) if covered else _no_stop(view, holding, bare)
        half = _longest(view, holding, lambda covered: 0 < covered < 1)
        if half is not None and half.seconds >= view.material.settings.stop_grace:
            yield _too_small(view, holding, half)


def uncovered(view: View, holding: Holding) -> Stretch | None:
    """The longest time in which a position had no stop at all, if it was long enough to count."""
    bare = _longest(view, holding, lambda covered: covered == 0)
    return bare if bare is not None and _long_enough(view, holding, bare) else None


def _longest(view: View, holding: Holding, holds: Callable[[Decimal], bool]) -> Stretch | None:
    points = [
        (time, value)
        for time, value in view.curves.one(COVERAGE, **holding.labels).points
        if holding.since <= time <= (holding.ended or view.material.period.until)
    ]
    return max(stretches(points, holds), key=lambda one: one.seconds, default=None)


def _long_enough(view: View, holding: Holding, bare: Stretch) -> bool:
    """Longer than the grace, or all that was ever known of the position before its stops became unknown."""
    known = view.known(COVERAGE, holding)
    whole = bool(known) and bare.since <= known[0].time and bare.until >= known[-1].time and bare.gap
    return bare.seconds >= view.material.settings.stop_grace or (whole and holding.ended is None)


def _stops(view: View, holding: Holding, bare: Stretch) -> list[ClosingOrder]:
    """The stops of a position but those that ended the time in which it was bare, which is seen a little later."""
    return [stop for stop in view.closing(holding, "stop") if stop.since <= bare.until - LAG]


def _lost(view: View, holding: Holding, bare: Stretch) -> ClosingOrder | None:
    """The stop whose end left the position bare."""
    ends = [stop for stop in _stops(view, holding, bare) if stop.ended is not None and stop.ended <= bare.since + 60]
    return max(ends, key=lambda stop: stop.ended or 0, default=None)


def _no_stop(view: View, holding: Holding, bare: Stretch) -> Finding:
    others = [order for order in view.closing(holding) if order.since <= bare.until]
    kinds = list(dict.fromkeys(KINDS.get(order.purpose, "another order") for order in others))
    evidence = [
        told(f"share of {holding.symbol} under stops: 0, for {lasting(bare.seconds)}", bare.since),
        *(_order(order) for order in others),
    ]
    known = view.has(SourceName.STATE)
    return Finding(
        rule="no-stop",
        sentence=f"{holding.symbol} had no stop{_while(bare)}; {_instead(kinds, known=known)}"
        f"{_until(view, holding, bare)}.",
        evidence=tuple(evidence),
        severity=Severity.CRITICAL,
        symbol=holding.symbol,
        plain=f"no stop order at the exchange limited the loss on {holding.symbol}",
    )


def _while(bare: Stretch) -> str:
    """Said where it got one in the end."""
    return f" for {lasting(bare.seconds)}" if _covered_after(bare) else ""


def _covered_after(bare: Stretch) -> bool:
    return bare.ended is not None and not bare.gap


def _instead(kinds: list[str], *, known: bool) -> str:
    if not known:
        return "what other orders were to close it cannot be known"
    if not kinds:
        return "no other order would have closed it either"
    return f"its only closing order was {kinds[0]}" if len(kinds) == 1 else f"its closing orders were {listed(kinds)}"


def _until(view: View, holding: Holding, bare: Stretch) -> str:
    """Said where stops became unknown while the position was still held."""
    last = max((one.time for one in view.known(COVERAGE, holding)), default=bare.until)
    cut_off = bare.gap and holding.until > bare.until >= last
    return f" (known until {clock(bare.until)} UTC)" if cut_off else ""


def _order(order: ClosingOrder) -> Evidence:
    at = f" at {price(Decimal(order.trigger))}" if order.trigger else ""
    at = at or (f" at {price(Decimal(order.price))}" if order.price else "")
    return told(f"{order.type} {order.direction} {order.quantity} {order.symbol}{at}", order.since, SourceName.STATE)


def _stop_lost(view: View, holding: Holding, bare: Stretch, lost: ClosingOrder) -> Finding:
    how = {"cancelled": "was cancelled", "expired": "expired", "gone": "disappeared"}.get(lost.outcome, "was used up")
    ended = lost.ended or bare.since
    order = told(f"{lost.type} {lost.quantity} {lost.symbol}: {lost.outcome}", ended, SourceName.STATE)
    sentence = f"{holding.symbol}'s stop {how} at {clock(ended)} UTC and {_replaced(view, holding, bare)}."
    return _lost_finding(holding, bare, sentence, order)


def _stop_gone(view: View, holding: Holding, bare: Stretch) -> Finding:
    """As ``_stop_lost`` where the order itself is on no record."""
    sentence = (
        f"{holding.symbol}'s stop was gone by {clock(bare.since)} UTC, how cannot be known, and "
        f"{_replaced(view, holding, bare)}."
    )
    return _lost_finding(holding, bare, sentence)


def _replaced(view: View, holding: Holding, bare: Stretch) -> str:
    if _covered_after(bare):
        return f"was replaced too late: the position had none for {lasting(bare.seconds)}"
    return f"was not replaced: the position had none for {lasting(bare.seconds)}{_until(view, holding, bare)}"


def _lost_finding(holding: Holding, bare: Stretch, sentence: str, *before: Evidence) -> Finding:
    return Finding(
        rule="stop-lost",
        sentence=sentence,
        evidence=(*before, told(f"share of {holding.symbol} under stops: 0", bare.since)),
        severity=Severity.CRITICAL,
        symbol=holding.symbol,
        plain=f"no stop order at the exchange limited the loss on {holding.symbol} any more",
    )


def _too_small(view: View, holding: Holding, half: Stretch) -> Finding:
    covered = view.curves.at(COVERAGE, half.since, **holding.labels) or Decimal(0)
    sizes = view.known("binance_position_quantity", holding)
    before = next((one for one in reversed(sizes) if one.time < half.since), None)
    now = next((one for one in sizes if one.time >= half.since), None)
    evidence = [told(f"share of {holding.symbol} under stops: {share(covered)}", half.since)]
    evidence += [told(f"{holding.symbol}: {quantity(one.value)} held", one.time) for one in (before, now) if one]
    return Finding(
        rule="stop-too-small",
        sentence=f"{holding.symbol}'s stop covered only {share(covered)} of the position{_grown(before, now)}.",
        evidence=tuple(evidence),
        severity=Severity.WARNING,
        symbol=holding.symbol,
        plain=f"the order that limits the loss on {holding.symbol} was too small",
    )


def _grown(before: Known | None, now: Known | None) -> str:
    if before is None or now is None or now.value <= before.value:
        return ""
    return (
        f": a further entry made it {quantity(now.value)} instead of {quantity(before.value)}"
        f" and the stop kept its quantity"
    )
