"""Accounts that copy another one: sized wrongly, refused without anybody noticing, and no longer like their source."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.database.orders import EndedOrder
from plimsoll.report.curves import Known, known
from plimsoll.report.findings.making import decimal, told, unknown
from plimsoll.report.material import MirrorSetting
from plimsoll.report.model import Evidence, Finding, Severity, SourceName
from plimsoll.report.say import clock, counted, listed, quantity, times
from plimsoll.report.view import View, is_ours

EXPECTED, ACTUAL = "binance_mirror_expected_quantity", "binance_mirror_actual_quantity"
NO_MARGIN = "insufficient_margin"


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
        symbol: worst for symbol in _symbols(view, mirror) if (worst := _largest(view, mirror, symbol)) is not None
    }
    found = {symbol: worst for symbol, worst in found.items() if worst.value > 1 + mirror.tolerance}
    if not found:
        return
    most = max(one.value for one in found.values())
    alike = all(times(one.value) == times(most) for one in found.values())
    where = "" if alike else f" ({listed([symbol for symbol, one in found.items() if one.value == most])})"
    yield Finding(
        rule="mirror-scale",
        sentence=f"The account's exposure was {times(most)} times what the mirror's scale asks for{where}.",
        evidence=tuple(_sizes(view, mirror, symbol, one.time) for symbol, one in found.items()),
        severity=Severity.CRITICAL,
        plain=f"the program that copies trades into the account made it hold {times(most)} times as much as it should",
    )


def _symbols(view: View, mirror: MirrorSetting) -> list[str]:
    curves = view.curves.all(EXPECTED, source=mirror.source)
    return list(dict.fromkeys(curve.labels.get("symbol", "") for curve in curves))


def _largest(view: View, mirror: MirrorSetting, symbol: str) -> Known | None:
    """The largest actual / expected among looks at which both were as at the look before."""
    found: Known | None = None
    for curve in view.curves.all(EXPECTED, source=mirror.source, symbol=symbol):
        actual = dict(view.curves.one(ACTUAL, **curve.labels).points)
        before: tuple[Decimal, Decimal] | None = None
        for time, expected in known(curve.points):
            held = actual.get(time)
            now = None if held is None else (expected, held)
            if now is not None and now == before and expected and held and expected * held > 0:
                ratio = held / expected
                found = Known(time, ratio) if found is None or ratio > found.value else found
            before = now
    return found


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
            sentence=f"From {clock(since)} UTC on {mirror.source} held nothing of {listed(symbols)} any more, and the "
            "account still did.",
            evidence=tuple(evidence),
            severity=Severity.CRITICAL,
            plain=f"it kept {listed(symbols)} after the account it copies had sold",
        )


def _refused(view: View) -> Iterator[Finding]:
    """Orders of the mirror that were refused and that it never sent again."""
    refused = unnoticed(view)
    if not refused:
        return
    said, were, them = say_counts(refused), *(("was", "it") if len(refused) == 1 else ("were", "them"))
    closes = "some of which were to end the loss, " if any(one.intent == "close" for one in refused) else ""
    yield Finding(
        rule="mirror-refused",
        sentence=f"{said} {were} refused for lack of margin while the mirror believed {them} filled: "
        "it sent none again.",
        evidence=tuple(refusal(order) for order in refused),
        severity=Severity.CRITICAL,
        plain=f"{counted(len(refused), 'order')} of that program, {closes}{were} refused for lack of money without it "
        "noticing",
    )


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


def refusal(order: EndedOrder) -> Evidence:
    """A refused order as evidence."""
    code = "" if order.code is None else f" ({order.code})"
    text = f"{order.direction} {order.quantity} {order.symbol}, {order.intent}: {order.message or order.reason}{code}"
    return told(" ".join(text.split()), order.time, SourceName.STATE)
