"""One rejected order as a source tells it, before anybody knows whether another source told it already."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.database.orders import EndedOrder
from plimsoll.risk.protective_ends import Outcome
from plimsoll.risk.rejections import Intent, Reason


class Source(StrEnum):
    """Who told; the label ``source``."""

    STREAM = "stream"
    HISTORY = "history"
    REPORT = "report"
    LOG = "log"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A rejected order.

    Attributes:
        key: Different for any two events of a source in an account, the same whenever one is told again.
        time: When it happened, Unix seconds.
        code: The exchange's; ``None`` where it gave none.
    """

    account: str
    source: Source
    key: str
    time: float
    reason: Reason
    intent: Intent
    code: int | None = None
    message: str = ""
    symbol: str = ""
    direction: str = ""
    type: str = ""
    quantity: str = ""
    client_id: str = ""

    def ended(self, learned: float) -> EndedOrder:
        """The row of the list of ended orders."""
        return EndedOrder(
            time=self.time,
            learned=learned,
            source=self.source.value,
            outcome=Outcome.REJECTED.value,
            intent=self.intent.value,
            reason=self.reason.value,
            code=self.code,
            message=self.message,
            symbol=self.symbol,
            direction=self.direction,
            type=self.type,
            quantity=self.quantity,
            client_id=self.client_id,
        )
