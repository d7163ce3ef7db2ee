"""What the income history explains of a wallet: rows in the gaps of the stream, and flows wherever they are found.

The exchange does not promise that a row bears the very time of the wallet's change, nor that both legs of a coming and
going are listed at once. So a row explains once only, by its key, and a flow that is found always explains its amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from plimsoll.model.account import ZERO, Income
from plimsoll.state.explain import DUST, Unexplained, Window, lessened
from plimsoll.state.income_rows import Row, keyed
from plimsoll.state.market import MarketState

KEPT_ROWS = 20_000
"""How many rows are remembered as explanations, so that none explains twice: more than any gap holds."""


def after_income(
    known: Unexplained, rows: Iterable[Income], market: MarketState, tolerance_usd: Decimal
) -> Unexplained:
    """Let the income history explain the gaps; an asset whose rest would stay above the tolerance is left as it is.

    What stays below it keeps its window, so that rows which the history lists later can still explain it. Rows dated
    after the gap explain it where the first so many of them leave nothing at all.
    """
    used = frozenset(known.rows)
    listed = [item for item in keyed(rows) if item.key not in used]
    for asset, window in dict(known.windows).items():
        price = market.price_of(asset)
        if price is None:
            continue
        fitting = _fitting([item for item in listed if _may_explain(item, asset, window, known)], asset, window, known)
        explained = sum((item.income.amount for item in fitting), ZERO) - window.told
        left = known.rest.get(asset, ZERO) - explained
        if fitting and abs(left) * price <= tolerance_usd:
            known = _taken(known, asset, fitting, explained)
    return known


def after_flow(known: Unexplained, item: Row, *, since_ms: int) -> Unexplained:
    """A flow was found that the wallet holds and nobody told: it explains its amount, whatever gaps are known.

    Where that leaves something, another change is yet to be found that hid this one: rows from ``since_ms`` on, the
    beginning of the answer that told it, may explain it.
    """
    row = item.income
    given_up = known.given_up.get(row.asset, ZERO)
    if item.key in known.rows:
        return known
    known = replace(
        known,
        rows=(*known.rows, item.key)[-KEPT_ROWS:],
        included_ms={**known.included_ms, row.asset: max(known.included_ms.get(row.asset, 0), row.time_ms)},
    )
    if abs(given_up - row.amount) < abs(given_up):
        return replace(known, given_up={**known.given_up, row.asset: given_up - row.amount})
    opened = known.windows.get(row.asset, Window(start_ms=since_ms, end_ms=since_ms))
    return lessened(replace(known, windows={**known.windows, row.asset: opened}), row.asset, row.amount, whole=True)


def _may_explain(item: Row, asset: str, window: Window, known: Unexplained) -> bool:
    row = item.income
    counted = row.trade_id.isdigit() and (row.symbol, int(row.trade_id), asset) in known.trades
    return row.asset == asset and window.start_ms < row.time_ms and not counted


def _fitting(items: Sequence[Row], asset: str, window: Window, known: Unexplained) -> Sequence[Row]:
    """The rows of the gap, and as many later ones as leave nothing, if any number does."""
    inside = [item for item in items if item.income.time_ms <= window.end_ms]
    left = known.rest.get(asset, ZERO) + window.told - sum((item.income.amount for item in inside), ZERO)
    for count in range(len(inside), len(items) + 1):
        if abs(left) <= DUST and count:
            return items[:count]
        left -= items[count].income.amount if count < len(items) else ZERO
    return inside


def _taken(known: Unexplained, asset: str, fitting: Sequence[Row], explained: Decimal) -> Unexplained:
    """The rows are what happened in the asset's gap."""
    window = known.windows[asset]
    end_ms = max([window.end_ms, *(item.income.time_ms for item in fitting)])
    known = replace(
        known,
        rows=(*known.rows, *(item.key for item in fitting))[-KEPT_ROWS:],
        included_ms={**known.included_ms, asset: max(known.included_ms.get(asset, 0), end_ms)},
        windows={**known.windows, asset: Window(start_ms=window.start_ms, end_ms=end_ms)},
    )
    return lessened(known, asset, explained, whole=True)
