"""The previews are served live on loopback under a strict policy, and written as files that need nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from tools.dashboards.preview import Prometheus, pages
from tools.dashboards.preview.__main__ import main
from tools.dashboards.preview.server import application

from canned_prometheus import canned_prometheus
from sample_board import board, over_time, panel, target

LABELS = {"account": ["eon", "live"]}
KNOWN = {"up": [({"account": "eon"}, 1.0)]}


def boards(folder: Path) -> Path:
    """A folder with two dashboards."""
    plot = panel("timeseries", "Up", over_time("up"))
    other = board(panel("stat", "Up", target("up")), uid="plimsoll-fleet", title="Plimsoll / Fleet")
    folder.mkdir()
    (folder / "sample.json").write_text(json.dumps(board(plot)), encoding="utf-8")
    (folder / "fleet.json").write_text(json.dumps(other), encoding="utf-8")
    return folder


async def test_the_server_draws_lists_and_guards(tmp_path: Path):
    """List, dashboard, files; Grafana's parameters and the theme are followed and kept; strange hosts are refused."""
    with canned_prometheus(KNOWN, LABELS) as url:
        app = application(boards(tmp_path / "boards"), Prometheus(url))
        async with TestClient(TestServer(app)) as client:
            listed = await client.get("/")
            first, second = await listed.text(), "/d/plimsoll-sample"
            assert first.index("plimsoll-fleet") < first.index("plimsoll-sample")
            assert "default-src 'none'" in listed.headers["Content-Security-Policy"]
            page = await (await client.get(f"{second}?var-account=live&from=now-5m&to=now&theme=light")).text()
            assert 'class="light"' in page
            assert '<option value="live" selected>live</option>' in page
            assert '<option value="now-5m" selected>' in page
            assert 'href="/d/plimsoll-fleet?var-account=live&amp;from=now-5m&amp;to=now&amp;theme=light"' in page
            assert 'data-refresh="5s"' in page
            assert 'class="dark"' in await (await client.get(f"{second}/any-slug")).text()
            for name in ("preview.css", "preview.js", "plotly.min.js"):
                assert (await client.get(f"/{name}")).status == 200
            assert (await client.get("/d/other")).status == 404
            assert (await client.get("/", headers={"Host": "evil.example"})).status == 421


def test_pages_are_written_with_all_that_they_need(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """One file for each dashboard and theme, script and style in it, links to the files beside."""
    folder = str(boards(tmp_path / "boards"))
    with canned_prometheus(KNOWN, LABELS) as url:
        common = ["--prometheus", url, "--boards", folder, "--out", str(tmp_path / "out"), "--var", "account=live"]
        assert main([*common, "--theme", "both", "sample"]) == 0
        assert main([*common, "nothing"]) == 2
    assert "Everything is drawn." in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("plimsoll-sample-dark.html", "plimsoll-sample-light.html"),
    ]
    page = (tmp_path / "out" / "plimsoll-sample-light.html").read_text(encoding="utf-8")
    assert "plimsoll-fleet-light.html?var-account=live&amp;from=now-10m&amp;to=now" in page
    assert pages.asset("plotly.min.js") in page
    assert 'src="' not in page.replace(pages.asset("plotly.min.js"), "")


def test_what_is_not_drawn_ends_the_command_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """So that a build can ask for previews that are whole."""
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "one.json").write_text(json.dumps(board(panel("gauge", "G"))), encoding="utf-8")
    with canned_prometheus({}, LABELS) as url:
        assert main(["--prometheus", url, "--boards", str(tmp_path / "boards"), "--out", str(tmp_path)]) == 1
    assert "Plimsoll / Sample: panel 'G': type 'gauge'" in capsys.readouterr().out
