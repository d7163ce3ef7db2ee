"""Incident reports on request: one at a time, each made by a process of its own, so that the state never waits.

The process gives way to everything else, has a minute, and is ended with the exporter. What it makes is read and given
away whole; nothing is kept.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import re
import signal
import sys
import tempfile
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl

from aiohttp import web

from plimsoll.clock import Clock
from plimsoll.config.model import Config
from plimsoll.report.document.forms import stamp
from plimsoll.report.folder import Form
from plimsoll.report.render.html import CONTENT_SECURITY_POLICY
from plimsoll.report.times import period
from plimsoll.text import shortened
from plimsoll.web.answers import plain
from plimsoll.web.page import PAGE_HEADERS
from plimsoll.web.server import Route

log = logging.getLogger(__name__)

SUFFIX = "/report"
"""After an account's path."""

PATIENCE = 60.0
"""Seconds that a report may take; a connection is given little more."""

_ACCOUNT = re.compile(r"/api/v1/accounts/(?P<account>[a-z0-9-]+)/report")
_USUAL = {"from": "-2h", "to": "now", "zone": "UTC", "format": "html"}
_OURS = {None, "none", "same-origin"}
_LONGEST_REASON = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Maker:
    """How a report is made.

    Attributes:
        command: The program and its first arguments.
        environ: Its variables.
        folder: Where it may write.
        accounts: Whose reports there are.
    """

    command: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    accounts: Collection[str]
    patience: float = PATIENCE


def maker(config: Config, environ: Mapping[str, str] = os.environ) -> Maker:
    """The usual one: ``python -m plimsoll.report`` with the exporter's own configuration."""
    folder = config.exporter.data_dir
    return Maker(
        command=(sys.executable, "-m", "plimsoll.report", "--config", str(config.path), "--quiet"),
        environ={**environ, "MPLCONFIGDIR": str(folder / "matplotlib")},
        folder=folder,
        accounts=tuple(config.accounts),
    )


class NotMadeError(Exception):
    """The process made no report; the message says why, for people."""


class IncidentReports:
    """Makes reports for whoever asks.

    Args:
        made_by: Makes them; ``None`` where there is nobody.
        clock: Time.
    """

    def __init__(self, made_by: Maker | None, *, clock: Clock) -> None:
        self._maker, self._clock = made_by, clock
        self._busy = False
        self._running: asyncio.subprocess.Process | None = None

    def find(self, path: str) -> Route | None:
        """The route of a path; ``None`` where it is not a report's."""
        return Route(handler=self._answer) if path.endswith(SUFFIX) and _ACCOUNT.fullmatch(path) else None

    async def close(self) -> None:
        """End what is being made."""
        self._end()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        found = _ACCOUNT.fullmatch(request.path)
        if self._maker is None or found is None or found["account"] not in self._maker.accounts:
            return plain(HTTPStatus.NOT_FOUND, "no such account")
        if request.headers.get("Sec-Fetch-Site") not in _OURS:
            return plain(HTTPStatus.FORBIDDEN, "a report is made for this server's own pages, not for another's")
        try:
            asked, form = _asked(request.query_string, now=self._clock.now())
        except ValueError as error:
            return plain(HTTPStatus.BAD_REQUEST, str(error))
        if request.method == "HEAD":
            return _shown(form, found["account"], b"")
        if self._busy:
            wait = "another report is being made; try again in a few seconds"
            return plain(HTTPStatus.TOO_MANY_REQUESTS, wait, **{"Retry-After": "5"})
        return await self._one(self._maker, found["account"], asked, form)

    async def _one(self, made_by: Maker, account: str, asked: Sequence[str], form: Form) -> web.Response:
        self._busy = True
        try:
            with tempfile.TemporaryDirectory(prefix=".report-", dir=made_by.folder) as out:
                await self._run(made_by, ["--account", account, *asked, "--out", out])
                content = await asyncio.to_thread(_collected, Path(out), form)
        except (NotMadeError, OSError) as error:
            log.warning("account %s: no report was made: %s", account, error)
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, f"no report was made: {error}")
        finally:
            self._busy = False
        return _shown(form, account, content)

    async def _run(self, made_by: Maker, arguments: Sequence[str]) -> None:
        """Run the process to its end.

        Raises:
            NotMadeError: It took too long, or failed.
        """
        process = self._running = await asyncio.create_subprocess_exec(
            *made_by.command,
            *arguments,
            env=dict(made_by.environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _, said = await asyncio.wait_for(process.communicate(), made_by.patience)
        except TimeoutError:
            raise NotMadeError(f"it took longer than {made_by.patience:.0f} s; ask for a shorter period") from None
        finally:
            self._end()
            await process.wait()
        if process.returncode != 0:
            lines = said.decode("utf-8", "replace").strip().splitlines() or [f"it ended with {process.returncode}"]
            raise NotMadeError(shortened(lines[-1], _LONGEST_REASON))

    def _end(self) -> None:
        """Kill what runs, and whatever it started."""
        running, self._running = self._running, None
        if running is not None and running.returncode is None:
            os.killpg(running.pid, signal.SIGKILL)


def _asked(query: str, *, now: float) -> tuple[Sequence[str], Form]:
    """The arguments for the process.

    Raises:
        ValueError: What is asked for makes no sense; the message says why.
    """
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=len(_USUAL))
    given = dict(pairs)
    if len(given) != len(pairs) or not given.keys() <= _USUAL.keys():
        raise ValueError(f"only {', '.join(_USUAL)} can be asked for, each once")
    wanted = _USUAL | given
    try:
        form = Form(wanted["format"])
    except ValueError:
        raise ValueError("format is html or md") from None
    when = period(wanted["from"], wanted["to"], wanted["zone"], now=now)
    between = (f"--from={stamp(when.since)}", f"--to={stamp(when.until)}")
    return (*between, f"--zone={when.zone}", f"--format={form.value}"), form


def _collected(out: Path, form: Form) -> bytes:
    """The page; or everything, packed, where pictures stand beside the text.

    Raises:
        NotMadeError: The process left nothing.
    """
    folders = [path for path in out.iterdir() if path.is_dir()]
    if len(folders) != 1:
        raise NotMadeError("it left no report")
    if form is Form.HTML:
        return (folders[0] / "report.html").read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folders[0].rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(out).as_posix())
    return packed.getvalue()


def _shown(form: Form, account: str, content: bytes) -> web.Response:
    """A page under a policy of its own, or a download."""
    page = form is Form.HTML
    how = f'inline; filename="report-{account}.html"' if page else f'attachment; filename="report-{account}.zip"'
    policy = CONTENT_SECURITY_POLICY if page else "default-src 'none'; sandbox"
    headers = {
        **PAGE_HEADERS,
        "Content-Security-Policy": policy,
        "Content-Disposition": how,
        "Cache-Control": "no-store",
    }
    if page:
        return web.Response(body=content, content_type="text/html", charset="utf-8", headers=headers)
    return web.Response(body=content, content_type="application/zip", headers=headers)
