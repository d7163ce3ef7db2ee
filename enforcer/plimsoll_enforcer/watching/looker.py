"""``Looker``: re-reads one account and the market of the same moment, as cheaply as the question allows.

Wallet, positions and mark prices are read every time; what hardly changes is kept for a while, and the income history
(weight 30) is asked only when the wallet changed since it last explained it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from plimsoll.clock import Clock
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import AccountReader, MarketReader
from plimsoll.model.account import AccountSettings, Income, PositionReport, Wallet
from plimsoll.model.market import AssetRate, ExchangeRules, Mark
from plimsoll.model.terms import AssetMode
from plimsoll_enforcer.decide.reads import Reads, changed_after, unexplained

WEIGHT = 20
"""Of one look as it is most of the time."""

SETTINGS_SECONDS = 30.0
RULES_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _History:
    """What the income history told: all rows since a time, and the state of the wallet that it was asked for."""

    since_ms: int
    changed_ms: int
    rows: tuple[Income, ...]


class Looker:
    """Reads one account.

    Args:
        reader: Its signed reads.
        market: Unsigned reads.
        clock: For ages.
        exchange_clock: The exchange's time.
    """

    def __init__(
        self, reader: AccountReader, market: MarketReader, *, clock: Clock, exchange_clock: ExchangeClock
    ) -> None:
        self._reader, self._market = reader, market
        self._clock, self._exchange_clock = clock, exchange_clock
        self._settings: tuple[float, AccountSettings] | None = None
        self._rules: tuple[float, ExchangeRules] | None = None
        self._history: _History | None = None

    async def look(self, since: float) -> Reads:
        """Re-read everything.

        Args:
            since: Exchange time (Unix seconds) from which flows are wanted.

        Raises:
            ExchangeError: No usable answer.
        """
        wallet, positions, marks, settings, rules = await self._read()
        rates: Sequence[AssetRate] = ()
        if settings.asset_mode is AssetMode.MULTI:
            rates = await self._market.asset_rates()
        reads = Reads(
            wallet=wallet,
            positions=positions,
            settings=settings,
            marks=marks,
            rates=tuple(rates),
            instruments=rules.instruments,
            margin_assets=rules.margin_assets(),
            now_ms=self._exchange_clock.now_ms(),
        )
        return await self._with_history(reads, since)

    async def prepare(self) -> None:
        """Read what hardly changes, so that the first look need not.

        Raises:
            ExchangeError: No usable answer.
        """
        await self._kept_rules()

    async def _read(
        self,
    ) -> tuple[Wallet, tuple[PositionReport, ...], tuple[Mark, ...], AccountSettings, ExchangeRules]:
        """All at once; the first failure ends the others."""
        tasks = (
            asyncio.ensure_future(self._reader.wallet()),
            asyncio.ensure_future(self._reader.positions()),
            asyncio.ensure_future(self._market.marks()),
            asyncio.ensure_future(self._kept_settings()),
            asyncio.ensure_future(self._kept_rules()),
        )
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _with_history(self, reads: Reads, since: float) -> Reads:
        if not changed_after(reads, since):
            return reads
        since_ms, changed_ms = round(since * 1000), _changed_ms(reads.wallet)
        known = self._history
        if known is not None and known.since_ms <= since_ms and known.changed_ms == changed_ms:
            explained = replace(reads, incomes=known.rows)
            if not unexplained(explained, since):
                return explained
        rows = await self._reader.income(start_ms=since_ms)
        self._history = _History(since_ms=since_ms, changed_ms=changed_ms, rows=rows)
        return replace(reads, incomes=rows)

    async def _kept_settings(self) -> AccountSettings:
        now = self._clock.monotonic()
        if self._settings is None or now - self._settings[0] > SETTINGS_SECONDS:
            self._settings = (now, await self._reader.settings())
        return self._settings[1]

    async def _kept_rules(self) -> ExchangeRules:
        now = self._clock.monotonic()
        if self._rules is None or now - self._rules[0] > RULES_SECONDS:
            self._rules = (now, await self._market.rules())
        return self._rules[1]


def _changed_ms(wallet: Wallet) -> int:
    return max((balance.updated_ms for balance in wallet.balances), default=0)
