"""The demo's own configuration: the shipped world, whatever becomes of ``plimsoll.yml`` in somebody's checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.demo_enforcing import SHIPPED, Enforcing

from plimsoll.config.load import load
from plimsoll.config.model import Mode

ROOT = Path(__file__).parents[2]


def test_the_demo_shows_the_shipped_accounts():
    """Accounts, limits and mirrors are those of the shipped plimsoll.yml, and it needs no key."""
    demo, shipped = load(SHIPPED, environ={}), load(ROOT / "plimsoll.yml", environ={})
    assert demo.accounts == shipped.accounts
    assert demo.mirrors == shipped.mirrors
    assert demo.exchange == shipped.exchange


@pytest.mark.parametrize(("armed", "mode"), [(False, Mode.DRY_RUN), (True, Mode.ARMED)])
def test_arming_the_demo_arms_one_account(tmp_path: Path, *, armed: bool, mode: Mode):
    """The file that the demo's programs read is armed for eon alone, and only where that was asked for."""
    enforcing = Enforcing(folder=tmp_path, port=1, armed=armed)
    enforcing.prepare()
    accounts = load(enforcing.configuration, environ={}).accounts
    assert {name: one.enforcement.mode for name, one in accounts.items()} == {
        "source": Mode.DRY_RUN,
        "eon": mode,
        "live": Mode.DRY_RUN,
    }
