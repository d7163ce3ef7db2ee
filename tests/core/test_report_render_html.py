"""The report as one page: everything is in it, nothing of others becomes markup, nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from plimsoll.report.document.build import document
from plimsoll.report.drawing.artist import MISSING
from plimsoll.report.masking import masked
from plimsoll.report.model import Gallery, Tables
from report_content import HOSTILE, report
from report_pages import drawn_of, page_of, read


@pytest.fixture(scope="module")
def whole() -> str:
    """A page with pictures and hostile texts."""
    found = report(texts=HOSTILE)
    return page_of(found, drawn_of(found))


def test_every_row_of_every_table_is_on_the_page(whole: str):
    """Each table has its head and one row for each of its own, with the fields that people are shown."""
    page = read(whole)
    for table in document(report(texts=HOSTILE)).tables:
        head, *rows = page.rows[table.name]
        assert head == [column.title for column in table.shown_columns]
        assert len(rows) == max(1, len(table.rows))
        for found, row in zip(rows, table.rows, strict=False):
            assert [cell.shown in text for cell, text in zip(table.shown_cells(row), found, strict=True)].count(
                False
            ) == 0


def test_the_page_says_everything_that_the_report_says(whole: str):
    """Summary, findings with evidence, alternatives of pictures, markers and missing sources stand in the text."""
    found, text = report(texts=HOSTILE), "".join(read(whole).texts)
    said = [*found.summary.sentences(), *(one.sentence for one in found.findings), found.pictures.missing]
    said += [ground.text for one in found.findings for ground in one.evidence]
    said += [picture.alternative for picture in found.pictures.pictures]
    said += [marker.text for picture in found.pictures.pictures for marker in picture.markers]
    said += ["Missing source", "cannot be known", "There is no such file"]
    assert [one for one in said if one not in text] == []


def test_texts_of_others_stay_texts(whole: str):
    """No script, no element, no handler and no attribute comes of what others wrote; every element is closed."""
    page = read(whole)
    assert not page.tags & {"script", "img", "b", "iframe", "object", "form", "input"}
    assert [name for _, name, _ in page.attributes if name.startswith("on") or name == "style"] == []
    assert page.unclosed == []
    assert page.open_tags == []
    assert all(text in "".join(page.texts) for text in HOSTILE)


def test_nothing_is_loaded_from_elsewhere(whole: str):
    """Every reference stays in the page and leads to something in it; no name stands twice."""
    page = read(whole)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    targets = page.values("href") + page.values("xlink:href")
    assert targets
    assert {target for target in targets if not target.startswith("#")} == set()
    assert {target[1:] for target in targets} <= set(ids)
    assert {name for value in page.values("clip-path") for name in re.findall(r"url\(#(.*?)\)", value)} <= set(ids)
    assert not page.values("src")
    assert "@import" not in whole
    assert not re.search(r"url\((?!#)", whole)


def test_every_section_is_in_the_contents(whole: str):
    """Each section has a link at the top."""
    assert {f"#{section.anchor}" for section in document(report()).sections} <= set(read(whole).values("href"))


def test_each_picture_has_a_title_for_who_cannot_see_it(whole: str):
    """A picture is one image with a name, described by its caption."""
    page = read(whole)
    assert whole.count('role="img"') == len(report().pictures.pictures)
    titles = {value for tag, name, value in page.attributes if tag == "svg" and name == "aria-labelledby"}
    assert titles <= set(page.values("id"))


def test_without_matplotlib_the_page_says_how_to_get_pictures():
    """The page comes without pictures, names the package, and keeps what they would show in words."""
    text = "".join(read(page_of(report())).texts)
    assert MISSING in text
    assert "Leverage rose to 5.1 times" in text


def test_the_zone_is_shown_beside_utc():
    """A chosen zone has columns of its own; without one there is UTC alone."""
    rows = read(page_of(report(zone="Europe/Berlin"))).rows["timeline"]
    assert rows[0][:2] == ["Time, UTC", "Time, Europe/Berlin"]
    assert rows[1][:2] == ["2026-10-11 12:00:00", "2026-10-11 14:00:00"]
    assert read(page_of(report(zone="UTC"))).rows["timeline"][0][:2] == ["Time, UTC", "Kind"]


def test_what_is_unknown_is_never_a_figure():
    """Unknown money, positions that nobody knows and stops that do not exist are said in words."""
    rows = read(page_of(report())).rows
    assert rows["money"][2][1] == "unknown"
    assert rows["positions-end"][1] == ["Not known."]
    assert rows["positions-start"][1] == ["No position."]
    assert rows["positions-worst"][2][7] == "none"
    assert rows["losses-at-stops"][2][2:6] == ["none known", "profit 5.72", "no", "unknown"]


def test_executed_and_rejected_orders_stand_side_by_side():
    """One order of time; what was executed at the left, what was refused, and why, at the right."""
    head, *rows = read(page_of(report(zone="UTC"))).rows["orders"]
    assert head == ["Time, UTC", "Symbol", "Executed", "Rejected"]
    assert [(bool(row[2]), bool(row[3])) for row in rows] == [(True, False)] * 3 + [(False, True)] * 2
    assert "margin is insufficient (-2019 Margin is insufficient.)" in rows[-1][3]


def test_a_masked_report_names_no_account(whole: str):
    """Neither texts nor pictures nor names of anything hold the name; without masking they do."""
    hidden = masked(report(), ["eon", "source"])
    assert not re.search(r"(?i)\beon\b", page_of(hidden, drawn_of(hidden)))
    assert re.search(r"\beon\b", whole)


def test_an_empty_report_is_a_page_too():
    """Without pictures, orders, findings and positions every section says that there is nothing."""
    empty = replace(
        report(), timeline=(), findings=(), counterfactuals=(), tables=Tables(), pictures=Gallery(pictures=())
    )
    text = "".join(read(page_of(empty)).texts)
    assert "There is nothing to draw." in text
    assert "No order is known" in text
    assert "No rule of the documentation" in text
    assert MISSING not in text
