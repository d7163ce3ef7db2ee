"""Reading a control call's JSON body field by field, so that an error names the field and what would be right."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation

from plimsoll_simulator.account import Account
from plimsoll_simulator.world import World

_MISSING = object()
# Beyond it no number means anything here, and a float of seconds may become infinite.
_TOO_LARGE = Decimal(10) ** 18


class FieldError(ValueError):
    """A control call that cannot be carried out; ``field`` says which part of it is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        """Say which field and what is wrong with it."""
        super().__init__(f"{field}: {problem}")
        self.field = field


class Fields:
    """The body of one control call."""

    def __init__(self, world: World, content: dict[str, object]) -> None:
        """Take a decoded body; ``world`` knows the accounts and symbols."""
        self._world = world
        self._content = content
        self._used: set[str] = set()

    @classmethod
    def parse(cls, world: World, text: str) -> Fields:
        """Decode a body; an empty one has no fields.

        Raises:
            FieldError: It is not a JSON object.
        """
        try:
            content = json.loads(text, parse_float=Decimal) if text.strip() else {}
        except ValueError as error:
            raise FieldError("body", f"not JSON ({error})") from error
        if not isinstance(content, dict):
            raise FieldError("body", "must be a JSON object")
        return cls(world, content)

    def finish(self) -> None:
        """Refuse fields that nobody asked for.

        Raises:
            FieldError: There is a field that this call does not know.
        """
        for name in self._content:
            if name not in self._used:
                raise FieldError(name, f"unknown field; this call knows {', '.join(sorted(self._used))}")

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        self._used.add(name)
        return name in self._content

    def raw(self, name: str, default: object = _MISSING) -> object:
        """The value as it is.

        Raises:
            FieldError: It is absent and has no default.
        """
        self._used.add(name)
        value = self._content.get(name, default)
        if value is _MISSING:
            raise FieldError(name, "missing")
        return value

    def text(self, name: str, default: object = _MISSING, *, among: tuple[str, ...] = ()) -> str:
        """A text, one of ``among`` if that is given."""
        value = self.raw(name, default)
        if not isinstance(value, str):
            raise FieldError(name, f"must be a text, found {value!r}")
        if among and value not in among:
            raise FieldError(name, f"must be one of {', '.join(among)}, found {value!r}")
        return value

    def decimal(self, name: str, default: object = _MISSING, *, positive: bool = False) -> Decimal:
        """A decimal, as a text or a number."""
        value = self.raw(name, default)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            raise FieldError(name, f"must be a number, found {value!r}")
        if abs(number) >= _TOO_LARGE:
            raise FieldError(name, f"must be below {_TOO_LARGE:f}, found {value!r}")
        if positive and number <= 0:
            raise FieldError(name, f"must be above 0, found {value!r}")
        return number

    def optional_decimal(self, name: str, *, positive: bool = False) -> Decimal | None:
        """A decimal or ``None`` where the field is absent."""
        return self.decimal(name, positive=positive) if self.has(name) else None

    def seconds(self, name: str, default: object = _MISSING) -> float:
        """A number of seconds."""
        return float(self.decimal(name, default))

    def whole(self, name: str, default: object = _MISSING) -> int:
        """A whole number, 0 or above."""
        value = self.decimal(name, default)
        if value != value.to_integral_value() or value < 0:
            raise FieldError(name, f"must be a whole number, 0 or above, found {value}")
        return int(value)

    def flag(self, name: str, default: object = _MISSING) -> bool:
        """``true`` or ``false``."""
        value = self.raw(name, default)
        if not isinstance(value, bool):
            raise FieldError(name, f"must be true or false, found {value!r}")
        return value

    def account(self, name: str = "account") -> Account:
        """An account of the world, by its name."""
        accounts = self._world.accounts
        return accounts[self.text(name, among=tuple(accounts))]

    def symbol(self, name: str = "symbol") -> str:
        """The name of a symbol of the world."""
        return self.text(name, among=tuple(self._world.market.symbols))
