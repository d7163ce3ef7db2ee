"""What a flatten tells whoever keeps its record: durable before each order, so that a killed run never sends twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from plimsoll_enforcer.trading.port import CloseOrder, Placed

REOPENED = "reopened"
"""Kind of a step: more is held than was left, so that somebody opened it while we close."""

Detail = Mapping[str, str | int | bool | None]
"""Facts of one step, plain enough for JSON; decimals as strings, no secrets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unanswered:
    """An order that was about to be sent when an earlier life of the program ended."""

    order: CloseOrder


class RunLog(Protocol):
    """The record of one run; the journal implements it, the red button without a journal keeps it in memory.

    Nothing here raises: closing comes before bookkeeping.
    """

    @property
    def run_id(self) -> str:
        """Eight characters of ``[a-z0-9]``; client ids begin ``plim-<run_id>-``."""

    def next_number(self) -> int:
        """The number of the next order of this run: 1, 2, ...; never given twice, over restarts too."""

    def sending(self, order: CloseOrder) -> None:
        """An order is about to be sent; written before this returns, where the journal can be written at all."""

    def answered(self, client_id: str, placed: Placed | None, error: str = "", code: int | None = None) -> None:
        """What became of it: filled or not, refused (``error``, ``code``), or found never to have arrived."""

    def unanswered(self) -> tuple[Unanswered, ...]:
        """Orders of this run with ``sending`` but without ``answered``: after a restart they are looked up first."""

    def step(self, kind: str, text: str, detail: Detail | None = None) -> None:
        """Anything else worth a line in the audit: a read, a decision, a cancel, a wait, a result."""
