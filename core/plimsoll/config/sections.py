"""What may stand in ``exchange``, ``accounts`` and ``mirrors``: the one declaration of reading, schema and overrides.

The other sections are in ``services``; what sections demand of one another is in ``cross``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from plimsoll.config.exchanges import check_plain_urls, exchange_config
from plimsoll.config.kinds import Field, ListOf, NamedMap, Section
from plimsoll.config.model import (
    AccountConfig,
    DrawdownRule,
    Enforcement,
    Environment,
    KeyFiles,
    Limits,
    Mirror,
    Mode,
    StreamForm,
    SymbolLimits,
)
from plimsoll.config.reading import Reading, Schema
from plimsoll.config.texts import file, text, timezone, url
from plimsoll.config.tree import At, Listing, Table, raw
from plimsoll.config.values import duration, member, number, share, switch, whole, words

NAME = "[a-z0-9-]{1,40}"
NAME_EXPECTED = "a name of a-z, 0-9 and -, at most 40 characters"
SYMBOL = "[A-Z0-9_\u0080-\uffff]{2,40}"

_ZERO = Decimal(0)
_EMPTY = Table(place=raw("").place)
_LEVERAGE = number(above=_ZERO, at_most=Decimal(125))
_MONEY = number(above=_ZERO)
_TRAILING = ("high-water", "high-water-daily")


def _one_of_two(one: str, other: str) -> Schema:
    """JSON Schema's words for "exactly one of these two keys"."""
    return {"oneOf": [{"required": [one]}, {"required": [other]}]}


def _either(node: Table, at: At, reading: Reading, *, one: str, other: str) -> None:
    """Demand exactly one of two keys."""
    written = [key for key in (one, other) if key in node.entries]
    if not written:
        raise reading.faults.missing(node.place, at, expected=f"{one} or {other}")
    if len(written) > 1:
        place = node.entries[other].place
        raise reading.faults.note(place, at, found=f"both {one} and {other}", expected="only one of them")


def _check_key(node: Table, _values: Mapping[str, object], at: At, reading: Reading) -> None:
    """A key signs in exactly one way."""
    _either(node, at, reading, one="secret_file", other="private_key_file")


def _check_rule(node: Table, values: Mapping[str, object], at: At, reading: Reading) -> None:
    """A drawdown rule has one limit, and no setting that its reference would ignore."""
    reference = str(values.get("from", ""))
    trailing = reference in _TRAILING
    meant = {
        "high_water_usd": (trailing, "it only beside from: high-water or high-water-daily"),
        "lock_at_start": (trailing, "it only beside from: high-water or high-water-daily"),
        "start_usd": (
            reference == "start" or bool(values.get("lock_at_start")),
            "it only beside from: start or lock_at_start",
        ),
    }
    for key, (allowed, expected) in meant.items():
        if reference and key in node.entries and not allowed:
            reading.faults.note(
                node.entries[key].place, (*at, key), found=f"it beside from: {reference}", expected=expected
            )
    _either(node, at, reading, one="ratio", other="amount_usd")


def _check_near(node: Listing, values: tuple[object, ...], at: At, reading: Reading) -> None:
    """The share that warns comes before the share that pages."""
    first, second = values
    if not (isinstance(first, Decimal) and isinstance(second, Decimal) and first < second < 1):
        found = f"{first} and {second}"
        raise reading.faults.note(node.place, at, found=found, expected="two shares that rise and stay below 1")


EXCHANGE = Section(
    expected="a section such as {environment: simulator}",
    make=exchange_config,
    fields={
        "environment": Field(kind=member(Environment), required=True, doc="Which exchange is meant."),
        "rest_url": Field(kind=url("https", "http", base=True), doc="Base of /fapi, instead of the environment's."),
        "wallet_url": Field(
            kind=url("https", "http", base=True), doc="Base of /sapi, which tells a key's permissions."
        ),
        "market_stream_url": Field(kind=url("wss", "ws", base=True), doc="Base of the streams, without /market."),
        "private_stream_url": Field(kind=url("wss", "ws", base=True), doc="Base of the streams, without /private."),
        "private_stream_form": Field(kind=member(StreamForm), doc="How the private stream is opened; auto tries all."),
        "simulator_url": Field(
            kind=url("http", base=True), doc="Where the simulator is; ignored unless environment is simulator."
        ),
    },
    check=check_plain_urls,
)

KEY = Section(
    expected="a key_file with a secret_file or a private_key_file",
    make=KeyFiles,
    fields={
        "key_file": Field(kind=file(secret=True), required=True, doc="File that holds the API key."),
        "secret_file": Field(kind=file(secret=True), doc="File that holds the secret of an HMAC key."),
        "private_key_file": Field(kind=file(secret=True), doc="PEM file of an Ed25519 or RSA key."),
    },
    check=_check_key,
    rule=_one_of_two("secret_file", "private_key_file"),
)

