"""``plimsoll-simulator``: arguments, the event loop, and a clean end. The rest is in ``server``."""

from __future__ import annotations

import argparse
import asyncio
import errno
import logging
import signal
import sys
from collections.abc import Sequence

from plimsoll.arguments import common_parser
from plimsoll.logs import configure_logging
from plimsoll_simulator.actors.company import Company, as_processes
from plimsoll_simulator.actors.telling import add_arguments, parsed, target
from plimsoll_simulator.scenarios import SCENARIOS
from plimsoll_simulator.scenarios.scenario import UnknownScenario
from plimsoll_simulator.server import running_simulator

DEFAULT_LISTEN = "127.0.0.1:9715"
_HIGHEST_PORT = 65535
_log = logging.getLogger("plimsoll.simulator")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the simulator until SIGTERM or SIGINT; exit 1 when it cannot start, 2 on unusable arguments."""
    options = parsed(_parser(), arguments)
    configure_logging(options.log_level, options.log_format)
    try:
        asyncio.run(_run(options))
    except UnknownScenario as error:
        sys.exit(f"plimsoll-simulator: {error}")
    except OSError as error:
        sys.exit(f"plimsoll-simulator: {_explain(error, options.listen)}")


def _parser() -> argparse.ArgumentParser:
    names = "; ".join(f"{scenario.name}: {scenario.summary}" for scenario in SCENARIOS.values()).replace("%", "%%")
    parser = common_parser("plimsoll-simulator", "A Binance futures exchange to test with; it reads no configuration.")
    parser.add_argument("--listen", default=DEFAULT_LISTEN, type=_address, help="host:port (default %(default)s)")
    parser.add_argument("--scenario", default="calm", help=f"NAME or NAME:option. {names}")
    parser.add_argument("--speed", default=1.0, type=_speed, help="seconds of the scenario per second")
    parser.add_argument("--seed", default=1, type=int, help="two runs with one seed are equal")
    parser.add_argument("--no-actors", action="store_true", help="start no traders, where the scenario has some")
    add_arguments(parser)
    return parser


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not host:port, as in {DEFAULT_LISTEN}")
    return host.strip("[]"), int(port)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1000:  # noqa: PLR2004 - far beyond what a machine can play
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and up to 1000")
    return speed


def _explain(error: OSError, listen: tuple[str, int]) -> str:
    host, port = listen
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken; choose another with --listen {host}:PORT"
    return f"cannot listen on {host}:{port} ({error.strerror or error}); choose another address with --listen"


async def _run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    host, port = options.listen
    async with running_simulator(
        scenario=options.scenario,
        seed=options.seed,
        host=host,
        port=port,
        speed=options.speed,
        company=_company(options),
    ) as simulator:
        _log.info("simulating scenario %s at %s", options.scenario, simulator.url)
        await _until(stop, simulator.beat)
    _log.info("ended")


def _company(options: argparse.Namespace) -> Company | None:
    if options.no_actors:
        return None
    where = target(options)
    reporting = () if where is None else where.arguments
    return as_processes("--log-level", options.log_level, "--log-format", options.log_format, *reporting)


async def _until(stop: asyncio.Event, beat: asyncio.Task[None]) -> None:
    """Wait for the signal; a world that has stopped moving by an error ends the program with that error."""
    signalled = asyncio.create_task(stop.wait())
    await asyncio.wait({signalled, beat}, return_when=asyncio.FIRST_COMPLETED)
    signalled.cancel()
    if beat.done():
        beat.result()
