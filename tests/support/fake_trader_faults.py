"""What can go wrong with a call to the made-up exchange of ``fake_trader``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.errors import (
    ClockRefused,
    ExchangeError,
    KeyRefused,
    Malformed,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unavailable,
)
from plimsoll_enforcer.trading.port import OrderForm


@dataclass(kw_only=True)
class Fault:
    """What goes wrong with the next ``times`` calls of a method.

    Attributes:
        call: The method's name; ``*`` is every one.
        symbol: Of these alone; ``None`` is every one.
        error: Raised instead of the answer; ``None`` raises nothing.
        executed: The call takes effect all the same.
        forms: Only orders of these forms meet it; none is every form.
        seconds: The answer takes so much longer.
        late: The call takes effect only after so many seconds, whatever its caller was told.
        share: Of an order that is filled, 0..1; the rest expires.
        skip: So many calls pass first.
    """

    call: str
    times: int = 1
    symbol: str | None = None
    error: ExchangeError | None = None
    executed: bool = False
    forms: frozenset[OrderForm] = frozenset()
    seconds: float = 0.0
    late: float | None = None
    share: Decimal | None = None
    skip: int = 0

    def meets(self, call: str, symbol: str | None, form: OrderForm | None) -> bool:
        """Whether a call meets it now; uses it up."""
        hit = self.call in {"*", call} and self.symbol in {None, symbol} and (not self.forms or form in self.forms)
        if not hit or self.times <= 0:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


def refusal(code: int) -> ExchangeError:
    """The error that a code of the exchange becomes at the seam."""
    words = f"refused with {code}"
    if code in {-1003, -1015}:
        return Throttled(words, code=code, retry_after=1.0)
    if code in {-1001, -1008, -1016}:
        return Unavailable(words, code=code)
    if code in {-1000, -1006, -1007}:
        return OutcomeUnknown(words, code=code)
    if code in {-1021, -5028}:
        return ClockRefused(words, code=code)
    if code in {-2014, -2015, -1002}:
        return KeyRefused(words, code=code)
    return Refused(words, code=code)


def unknown() -> ExchangeError:
    """The 503 that says that nobody knows."""
    return OutcomeUnknown("Unknown error, please check your request or try again later. (HTTP 503)")


def unavailable() -> ExchangeError:
    """The 503 that says that it certainly failed."""
    return Unavailable("Service Unavailable. (HTTP 503)")


def html() -> ExchangeError:
    """An answer that is none."""
    return Malformed("the answer is HTML")
