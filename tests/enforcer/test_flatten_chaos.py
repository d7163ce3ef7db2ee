"""Random accounts and fault sequences, each told by its seed; ``PLIMSOLL_CHAOS=1000`` plays as many of each kind."""

from __future__ import annotations

import os

import flatten_chaos
import simulated_chaos
from memory_log import MemoryLog

SHORT_FORM = 60
SEEDS = int(os.environ.get("PLIMSOLL_CHAOS", str(SHORT_FORM)))


def test_random_accounts_and_faults():
    """No run ends with a position that it could have closed, an order left, or a position larger than before."""
    faults: dict[int, list[str]] = {}
    for seed in range(SEEDS):
        chaos, log = flatten_chaos.make(seed), MemoryLog()
        result = flatten_chaos.run(chaos, log, deaths=seed % 3)
        wrong = flatten_chaos.faults_of(chaos, result, log)
        if wrong:
            faults[seed] = wrong
    assert faults == {}


def test_random_accounts_and_faults_at_the_simulated_exchange():
    """The same through the enforcer's own adapter, with the simulator's engine, limits, liquidations and triggers."""
    found = {seed: simulated_chaos.run(seed) for seed in range(SEEDS)}
    assert {seed: wrong for seed, wrong in found.items() if wrong} == {}