RULE = Section(
    expected="a drawdown rule such as {from: high-water, ratio: 0.1}",
    make=DrawdownRule,
    named=True,
    fields={
        "from": Field(
            kind=words("high-water", "high-water-daily", "day-start", "start"),
            required=True,
            name="reference",
            doc="What the drawdown is measured from.",
        ),
        "ratio": Field(kind=share(), doc="The limit as a share of the reference."),
        "amount_usd": Field(kind=_MONEY, doc="The limit in USD."),
        "timezone": Field(kind=timezone(), doc="Where a day starts, as an IANA name; UTC if not set."),
        "on_breach": Field(kind=words("flatten", "page"), doc="What a breach does; page if not set."),
        "lockout": Field(
            kind=duration(or_words=("until-released", "until-day-end")),
            doc="How long the account stays closed after a flatten.",
        ),
        "lock_at_start": Field(kind=switch(), doc="Keeps the floor from rising above the start."),
        "high_water_usd": Field(kind=_MONEY, doc="Seeds the high-water mark."),
        "start_usd": Field(kind=_MONEY, doc="Seeds the start."),
    },
    check=_check_rule,
    rule=_one_of_two("ratio", "amount_usd"),
)

SYMBOL_LIMITS = Section(
    expected="limits such as {leverage: 3}",
    make=SymbolLimits,
    fields={"leverage": Field(kind=_LEVERAGE, doc="Gross exposure of this symbol / equity.")},
)

LIMITS = Section(
    expected="a section of limits",
    make=Limits,
    fields={
        "drawdown": Field(
            kind=NamedMap(expected="drawdown rules by name", item=RULE, pattern=NAME, what=NAME_EXPECTED),
            doc="Drawdown rules by name.",
        ),
        "min_equity_usd": Field(
            kind=number(at_least=_ZERO),
            doc="Equity below which drawdown is not evaluated while no position is held; 10 if not set.",
        ),
        "leverage": Field(kind=_LEVERAGE, doc="Gross exposure of the account / equity."),
        "symbol_leverage": Field(kind=_LEVERAGE, doc="Gross exposure of any one symbol / equity."),
        "leverage_setting": Field(kind=whole(1, 125), doc="The exchange's per-symbol leverage setting."),
        "symbols": Field(
            kind=NamedMap(
                expected="limits by symbol",
                item=SYMBOL_LIMITS,
                pattern=SYMBOL,
                what="the exchange's symbol in upper case, such as BTCUSDT",
                open_to_new=True,
            ),
            doc="Limits of single symbols, in place of the general ones.",
        ),
        "margin_ratio": Field(kind=share(), doc="Maintenance margin / margin balance, worst of cross and isolated."),
        "liquidation_distance": Field(kind=share(), doc="Least distance from mark to liquidation price."),
        "available_margin": Field(kind=share(), doc="Least available balance / equity."),
        "stop_coverage": Field(kind=share(), doc="Least share of gross exposure under stops."),
        "stop_grace": Field(kind=duration(), doc="Time a position may be without stop, or beyond its trigger."),
        "drawdown_at_stops": Field(kind=share(), doc="Drawdown if every stop fills at its trigger."),
        "near": Field(
            kind=ListOf(expected="two shares such as [0.6, 0.8]", item=share(), length=2, check=_check_near),
            doc="Shares of a drawdown limit that warn and page.",
        ),
    },
)

ENFORCEMENT = Section(
    expected="a section such as {mode: dry-run}",
    make=Enforcement,
    fields={
        "mode": Field(
            kind=member(Mode),
            doc="What the enforcer may do; armed also needs --arm or PLIMSOLL_ARM at the enforcer.",
            fixed="it to be set in the file alone: arming must be visible there",
        ),
        "on_unverifiable": Field(kind=words("act", "hold"), doc="When the re-read neither confirms nor contradicts."),
    },
)

ACCOUNT = Section(
    expected="an account such as {read_key: ..., limits: ...}",
    make=AccountConfig,
    named=True,
    fields={
        "product": Field(
            kind=words("usdm", hint=" (the only one for now)"), default=raw("usdm"), doc="Kind of account."
        ),
        "read_key": Field(kind=KEY, doc="Read-only key, for the exporter."),
        "trade_key": Field(kind=KEY, doc="Trading key, for the enforcer and the red button only."),
        "limits": Field(kind=LIMITS, default=_EMPTY, doc="What is too much; a limit that is not set is not watched."),
        "enforcement": Field(kind=ENFORCEMENT, default=_EMPTY, doc="What the enforcer may do."),
    },
)

ACCOUNTS = NamedMap(
    expected="at least one account by name",
    item=ACCOUNT,
    pattern=NAME,
    what=NAME_EXPECTED,
    reserved={"market": "labels the market stream in metrics"},
    at_least_one=True,
    whole=False,
)

_ACCOUNT_NAME = text("the name of an account")

MIRRORS = ListOf(
    expected="a list of mirrors",
    item=Section(
        expected="a mirror such as {source: a, destination: b, scale: 0.5}",
        make=Mirror,
        fields={
            "source": Field(kind=_ACCOUNT_NAME, required=True, doc="Account that is copied."),
            "destination": Field(kind=_ACCOUNT_NAME, required=True, doc="Account that copies."),
            "scale": Field(kind=_MONEY, required=True, doc="Destination's quantity for one of the source."),
            "tolerance": Field(kind=share(), doc="Drift that is tolerated."),
            "min_usd": Field(kind=number(at_least=_ZERO), doc="Smaller drifts are not told."),
            "grace": Field(kind=duration(), doc="How long a drift may last."),
        },
    ),
)
