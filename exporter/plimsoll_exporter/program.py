"""The exporter put together: exchange, keepers, instruments and web server from one validated configuration."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig, Config
from plimsoll.credentials import Credentials
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.exchange.endpoints import ENDPOINTS
from plimsoll.exchange.mark_stream import MarkStream
from plimsoll.exchange.pacing import ConnectPacer
from plimsoll.exchange.port import AccountReader, AccountSink, MarketSink, MarketStream, PrivateStream
from plimsoll.exchange.rest import Exchange
from plimsoll.exchange.user_stream import UserStream
from plimsoll.metrics.program import add_process_metrics
from plimsoll.web.door import Door
from plimsoll.web.exposure import exposure
from plimsoll.web.protection import Protection
from plimsoll_exporter.fast_lane.lane import FastLane, Sources
from plimsoll_exporter.fast_lane.starts import Starts
from plimsoll_exporter.figures import Assessor, Kept
from plimsoll_exporter.instruments import Instruments
from plimsoll_exporter.keeper.account import AccountKeeper
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.keeper.schedule import Schedule
from plimsoll_exporter.keeper.store import Store
from plimsoll_exporter.keeper.watch import Watch
from plimsoll_exporter.page.report import maker
from plimsoll_exporter.page.surroundings import surroundings
from plimsoll_exporter.rejections.part import EndedOrders
from plimsoll_exporter.web import WebServer

log = logging.getLogger(__name__)


class Program:
    """Everything the exporter runs; make it inside the running event loop.

    Args:
        config: What to watch, and where to listen.
        credentials: The read key of each account.
        clock: Time.

    Raises:
        PlimsollError: The web configuration, the state database or the token of reports is unusable.
    """

    def __init__(self, config: Config, credentials: Mapping[str, Credentials], *, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._registry = CollectorRegistry()
        self._instruments = Instruments(
            registry=self._registry,
            accounts=tuple(config.accounts),
            endpoints=tuple(endpoint.name for endpoint in ENDPOINTS),
        )
        add_process_metrics(self._registry)
        self._protection = self._protect()
        self._exchange = Exchange(config.exchange, clock=clock, observer=self._instruments)
        self._pacer = ConnectPacer(clock=clock)
        database = Database.open(config.exporter.data_dir / FILE_NAME, clock=clock)
        self._store = Store(database, clock=clock)
        self._store.forget_others(config.accounts)
        self._schedule = Schedule(weight_limit=self._exchange.budget.limit)
        self._assess = Kept(len(config.accounts))
        self._market = MarketKeeper(
            self._exchange.market, self._market_stream, clock=clock, exchange_clock=self._exchange.clock
        )
        self._keepers: dict[str, AccountKeeper] = {}
        self._ended = EndedOrders(
            config,
            database,
            clock=clock,
            live=lambda name: self._keepers[name].believed_book,
            counted=self._to_lane,
        )
        for name, account in config.accounts.items():
            self._keepers[name] = self._keeper(account, credentials[name])
        assessor = Assessor(failed=self._instruments.render_failed, assess=self._assess)
        self._lane = self._fast_lane(database, assessor)
        self._watch = Watch(
            market=self._market,
            keepers=tuple(self._keepers.values()),
            schedule=self._schedule,
            clock=clock,
            weight_used=lambda: self._exchange.budget.used,
            clock_offset=lambda: round(self._exchange.clock.offset, 3) if self._exchange.clock.measured else None,
            store=self._store,
            mirrors=config.mirrors,
            beside={**self._ended.tasks, **self._lane.tasks},
            looked=self._lane.look,
        )
        self.web = WebServer(
            listen=config.exporter.listen,
            allowed_hosts=config.exporter.allowed_hosts,
            view=lambda: self._ended.shown(self._watch.view()),
            registry=self._registry,
            assessor=assessor,
            door=Door(self._protection, clock=clock, refused=self._instruments.web_refused),
            reports=self._ended.reports,
            surroundings=surroundings(config, clock=clock),
            clock=clock,
            maker=maker(config),
        )

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve and watch until cancelled; ``ready`` is called once the server listens.

        Raises:
            PlimsollError: The address cannot be listened on.
        """
        self._warn_of_exposure()
        try:
            await self.web.start()
            log.info("listening on %s, port %d", self._config.exporter.listen.host, self.web.port)
            ready()
            await self._watch.run()
        finally:
            try:
                await asyncio.gather(self.web.stop(), self._exchange.close())
                self._watch.save()
                self._ended.close()
            finally:
                self._store.close()

    def _fast_lane(self, database: Database, assessor: Assessor) -> FastLane:
        sources = Sources(
            keeper=self._keepers.__getitem__,
            counts=self._ended.counts,
            market=self._market.state,
            shown=self._market.shown,
            figures=assessor.figures,
        )
        starts = Starts(database, self._store, clock=self._clock)
        return FastLane(self._config, sources, starts, clock=self._clock, counted=self._instruments.lane_posted)

    def _to_lane(self, account: str) -> None:
        self._lane.look(account)

    def _protect(self) -> Protection | None:
        path = self._config.exporter.web_config_file
        if path is None:
            return None
        return Protection(path, clock=self._clock, reloaded=self._instruments.web_reloaded)

    def _warn_of_exposure(self) -> None:
        host = self._config.exporter.listen.host
        config = None if self._protection is None else self._protection.now.config
        shown = "equity, positions and orders of every account"
        for sentence in exposure(host, config, shown=shown, setting="exporter.web_config_file"):
            log.warning("%s", sentence)

    def _keeper(self, account: AccountConfig, credentials: Credentials) -> AccountKeeper:
        reader = self._exchange.account(account.name, credentials)

        def open_stream(sink: AccountSink) -> PrivateStream:
            heard = self._ended.hearing(account.name, sink, lambda: self._keepers[account.name].book, reader.routine())
            return self._private_stream(account.name, reader, heard)

        return AccountKeeper(
            account,
            reader=reader,
            routine=reader.routine(),
            open_stream=open_stream,
            market=self._market,
            schedule=self._schedule,
            store=self._store,
            clock=self._clock,
            exchange_clock=self._exchange.clock,
            assess=self._assess,
        )

    def _private_stream(self, name: str, reader: AccountReader, sink: AccountSink) -> PrivateStream:
        return UserStream(
            account=name,
            url=self._config.exchange.private_stream_url,
            form=self._config.exchange.private_stream_form,
            reader=reader,
            sink=sink,
            session=self._exchange.session,
            clock=self._clock,
            exchange_clock=self._exchange.clock,
            observer=self._instruments,
            pacer=self._pacer,
        )

    def _market_stream(self, sink: MarketSink) -> MarketStream:
        return MarkStream(
            url=self._config.exchange.market_stream_url,
            sink=sink,
            session=self._exchange.session,
            clock=self._clock,
            exchange_clock=self._exchange.clock,
            observer=self._instruments,
            pacer=self._pacer,
        )
