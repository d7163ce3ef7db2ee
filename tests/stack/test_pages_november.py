"""November, paged for real: the position without stop and nothing else; later a stop that price has passed.

Simulator, exporter, Prometheus and Alertmanager run as shipped. The story stands still at its beginning, which is the
base case, until that has been judged; then comes its variant ``overrun-mark``.
"""

from __future__ import annotations

from pathlib import Path

from paging_stage import news, paging_stage, says
from plimsoll_simulator.scenarios.november_variants import CHANGE_AT

UNPROTECTED = ("PositionUnprotected", "live", "DOTUSDT", "critical")
OVERRUN = ("StopOverrun", "live", "BTCUSDT", "critical")


async def test_november_pages_the_position_without_stop_and_nothing_else(
    prometheus: Path, alertmanager: Path, tmp_path: Path
):
    """DOT has no stop, and that alone is told; when BTC's mark price passes its stop, that is told, and once."""
    async with paging_stage("november-stops:overrun-mark", tmp_path, alertmanager, prometheus) as stage:
        await stage.until_told("PositionUnprotected DOTUSDT")
        fires = {one["labels"]["alertname"] for one in stage.prometheus.alerts() if "account" in one["labels"]}
        assert fires == {UNPROTECTED[0]}
        await stage.play(CHANGE_AT)
        await stage.until_told("StopOverrun BTCUSDT")
        await stage.settle()
        assert stage.others("pagerduty") == []
        messages = stage.told()
        telegram, pagerduty = stage.messages("telegram"), stage.messages("pagerduty")
    told = news(messages)
    assert [[one.name for one in message] for message in told] == [[UNPROTECTED], [OVERRUN]]
    assert [len(message) for message in messages] == [1, 1]
    assert told[0][0].starts_at < told[1][0].starts_at
    assert len(telegram) == len(pagerduty) == 2
    assert says(pagerduty[0], "PositionUnprotected-pagerduty"), pagerduty[0]
    assert says(telegram[1], "StopOverrun"), telegram[1]
    assert "Account live, DOTUSDT long\n" in telegram[0]
    assert pagerduty[1].startswith("trigger CRITICAL: StopOverrun, account live, BTCUSDT short\n")
