"""Accounts that copy another one: sized wrongly, refused without anybody noticing, and no longer like their source."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.database.orders import EndedOrder
from plimsoll.report.curves import Known, known, value_at
from plimsoll.report.findings.making import NO_MARGIN, decimal, told, unknown
from plimsoll.report.material import MirrorSetting
from plimsoll.report.model import Evidence, Finding, Severity, SourceName
from plimsoll.report.say import clock, counted, listed, quantity, times
from plimsoll.report.view import CLOSING_DIRECTION, QUANTITY, View, is_ours

EXPECTED, ACTUAL = "binance_mirror_expected_quantity", "binance_mirror_actual_quantity"


def findings(view: View) -> Iterator[Finding]:
    """All findings of this theme."""
    for mirror in view.material.settings.mirrors:
        if not view.has(SourceName.PROMETHEUS):
            sentence = f"Whether the account held what its mirror of {mirror.source} asks for cannot be known."
            yield unknown(view, "mirror-scale", sentence, SourceName.PROMETHEUS)
            continue
        yield from _oversized(view, mirror)
        yield from _apart(view, mirror)
    if view.material.settings.mirrors:
        yield from _refused(view)


def _oversized(view: View, mirror: MirrorSetting) -> Iterator[Finding]:
    """The account held a multiple of what the mirror asks for, while neither of the two was just moving."""
    found = {
        symbol: max(steady, key=lambda one: one.value)
        for symbol in _symbols(view, mirror)
        if (steady := _steady(view, mirror, symbol))
    }
    found = {symbol: worst for symbol, worst in found.items() if worst.value > 1 + mirror.tolerance}
    if not found:
        return
    most = max(one.value for one in found.values())
    alike = all(times(one.value) == times(most) for one in found.values())
    where = "" if alike else f" ({listed([symbol for symbol, one in found.items() if one.value == most])})"
    lasts = {symbol: _steady(view, mirror, symbol)[-1] for symbol in found}
    less = {symbol: one for symbol, one in lasts.items() if times(one.value) != times(found[symbol].value)}
    moments = [(symbol, one.time) for part in (found, less) for symbol, one in part.items()]
    yield Finding(
        rule="mirror-scale",
        sentence=f"The account's exposure was {times(most)} times what the mirror's scale asks for{where}"
        f"{_later(view, less)}.",
        evidence=tuple(_sizes(view, mirror, symbol, time) for symbol, time in sorted(moments, key=lambda one: one[1])),
        severity=Severity.CRITICAL,
        plain=f"the program that copies trades into the account made it hold {times(most)} times as much as it should"
        + (" at first" if less else ""),
    )


def _later(view: View, less: dict[str, Known]) -> str:
    """What the multiple was at the last look at which the mirror asked for something, where it was another one."""
    if not less:
        return ""
    refused = {order.symbol for order in view.refused if order.intent == "open"}
    why = ", after more had been asked for and refused," if refused >= less.keys() else ""
    return f"; later{why} {listed([f'{times(one.value)} times for {symbol}' for symbol, one in less.items()])}"


def _symbols(view: View, mirror: MirrorSetting) -> list[str]:
    curves = view.curves.all(EXPECTED, source=mirror.source)
    return list(dict.fromkeys(curve.labels.get("symbol", "") for curve in curves))


def _steady(view: View, mirror: MirrorSetting, symbol: str) -> list[Known]:
    """Actual / expected at looks at which both were as at the look before, oldest first."""
    found: list[Known] = []
    for curve in view.curves.all(EXPECTED, source=mirror.source, symbol=symbol):
        actual = dict(view.curves.one(ACTUAL, **curve.labels).points)
        before: tuple[Decimal, Decimal] | None = None
        for time, expected in known(curve.points):
            held = actual.get(time)
            now = None if held is None else (expected, held)
            if now is not None and now == before and expected and held and expected * held > 0:
                found.append(Known(time, held / expected))
            before = now
    return sorted(found)


def _sizes(view: View, mirror: MirrorSetting, symbol: str, time: float) -> Evidence:
    labels = {"source": mirror.source, "symbol": symbol}
    expected = view.curves.at(EXPECTED, time, **labels) or Decimal(0)
    actual = view.curves.at(ACTUAL, time, **labels) or Decimal(0)
    return told(f"{symbol}: {quantity(actual)} held, {quantity(expected)} asked for", time)


def _apart(view: View, mirror: MirrorSetting) -> Iterator[Finding]:
    """What the source no longer held and the account still did, for longer than the mirror's grace."""
    evidence: list[Evidence] = []
    symbols: list[str] = []
    for symbol in _symbols(view, mirror):
        labels = {"source": mirror.source, "symbol": symbol}
        actual = dict(view.curves.one(ACTUAL, **labels).points)
        left = [
            one.time
            for one in known(view.curves.one(EXPECTED, **labels).points)
            if not one.value and actual.get(one.time)
        ]
        if left and left[-1] - left[0] >= mirror.grace:
            symbols.append(symbol)
            evidence.append(_sizes(view, mirror, symbol, left[0]))
    if symbols:
        since = min(one.time or 0.0 for one in evidence)
        yield Finding(
            rule="mirror-apart",
            sentence=f"From {clock(since)} UTC on the copied account ({mirror.source}) held nothing of "
            f"{listed(symbols)} any more, and the account still did{_closed_by(view, symbols)}.",
            evidence=tuple(evidence),
            severity=Severity.CRITICAL,
            plain=f"it kept {listed(symbols)} after the account it copies had sold",
        )


