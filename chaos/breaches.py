"""Breaches: a price falls, an account has lost more than it may; it must be paged, flattened, and is then released.

Each account has a symbol of its own, so nobody else loses. An account may breach again once people were told that its
alert is no longer reported, until when a new breach is the same alert, or when nobody can be told any more: when
Alertmanager and Prometheus both have forgotten it, and the fast lane has told its end.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from decimal import Decimal

import aiohttp

from alerting_files import PASSWORD, USER
from chaos.configuration import ACCOUNTS, RULE
from chaos.exchange import MAIN
from chaos.stage import PATIENCE, ChaosStage
from chaos.trading import Trading
from chaos.verdicts import CLOSED, LEDGER, PAGED
from page_receivers import Call
from plimsoll_exporter.fast_lane.endings import EVERY_SECONDS
from plimsoll_exporter.fast_lane.starts import FIRST_TOLD

ALERT = "DrawdownLimitBreached"
FALL = Decimal("0.88")
"""Of the mark: at 1.4 times its equity an account loses 16 %, where it may lose 10."""

REST_SECONDS = 15.0
"""Beyond the end of an alert, until its account may breach again."""

FORGOTTEN_SECONDS = FIRST_TOLD + 3 * EVERY_SECONDS
"""After a release: by then the fast lane has told the end of the alert, even if Alertmanager was away once."""

SHOWN = 0.01
"""USD: beyond the rounding of a page."""


class Breaches:
    """Lets accounts breach, and judges what comes of it."""

    def __init__(self, stage: ChaosStage, trading: Trading, chance: random.Random) -> None:
        self._stage, self._trading, self._chance = stage, trading, chance
        self._ready = deque(chance.sample(tuple(ACCOUNTS), len(ACCOUNTS)))
        self._running: list[asyncio.Task[None]] = []
        self._judging: list[asyncio.Event] = []

    def begin(self) -> None:
        """Let the next account breach, if one is ready."""
        if self._ready:
            judged = asyncio.Event()
            self._judging.append(judged)
            self._running.append(asyncio.create_task(self._play(self._ready.popleft(), judged)))

    async def over(self) -> None:
        """Wait until every breach was judged and every account is released; not for alerts to end."""
        await asyncio.gather(*(judged.wait() for judged in self._judging))
        for task in self._running:
            if task.done():
                task.result()

    async def end(self) -> None:
        """Wait no longer for alerts to end."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _play(self, name: str, judged: asyncio.Event) -> None:
        self._trading.alone.add(name)
        told = len(self._stage.services.accepted("webhook"))
        try:
            await self._judged(name)
        finally:
            self._trading.alone.discard(name)
            judged.set()
        await self._let_go(name, told)
        self._ready.append(name)

    async def _judged(self, name: str) -> None:
        stage, symbol = self._stage, MAIN[name][0]
        before, worth = stage.chaotic.mark(symbol), stage.chaotic.equity(name)
        stage.verdicts.tell(f"breach of {name}")
        began, called = time.monotonic(), time.time()
        stage.chaotic.breached.add(name)
        stage.chaotic.pinned[symbol] = (before * FALL).quantize(Decimal("0.01"))
        stage.chaotic.sim("price", symbol=symbol, mark=str(stage.chaotic.pinned[symbol]))
        flat, paged = await asyncio.gather(self._flat(name, began), stage.wait(lambda: self._paged(name, called)))
        held = {one.symbol: str(one.amount) for one in stage.chaotic.account(name).open_positions()}
        stage.verdicts.check(CLOSED, holds=flat, expected=f"{name} flat within {PATIENCE:.0f} s", seen=held)
        told = [call.body["commonLabels"] for call in stage.services.accepted("webhook")][-5:]
        stage.verdicts.check(PAGED, holds=paged, expected=f"{ALERT} of {name} told within {PATIENCE:.0f} s", seen=told)
        if flat:
            await self._release(name, worth, before)

    async def _flat(self, name: str, began: float) -> bool:
        """Whether an account becomes flat, and note how soon."""
        flat = await self._stage.wait(lambda: self._stage.chaotic.flat(name))
        if flat:
            self._stage.verdicts.seconds_to_flat.append(time.monotonic() - began)
        return flat

    async def _release(self, name: str, worth: Decimal, before: Decimal) -> None:
        """Release, see the references begin anew at what is left, and let the account trade on as before.

        As an operator does who looks at the page first: a reference begins anew at the equity that the exporter knows,
        and on a stream that is late that may still be the one before the last close.
        """
        stage, symbol = self._stage, MAIN[name][0]
        await stage.wait(lambda: stage.closed(name))
        left = stage.chaotic.equity(name)
        await stage.wait(lambda: self._shown(name, left))
        released = await stage.wait(lambda: stage.release(name))
        stage.chaotic.breached.discard(name)
        begun = await stage.wait(lambda: self._rebased(name, left))
        expected = f"the reference of {name} begins anew at {left} after its release ({released})"
        stage.verdicts.check(LEDGER, holds=begun, expected=expected, seen=await self._reference(name))
        stage.chaotic.pinned.pop(symbol)
        stage.chaotic.sim("price", symbol=symbol, mark=str(before))
        self._trading.move(name, (worth - left).quantize(Decimal("0.01")))
        stage.chaotic.open_main(name)

    async def _held(self, name: str) -> bool:
        """Whether Alertmanager holds the alert, as far as it answers."""
        url = f"http://127.0.0.1:{self._stage.ports[1]}/api/v2/alerts"
        login = aiohttp.BasicAuth(USER, PASSWORD)
        async with self._stage.http.get(url, auth=login, timeout=aiohttp.ClientTimeout(5)) as answer:
            alerts = await answer.json()
        return any(one["labels"].get("alertname") == ALERT and one["labels"].get("account") == name for one in alerts)

    def _paged(self, name: str, since: float) -> bool:
        return any(call.at >= since and _tells(call, name) for call in self._stage.services.accepted("webhook"))

    async def _shown(self, name: str, left: Decimal) -> bool:
        return abs(float(left) - (await self._told("binance_account_equity_usd", account=name) or 0.0)) < SHOWN

    async def _rebased(self, name: str, left: Decimal) -> bool:
        return abs(float(left) - (await self._reference(name) or 0.0)) < SHOWN

    async def _reference(self, name: str) -> float | None:
        """The reference of the rule that closes, where the exporter shows one."""
        return await self._told("binance_account_drawdown_reference_usd", account=name, rule=RULE)

    async def _told(self, metric: str, **labels: str) -> float | None:
        try:
            return (await self._stage.watched.metrics()).get((metric, frozenset(labels.items())))
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def _let_go(self, name: str, since: int) -> None:
        """Wait until the channels were told that the alert is over, or must have been, and a little more."""
        heard = self._stage.services

        def told() -> bool:
            return any(_tells(call, name, "resolved") for call in heard.accepted("webhook")[since:])

        over = await self._stage.wait(told, FORGOTTEN_SECONDS)
        while not over:  # whoever still reports it has not let it go, and Alertmanager tells when he does
            await asyncio.sleep(2)
            held = await self._stage.wait(lambda: self._held(name), 2 * EVERY_SECONDS)
            over = not held or told()
        await asyncio.sleep(REST_SECONDS)


def _tells(call: Call, name: str, status: str = "firing") -> bool:
    return any(
        alert["status"] == status
        and alert["labels"].get("alertname") == ALERT
        and alert["labels"].get("account") == name
        for alert in call.body["alerts"]
    )
