"""One admitted call and the endpoints' description: what a handler is given, and the table row that admits it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll_simulator.account import Account
from plimsoll_simulator.market import Symbol
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.signing import Security
from plimsoll_simulator.world import World

Json = object
Row = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """An admitted call: the world, the parameters and, for keyed calls, the account and what the key may do.

    ``trading``: it is the account's trading key that calls.
    """

    world: World
    params: Mapping[str, str]
    caller: Account | None = None
    permissions: Mapping[str, bool] = field(default_factory=dict)
    trading: bool = False

    @property
    def account(self) -> Account:
        """The calling account.

        Raises:
            LookupError: The endpoint is public; its table row is wrong.
        """
        if self.caller is None:
            raise LookupError("a public endpoint has no account")
        return self.caller

    def symbol(self) -> Symbol | None:
        """The symbol asked for, if any.

        Raises:
            Refused: There is no such symbol (-1121).
        """
        name = self.params.get("symbol")
        if name is None:
            return None
        if name not in self.world.market.symbols:
            raise refusal.bad_symbol()
        return self.world.market.symbols[name]

    def needed_symbol(self) -> Symbol:
        """The symbol of a call that must name one.

        Raises:
            Refused: None is named (-1102) or there is no such symbol (-1121).
        """
        symbol = self.symbol()
        if symbol is None:
            raise refusal.missing("symbol")
        return symbol

    def number(self, name: str) -> int | None:
        """A parameter that is a whole number.

        Raises:
            Refused: It is something else (-1102).
        """
        text = self.params.get(name)
        if text is None:
            return None
        if not re.fullmatch(r"-?\d{1,18}", text):
            raise refusal.missing(name)
        return int(text)

    def mark(self, symbol: str) -> Decimal:
        """The mark price of a symbol."""
        return self.world.market.quotes[symbol].mark


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A row of the endpoint table: the weight with and without the parameter ``symbol``.

    ``by_limit`` holds, where the parameter ``limit`` decides, the largest limit of each weight, and the usual limit is
    ``usual_limit``. ``orders`` is what a call counts against the account's order limits of ten seconds and of a minute.
    """

    handler: Callable[[Call], Json]
    security: Security
    weight: int
    weight_of_all: int | None = None
    orders: tuple[int, int] = (0, 0)
    by_limit: tuple[tuple[int, int], ...] = ()
    usual_limit: int = 500

    def weight_for(self, params: Mapping[str, str]) -> int:
        """What this call costs; a limit beyond the largest costs the most."""
        if self.by_limit:
            text = params.get("limit", "")
            limit = int(text) if re.fullmatch(r"\d{1,9}", text) else self.usual_limit
            return next((weight for most, weight in self.by_limit if limit <= most), self.weight)
        if self.weight_of_all is None or "symbol" in params:
            return self.weight
        return self.weight_of_all
