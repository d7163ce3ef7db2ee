"""The ledger counters of one account: kept in memory for those who look, written with the change that counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal

from plimsoll.database.draft import Draft, counted
from plimsoll.database.values import Counter
from plimsoll_exporter.count import Count

FLOW_USD = "external_flow_usd"
"""Label ``direction``: ``in`` or ``out``."""

INCOME_USD = "income_usd"
"""Label ``type``."""

MARGIN_CALLS = "margin_calls"
FORCED_CLOSES = "forced_closes"
"""Label ``kind``."""

_EXACT = Context(prec=60)


class Tally:
    """All counters of an account that have one label at most.

    Args:
        account: Its name.
        counters: As they were kept.
    """

    def __init__(self, account: str, counters: Iterable[Counter] = ()) -> None:
        self._account = account
        self._counts: dict[str, dict[str, Count]] = {}
        for counter in counters:
            label = next(iter(counter.labels.values()), "")
            self._counts.setdefault(counter.name, {})[label] = Count(value=counter.value, last_at=counter.last_at)

    def add(self, name: str, labels: Mapping[str, str], by: Decimal | int = 1, *, at: float | None = None) -> Draft:
        """Count; gives the change to be written.

        Args:
            name: Of the counter.
            labels: One at most.
            by: What to add.
            at: When, in Unix seconds, where that matters.
        """
        label = next(iter(labels.values()), "")
        old = self.counts(name).get(label, Count())
        times = [time for time in (old.last_at, at) if time is not None]
        new = Count(value=_EXACT.add(old.value, Decimal(by)), last_at=max(times, default=None))
        self._counts.setdefault(name, {})[label] = new
        return counted(self._account, name, labels, by, at=at)

    def counts(self, name: str) -> dict[str, Count]:
        """Every count of a name, by the value of its label; a copy."""
        return dict(self._counts.get(name, {}))
