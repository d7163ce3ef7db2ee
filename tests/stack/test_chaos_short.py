"""The short form of ``make chaos``: every program killed or filled once, a breach in the midst, and all judged.

``make chaos`` plays the long one; docs/chaos.md says what is checked. Every change is told by its event here, since
what no event tells takes the exporter a minute to find.
"""

from __future__ import annotations

from pathlib import Path

from chaos.course import Plan, play
from chaos.faults import FAULTS
from chaos.verdicts import CLOSED, INVARIANTS, LEDGER, PAGED, TRUTH, Verdicts

SEED = 3
QUICK = (
    "kill -9 and restart: exporter",
    "kill -9 and restart: enforcer",
    "exchange gone and back",
    "stream cut",
    "full database: exporter",
    "burst of 429 or 418",
    "burst of 5xx",
    "events twice",
    "events out of order",
    "clock jump of the exchange",
    "partition (SIGSTOP, SIGCONT): alertmanager",
)


async def test_a_short_storm_breaks_no_invariant(alertmanager: Path, prometheus: Path, tmp_path: Path):
    """Through eleven faults in twelve seconds no figure is wrong, the breach is paged and closed, the ledger exact."""
    faults = tuple(fault for fault in FAULTS if fault.name in QUICK)
    assert len(faults) == len(QUICK)
    verdicts = Verdicts()
    plan = Plan(seed=SEED, seconds=0, storm=12.0, pause=1.0, scale=0.25, told=1.0, faults=faults)
    await play(plan, tmp_path, (alertmanager, prometheus), verdicts)
    assert not verdicts.violations, "\n".join([*map(str, verdicts.violations), *verdicts.story])
    assert sum(verdicts.faults.values()) >= len(QUICK) / 2
    assert verdicts.checked[PAGED] == verdicts.checked[CLOSED] == 1
    assert verdicts.checked[TRUTH] > 0
    assert verdicts.checked[LEDGER] > 0
    assert set(verdicts.checked) <= set(INVARIANTS)
