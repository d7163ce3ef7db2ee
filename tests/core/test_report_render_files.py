"""The files of a report: CSV that spreadsheets run nothing of, Markdown without markup of others, a whole folder."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from plimsoll.errors import ReportNotWritten
from plimsoll.report.document.build import document
from plimsoll.report.folder import Form, folder_name, write_folder
from plimsoll.report.masking import masked
from plimsoll.report.model import Report
from plimsoll.report.render.csv_files import csv_files, field, write
from plimsoll.report.render.markdown import escaped, markdown
from report_content import HOSTILE, report
from report_pages import drawn_of

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")


def written(found: Report, out: Path, form: Form = Form.HTML, *, overwrite: bool = False) -> Path:
    """The folder of a report."""
    return write_folder(found, document(found), drawn_of(found), out=out, form=form, overwrite=overwrite)


def read_csv(text: str) -> list[list[str]]:
    """Rows of a file, as any other program reads them."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """Every CSV file of a report with hostile texts."""
    found, made = report(texts=HOSTILE), {}
    for name, rows in csv_files(document(found), found.pictures):
        file = io.StringIO(newline="")
        write(rows, file)
        made[name] = file.getvalue()
    return made


def test_every_table_comes_back_from_its_file(files: dict[str, str]):
    """Each file has its table's rows and all its columns, hidden ones too; lines end as RFC 4180 asks."""
    for table in document(report(texts=HOSTILE)).tables:
        head, *rows = read_csv(files[table.name])
        assert head == [column.name for column in table.columns]
        assert rows == [[field(cell.value) for cell in row] for row in table.rows]
        assert files[table.name].endswith("\r\n")


def test_every_point_is_in_the_file_of_series(files: dict[str, str]):
    """One line a point; a gap is a point without a value, infinity is said."""
    pictures = report().pictures.pictures
    head, *rows = read_csv(files["series"])
    assert head == ["picture", "symbol", "series", "role", "unit", "time_utc", "value"]
    assert len(rows) == sum(len(one.points) for picture in pictures for one in picture.series)
    assert rows[0][:-1] == ["equity", "", "equity", "measured", "USD", "2026-10-11T12:00:00.000+00:00"]
    assert Decimal(rows[0][-1]) == 50_000
    assert rows[20][-1] == ""
    assert "Infinity" in {row[-1] for row in rows}


def test_no_text_is_run_by_a_spreadsheet_and_numbers_stay_numbers(files: dict[str, str]):
    """Texts that look like formulas have an apostrophe before them; negative numbers have none."""
    for name, text in files.items():
        for row in read_csv(text)[1:]:
            assert [one for one in row if one.startswith(_RUN_BY_SPREADSHEETS) and not _number(one)] == [], name
    assert field("=1+1") == "'=1+1"
    assert field(" @x") == "' @x"
    assert field("\uff1d1") == "'\uff1d1"
    assert field(Decimal("-12.5")) == "-12.5"
    assert field(Decimal("1E+3")) == "1000"
    assert (field(-2019), field(None), field("plain")) == ("-2019", "", "plain")


def _number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def test_markdown_has_everything_and_no_markup_of_others():
    """Tables have all rows, pictures are linked, and no text of others becomes a link, an image or HTML."""
    found = report(texts=HOSTILE)
    text = "".join(markdown(document(found), drawn_of(found)))
    rows = sum(len(table.rows) for table in document(found).tables)
    assert len([line for line in text.splitlines() if line.startswith("| ")]) == rows + sum(
        bool(table.rows) for table in document(found).tables
    )
    assert set(re.findall(r"(?<!\\)<[^>]*>", text)) == {
        f'<a id="{one.anchor}">' for one in document(found).sections
    } | {"</a>"}
    linked = re.findall(r"(?<!\\)\]\(([^)]*)\)", text)
    assert all(target.startswith(("#", "pictures/")) for target in linked)
    assert linked.count("pictures/equity.png") == 1
    assert escaped("| [a](javascript:b) `c`") == "\\| \\[a\\](javascript:b) \\`c\\`"
    assert escaped("1. x\n- y") == "1\\. x - y"
    assert escaped("- x") == "\\- x"
    assert [escaped(text) for text in ("6.07 %", "-5.72", "+7,692.77", "(10 %)")] == [
        "6.07 %", "-5.72", "+7,692.77", "(10 %)",
    ]  # fmt: skip
    assert escaped("http://x") == "http\\://x"


def test_a_folder_is_whole_and_is_never_replaced_unasked(tmp_path: Path):
    """Everything is in it, a second one is refused until it is asked for, and nothing is left beside it."""
    found, out = report(), tmp_path / "reports"
    place = written(found, out)
    assert place.name == "report-eon-20261011T120000Z-20261011T121000Z"
    assert (place / "report.html").stat().st_size > 10_000
    assert {path.stem for path in (place / "csv").iterdir()} == {
        name for name, _ in csv_files(document(found), found.pictures)
    }
    with pytest.raises(ReportNotWritten, match="--overwrite"):
        written(found, out)
    (place / "mine.txt").write_text("of before", encoding="utf-8")
    assert written(found, out, overwrite=True) == place
    assert not (place / "mine.txt").exists()
    assert list(out.iterdir()) == [place]


def test_a_folder_that_cannot_be_written_is_told_with_its_name(tmp_path: Path):
    """Where a file stands in the way the reason is said, and no half of a report is left."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ReportNotWritten, match="report-eon"):
        written(report(), tmp_path / "file")


def test_the_same_report_becomes_the_same_bytes(tmp_path: Path):
    """Nothing of the moment, of chance or of the machine is in any file."""
    drawn_of.cache_clear()
    first = written(report(), tmp_path / "one", Form.MARKDOWN)
    drawn_of.cache_clear()
    second = written(report(), tmp_path / "two", Form.MARKDOWN)
    assert contents(first) == contents(second)
    assert {"pictures/equity.svg", "pictures/equity.png", "csv/series.csv", "report.md"} <= contents(first).keys()


def contents(place: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def test_a_masked_folder_names_no_account_anywhere(tmp_path: Path):
    """Neither names of files nor their content hold it, pictures included."""
    hidden = masked(report(), ["eon", "source"])
    place = written(hidden, tmp_path, Form.MARKDOWN)
    assert place.name.startswith("report-account-A-")
    named = re.compile(rb"(?i)(?<![a-z0-9])eon(?![a-z0-9])")
    texts = {name: content for name, content in contents(place).items() if not name.endswith(".png")}
    assert [name for name, content in texts.items() if named.search(content) or named.search(name.encode())] == []


def test_pictures_are_files_of_their_own_too(tmp_path: Path):
    """An SVG file stands alone: sound XML of its name space, without style attributes or anything from elsewhere."""
    place = written(report(), tmp_path, Form.MARKDOWN)
    for path in (place / "pictures").glob("*.svg"):
        root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - written a moment ago
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not [one for one in root.iter() if "style" in one.attrib]
        assert not [one for one in root.iter() if one.attrib.get("href", "#")[0] != "#"]
    assert folder_name(report("live")).startswith("report-live-")
