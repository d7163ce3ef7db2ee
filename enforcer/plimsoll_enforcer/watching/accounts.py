"""``Accounts``: the desk behind the enforcer's doors. It takes breaches on, watches them, runs, locks and releases."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plimsoll.clock import Clock
from plimsoll.config.model import Config
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import MarketReader
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.watching.parts import AccountParts


class Accounts:
    """Implements ``desk.Desk``; make it inside the running loop, then ``run`` it for as long as the program lives.

    Args:
        config: The whole configuration: exporter, Alertmanagers, data folders.
        parts: Every configured account, by name.
        market: Unsigned reads that confirm a breach, within the weight of all watching.
        journal: What survives a restart; ``Journal.open`` refuses a second enforcer on the same folder.
        clock: Time.
        exchange_clock: The exchange's time, against which the age of prices is judged.
        weight_limit: The address's request weight a minute, as it stands now.
    """

    def __init__(
        self,
        config: Config,
        parts: Mapping[str, AccountParts],
        *,
        market: MarketReader,
        journal: Journal,
        clock: Clock,
        exchange_clock: ExchangeClock,
        weight_limit: Callable[[], int],
    ) -> None:
        self._config, self._parts, self._market, self._journal = config, parts, market, journal
        self._clock, self._exchange_clock, self._weight_limit = clock, exchange_clock, weight_limit

    async def run(self) -> None:
        """Take up what an earlier life left, then watch, enforce and keep lockouts until cancelled."""
