"""The scenarios by name. A new one is a module here and an entry in the list below."""

from __future__ import annotations

from plimsoll_simulator.living import pass_second, wake
from plimsoll_simulator.scenarios import (
    calm,
    crowd,
    deposit_withdraw,
    flash_crash,
    november_stops,
    october_mirror,
    stream_outage,
)
from plimsoll_simulator.scenarios.scenario import Scenario, UnknownScenario
from plimsoll_simulator.world import World

_ALL = (
    calm.SCENARIO,
    october_mirror.SCENARIO,
    november_stops.SCENARIO,
    flash_crash.SCENARIO,
    deposit_withdraw.SCENARIO,
    stream_outage.SCENARIO,
    crowd.SCENARIO,
)
SCENARIOS: dict[str, Scenario] = {each.name: each for each in _ALL}


def prepare(world: World, text: str) -> Scenario:
    """Set the world up as ``NAME`` or ``NAME:option`` says, and give the scenario that goes on from there.

    Raises:
        UnknownScenario: There is no such scenario or option; the message lists those that there are.
    """
    name, _, option = text.partition(":")
    scenario = SCENARIOS.get(name)
    if scenario is None:
        raise UnknownScenario(f"there is no scenario {name!r}; known: {', '.join(SCENARIOS)}")
    if option and not scenario.takes(option):
        known = ", ".join(filter(None, (*scenario.options, *scenario.variants, scenario.free_form))) or "none"
        raise UnknownScenario(f"scenario {name!r} has no option {option!r}; its options: {known}")
    chosen = scenario.variants.get(option, scenario)
    chosen.set_up(world, option)
    wake(world)
    return chosen


def play(world: World, scenario: Scenario, second: int) -> None:
    """Let one second of a scenario happen, and what the exchange does upon it."""
    scenario.step(world, second)
    pass_second(world)
