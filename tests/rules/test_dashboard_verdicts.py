"""The verdict that Fleet sorts by and Account begins with: one word for each account, by promtool's own evaluation."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tools.dashboards import risk
from tools.dashboards.palette import VERDICTS

SECONDS = 60
"""When it is asked."""

LIMITS = {
    "binance_account_leverage_limit_ratio{%s}": 3,
    "binance_account_available_margin_limit_ratio{%s}": 0.1,
    "binance_account_liquidation_distance_limit_ratio{%s}": 0.05,
    "binance_account_stop_coverage_limit_ratio{%s}": 1,
    "binance_account_stop_grace_seconds{%s}": 30,
    'binance_account_drawdown_limit_ratio{%s,rule="tmad"}': 0.1,
    'binance_account_drawdown_near_ratio{%s,rule="tmad",level="warning"}': 0.06,
    'binance_account_drawdown_near_ratio{%s,rule="tmad",level="critical"}': 0.08,
}
"""What is told of an account whose limits are set, live or not; with the account's label in place of ``%s``."""

QUIET = LIMITS | {
    "binance_account_up{%s}": 1,
    "binance_account_equity_usd{%s}": 50000,
    "binance_account_positions{%s}": 1,
    "binance_account_leverage_ratio{%s}": 1,
    "binance_account_available_margin_ratio{%s}": 0.8,
    'binance_position_liquidation_distance_ratio{%s,symbol="BTCUSDT",side="long"}': 0.5,
    'binance_account_drawdown_ratio{%s,rule="tmad"}': 0.01,
    'binance_account_drawdown_breached{%s,rule="tmad",on_breach="flatten"}': 0,
}
"""A live account that holds a position under a stop, far from every limit."""

SINCE = 'binance_position_unprotected_since_timestamp_seconds{%s,symbol="BTCUSDT",side="long"}'
DRAWDOWN = 'binance_account_drawdown_ratio{%s,rule="tmad"}'
BREACHED = 'binance_account_drawdown_breached{%s,rule="tmad",on_breach="flatten"}'
EMPTY = {
    "binance_account_equity_usd{%s}": 0,
    "binance_account_positions{%s}": 0,
    "binance_account_available_margin_ratio{%s}": 0,
}

ACCOUNTS: dict[str, tuple[str, dict[str, float]]] = {
    "quiet": ("fine", QUIET),
    "warned": ("near", QUIET | {DRAWDOWN: 0.07}),
    "bare": ("UNPROTECTED", QUIET | {SINCE: 10, DRAWDOWN: 0.07}),
    "in-grace": ("fine", QUIET | {SINCE: 50}),
    "unread": ("STOPS UNKNOWN", QUIET | {"account:binance_stop_data_unknown:since{%s}": 50, SINCE: 10}),
    "paged": ("CLOSE", QUIET | {DRAWDOWN: 0.085}),
    "levered": ("OVER LIMIT", QUIET | {"binance_account_leverage_ratio{%s}": 3.5, DRAWDOWN: 0.085}),
    "bound": ("OVER LIMIT", QUIET | {"binance_account_available_margin_ratio{%s}": 0.05}),
    "cornered": (
        "OVER LIMIT",
        QUIET | {'binance_position_liquidation_distance_ratio{%s,symbol="X",side="short"}': 0.04},
    ),
    "breached": ("BREACHED", QUIET | {DRAWDOWN: 0.11, BREACHED: 1}),
    "emptied": ("fine", QUIET | EMPTY),
    "blind": ("NOT LIVE", LIMITS | {"binance_account_up{%s}": 0, BREACHED: 1}),
    "never-seen": ("NOT LIVE", {}),
    "unlimited": ("no limits", {"binance_account_up{%s}": 1}),
}
"""An account's name, its verdict, and its series."""


def evaluated(promtool: Path, folder: Path, series: dict[str, float], verdicts: dict[str, float]) -> str:
    """What promtool says where the verdicts over some series are others; nothing where they are these."""
    case = {
        "interval": "1s",
        "input_series": [{"series": name, "values": f"{value}+0x{SECONDS}"} for name, value in series.items()],
        "promql_expr_test": [
            {
                "expr": risk.verdict(),
                "eval_time": f"{SECONDS}s",
                "exp_samples": [
                    {"labels": f'{{account="{account}"}}', "value": value} for account, value in verdicts.items()
                ],
            }
        ],
    }
    path = folder / "verdicts.yml"
    path.write_text(json.dumps({"evaluation_interval": "1s", "tests": [case]}), encoding="utf-8")
    done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return done.stdout + done.stderr if done.returncode else ""


def test_each_account_gets_the_worst_that_can_be_said_of_it(promtool: Path, tmp_path: Path):
    """Not live stands above a breach, that above any other limit, that above levels and stops."""
    number = {word.text: word.value for word in VERDICTS}
    series = {
        name % f'account="{account}"': value
        for account, (_, told) in ACCOUNTS.items()
        for name, value in ({'plimsoll_account_configured{%s,mode="dry-run"}': 1.0} | told).items()
    }
    wanted = {account: number[word] for account, (word, _) in ACCOUNTS.items()}
    assert evaluated(promtool, tmp_path, series, wanted) == ""


def test_nobody_goes_missing_with_the_exporter(promtool: Path, tmp_path: Path):
    """While the exporter does not answer, every account of the last day is not live; none is simply gone."""
    series = {f'account:plimsoll_configured:max24h{{account="{name}"}}': 1.0 for name in ("eon", "live")}
    assert evaluated(promtool, tmp_path, series, {"eon": 7, "live": 7}) == ""
