"""The actors tell Plimsoll of refused orders, through the reporting client that every bot may use."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plimsoll.reporting import RejectionReporter
from plimsoll_simulator.actors.refusals import RefusedOrder

URL, TOKEN_FILE, SPOOL = "--report-url", "--report-token-file", "--report-spool"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where refused orders are reported: the exporter's ``url``, the token, and a folder for what waits, or none."""

    url: str
    token_file: Path
    spool: Path | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """The same as arguments of an actor's program."""
        spool = () if self.spool is None else (SPOOL, str(self.spool))
        return (URL, self.url, TOKEN_FILE, str(self.token_file), *spool)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where refused orders are reported."""
    parser.add_argument(URL, help="the exporter to which actors report refused orders, as in http://127.0.0.1:9713")
    parser.add_argument(TOKEN_FILE, type=Path, help="its rejections.token_file")
    parser.add_argument(SPOOL, type=Path, help="folder in which reports wait (default: in the user's state folder)")


def parsed(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the arguments; an address without a token, or the other way round, ends the program with 2."""
    options = parser.parse_args(arguments)
    if (options.report_url is None) != (options.report_token_file is None):
        parser.error(f"{URL} and {TOKEN_FILE} go together")
    return options


def target(options: argparse.Namespace) -> Target | None:
    """What the arguments say; ``None`` where nothing is to be reported."""
    if options.report_url is None or options.report_token_file is None:
        return None
    spool = None if options.report_spool is None else options.report_spool.absolute()
    return Target(url=options.report_url, token_file=options.report_token_file.absolute(), spool=spool)


class Telling:
    """An ``OnRefusal`` that reports each refused order, with a reporter for each account."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._reporters: dict[str, RejectionReporter] = {}

    def __call__(self, order: RefusedOrder) -> None:
        """Report an order; returns at once."""
        reporter = self._reporters.get(order.account)
        if reporter is None:
            reporter = self._reporters[order.account] = self._made(order.account)
        reporter.report(
            code=order.code,
            message=order.message,
            symbol=order.wish.symbol,
            side=order.wish.side,
            quantity=order.wish.quantity,
            type="MARKET",
            reduce_only=False,
            intent=order.wish.intent,
            client_order_id=order.client_id,
        )

    def close(self) -> None:
        """Deliver what can be delivered within two seconds each."""
        for reporter in self._reporters.values():
            reporter.close()

    def _made(self, account: str) -> RejectionReporter:
        spool = None if self._target.spool is None else self._target.spool / account
        return RejectionReporter(self._target.url, self._target.token_file, account, spool=spool)
