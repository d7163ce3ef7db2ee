"""What became of the stops that there were: not reached, filled and how well, rejected, passed without a trigger."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.database.closing import ClosingOrder
from plimsoll.report.curves import Stretch, highest, lowest, stretches
from plimsoll.report.findings.making import decimal, told
from plimsoll.report.model import Evidence, Finding, Severity, SourceName
from plimsoll.report.say import capital, clock, lasting, listed, price, share, usd
from plimsoll.report.view import Holding, View

OVERRUN = "binance_position_stop_overrun_since_timestamp_seconds"
STOP_PRICE = "binance_position_stop_price_usd"
MARK = "binance_position_mark_price_usd"
SLIPS = Decimal("0.001")
"""Slippage up to this share is what a market order costs on any day."""


def findings(view: View) -> Iterator[Finding]:
    """All findings of this theme."""
    overrun = [found for holding in view.holdings if (found := _overrun(view, holding)) is not None]
    rejected = [_rejected(stop) for stop in view.material.closing if _is_stop(stop, "rejected")]
    filled = [stop for stop in view.material.closing if _is_stop(stop, "filled")]
    yield from overrun
    yield from rejected
    yield from (found for stop in filled if (found := _slipped(view, stop)) is not None)
    failed = {one.symbol for one in (*overrun, *rejected)}
    untouched = [one for one in view.holdings if one.symbol not in failed and _unreached(view, one)]
    if untouched or (filled and not failed):
        yield _none_failed(view, untouched, filled, sure=not failed and view.has(SourceName.STATE))


def slippage(stop: ClosingOrder) -> tuple[Decimal, Decimal] | None:
    """How much worse than its trigger a stop filled: as a share, and in quote units for all; ``None`` if unknown."""
    trigger, paid = decimal(stop.trigger), decimal(stop.average_price)
    if trigger is None or paid is None or not trigger:
        return None
    worse = paid - trigger if stop.direction == "BUY" else trigger - paid
    return worse / trigger, worse * Decimal(stop.quantity)


def _is_stop(order: ClosingOrder, outcome: str) -> bool:
    return order.purpose == "stop" and order.outcome == outcome


def _overrun(view: View, holding: Holding) -> Finding | None:
    """Price at or beyond a stop that went on working, for longer than the grace."""
    for which, say in (("watched", _say_watched), ("mark", _say_mark)):
        points = view.curves.one(OVERRUN, **holding.labels, price=which).points
        long = [
            one for one in stretches(points, lambda _: True) if _for(points, one) >= view.material.settings.stop_grace
        ]
        if long:
            return say(view, holding, long[0])
    return None


def _for(points: tuple[tuple[float, Decimal | None], ...], found: Stretch) -> float:
    """How long it has lasted at the last look, by the series' own beginning."""
    since = next((float(value) for time, value in points if time == found.since and value is not None), found.since)
    return found.until - min(since, found.since)


def _passed(view: View, holding: Holding, found: Stretch) -> tuple[str, tuple[Evidence, ...]]:
    stop = view.curves.at(STOP_PRICE, found.since, **holding.labels)
    mark = view.curves.at(MARK, found.since, **holding.labels)
    trigger = "" if stop is None else f" {price(stop)}"
    evidence = [told(f"{holding.symbol}: beyond its stop for {lasting(found.seconds)}, still open", found.since)]
    if mark is not None:
        evidence.append(told(f"{holding.symbol}: mark price {price(mark)}, trigger{trigger}", found.since))
    evidence += [
        told(f"{one.type} of {one.symbol} watches the {one.watches} price", one.since, SourceName.STATE)
        for one in view.closing(holding, "stop")
        if one.since <= found.since
    ]
    return trigger, tuple(evidence)


def _say_mark(view: View, holding: Holding, found: Stretch) -> Finding:
    trigger, evidence = _passed(view, holding, found)
    return Finding(
        rule="stop-passed-by-mark",
        sentence=f"The mark price of {holding.symbol} passed its stop's trigger{trigger} and nothing triggered: the "
        "stop watches the last price, not the mark price by which the exchange liquidates.",
        evidence=evidence,
        severity=Severity.CRITICAL,
        symbol=holding.symbol,
        plain=f"the order that limits the loss on {holding.symbol} looked at another price than the one that counts",
    )


def _say_watched(view: View, holding: Holding, found: Stretch) -> Finding:
    trigger, evidence = _passed(view, holding, found)
    return Finding(
        rule="stop-not-triggered",
        sentence=f"The price that {holding.symbol}'s stop watches passed its trigger{trigger} and the order went on "
        "working: the exchange should have triggered it.",
        evidence=evidence,
        severity=Severity.CRITICAL,
        symbol=holding.symbol,
        plain=f"the exchange did not carry out the order that limits the loss on {holding.symbol}",
    )


