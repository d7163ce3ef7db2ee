"""Reports that the exporter makes on request: for its own pages, one at a time, in a process that cannot hold it up."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from exporter_state import Scene, two_accounts
from patience import PATIENCE, until
from plimsoll.config.load import load
from plimsoll_exporter.page.report import Maker, maker
from web_client import Served, ask, served

ROOT = Path(__file__).resolve().parents[2]
PATH = "/api/v1/accounts/eon/report"
SLEEPS = "import os, pathlib, sys, time; pathlib.Path('started').write_text(str(os.getpid())); time.sleep(600)"
FAILS = "import sys; sys.stderr.write('first line\\nPrometheus went away\\n'); sys.exit(1)"


def real(folder: Path) -> Maker:
    """The usual one, over programs that never ran."""
    environ = {
        **os.environ,
        "PLIMSOLL_EXPORTER__DATA_DIR": str(folder),
        "PLIMSOLL_ENFORCER__DATA_DIR": str(folder / "enforcer"),
        "PLIMSOLL_LINKS__PROMETHEUS": "http://127.0.0.1:9",
    }
    return maker(load(ROOT / "plimsoll.yml", environ=environ), environ)


def other(folder: Path, program: str, patience: float = PATIENCE) -> Maker:
    """One that runs this program instead."""
    return Maker(
        command=(sys.executable, "-c", f"import os; os.chdir({str(folder)!r}); {program}"),
        environ=dict(os.environ),
        folder=folder,
        accounts=("eon",),
        patience=patience,
    )


@asynccontextmanager
async def making(made_by: Maker | None) -> AsyncIterator[Served]:
    """A server that makes reports so."""
    async with served(Scene(two_accounts()), maker=made_by) as site:
        yield site


async def started(folder: Path) -> int:
    """Wait for the process that sleeps; its number."""
    await until(lambda: said(folder) != "", lambda: "no process was started")
    return int(said(folder))


def said(folder: Path) -> str:
    """What the process that sleeps wrote; empty before it did."""
    path = folder / "started"
    return path.read_text(encoding="ascii") if path.exists() else ""


def left_behind(folder: Path) -> list[str]:
    """Scratch folders that are still there."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".report")]


def runs(pid: int) -> bool:
    """Whether the process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_report_is_given_as_a_page_or_packed(tmp_path: Path):
    """The page has a strict policy of its own; Markdown comes as an archive; nothing of it stays behind."""
    async with making(real(tmp_path)) as site:
        page = await ask(site, f"{PATH}?from=-1h&to=now&zone=Europe/Berlin")
        packed = await ask(site, f"{PATH}?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&format=md")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Disposition"] == 'inline; filename="report-eon.html"'
    assert "Incident report: eon" in page.text
    assert (packed.status, packed.headers["Content-Type"]) == (200, "application/zip")
    names = zipfile.ZipFile(io.BytesIO(packed.body)).namelist()
    assert "report-eon-20260101T000000Z-20260102T000000Z/report.md" in names
    assert any(name.endswith("/csv/timeline.csv") for name in names)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    "query",
    ["from=soon", "from=now&to=-1h", "zone=Nowhere", "format=pdf", "out=/etc", "from=-1h&from=-2h", "from=--config=x"],
)
async def test_what_makes_no_sense_is_refused_before_anything_runs(tmp_path: Path, query: str):
    """Unknown names, doubled ones and unusable values are a bad request."""
    async with making(other(tmp_path, SLEEPS)) as site:
        assert (await ask(site, f"{PATH}?{query}")).status == 400
    assert not (tmp_path / "started").exists()


async def test_only_own_pages_and_known_accounts_get_one(tmp_path: Path):
    """Another site's page is refused, an unknown account is none, HEAD makes nothing; without a maker is none."""
    async with making(other(tmp_path, SLEEPS)) as site:
        for origin in ("cross-site", "same-site"):
            assert (await ask(site, PATH, **{"Sec-Fetch-Site": origin})).status == 403
        assert (await ask(site, "/api/v1/accounts/nobody/report")).status == 404
        assert (await ask(site, "/api/v1/accounts/../report")).status == 404
        assert (await ask(site, PATH, method="HEAD")).status == 200
        assert (await ask(site, PATH, method="POST")).status == 405
    assert not (tmp_path / "started").exists()
    async with making(None) as site:
        assert (await ask(site, PATH)).status == 404


async def test_one_at_a_time_and_the_state_does_not_wait(tmp_path: Path):
    """While one is made a second is asked to wait, and every other page answers; the end of the exporter ends it."""
    async with making(other(tmp_path, SLEEPS)) as site:
        first = asyncio.ensure_future(ask(site, PATH))
        pid = await started(tmp_path)
        second = await ask(site, PATH)
        assert (second.status, second.headers["Retry-After"]) == (429, "5")
        assert (await ask(site, "/metrics")).status == 200
        assert (await ask(site, "/api/v1/accounts/eon")).status == 200
        await site.server.stop()
        await asyncio.wait([first], timeout=PATIENCE)
        first.exception()
    await until(lambda: not runs(pid), lambda: f"process {pid} still runs")


async def test_one_that_takes_too_long_is_ended_and_the_next_may_come(tmp_path: Path):
    """Its process is killed, the answer says to ask for less, and another report can be made at once."""
    async with making(other(tmp_path, SLEEPS, patience=1.0)) as site:
        late = await ask(site, PATH)
        assert (late.status, "ask for a shorter period" in late.text) == (500, True)
        (tmp_path / "started").unlink(missing_ok=True)
        assert (await ask(site, PATH)).status == 500


async def test_a_failure_is_told_in_one_line(tmp_path: Path):
    """The last line of what the process said; a process that leaves nothing is a failure too."""
    async with making(other(tmp_path, FAILS)) as site:
        assert (await ask(site, PATH)).text == "no report was made: Prometheus went away\n"
    async with making(other(tmp_path, "")) as site:
        assert (await ask(site, PATH)).text == "no report was made: it left no report\n"
