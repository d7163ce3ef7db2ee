"""The simulator as a server: one port for REST, streams and control, and the pulse that moves the world.

``running_simulator`` starts one inside a test or benchmark; ``serving`` serves an exchange that exists already.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import web

from plimsoll.clock import Clock, SystemClock
from plimsoll_simulator.actors.company import Company
from plimsoll_simulator.control.routes import control_routes
from plimsoll_simulator.digits import exact
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.living import pass_second
from plimsoll_simulator.rest.serve import serve_rest
from plimsoll_simulator.scenarios import play, prepare
from plimsoll_simulator.scenarios.scenario import Scenario
from plimsoll_simulator.streams.connection import ConnectionRules, serve_stream
from plimsoll_simulator.streams.hub import ALL, Subscriber
from plimsoll_simulator.streams.routes import Plan, plan
from plimsoll_simulator.world import World

LOOPBACK = "127.0.0.1"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulator:
    """A running simulator: where it is, what is true in it, and the task that moves it (it ends only by an error)."""

    url: str
    exchange: Exchange
    scenario: Scenario
    beat: asyncio.Task[None]

    @property
    def world(self) -> World:
        """The simulated world."""
        return self.exchange.world

    @property
    def stream_url(self) -> str:
        """The base URL of the streams, without a path."""
        return self.url.replace("http://", "ws://", 1)


def build_app(exchange: Exchange, host: str = LOOPBACK) -> web.Application:
    """The web application of an exchange that listens on ``host``."""
    app = web.Application(middlewares=[_calculate])
    app.add_routes(control_routes(exchange, host))

    async def anything(request: web.Request) -> web.StreamResponse:
        route = plan(request.path, request.raw_path.partition("?")[2])
        if route is not None and request.headers.get("Upgrade", "").lower() == "websocket":
            return await _stream(exchange, request, route)
        return await serve_rest(exchange, request)

    async def hang_up(_app: web.Application) -> None:
        exchange.stage.close()
        exchange.hub.cut(ALL)

    app.router.add_route("*", "/{path:.*}", anything)
    app.on_shutdown.append(hang_up)
    return app


@web.middleware
async def _calculate(request: web.Request, handler: Handler) -> web.StreamResponse:
    with exact():
        return await handler(request)


async def _stream(exchange: Exchange, request: web.Request, route: Plan) -> web.StreamResponse:
    subscriber = Subscriber(route)
    targets = exchange.hub.targets_of(subscriber) or {ALL}
    if any(exchange.stream_faults.is_refused(target) for target in targets):
        return web.Response(status=503, text="Service Unavailable.")
    return await serve_stream(request, subscriber, exchange.hub, exchange.rules)


async def pulse(exchange: Exchange, scenario: Scenario, *, speed: float, interval: float) -> None:
    """Play the scenario and push prices, ``interval`` seconds apart, until cancelled."""
    with exact():
        await _beat(exchange, scenario, speed, interval)


async def _beat(exchange: Exchange, scenario: Scenario, speed: float, interval: float) -> None:
    loop = asyncio.get_running_loop()
    due, pushes, halted, stage = loop.time() + interval, 0, 0, exchange.stage
    while True:
        await asyncio.sleep(max(0.0, due - loop.time()))
        # A machine that slept does not get the pushes it missed in one burst.
        due, pushes = max(due + interval, loop.time()), pushes + 1
        planned = int(pushes * interval * speed) - halted
        while stage.second < planned and not stage.halted:
            await play_second(exchange, scenario, stage.second + 1)
        # A story that was halted goes on where it stood; what the exchange does by itself goes on meanwhile.
        for _ in range(planned - stage.second):
            pass_second(exchange.world)
        halted += planned - stage.second
        exchange.each_second(pushes)


async def play_second(exchange: Exchange, scenario: Scenario, second: int) -> None:
    """Let one second of the story happen, with all that its actors do in it."""
    play(exchange.world, scenario, second)
    scenario.disturb(exchange, second)
    await scenario.conduct(exchange, second)
    exchange.stage.second = second


@asynccontextmanager
async def running_simulator(
    *,
    scenario: str = "calm",
    seed: int = 1,
    host: str = LOOPBACK,
    port: int = 0,
    speed: float = 1.0,
    interval: float = 1.0,
    clock: Clock | None = None,
    rules: ConnectionRules | None = None,
    company: Company | None = None,
) -> AsyncIterator[Simulator]:
    """Run a simulator of a new world until the block ends; port 0 takes a free one, ``interval`` parts two pushes.

    ``company`` plays the actors of a scenario that has some; without one nobody does.

    Raises:
        UnknownScenario: There is no such scenario.
        OSError: The port is taken.
    """
    world = World(clock=clock or SystemClock(), seed=seed)
    with exact():
        story = prepare(world, scenario)
    async with serving(
        Exchange(world, rules), story, host=host, port=port, speed=speed, interval=interval, company=company
    ) as running:
        yield running


@asynccontextmanager
async def serving(
    exchange: Exchange,
    story: Scenario,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    speed: float = 1.0,
    interval: float = 1.0,
    company: Company | None = None,
) -> AsyncIterator[Simulator]:
    """Serve an exchange that may have been served before: its world, keys and history go on where they were.

    Raises:
        OSError: The port is taken.
    """
    runner = web.AppRunner(build_app(exchange, host), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        url = f"http://{_for_url(host)}:{runner.addresses[0][1]}"
        async with AsyncExitStack() as stack:
            if company is not None:
                exchange.stage.expect(story.actors)
                await stack.enter_async_context(company(url, story.actors, exchange.stage.dismiss))
            beat = await stack.enter_async_context(_beating(pulse(exchange, story, speed=speed, interval=interval)))
            yield Simulator(url=url, exchange=exchange, scenario=story, beat=beat)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _beating(moving: Coroutine[None, None, None]) -> AsyncIterator[asyncio.Task[None]]:
    """The task that moves the world, until the block ends."""
    beat = asyncio.create_task(moving)
    try:
        yield beat
    finally:
        beat.cancel()
        with suppress(asyncio.CancelledError):
            await beat


def _for_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
