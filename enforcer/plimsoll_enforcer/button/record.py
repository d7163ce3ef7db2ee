"""The red button's record of a run: in memory, told to the terminal as it happens, and kept as a file where possible.

The file is for whoever reads afterwards; a disk that is full, missing or hangs never keeps anything from being closed.
"""

from __future__ import annotations

import json
import secrets
import string
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from plimsoll.clock import Clock
from plimsoll.logs import masked
from plimsoll.text import one_line
from plimsoll_enforcer.button.aside import Aside
from plimsoll_enforcer.button.tables import action_of
from plimsoll_enforcer.button.telling import Telling
from plimsoll_enforcer.flatten.log import Detail, Unanswered
from plimsoll_enforcer.trading.port import CloseOrder, Placed

ALPHABET = string.ascii_lowercase + string.digits
ID_LENGTH = 8

LAST_LINES = 1.0
"""Seconds that saying where the record is waits for a disk that does not answer."""


def new_run_id() -> str:
    """Eight characters that no other run has."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


class Record:
    """Implements ``flatten.log.RunLog``.

    Attributes:
        path: The file, where one could be made.
        fills: What our orders came to, by client id.

    Args:
        account: Whose run it is.
        folder: Where the file is kept, one a run, a JSON object a line.
        clock: Time.
        tell: Shows one line to the person at the button.
    """

    def __init__(self, account: str, folder: Path, *, clock: Clock, tell: Callable[[str], None]) -> None:
        self._clock, self._say = clock, tell
        self._telling = Telling(clock, tell)
        self._run_id = new_run_id()
        self._number = 0
        self._open: dict[str, CloseOrder] = {}
        self._sent: dict[str, CloseOrder] = {}
        self.fills: dict[str, tuple[CloseOrder, Placed]] = {}
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(clock.now()))
        self.path = folder / f"red-button-{stamp}-{account}-{self._run_id}.jsonl"
        self._written = True
        self._aside = Aside()
        self._aside.do(self._make)

    @property
    def run_id(self) -> str:
        """Of this run."""
        return self._run_id

    def where(self) -> str:
        """Where it is kept, in words; waits a moment for what is still to be written."""
        kept = self._aside.settle(LAST_LINES) and self._written
        return f"Record: {self.path}" if kept else f"No complete record is kept in {self.path.parent}."

    def next_number(self) -> int:
        """1, 2, ..."""
        self._number += 1
        return self._number

    def sending(self, order: CloseOrder) -> None:
        """Note an order before it is sent."""
        self._open[order.client_id] = self._sent[order.client_id] = order
        text = f"{order.symbol}: {action_of(order.direction)} {order.quantity:f} ({order.form.value})"
        self._note("sending", text, {"client_id": order.client_id})

    def answered(self, client_id: str, placed: Placed | None, error: str = "", code: int | None = None) -> None:
        """Note what became of it."""
        self._open.pop(client_id, None)
        order = self._sent.get(client_id)
        symbol = order.symbol if order is not None else "?"
        if placed is None:
            self._note("refused", f"{symbol}: {error or 'never arrived'}", {"client_id": client_id, "code": code})
            return
        if order is not None:
            self.fills[client_id] = (order, placed)
        price = f" at {placed.average_price:f}" if placed.average_price > 0 else ""
        text = f"{symbol}: {placed.status.lower()}, {placed.executed:f} filled{price}"
        self._note("answered", text, {"client_id": client_id, "order_id": placed.order_id})

    def unanswered(self) -> tuple[Unanswered, ...]:
        """Orders of this life without an answer."""
        return tuple(Unanswered(order=order) for order in self._open.values())

    def step(self, kind: str, text: str, detail: Detail | None = None) -> None:
        """Note anything else."""
        self._note(kind, text, detail or {})

    def _note(self, kind: str, text: str, detail: Detail) -> None:
        text = one_line(masked(text))
        self._telling.step(kind, text)
        line = json.dumps({"time": round(self._clock.now(), 3), "kind": kind, "text": text, "detail": dict(detail)})
        self._aside.do(partial(self._append, masked(line)))

    def _make(self) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
        except OSError as error:
            self._written = False
            self._say(f"No record is kept in {self.path.parent}: {error.strerror}")

    def _append(self, line: str) -> None:
        if not self._written:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        except OSError as error:
            self._written = False
            self._say(f"The record {self.path} cannot be written any more: {error.strerror}")
