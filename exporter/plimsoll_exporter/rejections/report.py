"""The body of ``POST /api/v1/rejections``: judged field by field, and turned into what the ledger counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar

from plimsoll.model.terms import Direction, PositionSide
from plimsoll.risk.rejections import NO_REJECTION, Intent, intent_of, reason_of
from plimsoll_exporter.rejections.told import Source, Told

LONGEST = 500
"""Characters of the exchange's words that are kept."""

_EARLIEST, _LATEST = 10**9, 10**11
_ID = re.compile(r"[!-~]{1,100}")
_SYMBOL = re.compile(r"[A-Z0-9_]{1,40}")
_TYPE = re.compile(r"[A-Z_]{1,40}")
_NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?")
_DIGITS = 30
"""Before and after the point; a number beyond is not even written out, since that could fill the memory."""
_HIGHEST_CODE = 99_999

Positions = Callable[[str, str], Decimal | None]
"""The one-way position of an account in a symbol, short negative; ``None`` where it is not known."""

Value = TypeVar("Value")


class BadReport(Exception):
    """A report that cannot be used; ``field`` is at fault, empty where it is the whole."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}" if field else what)
        self.field = field


class NoSuchAccount(Exception):
    """The report's account is not configured."""


def parse(content: bytes, *, accounts: frozenset[str], positions: Positions) -> Told:
    """What a report tells.

    Args:
        content: The body.
        accounts: Names of the configured ones.
        positions: For the intent, where neither the sender nor the order's flags tell it.

    Raises:
        BadReport: Something in it is wrong.
        NoSuchAccount: It is for another account.
    """
    fields = _Fields(_loaded(content))
    account = fields.needed("account", _text(_ID, "the account's name"))
    code = fields.needed("code", _code)
    message = fields.get("message", _words) or ""
    symbol = fields.get("symbol", _text(_SYMBOL, "a symbol such as BTCUSDT")) or ""
    direction = fields.get("side", _one_of(Direction, str.upper))
    told = Told(
        account=account,
        source=Source.REPORT,
        key=fields.needed("report_id", _text(_ID, "1 to 100 visible characters")),
        time=fields.needed("time", _time),
        reason=reason_of(code, message),
        intent=intent_of(
            told=fields.get("intent", _one_of(Intent, str.lower)) or Intent.UNKNOWN,
            closes=any([fields.get("reduce_only", _flag), fields.get("close_position", _flag)]),
            direction=direction,
            position_side=fields.get("position_side", _one_of(PositionSide, str.upper)) or PositionSide.BOTH,
            position=positions(account, symbol),
        ),
        code=code,
        message=message,
        symbol=symbol,
        direction="" if direction is None else direction.value.upper(),
        type=fields.get("type", _text(_TYPE, "an order type such as MARKET")) or "",
        quantity=fields.get("quantity", _quantity) or "",
        client_id=fields.get("client_order_id", _text(_ID, "1 to 100 visible characters")) or "",
    )
    if account not in accounts:
        raise NoSuchAccount
    return told


def _loaded(content: bytes) -> Mapping[str, object]:
    try:
        loaded = json.loads(content, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        raise BadReport("", "the body is no JSON") from None
    if not isinstance(loaded, dict):
        raise BadReport("", "the body is no JSON object")
    return loaded


class _Fields:
    """The fields of a report; ``null`` is as good as absent."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self._given = given

    def get(self, name: str, read: Callable[[object], Value]) -> Value | None:
        """A field, where it is given."""
        value = self._given.get(name)
        if value is None:
            return None
        try:
            return read(value)
        except ValueError as error:
            raise BadReport(name, str(error)) from None

    def needed(self, name: str, read: Callable[[object], Value]) -> Value:
        """A field that every report has."""
        value = self.get(name, read)
        if value is None:
            raise BadReport(name, "is missing")
        return value


def _text(pattern: re.Pattern[str], expected: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"must be {expected}")
        return value

    return read


def _one_of(words: Callable[[str], Value], spelled: Callable[[str], str]) -> Callable[[object], Value]:
    """A word of a closed vocabulary; ``spelled`` is how it must be written."""

    def read(value: object) -> Value:
        try:
            if isinstance(value, str) and value == spelled(value):
                return words(value.lower())
        except ValueError:
            pass
        known = ", ".join(spelled(str(word.value)) for word in words)  # type: ignore[attr-defined] # an enumeration
        raise ValueError(f"must be one of {known}")

    return read


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")  # noqa: TRY004 - told as the field's fault
    # JSON lets halves of characters through that the database does not take.
    return value[:LONGEST].encode(errors="replace").decode()


def _code(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _HIGHEST_CODE:
        raise ValueError("must be the exchange's code, a whole number such as -2019")
    if value in NO_REJECTION:
        raise ValueError("leaves open whether the order was executed, so it is no rejection")
    return value


def _time(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not _EARLIEST <= value < _LATEST:
        raise ValueError("must be Unix seconds such as 1795164000.123")
    return float(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - told as the field's fault
    return value


def _quantity(value: object) -> str:
    text = f"{value:f}" if isinstance(value, Decimal) and abs(value.adjusted()) <= _DIGITS else str(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str) or not _NUMBER.fullmatch(text):
        raise ValueError('must be a number such as "4.65"')
    return text
