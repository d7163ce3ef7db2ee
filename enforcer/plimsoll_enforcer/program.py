"""The enforcer put together: keys, way to the exchange, journal, desk and doors from one validated configuration.

The doors open first: a breach that is told while everything else starts is taken on and kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig, Config, Mode
from plimsoll.credentials import Credentials
from plimsoll.exchange.pacing import ConnectPacer
from plimsoll.exchange.port import AccountSink, PrivateStream, SilentObserver
from plimsoll.exchange.user_stream import UserStream
from plimsoll.metrics.program import ProgramInstruments, add_process_metrics
from plimsoll.web.door import Door
from plimsoll.web.exposure import exposure
from plimsoll.web.protection import Protection
from plimsoll_enforcer.flatten.run import Flattener
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.keys import Keys
from plimsoll_enforcer.steady import steadily
from plimsoll_enforcer.trading.gateway import Gateway
from plimsoll_enforcer.upkeep import AFTER_FAILURE, keep_clock, keep_limits
from plimsoll_enforcer.viewing.reading import Reading
from plimsoll_enforcer.viewing.room import Room
from plimsoll_enforcer.viewing.views import Views
from plimsoll_enforcer.watching.accounts import Accounts
from plimsoll_enforcer.watching.parts import AccountParts
from plimsoll_enforcer.web.server import Tokens, WebServer

KEYS_SECONDS = 10.0
"""That the desk waits for the keys to be asked about, so that it knows what is armed; then it begins all the same."""

log = logging.getLogger(__name__)


class Program:
    """Everything the enforcer runs; make it inside the running event loop.

    Args:
        config: The accounts, and where to listen.
        credentials: The trading keys, by account; one without a key is off.
        named: The accounts that ``--arm`` or ``PLIMSOLL_ARM`` names.
        tokens: Of the webhook and of the operator.
        clock: Time.

    Raises:
        PlimsollError: The web configuration or the journal is unusable.
    """

    def __init__(
        self,
        config: Config,
        credentials: Mapping[str, Credentials],
        *,
        named: Collection[str],
        tokens: Tokens,
        clock: Clock,
    ) -> None:
        self._config, self._tokens, self._clock = config, tokens, clock
        registry = CollectorRegistry()
        self._instruments = ProgramInstruments(registry)
        add_process_metrics(registry)
        self._protection = self._protect()
        self._gateway = Gateway(config.exchange, credentials, clock=clock)
        self._pacer = ConnectPacer(clock=clock)
        self._keys = Keys(config, named=named, readers=self._gateway.traders, clock=clock)
        self._journal = Journal.open(config.enforcer.data_dir, clock=clock)
        exchange = self._gateway.exchange
        self._desk = Accounts(
            config,
            {name: self._parts(account) for name, account in config.accounts.items()},
            market=self._gateway.market_watcher(),
            journal=self._journal,
            clock=clock,
            exchange_clock=exchange.clock,
            weight_limit=lambda: exchange.budget.limit,
        )
        self._views = self._make_views()
        self.web = WebServer(
            config=config.enforcer,
            desk=self._desk,
            views=self._views,
            registry=registry,
            door=Door(self._protection, clock=clock, refused=self._instruments.web_refused),
            tokens=tokens,
            clock=clock,
            unready=self._unready,
        )

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve, watch and enforce until cancelled; ``ready`` is called once the server listens.

        Raises:
            PlimsollError: The address cannot be listened on.
        """
        for sentence in self._warnings():
            log.warning("%s", sentence)
        try:
            await self.web.start()
            log.info("listening on %s, port %d", self._config.enforcer.listen.host, self.web.port)
            ready()
            async with asyncio.TaskGroup() as group:
                for name, work in self._upkeep().items():
                    group.create_task(steadily(f"the upkeep of {name}", work, self._clock, after=AFTER_FAILURE))
                group.create_task(self._enforce())
        finally:
            try:
                await asyncio.gather(self.web.stop(), self._views.close())
                await self._gateway.close()
            finally:
                self._journal.close()

    def _upkeep(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What goes on beside everything else, by name."""
        gateway, clock = self._gateway, self._clock
        return {
            "keys": self._keys.run,
            "clock": partial(keep_clock, gateway.market, clock),
            "limits": partial(keep_limits, gateway, clock),
        }

    async def _enforce(self) -> None:
        await _first(self._keys.checked(), self._clock.sleep(KEYS_SECONDS))
        if self._keys.unchecked:
            log.warning("the exchange has not told yet what the keys of %s may do", ", ".join(self._keys.unchecked))
        await self._desk.work()

    def _unready(self) -> str:
        unchecked = self._keys.unchecked
        return f"the trade keys of {', '.join(unchecked)} have not been checked yet" if unchecked else ""

    def _parts(self, account: AccountConfig) -> AccountParts:
        name = account.name
        trader = self._gateway.traders.get(name)
        if trader is None:
            return AccountParts(config=account, stance=lambda: self._keys.stance(name))
        return AccountParts(
            config=account,
            stance=lambda: self._keys.stance(name),
            reader=self._gateway.watcher(name),
            trader=trader,
            flatten=Flattener(trader, self._gateway.market, self._clock),
            open_stream=lambda sink: self._stream(name, sink),
        )

    def _make_views(self) -> Views:
        gateway, clock = self._gateway, self._clock
        market = gateway.market_onlooker()
        readings = {name: Reading(gateway.onlooker(name), market, clock) for name in gateway.traders}
        journal = self._journal
        room = Room(gateway.exchange.budget, clock, busy=lambda: bool(journal.unfinished() or journal.breaches()))
        return Views(self._config, self._desk, journal, readings, room=room, clock=clock)

    def _stream(self, name: str, sink: AccountSink) -> PrivateStream:
        exchange = self._config.exchange
        return UserStream(
            account=name,
            url=exchange.private_stream_url,
            form=exchange.private_stream_form,
            reader=self._gateway.watcher(name),
            sink=sink,
            session=self._gateway.exchange.session,
            clock=self._clock,
            exchange_clock=self._gateway.exchange.clock,
            observer=SilentObserver(),
            pacer=self._pacer,
        )

    def _protect(self) -> Protection | None:
        path = self._config.enforcer.web_config_file
        if path is None:
            return None
        return Protection(path, clock=self._clock, reloaded=self._instruments.web_reloaded)

    def _warnings(self) -> Iterable[str]:
        """What somebody should hear before trusting it."""
        config = None if self._protection is None else self._protection.now.config
        shown = "what is in force for every account, and its exposure,"
        yield from exposure(self._config.enforcer.listen.host, config, shown=shown, setting="enforcer.web_config_file")
        if all(account.enforcement.mode is Mode.OFF for account in self._config.accounts.values()):
            yield "every account's enforcement.mode is off: nothing will be closed or told"
        elif self._tokens.webhook is None:
            yield "enforcer.webhook_token_file is not set: Alertmanager cannot tell of a breach"
        if self._tokens.operator is None:
            yield "enforcer.operator_token_file is not set: nobody can release a lockout by HTTP"


async def _first(*works: Coroutine[Any, Any, None]) -> None:
    """Wait for whichever ends first, and end the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
