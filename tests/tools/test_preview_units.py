"""What the preview prints of a number is what Grafana prints of it."""

from __future__ import annotations

from datetime import UTC

import pytest
from tools.dashboards.preview.digits import fixed, natural_decimals
from tools.dashboards.preview.units import Moment, known, print_value

NOW = 1_763_740_800.0
MOMENT = Moment(now=NOW, zone=UTC)
INFINITE = float("inf")


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "printed"),
    [
        (0.0837, "percentunit", None, "8.37%"),
        (0.0837, "percentunit", 0, "8%"),
        (0.6, "percentunit", 1, "60.0%"),
        (1.5, "percentunit", None, "150%"),
        (12.345, "percent", 1, "12.3%"),
        (1532.82, "currencyUSD", 2, "$1.53K"),
        (-28.66, "currencyUSD", 2, "-$28.66"),
        (4971.3367, "currencyUSD", 2, "$4.97K"),
        (42222.034, "currency:financial:$", 2, "$42,222.03"),
        (-2777.966, "currency:financial:$", None, "-$2,777.97"),
        (3.5, "currency:financial: USD:suffix", 1, "3.5 USD"),
        (INFINITE, "currency:financial:$", 2, "$∞"),
        (1234567, "currency:@", 2, "@1.23M"),
        (9876543, "short", 2, "9.88 Mil"),
        (247350, "short", None, "247 K"),
        (0, "short", None, "0"),
        (5.857, "none", 2, "5.86"),
        (5.857, "", None, "5.86"),
        (60.0, "none", None, "60"),
        (-1.5, "none", 0, "-1"),
        (INFINITE, "none", 2, "∞"),
        (-INFINITE, "short", 2, "-∞"),
        (float("nan"), "none", 2, "NaN"),
        (1e22, "none", 0, "10000000000000000000000"),
        (1, "bool_yes_no", None, "Yes"),
        (0, "bool_yes_no", None, "No"),
        (1, "bool_on_off", None, "On"),
        (0, "bool:up/DOWN", None, "DOWN"),
        (0, "bool:up", None, "-"),
        (0, "s", 1, "0 s"),
        (0.0000005, "s", None, "500 ns"),
        (0.0005, "s", None, "500 µs"),
        (0.798, "s", None, "798 ms"),
        (24, "s", None, "24 s"),
        (60, "s", None, "1 min"),
        (246, "s", 2, "4.10 mins"),
        (24567, "s", 2, "6.82 hours"),
        (345678, "s", 2, "4.00 days"),
        (1_234_567, "s", 1, "2.0 weeks"),
        (94_670_700, "s", 0, "3 years"),
        (0.0024, "ms", 4, "0.0024 ms"),
        (1250, "ms", 2, "1.25 s"),
        (10_000_086.123, "ms", 1, "2.8 hours"),
        (63_072_000_000, "ms", 0, "2 years"),
        (7500, "dtdurations", 1, "2 hours, 5 minutes"),
        (3600, "dtdurations", None, "1 hour"),
        (0, "dtdurations", None, "0 seconds"),
        (-90, "dtdurations", 1, "1 minute, 30 seconds ago"),
        (INFINITE, "dtdurations", 1, "∞ seconds"),
        (3725, "dthms", None, "01:02:05"),
        (-5, "dthms", None, "00:00:05 ago"),
        (INFINITE, "dthms", None, "∞"),
        (90061, "dtdhms", None, "1 d 01:01:01"),
        (-5, "dtdhms", None, "00:00:05 ago"),
        (INFINITE, "dtdhms", None, "∞"),
        (1536, "bytes", None, "1.5 KiB"),
        (45_000_000, "bytes", 0, "43 MiB"),
        (1500, "decbytes", 1, "1.5 kB"),
        (0.002, "hertz", 0, "2 mHz"),
        (1234, "si:F", 2, "1.23 kF"),
        (1234567, "ops", 2, "1.23M ops/s"),
        (0.5, "reqps", 2, "0.50 req/s"),
        (1234, "count:x/min", 2, "1.23K x/min"),
        (1532.82, "orders", 0, "1533 orders"),
        (1532.82, "suffix:x", 1, "1532.8 x"),
        (12, "prefix:#", 0, "#12"),
        (1234567.5, "locale", 1, "1,234,567.5"),
        (INFINITE, "locale", 1, "∞"),
        (NOW * 1000, "dateTimeAsIso", None, "2025-11-21 16:00:00"),
        (NOW * 1000, "dateTimeAsIsoNoDateIfToday", None, "16:00:00"),
        ((NOW - 86400) * 1000, "dateTimeAsIsoNoDateIfToday", None, "2025-11-20 16:00:00"),
        (INFINITE, "dateTimeAsIso", None, "Invalid date"),
        ((NOW - 20) * 1000, "dateTimeFromNow", None, "a few seconds ago"),
        ((NOW - 60) * 1000, "dateTimeFromNow", None, "a minute ago"),
        ((NOW - 1080) * 1000, "dateTimeFromNow", None, "18 minutes ago"),
        ((NOW + 7200) * 1000, "dateTimeFromNow", None, "in 2 hours"),
        ((NOW - 3 * 86400) * 1000, "dateTimeFromNow", None, "3 days ago"),
        ((NOW - 800 * 86400) * 1000, "dateTimeFromNow", None, "2 years ago"),
    ],
)
def test_a_number_is_printed_as_grafana_prints_it(value: float, unit: str, decimals: int | None, printed: str):
    """Units, decimals, scaling, signs, infinity and times, each as Grafana's value formats have it."""
    assert str(print_value(value, unit, decimals, MOMENT)) == printed


def test_decimals_follow_the_size_where_none_are_set():
    """Large numbers get none, small ones as many as show two or three figures, whole ones none."""
    assert [natural_decimals(one) for one in (0.0, 100.0, 100.4, 8.37, 0.5, 0.0012)] == [0, 0, 0, 2, 3, 5]


def test_halves_are_rounded_up():
    """As JavaScript does, not to the even neighbour."""
    assert [fixed(one, 0) for one in (0.5, 1.5, 2.5, -2.5)] == ["1", "2", "3", "-2"]


def test_a_unit_that_grafana_would_print_behind_the_number_is_no_known_one():
    """The linter tells a misspelt unit from a unit."""
    assert all(known(one) for one in ("s", "percentunit", "currency:financial:$", "dateTimeFromNow", "string", ""))
    assert not known("percentunits")
