"""What a document consists of. Texts are plain: whoever writes them into a form escapes them for that form."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.report.pictures import Picture
from plimsoll.report.words import Severity

Value = Decimal | int | str | None
"""What a machine reads: a number, a text, or nothing where it is unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One field of a table.

    Attributes:
        shown: For people.
        value: For machines.
        severity: Shown by a sign before the text and by colour; never for the file.
    """

    shown: str
    value: Value
    severity: Severity = Severity.INFO


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column.

    Attributes:
        title: For people, with its unit.
        name: For machines; unique in its table, lower case.
        number: Whether it holds figures, which stand at the right.
        moment: Whether it holds moments, which are not broken into lines.
        wide: Whether it holds sentences, which may be broken anywhere.
    """

    title: str
    name: str
    number: bool = False
    moment: bool = False
    wide: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table.

    Attributes:
        name: Of its CSV file and its anchor; unique in the document.
        caption: What it lists.
        empty: What is said instead where it has no row.
        note: What stands below it; may be empty.
        hidden: Columns, by name, that people are not shown; they are in the CSV file.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "None."
    note: str = ""
    hidden: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.name}: a row does not have {len(self.columns)} cells")

    @property
    def shown_columns(self) -> tuple[Column, ...]:
        """Those that people are shown."""
        return tuple(column for column in self.columns if column.name not in self.hidden)

    def shown_cells(self, row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """What people are shown of a row."""
        return tuple(cell for column, cell in zip(self.columns, row, strict=True) if column.name not in self.hidden)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """A sentence or more.

    Attributes:
        lead: Stands before it, stronger; may be empty.
    """

    text: str
    lead: str = ""
    severity: Severity = Severity.INFO


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A finding: a sentence and what it stands on.

    Attributes:
        word: Says how grave or how certain it is, without colour.
        grounds: The evidence, a line each.
        mark: Its id in the documentation.
    """

    text: str
    word: str
    severity: Severity
    grounds: tuple[str, ...]
    mark: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A picture, where it can be drawn.

    Attributes:
        name: Of its file and its anchor; unique in the document.
    """

    name: str
    picture: Picture


Block = Paragraph | Statement | Table | Figure


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading and what stands under it."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """All of it.

    Attributes:
        facts: Name and value, shown under the title.
        zone: The zone in which times stand besides UTC.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    zone: str

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table."""
        return tuple(block for one in self.sections for block in one.blocks if isinstance(block, Table))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every picture."""
        return tuple(block for one in self.sections for block in one.blocks if isinstance(block, Figure))
