"""When an account is armed: the rule over everything that it looks at, and the names given at the start."""

from __future__ import annotations

from itertools import product

import pytest

from plimsoll.config.model import Environment, Mode
from plimsoll.errors import ConfigError
from plimsoll.model.account import KeyPermissions
from plimsoll_enforcer.arming import KeyState, armed_names, mode_in_force


def may(
    *, trade: bool = True, withdraw: bool = False, transfer: bool = False, portfolio_margin: bool = False
) -> KeyPermissions:
    """Permissions of a key; as they should be, unless told otherwise."""
    return KeyPermissions(
        read=True,
        trade=trade,
        withdraw=withdraw,
        transfer=transfer,
        ip_restricted=True,
        portfolio_margin=portfolio_margin,
    )


def judge(
    configured: Mode = Mode.ARMED,
    environment: Environment = Environment.PRODUCTION,
    *,
    named: bool = True,
    key: KeyState | None = None,
) -> tuple[Mode, str]:
    """The rule for the account eon; all is well, unless told otherwise."""
    return mode_in_force(
        account="eon",
        configured=configured,
        environment=environment,
        named=named,
        key=key or KeyState(permissions=may()),
    )


def test_all_is_well():
    """Configured, named, with a sound key: armed, and nothing to explain."""
    assert judge() == (Mode.ARMED, "")


def test_off_and_dry_run_are_what_is_configured():
    """Naming an account arms nothing that the file does not."""
    assert judge(Mode.OFF) == (Mode.OFF, "")
    assert judge(Mode.DRY_RUN) == (Mode.DRY_RUN, "")


def test_armed_in_the_file_alone_is_a_dry_run():
    """The second person is missing, and the words say what they would have to do."""
    mode, why = judge(named=False)
    assert mode is Mode.DRY_RUN
    assert "--arm eon or PLIMSOLL_ARM=eon" in why


@pytest.mark.parametrize("configured", [Mode.DRY_RUN, Mode.ARMED])
@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize(
    ("key", "words"),
    [
        (KeyState(present=False), "no trade_key"),
        (KeyState(permissions=may(withdraw=True)), "may withdraw: refused"),
        (KeyState(permissions=may(transfer=True)), "may transfer: refused"),
        (KeyState(permissions=may(withdraw=True, transfer=True)), "may withdraw and transfer: refused"),
        (KeyState(permissions=may(portfolio_margin=True)), "portfolio margin"),
    ],
)
def test_a_key_that_must_not_be_used_turns_enforcement_off(
    configured: Mode, environment: Environment, key: KeyState, words: str
):
    """A key that may move money out is not used at all, anywhere, not even to read."""
    mode, why = judge(configured, environment, key=key)
    assert mode is Mode.OFF
    assert words in why


def test_production_does_not_arm_without_permissions():
    """What a key may do must be known where money is real; test networks do not tell it and are tolerated."""
    unknown = KeyState(permissions=None)
    mode, why = judge(key=unknown)
    assert mode is Mode.DRY_RUN
    assert "production" in why
    for environment in set(Environment) - {Environment.PRODUCTION}:
        assert judge(environment=environment, key=unknown) == (Mode.ARMED, "")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (KeyState(permissions=may(trade=False)), "may not trade"),
        (KeyState(permissions=may(), refused="-2015"), "refuses the trade key (-2015)"),
    ],
)
def test_a_key_that_cannot_close_arms_nothing(key: KeyState, words: str):
    """An account that nothing can close is not called armed."""
    mode, why = judge(key=key)
    assert mode is Mode.DRY_RUN
    assert words in why


def test_never_more_than_configured_and_never_less_without_a_word():
    """Over every combination: the mode never exceeds the configured one, and a lesser one has its reason."""
    ranks = [Mode.OFF, Mode.DRY_RUN, Mode.ARMED]
    permissions = [None, *(may(trade=a, withdraw=b, transfer=c) for a, b, c in product((True, False), repeat=3))]
    keys = [
        KeyState(present=p, permissions=m, refused=r) for p in (True, False) for m in permissions for r in ("", "x")
    ]
    for configured, environment, named, key in product(Mode, Environment, (True, False), keys):
        mode, why = judge(configured, environment, named=named, key=key)
        assert ranks.index(mode) <= ranks.index(configured)
        assert (mode is configured) == (why == "")


def test_names():
    """Both ways count together, each with commas; spaces and empty parts do not matter."""
    known = ["eon", "live", "source"]
    assert armed_names([], {}, known) == frozenset()
    assert armed_names(["eon"], {}, known) == {"eon"}
    assert armed_names(["eon", "live,"], {"PLIMSOLL_ARM": " source , "}, known) == {"eon", "live", "source"}


def test_an_unknown_name_is_an_error():
    """Who arms an account by a wrong name believes it armed: the program does not start."""
    with pytest.raises(ConfigError) as caught:
        armed_names(["eno,eon"], {"PLIMSOLL_ARM": "Live"}, ["eon", "live"])
    assert str(caught.value).splitlines() == [
        '--arm: the unknown account "eno"; known: eon, live',
        'PLIMSOLL_ARM: the unknown account "Live"; known: eon, live',
    ]
