"""The sections that a stranger needs: what must be changed, what is configured, and what the words mean."""

from __future__ import annotations

from plimsoll.report.document.blocks import Block, Column, Paragraph, Section, Statement, Table
from plimsoll.report.document.cells import text_cell
from plimsoll.report.model import Remedy, Severity, Tables

GLOSSARY = (
    ("equity", "what the account is worth: its balance and what open positions have won or lost so far"),
    ("drawdown", "how much equity has lost from its reference (e.g. its highest so far); the floor is its limit"),
    ("long, short", "a position that wins when the price rises, or when it falls"),
    ("notional, exposure", "what a position is worth at its price now; all of them together, whatever their direction"),
    ("leverage", "exposure as a multiple of equity"),
    ("margin", "the part of equity that the exchange keeps as security for positions; the rest is available"),
    ("mark price", "the price by which the exchange values positions and liquidates; trades happen at the last price"),
    ("stop", "an order resting at the exchange that closes a position at a loss when price reaches its trigger"),
    ("take-profit", "the same at a profit; it limits no loss"),
    ("coverage", "the share of a position that stops would close"),
    ("slippage", "how much worse an order filled than the price that was set"),
    ("reduce-only", "of an order: it can only make a position smaller, never open one"),
    ("entry, close", "an order that opens a position or makes it larger; one that makes it smaller"),
    ("mirror, scale", "a program that copies another account's trades, and the share of their size at which it should"),
    ("enforcer, dry run", "the program that closes everything when a limit is breached; in dry run it only rehearses"),
    ("lockout", "after an emergency close: whatever is opened is closed again until a person releases the account"),
)  # fmt: skip
"""The words that a reader from outside the trade meets."""

BESIDE = (
    "The folder of this report has csv/: each table with all its columns, also those left out here, and series.csv "
    "with every point of every picture (times in ISO 8601, ratios from 0 to 1, unknown empty). The page that the "
    "status page opens comes without it. Times are those of each source; how far the clocks of the exchange and of "
    "this machine were apart is not part of the report."
)
"""What there is besides."""


def remedies(told: tuple[Remedy, ...]) -> Section:
    """What must be changed, each with the rule whose finding asks for it."""
    blocks: tuple[Block, ...] = tuple(
        Statement(text=one.sentence, word="change", severity=Severity.INFO, grounds=(), mark=one.rule) for one in told
    )
    nothing = Paragraph(text="No finding of this report asks for a change.")
    return Section(anchor="remedies", title="What must be changed", blocks=blocks or (nothing,))


def configured(tables: Tables) -> Section:
    """Limits, mirrors and the enforcer's mode, as they are configured now."""
    table = Table(
        name="configured",
        caption="What is configured for this account when the report is made",
        columns=(Column(title="Setting", name="name"), Column(title="Value", name="value", wide=True)),
        rows=tuple((text_cell(row.name), text_cell(row.value)) for row in tables.settings),
        empty="Not known.",
        note="What held earlier in the period is in the pictures and in series.csv, where it is a limit.",
    )
    return Section(anchor="configured-section", title="Configured", blocks=(table,))


def words() -> Section:
    """A dozen words, and what there is besides this report."""
    table = Table(
        name="words",
        caption="What the words of this report mean",
        columns=(Column(title="Word", name="word"), Column(title="Meaning", name="meaning", wide=True)),
        rows=tuple((text_cell(word), text_cell(meaning)) for word, meaning in GLOSSARY),
    )
    return Section(anchor="words-section", title="Words and files", blocks=(Paragraph(text=BESIDE), table))
