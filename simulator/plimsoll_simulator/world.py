"""The simulated exchange as a whole: its time, its market, its accounts and whoever listens to their events.

The world changes only through the functions of ``outside``, ``settings`` and ``money``; it does no I/O and, given a
stepped clock and a seed, plays the same way every time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.clock import Clock, SystemClock
from plimsoll_simulator.account import Account, Order
from plimsoll_simulator.algo.faults import TriggerFaults
from plimsoll_simulator.catalogue import standard_market
from plimsoll_simulator.market import FUNDING_INTERVAL_MS, Market
from plimsoll_simulator.tape import Tape

Event = Mapping[str, object]
Listener = Callable[[str, Event], None]
Follower = Callable[[Account, Event], None]
Foreteller = Callable[[Account, Order], None]


class SteppedClock:
    """A clock that moves only when told to, for runs that must be equal."""

    def __init__(self, now: float = 1_795_164_000.0) -> None:
        """Start at a Unix time in seconds."""
        self._now = now

    def now(self) -> float:
        """Unix time in seconds."""
        return self._now

    def monotonic(self) -> float:
        """The same time: this clock never jumps."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Move the clock instead of waiting."""
        self.advance(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._now += seconds


@dataclass(kw_only=True, slots=True)
class Counters:
    """The next number of each kind; they start where the exchange's own have got to."""

    order: int = 712_349_988_000
    amendment: int = 5_300
    algo: int = 4_000_001_910_700_000
    trade: int = 6_123_456_000
    transaction: int = 198_765_432_000

    def next(self, kind: str) -> int:
        """Hand out the next number of a kind."""
        number: int = getattr(self, kind) + 1
        setattr(self, kind, number)
        return number


@dataclass(kw_only=True)
class World:
    """Everything that is true on the simulated exchange.

    ``listeners`` pass events on to clients; ``followers`` are parts of the exchange that act upon an event once it
    has been sent, as the algo service does when the order that it sent has filled; ``foretellers`` are told of an
    order that is about to close a position, for accounts that want ``stops_first``. An exchange that is not
    ``watchful`` leaves accounts alone whatever their margin, one that is not ``triggering`` lets conditional orders
    wait whatever the price. ``awake`` is the concern of ``living``.
    """

    clock: Clock = field(default_factory=SystemClock)
    seed: int = 1
    market: Market = field(default_factory=standard_market)
    accounts: dict[str, Account] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    clock_offset: float = 0.0
    watchful: bool = True
    triggering: bool = True
    awake: bool = False
    trigger_faults: TriggerFaults = field(default_factory=TriggerFaults)
    tape: Tape = field(default_factory=Tape)
    listeners: list[Listener] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)
    foretellers: list[Foreteller] = field(default_factory=list)
    restrictions: dict[tuple[str | None, str | None], int] = field(default_factory=dict)
    overloaded: bool = False
    random: random.Random = field(init=False)
    born: int = field(init=False)

    def __post_init__(self) -> None:
        """Seed the only source of chance, and note the beginning."""
        self.random = random.Random(self.seed)
        self.born = self.time_ms()

    @property
    def funding_time(self) -> int:
        """When funding is due next (Unix ms): every eight hours, counted from the world's beginning."""
        now = self.time_ms()
        return now + FUNDING_INTERVAL_MS - (now - self.born) % FUNDING_INTERVAL_MS

    def time_ms(self) -> int:
        """The exchange's time in milliseconds, with the shift that a test may have set."""
        return int((self.clock.now() + self.clock_offset) * 1000)

    def add_account(self, name: str, wallets: Mapping[str, Decimal]) -> Account:
        """Open an account with money in its wallets."""
        account = Account(name=name, wallets=dict(wallets))
        account.wallet_updated = dict.fromkeys(wallets, self.time_ms())
        self.accounts[name] = account
        return account

    def api_key(self, key: str) -> ApiKey | None:
        """What is known of an API key: every account has one for reading and one for trading."""
        for prefix, secret in ((TRADE_KEY_PREFIX, TRADE_SECRET_PREFIX), (KEY_PREFIX, SECRET_PREFIX)):
            account = self.accounts.get(key.removeprefix(prefix)) if key.startswith(prefix) else None
            if account is not None:
                return ApiKey(account=account, secret=f"{secret}{account.name}", trading=prefix == TRADE_KEY_PREFIX)
        return None

    def account_of_key(self, key: str) -> Account | None:
        """The account that an API key belongs to."""
        found = self.api_key(key)
        return found.account if found else None

    def foretell(self, account: Account, order: Order, quantity: Decimal) -> None:
        """Say that an order is about to fill by ``quantity``, where that closes a position and the account wants it."""
        held = account.position(order.symbol, order.position_side).amount
        closing = (order.side == "SELL") if held > 0 else (order.side == "BUY" and held < 0)
        if account.stops_first and closing and quantity >= abs(held):
            for foreteller in self.foretellers:
                foreteller(account, order)

    def emit(self, account: Account, event: Event) -> None:
        """Tell every listener what happened to an account, then let the followers act upon it."""
        for listener in self.listeners:
            listener(account.name, event)
        for follower in self.followers:
            follower(account, event)


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKey:
    """One of the two keys of an account, with its secret."""

    account: Account
    secret: str = field(repr=False)
    trading: bool

    @property
    def revoked(self) -> bool:
        """Whether the key has been taken away."""
        return self.account.trade_key_revoked if self.trading else self.account.key_revoked

    @property
    def permissions(self) -> dict[str, bool]:
        """What the key may do, in the words of apiRestrictions."""
        return self.account.trade_permissions if self.trading else self.account.permissions


KEY_PREFIX = "simulator-key-"
TRADE_KEY_PREFIX = "simulator-trade-key-"
TRADE_SECRET_PREFIX = "simulator-trade-secret-"  # noqa: S105 - public by design: it protects nothing
SECRET_PREFIX = "simulator-secret-"  # noqa: S105 - public by design: it protects nothing
