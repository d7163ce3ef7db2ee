"""Income by type since the ledger began: profit, fees and funding by their events, the rest by the income history.

Everything counts once: what belongs to a trade by the trade, funding by its amount and time whichever of event and row
comes first (``keeper.funding``), any other row of the history by all that it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from plimsoll.database.draft import Draft
from plimsoll.database.values import Seen
from plimsoll.model.account import Income
from plimsoll.model.events import AccountUpdate, OrderUpdate
from plimsoll.risk.flows import INCOME_NATURES, Nature, income_nature
from plimsoll.state.income_rows import row_keys
from plimsoll_exporter.keeper.funding import EVENT, FUNDING, ROW, Funding, partner_of
from plimsoll_exporter.keeper.store import income_kind, joined
from plimsoll_exporter.keeper.tally import INCOME_USD, Tally

REALIZED, COMMISSION = "REALIZED_PNL", "COMMISSION"

OTHER = "other"
"""Type of whatever the exchange calls by a name that we do not know."""

OVERLAP_MS = 600_000
"""How long rows of the history may be late; each answer overlaps the one before by as much."""

Value = Callable[[str, Decimal], Decimal | None]
"""What an amount of an asset is worth in USD now."""


class IncomeCount:
    """Counts the income of one account.

    Args:
        account: Its name.
        tally: Where it is counted.
        seen: Keys of what was counted before.
    """

    def __init__(self, account: str, tally: Tally, seen: Iterable[Seen] = ()) -> None:
        self._account, self._tally, self._kind = account, tally, income_kind(account)
        self._seen = {item.key: item.time_ms for item in seen if item.kind == self._kind}

    def fill(self, event: OrderUpdate, settled_in: str, value: Value) -> Draft:
        """Profit and fee of a fill; what cannot be valued now is left to the history."""
        fill, parts = event.fill, list[Draft]()
        if fill is None:
            return Draft()
        for kind, asset, amount in (
            (REALIZED, settled_in, fill.realized_pnl),
            (COMMISSION, fill.commission_asset, -fill.commission),
        ):
            if asset and amount != 0:
                key = _trade_key(kind, event.order.symbol, str(fill.trade_id), asset)
                parts.append(self._once(key, event.time_ms, kind, value(asset, amount)))
        return joined(parts)

    def funding(self, event: AccountUpdate, value: Value, *, after_ms: int) -> Draft:
        """Funding that an event tells, unless the history told it before; what cannot be valued is left to the history.

        Args:
            event: Of any reason; one with another than funding tells none.
            value: Of an amount.
            after_ms: What is not later was before the ledger.
        """
        parts = list[Draft]()
        for change in event.balances:
            if event.reason != FUNDING or change.change == 0 or event.time_ms <= after_ms:
                continue
            told = Funding(
                source=EVENT, asset=change.asset, amount=change.change, time_ms=event.time_ms, name=f"{change.wallet:f}"
            )
            if told.key not in self._seen:
                parts.append(self._funding(told, value))
        return joined(parts)

    def rows(self, rows: Sequence[Income], value: Value, *, after_ms: int) -> tuple[Draft, int | None]:
        """Rows of the history that are income, not flows.

        Args:
            rows: Every row of the part that was read.
            value: Of an amount.
            after_ms: What is not later was counted, or was before the ledger.

        Returns:
            The change, and the time of the oldest row that cannot be valued now.
        """
        parts, unvalued = list[Draft](), list[int]()
        for key, row in zip(row_keys(rows), rows, strict=True):
            if (
                row.time_ms <= after_ms
                or row.amount == 0
                or income_nature(row.kind) in {Nature.FLOW, Nature.CONVERSION}
            ):
                continue
            usd = value(row.asset, row.amount)
            if usd is None:
                unvalued.append(row.time_ms)
            if row.kind == FUNDING:
                parts.append(self._listed(row, key, value))
                continue
            of_trade = bool(row.trade_id) and row.kind in {REALIZED, COMMISSION}
            name = _trade_key(row.kind, row.symbol, row.trade_id, row.asset) if of_trade else key
            parts.append(self._once(name, row.time_ms, row.kind, usd))
        return joined(parts), min(unvalued, default=None)

    def prune(self, before_ms: int) -> Draft:
        """Forget keys that no answer will bring again."""
        self._seen = {key: time_ms for key, time_ms in self._seen.items() if time_ms >= before_ms}
        kind = self._kind
        return Draft(steps=(lambda change: change.prune_seen(kind, before_ms=before_ms),))

    def _listed(self, row: Income, key: str, value: Value) -> Draft:
        """Funding that the history tells."""
        listed = Funding(source=ROW, asset=row.asset, amount=row.amount, time_ms=row.time_ms, name=key)
        counted = key in self._seen or listed.key in self._seen
        return Draft() if counted else self._funding(listed, value)

    def _funding(self, funding: Funding, value: Value) -> Draft:
        """Count funding, unless the other source told it before: then the two are a pair, and it was counted."""
        partner = partner_of(funding, self._seen)
        if partner is None:
            return self._once(funding.key, funding.time_ms, FUNDING, value(funding.asset, funding.amount))
        marks = ((funding.key, funding), (funding.paired, funding), (partner.paired, partner))
        return joined([self._mark(name, one.time_ms) for name, one in marks])

    def _mark(self, key: str, time_ms: int) -> Draft:
        self._seen[key] = time_ms
        seen = Seen(account=self._account, kind=self._kind, key=key, time_ms=time_ms)
        return Draft(steps=(lambda change: change.mark_seen(seen),))

    def _once(self, key: str, time_ms: int, kind: str, usd: Decimal | None) -> Draft:
        if usd is None or key in self._seen:
            return Draft()
        word = kind.lower() if kind in INCOME_NATURES else OTHER
        return self._mark(key, time_ms).merged(self._tally.add(INCOME_USD, {"type": word}, usd))


def _trade_key(kind: str, symbol: str, trade_id: str, asset: str) -> str:
    return f"trade|{kind}|{symbol}|{trade_id}|{asset}"
