"""One press from the first look to the end of the guard, and what Ctrl-C, a signal or a lost terminal means in it.

Before the question is answered everything ends it, with nothing done. While it closes, Ctrl-C and SIGTERM end it after
one more look, and a terminal that goes away (SIGHUP) does not. A second signal ends the program at once.
"""

from __future__ import annotations

import asyncio
import signal
from argparse import Namespace
from contextlib import suppress
from enum import Enum, auto

from plimsoll.clock import Clock
from plimsoll.config.model import Config
from plimsoll.errors import ExchangeError
from plimsoll_enforcer.button.check import PERMISSION_SECONDS, key_refusal
from plimsoll_enforcer.button.ending import last_look
from plimsoll_enforcer.button.guard import Guard
from plimsoll_enforcer.button.handover import hand_over
from plimsoll_enforcer.button.press import HURRY_SECONDS, LOOK_SECONDS, Terminal, agreed, close, look
from plimsoll_enforcer.button.record import Record
from plimsoll_enforcer.button.tables import Plan, plan_text, stopped_text
from plimsoll_enforcer.flatten.run import Flattener
from plimsoll_enforcer.trading.gateway import Gateway
from plimsoll_enforcer.trading.rest import RestTrader

FLAT, WRONG, NOT_FLAT = 0, 1, 3
"""Exit status; 2 is argparse's."""


class Phase(Enum):
    """How far it has come."""

    ASKING = auto()
    CLOSING = auto()
    GUARDING = auto()


class Session:
    """A press of the button.

    Attributes:
        phase: How far it has come.

    Args:
        config: Where the enforcer is, and where the record goes.
        arguments: As ``arguments.parse`` gives them, with an account.
        gateway: The way to the exchange.
        screen: The person.
        clock: Time.
    """

    def __init__(
        self, config: Config, arguments: Namespace, *, gateway: Gateway, screen: Terminal, clock: Clock
    ) -> None:
        self._config, self._arguments = config, arguments
        self._account: str = arguments.account
        self._screen, self._clock = screen, clock
        self._trader: RestTrader = gateway.traders[self._account]
        self._flatten = Flattener(self._trader, gateway.market, clock)
        self._before = Plan(account=self._account, positions=None, plain=None, algo=None)
        self._alone = False
        self.phase = Phase.ASKING

    async def press(self) -> int:
        """All of it; gives the exit status."""
        if not await self._agreed():
            self._screen.say("Nothing was done.")
            return WRONG
        self.phase = Phase.CLOSING
        folder = self._config.enforcer.data_dir / "red-button"
        record = Record(self._account, folder, clock=self._clock, tell=self._screen.say)
        record.step("pressed", self._arguments.reason)
        if not await self._closed(record):
            return NOT_FLAT
        self.phase = Phase.GUARDING
        return await self._guarded(record)

    def hung_up(self, pressing: asyncio.Task[int]) -> None:
        """The terminal is gone: what nobody agreed to ends, what was begun does not."""
        self._alone = True
        if self.phase is Phase.ASKING or (self.phase is Phase.GUARDING and self._arguments.guard is None):
            pressing.cancel()

    async def _agreed(self) -> bool:
        """Look, show, ask."""
        hurried: bool = self._arguments.yes
        looking = look(self._trader, self._account, seconds=HURRY_SECONDS if hurried else LOOK_SECONDS)
        refusing = key_refusal(self._trader, seconds=HURRY_SECONDS if hurried else PERMISSION_SECONDS)
        self._before, refusal, _ = await asyncio.gather(looking, refusing, self._prepared(HURRY_SECONDS))
        self._screen.say(plan_text(self._before))
        if refusal and not self._arguments.any_key:
            self._screen.say(f"\n{refusal}. (--any-key presses all the same.)")
            return False
        return hurried or await agreed(self._account, self._screen)

    async def _prepared(self, seconds: float) -> None:
        """Read the exchange's rules while nobody waits for them; without them the close reads them beside."""
        with suppress(ExchangeError, TimeoutError):
            async with asyncio.timeout(seconds):
                await self._flatten.prepare()

    async def _closed(self, record: Record) -> bool:
        """Whether the account is flat; Ctrl-C ends it after one more look."""
        limit: float | None = self._arguments.give_up_after
        why = "stopped by hand"
        try:
            done = await close(self._account, self._flatten, record, self._screen, self._clock, give_up_after=limit)
            if done is not None:
                return done.flat
            why = f"not closed within {limit:g} s"
        except asyncio.CancelledError:
            self._screen.say("\nStopped by hand. Looking once more (Ctrl-C again leaves at once) ...")
        finally:
            self._screen.say(record.where())
        return await self._ended(record, why)

    async def _ended(self, record: Record, why: str) -> bool:
        """Show how things stand after it was stopped; whether the account is flat all the same."""
        left, rows = await last_look(self._trader, record, self._before, why)
        record.step("stopped", why, {"flat": left.empty})
        self._screen.say(f"\n{stopped_text(left, rows)}")
        return left.empty

    async def _guarded(self, record: Record) -> int:
        """Leave the lockout to the enforcer, or guard the account; Ctrl-C ends that."""
        seconds: float | None = self._arguments.guard
        if seconds == 0.0:
            self._screen.say("Not guarded: what opens from now on stays open. Stop the bot and revoke its key.")
            return FLAT
        guard = Guard(self._account, self._trader, self._flatten, record, self._screen, clock=self._clock)
        guard.relieved = self._alone and seconds is None
        try:
            await asyncio.gather(guard.run(seconds), self._hand_over(guard, seconds))
        except asyncio.CancelledError:
            self._screen.say("")
        if guard.relieved and not guard.busy:
            return FLAT
        self._screen.say("The guard has ended; nothing is closed from now on.")
        if guard.busy or guard.blind:
            return FLAT if await self._ended(record, "the guard was stopped") else NOT_FLAT
        return FLAT

    async def _hand_over(self, guard: Guard, seconds: float | None) -> None:
        """Relieve the guard where the enforcer takes over."""
        handed = await hand_over(self._config, self._account, reason=self._arguments.reason)
        if handed.done:
            self._screen.say(f"{handed.said}: anything new is closed until it is released there.")
            guard.relieved = True
            return
        length = "until Ctrl-C" if seconds is None else f"for {seconds:g} s"
        self._screen.say(
            f"No lockout by the enforcer: {handed.said}. Guarding from here {length}: anything new is closed."
        )


def obey_signals(session: Session, pressing: asyncio.Task[int]) -> None:
    """Take Ctrl-C, SIGTERM and SIGHUP as an orderly end, once: a second one has its usual effect, which is at once.

    They stay until the loop is closed, so that none can hide what was done.
    """
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
        pressing.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGHUP, session.hung_up, pressing)