def _closed_by(view: View, symbols: list[str]) -> str:
    """Until when, where everything of it was closed in the period."""
    ends = [one.ended for one in view.holdings if one.symbol in symbols]
    known_ends = [end for end in ends if end is not None]
    return f", until {clock(max(known_ends))} UTC" if ends and len(known_ends) == len(ends) else ""


def _refused(view: View) -> Iterator[Finding]:
    """Orders of the mirror that were refused and that it never sent again."""
    refused = unnoticed(view)
    if not refused:
        return
    said, were, them = say_counts(refused), *(("was", "it") if len(refused) == 1 else ("were", "them"))
    closes = "some of which were to end the loss, " if any(one.intent == "close" for one in refused) else ""
    itself = all(one.source in {"report", "log"} for one in refused)
    heard = "it logged this itself and did not act on it" if itself else "it did not act on it"
    yield Finding(
        rule="mirror-refused",
        sentence=f"{said} {were} refused for lack of margin while the mirror believed {them} filled: "
        f"{_apiece(refused)} sent again.",
        evidence=tuple(refusal(view, order) for order in refused),
        severity=Severity.CRITICAL,
        plain=f"{counted(len(refused), 'order')} of that program, {closes}{were} refused for lack of money; {heard}",
    )


def _apiece(refused: list[EndedOrder]) -> str:
    """That orders which look alike are several ones, where their ids prove it."""
    if len(refused) == 1:
        return "it was not"
    apart = all(one.client_id for one in refused) and len({one.client_id for one in refused}) == len(refused)
    return "each is an order of its own, and none was" if apart else "none was"


def unnoticed(view: View) -> list[EndedOrder]:
    """The orders of a mirror that were refused for lack of margin, if none of them was made up for later."""
    refused = [order for order in view.refused if order.reason == NO_MARGIN and not is_ours(order)]
    if not view.material.settings.mirrors or any(_again(view, order) for order in refused):
        return []
    return refused


def _again(view: View, refused: EndedOrder) -> bool:
    """Whether later orders did what a refused one was to do, to its whole quantity."""
    later = [
        decimal(order.executed or order.quantity) or Decimal(0)
        for order in view.orders("filled")
        if (order.symbol, order.direction, order.intent) == (refused.symbol, refused.direction, refused.intent)
        and order.time > refused.time
        and not is_ours(order)
    ]
    return bool(later) and sum(later) >= (decimal(refused.quantity) or Decimal(0))


def say_counts(refused: list[EndedOrder]) -> str:
    """E.g. ``7 entries and 2 closes``."""
    names = {"open": ("entry", "entries"), "close": ("close", "closes")}
    counts = {intent: sum(order.intent == intent for order in refused) for intent in names}
    rest = len(refused) - sum(counts.values())
    parts = [counted(count, *names[intent]) for intent, count in counts.items() if count]
    return listed(parts + ([counted(rest, "other order")] if rest else []))


def refusal(view: View, order: EndedOrder) -> Evidence:
    """A refused order as evidence."""
    code = "" if order.code is None else f" ({order.code})"
    intent = {"open": "entry", "unknown": "entry or close"}.get(order.intent, order.intent)
    which = f", order {order.client_id}" if order.client_id else ""
    text = (
        f"{order.direction} {order.quantity} {order.symbol}, {intent}{which}: {order.message or order.reason}{code}"
        f"{_beyond(view, order)}"
    )
    return told(" ".join(text.split()), order.time, SourceName.STATE)


def _beyond(view: View, order: EndedOrder) -> str:
    """That a close was for more than was held, and so would have opened the opposite unless it only reduced."""
    asked = decimal(order.quantity)
    held = [
        value
        for curve in view.curves.all(QUANTITY, symbol=order.symbol)
        if CLOSING_DIRECTION.get(curve.labels.get("side", "")) == order.direction
        and (value := value_at(curve.points, order.time))
    ]
    if order.intent != "close" or asked is None or not held or asked <= sum(held):
        return ""
    return f"; only {quantity(sum(held, Decimal(0)))} were held (whether it was reduce-only is not recorded)"
