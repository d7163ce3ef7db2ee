"""Queries of panels, and the few forms of PromQL that several dashboards share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.dashboards.palette import Word

ACCOUNT = '{account="$account"}'
"""The one account that a dashboard is about."""

CHOSEN = '{account=~"$account"}'
"""The accounts that are chosen on a dashboard about all of them."""

USD = "currency:financial:$"
"""Grafana's unit of money with all its digits: ``currencyUSD`` prints 44,512.30 as $44.51K."""

PRICE = "locale"
"""Grafana's unit of a price: thousands are set apart, zeros at the end are left out."""

X = "suffix:x"
"""Grafana's unit of leverage."""

SLOW = "15s"
"""How often Prometheus reads itself and Alertmanager; it reads exporter and enforcer every 2 s."""


def modes(series: str, matchers: str = "") -> str:
    """A number for ``palette.MODES`` per account, of a series that has the mode as a label.

    Args:
        series: ``plimsoll_enforcer_mode_info`` (in force) or ``plimsoll_account_configured``.
        matchers: Which accounts, e.g. ``account="$account"``; none takes all.
    """
    rest = f", {matchers}" if matchers else ""
    armed, dry, off = (f'{series}{{mode="{mode}"{rest}}}' for mode in ("armed", "dry-run", "off"))
    return f"max by (account) (2 * {armed} or 1 * {dry} or 0 * {off})"


NOTHING = -1_000_000_000
"""Stands in a cell of ``Column.always`` that has no value; it is never seen, for a word stands in its place."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """One query of a panel.

    Attributes:
        expr: PromQL.
        legend: How its series are called, with ``{{label}}``.
        color: Fixed colour of its series; none lets Grafana choose by name.
        dashed: A line that bounds (a limit, a reference) and is no measurement.
        fill: Percent of fill below the line.
        steps: Draw as steps: the value holds until it changes.
        every: How often its series are read, e.g. ``SLOW``, so that ``$__rate_interval`` holds two readings.
    """

    expr: str
    legend: str = ""
    color: str | None = None
    dashed: bool = False
    fill: int = 0
    steps: bool = False
    every: str | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table: a query with one row for each series, joined to the others by their labels.

    Attributes:
        title: Its heading.
        expr: PromQL; every column of a table has the same labels.
        unit: Grafana's name of the unit.
        decimals: Digits; none lets Grafana choose.
        words: Names for its values, where it is a state; the cell takes the word's colour.
        ground: Whether a word colours the whole cell, and not only itself.
        bar: Draw a bar from 0 to this value behind the number.
        width: Pixels; none shares what is left.
        link: Address that a click leads to, Grafana's variables in it.
        empty: What stands in a cell without a value; "not known" unless said.
        every: How often its series are read, e.g. ``SLOW``, so that ``$__rate_interval`` holds two readings.
        always: PromQL of all rows, by the table's labels: the column stands there with ``empty`` in each cell even
            while no row has a value, where it would be missed.
        otherwise: Colour of every value that has no word; DANGER where only 0 is fine and has one.
    """

    title: str
    expr: str
    unit: str = "none"
    decimals: int | None = None
    words: tuple[Word, ...] = ()
    ground: bool = True
    bar: float | None = None
    width: int | None = None
    link: str | None = None
    empty: str | None = None
    every: str | None = None
    always: str | None = None
    otherwise: str | None = None


@dataclass(frozen=True, kw_only=True)
class Grade:
    """A judgement of a figure: when it holds, the word that is written over the figure, and its colour.

    Attributes:
        when: PromQL that gives something while it holds.
        word: What is written.
        color: The colour of figure and word.
    """

    when: str
    word: str
    color: str


def graded(figure: str, grades: Sequence[Grade], *, by: str = "", otherwise: str = "within") -> str:
    """A figure with the word of the first grade that holds, in its label ``state``.

    Args:
        figure: PromQL.
        grades: The worst first.
        by: Labels that a grade has in common with its figure.
        otherwise: The word where none holds.
    """

    def told(expr: str, word: str) -> str:
        return f'label_replace({expr}, "state", "{word}", "", "")'

    said = [told(f"({figure}) and on ({by}) ({grade.when})", grade.word) for grade in grades]
    return f" or on ({by}) ".join([*said, told(figure, otherwise)])


def named(label: str, queries: Mapping[str, str]) -> str:
    """Several figures by one query, told apart by a label that names each; those that are not known are left out."""
    return " or ".join(f'label_replace({expr}, "{label}", "{name}", "", "")' for name, expr in queries.items())


def worst(series: str, by: str = "account", how: str = "max") -> str:
    """One series for each value of ``by``, whoever scraped it: ``max by (account) (...)``."""
    return f"{how} by ({by}) ({series})"


def used(figure: str, limit: str, by: str = "account") -> str:
    """How much of a limit is used: 1 is at it; absent where there is no such limit."""
    return f"{worst(figure, by)} / {worst(limit, by)}"
