"""What a scenario is: how the world begins, and what happens in each of its seconds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll_simulator.account import Account
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.world import World


class UnknownScenario(ValueError):
    """A scenario or option that does not exist."""


def _nothing(_world: World, _second: int) -> None:
    return None


def _undisturbed(_exchange: object, _second: int) -> None:
    return None


async def _no_cues(_exchange: object, _second: int) -> None:
    return None


def _no_free_option(_option: str) -> bool:
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """A story: ``set_up`` builds the accounts, ``step`` is called once for every second of the story, from 1 on.

    ``disturb`` is called after each step with the running ``Exchange``, for faults of REST and streams; it is not part
    of what is true in the world. ``variants`` are whole stories that an option stands for. ``actors`` are the programs
    of their own that trade in the story; ``conduct`` gives them their cues of a second and waits until they have acted.
    ``free_option`` judges options that cannot be listed, ``free_form`` says what they look like.
    """

    name: str
    summary: str
    set_up: Callable[[World, str], None]
    step: Callable[[World, int], None] = _nothing
    disturb: Callable[[Exchange, int], None] = _undisturbed
    actors: tuple[str, ...] = ()
    conduct: Callable[[Exchange, int], Awaitable[None]] = _no_cues
    variants: Mapping[str, Scenario] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    free_option: Callable[[str], bool] = _no_free_option
    free_form: str = ""

    def takes(self, option: str) -> bool:
        """Whether the option may stand behind the name."""
        return option in self.options or option in self.variants or self.free_option(option)


def three_accounts(world: World) -> tuple[Account, Account, Account]:
    """The accounts that every shipped world holds: ``source``, ``eon`` and ``live``."""
    source, eon, live = (
        world.add_account(name, {"USDT": Decimal(money)})
        for name, money in (("source", 400_000), ("eon", 50_000), ("live", 5_000))
    )
    return source, eon, live
