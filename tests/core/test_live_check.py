"""``check --live``: what is made of the exchange's answers, and of its refusals."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from manual_clock import ManualClock
from plimsoll.errors import ClockRefused, ExchangeError, KeyRefused, PlimsollError, Unavailable
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.live_check import KeyToCheck, KeyUse, Verdict, check_exchange, judge_permissions
from plimsoll.logs import masked
from plimsoll.model.account import AccountSettings, KeyPermissions
from plimsoll.model.terms import AssetMode, PositionMode

READ_ONLY = KeyPermissions(
    read=True, trade=False, withdraw=False, transfer=False, ip_restricted=True, portfolio_margin=False
)
MARKET_STREAM = ("-", "market stream", "fine", "reachable; a mark price came")
SETTINGS = AccountSettings(position_mode=PositionMode.ONE_WAY, asset_mode=AssetMode.SINGLE, can_trade=True)


@dataclass
class FakeAccount:
    """The part of an ``AccountReader`` that the check reads; an error in place of an answer is raised."""

    of_settings: AccountSettings | ExchangeError = SETTINGS
    of_permissions: KeyPermissions | ExchangeError | None = field(default_factory=lambda: READ_ONLY)

    of_listen_key: str | ExchangeError = "made-up-listen-key"

    async def open_listen_key(self) -> str:
        """The listen key, or the error."""
        if isinstance(self.of_listen_key, ExchangeError):
            raise self.of_listen_key
        return self.of_listen_key

    async def settings(self) -> AccountSettings:
        """The settings, or the error."""
        if isinstance(self.of_settings, ExchangeError):
            raise self.of_settings
        return self.of_settings

    async def key_permissions(self) -> KeyPermissions | None:
        """The permissions, or the error."""
        if isinstance(self.of_permissions, ExchangeError):
            raise self.of_permissions
        return self.of_permissions


@dataclass
class FakeStreams:
    """Streams that can be opened, or fail with an error; the listen keys that were tried are noted."""

    private: PlimsollError | None = None
    market: PlimsollError | None = None
    tried: list[str] = field(default_factory=list)

    async def try_private(self, listen_key: str) -> str:
        """Give the form, or raise."""
        self.tried.append(listen_key)
        if self.private is not None:
            raise self.private
        return "events"

    async def try_market(self) -> None:
        """Return, or raise."""
        if self.market is not None:
            raise self.market


class FakeMarket:
    """A ``MarketReader`` whose clock is ``ahead`` seconds ahead, or that cannot be reached."""

    def __init__(self, *, ahead: float = 0.0, error: ExchangeError | None = None) -> None:
        self._machine = ManualClock()
        self._ahead = ahead
        self._error = error
        self.clock = ExchangeClock(self._machine)

    async def measure_clock(self) -> None:
        """Set the clock's offset, or raise."""
        if self._error is not None:
            raise self._error
        now = self._machine.monotonic()
        self.clock.set(server_ms=int((self._machine.now() + self._ahead) * 1000), sent=now, received=now)


async def told(
    *accounts: FakeAccount,
    market: FakeMarket | None = None,
    streams: FakeStreams | None = None,
    use: KeyUse = KeyUse.READ,
    permissions_expected: bool = True,
) -> list[tuple[str, str, str, str]]:
    """The findings about accounts ``a0``, ``a1``, ... as plain rows."""
    market = market or FakeMarket()
    keys = [KeyToCheck(account=f"a{index}", use=use, reader=reader) for index, reader in enumerate(accounts)]
    findings = await check_exchange(
        market, market.clock, streams or FakeStreams(), keys, permissions_expected=permissions_expected
    )
    return [(one.account, one.topic, one.verdict.value, one.text) for one in findings]


async def test_a_good_account_is_fine_throughout():
    """A read-only key bound to an address, and a right clock, give nothing but fine lines."""
    assert await told(FakeAccount()) == [
        ("-", "clock", "fine", "reachable; its clock is 0.0 s behind this machine's"),
        MARKET_STREAM,
        ("a0", "read key", "fine", "accepted"),
        ("a0", "read key", "fine", "permissions as they should be"),
        ("a0", "modes", "fine", "one-way positions, single-asset margin"),
        (
            "a0",
            "private stream",
            "fine",
            "reachable in the form events; opening it proves no more than that, not that events come",
        ),
    ]


async def test_an_unreachable_exchange_is_the_only_finding():
    """Where nothing answers no key is tried."""
    assert await told(FakeAccount(), market=FakeMarket(error=Unavailable("connection refused"))) == [
        ("-", "exchange", "wrong", "not reachable (connection refused)")
    ]