def _rejected(stop: ClosingOrder) -> Finding:
    why = f" ({stop.reason.rstrip('.')})" if stop.reason else ""
    return Finding(
        rule="stop-rejected",
        sentence=f"{stop.symbol}'s stop triggered at {clock(stop.ended or stop.since)} UTC and the exchange rejected it"
        f"{why}: from then on nothing protected the position.",
        evidence=(told(f"{stop.type} {stop.quantity} {stop.symbol}: rejected{why}", stop.ended, SourceName.STATE),),
        severity=Severity.CRITICAL,
        symbol=stop.symbol,
        plain=f"the exchange refused the order that was to limit the loss on {stop.symbol}",
    )


def _slipped(view: View, stop: ClosingOrder) -> Finding | None:
    worse = slippage(stop)
    if worse is None or worse[0] <= SLIPS:
        return None
    paid, trigger = price(Decimal(stop.average_price)), price(Decimal(stop.trigger))
    return Finding(
        rule="stop-slipped",
        sentence=f"{stop.symbol}'s stop at {trigger} filled at {paid}, {share(worse[0])} worse than its trigger, "
        f"which cost {usd(worse[1])} more than planned.",
        evidence=(
            *_on_the_way(view, stop),
            told(f"{stop.type} {stop.quantity} {stop.symbol}: filled at {paid}", stop.ended, SourceName.STATE),
        ),
        severity=Severity.WARNING,
        symbol=stop.symbol,
        plain=f"the order that limits the loss on {stop.symbol} was carried out at a worse price than set, which cost "
        f"{usd(worse[1])} more than planned",
    )


def _on_the_way(view: View, stop: ClosingOrder) -> Iterator[Evidence]:
    """That no recorded mark price reached the trigger, so that how price moved there is not known."""
    ended = view.material.period.until if stop.ended is None else stop.ended
    closing = [one for one in view.holdings if one.symbol == stop.symbol and one.since <= ended]
    marks = [mark for one in closing for mark in view.known(MARK, one) if stop.since <= mark.time <= ended]
    rises = stop.direction == "BUY"
    farthest = highest(marks) if rises else lowest(marks)
    trigger = Decimal(stop.trigger)
    if farthest is None or (farthest.value >= trigger if rises else farthest.value <= trigger):
        return
    way = "highest" if rises else "lowest"
    yield told(
        f"{stop.symbol}: no recorded mark price reached the trigger ({way} {price(farthest.value)}, a point every "
        f"{view.material.step:g} s); how price moved in between is not recorded",
        farthest.time,
    )


def _unreached(view: View, holding: Holding) -> Evidence | None:
    """That price never reached a position's stop: neither by its mark price nor by the one that the stop watches."""
    if holding.ended is not None and not view.has(SourceName.STATE):
        return None  # what closed it may have been the stop
    stops, marks = view.known(STOP_PRICE, holding), view.known(MARK, holding)
    if not stops or not marks or any(view.known(OVERRUN, one) for one in (holding,)):
        return None
    if any(stop.outcome in {"filled", "rejected"} for stop in view.closing(holding, "stop")):
        return None
    last = stops[-1].time
    points = [(point.time, point.value) for point in marks if point.time <= last]
    farthest = highest(points) if holding.side == "short" else lowest(points)
    nearest = (min if holding.side == "short" else max)(point.value for point in stops)
    if farthest is None or (farthest.value >= nearest if holding.side == "short" else farthest.value <= nearest):
        return None
    way = "highest" if holding.side == "short" else "lowest"
    return told(f"{holding.symbol}: {way} mark price {price(farthest.value)}, trigger {price(nearest)}", farthest.time)


def _none_failed(view: View, untouched: list[Holding], filled: list[ClosingOrder], *, sure: bool) -> Finding:
    symbols = list(dict.fromkeys(one.symbol for one in untouched))
    owners = listed([f"{one}'s" for one in symbols], "or")
    reached = f"price never reached {owners} trigger" if symbols else ""
    worked = listed([f"{one.symbol}'s filled{_how_well(one)}" for one in filled])
    said = ", and ".join(part for part in (reached, worked) if part)
    evidence = [found for one in untouched if (found := _unreached(view, one)) is not None]
    evidence += [told(f"{one.type} of {one.symbol}: filled", one.ended, SourceName.STATE) for one in filled]
    until = _known_until(view, untouched)
    return Finding(
        rule="stops-not-reached",
        sentence=f"{f'No stop failed: {said}' if sure else capital(said)}{until}.",
        evidence=tuple(evidence),
        severity=Severity.INFO,
    )


def _how_well(stop: ClosingOrder) -> str:
    worse = slippage(stop)
    return f", {share(worse[0])} worse than its trigger" if worse is not None and worse[0] > SLIPS else ""


def _known_until(view: View, untouched: list[Holding]) -> str:
    """Where stops became unknown while their positions were still held, up to when this can be said."""
    lasts = [view.known(STOP_PRICE, one)[-1].time for one in untouched if _cut_off(view, one)]
    return f" (known until {clock(min(lasts))} UTC)" if lasts else ""


def _cut_off(view: View, holding: Holding) -> bool:
    covered = view.known("binance_position_stop_coverage_ratio", holding)
    return bool(covered) and covered[-1].time + 3 * view.material.step < holding.until
