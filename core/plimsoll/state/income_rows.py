"""Which row of the income history is which: the same row has the same key in every answer that lists it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from plimsoll.model.account import Income


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """An income row and the key that tells it from every other one."""

    key: str
    income: Income


def keyed(rows: Iterable[Income]) -> list[Row]:
    """The rows with their keys, oldest first."""
    listed = tuple(rows)
    pairs = zip(row_keys(listed), listed, strict=True)
    return sorted((Row(key=key, income=row) for key, row in pairs), key=lambda row: (row.income.time_ms, row.key))


def row_keys(rows: Iterable[Income]) -> tuple[str, ...]:
    """A key for each row, in their order.

    Transfers may have the transaction id 0, so the key also holds type, asset, symbol, time, amount and a running
    number among rows that are equal in all of them.
    """
    seen: Counter[str] = Counter()
    keys: list[str] = []
    for row in rows:
        amount = f"{row.amount.normalize():f}"
        name = "|".join((row.transaction_id, row.kind, row.asset, row.symbol, str(row.time_ms), amount))
        keys.append(f"{name}|{seen[name]}")
        seen[name] += 1
    return tuple(keys)