@pytest.mark.parametrize(("ahead", "words"), [(10.0, "10.0 s ahead of"), (-10.0, "10.0 s behind")])
async def test_a_wrong_clock_is_warned_about(ahead: float, words: str):
    """A clock that is off by more than a second is told with its direction and the remedy."""
    rows = await told(market=FakeMarket(ahead=ahead))
    assert rows == [
        ("-", "clock", "warning", f"reachable; its clock is {words} this machine's: set this machine's clock"),
        MARKET_STREAM,
    ]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            KeyRefused("Invalid API-key", code=-2015),
            "refused (Invalid API-key); check the key, its permissions and the addresses it is bound to",
        ),
        (ClockRefused("outside recvWindow", code=-1021), "refused (outside recvWindow); set this machine's clock"),
        (Unavailable("502"), "no answer we can use (502)"),
    ],
)
async def test_a_refused_key_is_told_with_its_remedy(error: ExchangeError, words: str):
    """A key that is not accepted gives one line, and the next account is checked all the same."""
    streams = FakeStreams()
    rows = await told(FakeAccount(of_settings=error), FakeAccount(of_listen_key="listen-key-of-a1"), streams=streams)
    assert rows[2] == ("a0", "read key", "wrong", words)
    assert rows[3] == ("a1", "read key", "fine", "accepted")
    assert streams.tried == ["listen-key-of-a1"]


async def test_permissions_that_cannot_be_read_are_wrong():
    """Not knowing what a key may do is no pass where the exchange should tell."""
    rows = await told(FakeAccount(of_permissions=Unavailable("timeout")))
    assert ("a0", "read key", "wrong", "permissions: no answer we can use (timeout)") in rows


@pytest.mark.parametrize(("expected", "verdict"), [(True, "warning"), (False, "fine")])
async def test_unknown_permissions_are_tolerated_on_test_networks(expected: bool, verdict: str):  # noqa: FBT001 - a case
    """Test networks do not tell permissions; elsewhere that is worth a warning."""
    rows = await told(FakeAccount(of_permissions=None), permissions_expected=expected)
    assert ("a0", "read key", verdict, "permissions unknown: this exchange does not tell them") in rows


@pytest.mark.parametrize(
    ("permissions", "use", "expected"),
    [
        (
            replace(READ_ONLY, withdraw=True),
            KeyUse.READ,
            (Verdict.WRONG, "may withdraw: take that permission away, nothing here needs it"),
        ),
        (
            replace(READ_ONLY, transfer=True),
            KeyUse.READ,
            (Verdict.WRONG, "may transfer: take that permission away, nothing here needs it"),
        ),
        (
            replace(READ_ONLY, portfolio_margin=True),
            KeyUse.READ,
            (Verdict.WRONG, "portfolio margin: refused, the risk of such an account is computed in another way"),
        ),
        (replace(READ_ONLY, read=False), KeyUse.READ, (Verdict.WRONG, "may not read")),
        (
            replace(READ_ONLY, trade=True),
            KeyUse.READ,
            (Verdict.WARNING, "may trade: a read key needs to read only"),
        ),
        (READ_ONLY, KeyUse.TRADE, (Verdict.WRONG, "may not trade: the enforcer could close nothing")),
        (
            replace(READ_ONLY, ip_restricted=False),
            KeyUse.READ,
            (Verdict.WARNING, "bound to no address: bind it to this machine's"),
        ),
    ],
)
def test_each_permission_is_judged(permissions: KeyPermissions, use: KeyUse, expected: tuple[Verdict, str]):
    """Too many and too few permissions are told, each in its own words."""
    assert list(judge_permissions(permissions, use)) == [expected]


async def test_a_trade_key_may_trade_and_tells_no_modes():
    """A trading key is judged as one, and the account's modes are told once, by the read key."""
    rows = await told(FakeAccount(of_permissions=replace(READ_ONLY, trade=True)), use=KeyUse.TRADE)
    assert rows[2:] == [
        ("a0", "trade key", "fine", "accepted"),
        ("a0", "trade key", "fine", "permissions as they should be"),
    ]


async def test_an_account_that_may_not_trade_is_warned_about():
    """An account that the exchange has locked is told."""
    rows = await told(FakeAccount(of_settings=replace(SETTINGS, can_trade=False)))
    assert ("a0", "account", "warning", "the exchange does not let this account trade") in rows


async def test_a_silent_market_stream_is_told_and_the_accounts_are_checked_all_the_same():
    """Where no mark price comes the reason is told, and every account is still looked at."""
    rows = await told(FakeAccount(), streams=FakeStreams(market=PlimsollError("subscribed, and silent")))
    assert rows[1] == ("-", "market stream", "wrong", "no mark price came (subscribed, and silent)")
    assert rows[-1][:3] == ("a0", "private stream", "fine")


async def test_a_private_stream_that_cannot_be_opened_is_told():
    """A refused handshake is wrong, with its reason; the listen key is told nowhere."""
    streams = FakeStreams(private=PlimsollError("handshake refused with status 403"))
    rows = await told(FakeAccount(), streams=streams)
    assert rows[-1] == ("a0", "private stream", "wrong", "cannot be opened (handshake refused with status 403)")
    assert streams.tried == ["made-up-listen-key"]
    assert "made-up-listen-key" not in str(rows)
    assert masked("told made-up-listen-key") == "told ***"


async def test_an_account_without_a_listen_key_is_told():
    """Where the exchange gives no listen key the stream is not tried, and the remedy is told."""
    streams = FakeStreams()
    rows = await told(FakeAccount(of_listen_key=Unavailable("502")), streams=streams)
    assert rows[-1] == ("a0", "private stream", "wrong", "no listen key: no answer we can use (502)")
    assert streams.tried == []
