"""The web configuration in force: changes are taken over, broken ones are not, and no change opens the door."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from certificates import Authority
from manual_clock import ManualClock
from patience import PATIENCE
from plimsoll.errors import ConfigError, SecretError
from plimsoll.web.protection import RELOAD_SECONDS, Protection
from web_files import MUTUAL, TLS, users, write

LOGGER = "plimsoll.web.protection"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a certificate, its key and an authority for clients."""
    Authority().write_server(tmp_path)
    Authority().write_ca(tmp_path / "ca.crt")
    return tmp_path


class Seen:
    """A protection and what it reports."""

    def __init__(self, folder: Path, text: str) -> None:
        self.folder = folder
        self.success: list[bool] = []
        self.protection = Protection(write(folder, text), clock=ManualClock(), reloaded=self.success.append)

    def after(self, text: str) -> bool:
        """Whether a change of the file is taken over."""
        before = self.protection.now
        write(self.folder, text)
        self.protection.refresh()
        return self.protection.now is not before


def test_unchanged_files_change_nothing(folder: Path):
    """Looking at the same files keeps the very same context, so that TLS sessions go on."""
    seen = Seen(folder, TLS)
    context = seen.protection.now.tls
    (folder / "server.crt").touch()
    seen.protection.refresh()

    assert seen.protection.now.tls is context
    assert seen.success == [True]


def test_new_certificate_is_taken_over(folder: Path, caplog: pytest.LogCaptureFixture):
    """A new certificate with its key makes a new context; that is logged."""
    caplog.set_level(logging.INFO, LOGGER)
    seen = Seen(folder, TLS)
    context = seen.protection.now.tls
    Authority().write_server(folder)
    seen.protection.refresh()

    assert seen.protection.now.tls is not context
    assert "taken over after a change" in caplog.text


def test_users_and_headers_are_taken_over(folder: Path):
    """A changed file holds for the next request."""
    seen = Seen(folder, users(alice="1"))

    assert seen.after(users(bob="2") + "http_server_config: {headers: {X-Frame-Options: deny}}\n")
    assert set(seen.protection.now.config.users) == {"bob"}
    assert seen.protection.now.config.http.headers == {"X-Frame-Options": "deny"}


BREAK: dict[str, Callable[[Path], object]] = {
    "certificate of another key": lambda folder: Authority().write_server(folder / "other"),
    "certificate cut off": lambda folder: (folder / "server.crt").write_text("-----BEGIN CERT"),
    "certificate gone": lambda folder: (folder / "server.crt").unlink(),
    "key empty": lambda folder: (folder / "server.key").write_text(""),
    "key open to all": lambda folder: (folder / "server.key").chmod(0o644),
    "file gone": lambda folder: (folder / "web.yml").unlink(),
    "file empty": lambda folder: (folder / "web.yml").write_text(""),
    "file broken": lambda folder: (folder / "web.yml").write_text("tls_server_config: {cert_file"),
    "file with a fault": lambda folder: (folder / "web.yml").write_text(TLS + "users: {}\n"),
}


@pytest.mark.parametrize("fault", BREAK)
def test_broken_change_keeps_what_was(folder: Path, caplog: pytest.LogCaptureFixture, fault: str):
    """Whatever breaks, the old configuration stays, one error is logged, and mending it is taken over."""
    caplog.set_level(logging.INFO, LOGGER)
    seen = Seen(folder, TLS)
    kept = {name: (folder / name).read_bytes() for name in ("server.crt", "server.key", "web.yml")}
    before = seen.protection.now
    (folder / "other").mkdir()
    BREAK[fault](folder)
    if (folder / "other" / "server.crt").exists():
        (folder / "server.crt").write_bytes((folder / "other" / "server.crt").read_bytes())

    for _ in range(3):
        seen.protection.refresh()
    assert seen.protection.now is before
    assert seen.success == [False] * 3
    assert caplog.text.count("cannot be used; the old one stays") == 1
    assert "PRIVATE KEY-----\n" not in caplog.text

    for name, content in kept.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o640)
    seen.protection.refresh()
    assert seen.success[-1]
    assert seen.protection.now is before
    assert "taken over" in caplog.text


@pytest.mark.parametrize(
    ("text", "weaker", "what"),
    [
        (TLS, "{}", "tls_server_config was added or removed"),
        ("{}", TLS, "tls_server_config was added or removed"),
        (TLS + users(alice="1"), TLS, "basic_auth_users"),
        (MUTUAL, TLS, "client_auth_type"),
        (MUTUAL, MUTUAL.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven"), "client_auth_type"),
        (MUTUAL + "  client_allowed_sans: [prometheus]\n", MUTUAL, "client_allowed_sans"),
    ],
)
def test_protection_is_lost_by_restart_only(
    folder: Path, caplog: pytest.LogCaptureFixture, text: str, weaker: str, what: str
):
    """A change that takes a whole protection away is refused until a restart; a restart takes it."""
    seen = Seen(folder, text)

    assert not seen.after(weaker)
    assert seen.success == [False]
    assert what in caplog.text
    assert "restart" in caplog.text
    assert Seen(folder, weaker)


def test_start_with_a_fault_is_refused(folder: Path):
    """At the start nothing is in force yet, so a fault ends the start."""
    with pytest.raises(ConfigError, match="unknown key"):
        Seen(folder, "tls: {}")
    (folder / "server.key").chmod(0o644)
    with pytest.raises(SecretError, match="chmod 640"):
        Seen(folder, TLS)


def test_key_in_the_file_makes_it_a_secret(folder: Path):
    """With the key inside, a file that everybody may read is refused like any secret file."""
    lines = ["tls_server_config:", "  cert_file: server.crt", "  key: |"]
    lines += [f"    {line}" for line in (folder / "server.key").read_text().splitlines()]
    path = write(folder, "\n".join(lines))
    path.chmod(0o644)
    with pytest.raises(SecretError, match=r"web\.yml: readable by everybody"):
        Protection(path, clock=ManualClock())
    path.chmod(0o640)
    assert Protection(path, clock=ManualClock()).now.tls is not None


def test_http2_is_told_to_be_ignored(folder: Path, caplog: pytest.LogCaptureFixture):
    """``http2: true`` is taken for the toolkit's sake and warned about; ``false`` is what we do."""
    Seen(folder, "http_server_config: {http2: false}")
    assert caplog.text == ""
    Seen(folder, "http_server_config: {http2: true}")
    assert "only HTTP/1.1 is spoken" in caplog.text


async def test_watch_looks_every_so_often(folder: Path):
    """A change is taken over within two looks, without anybody asking."""
    clock, looked = ManualClock(), asyncio.Event()
    loop = asyncio.get_running_loop()
    protection = Protection(
        write(folder, users(alice="1")), clock=clock, reloaded=lambda _: loop.call_soon_threadsafe(looked.set)
    )
    task = asyncio.create_task(protection.watch())
    write(folder, users(bob="2"))
    await clock.elapse(RELOAD_SECONDS)
    await asyncio.wait_for(looked.wait(), PATIENCE)
    task.cancel()

    assert set(protection.now.config.users) == {"bob"}


async def test_watch_survives_a_fault_of_our_own(folder: Path, caplog: pytest.LogCaptureFixture):
    """Should looking itself fail, that is logged and the watch goes on."""
    clock, looks = ManualClock(), asyncio.Queue[None]()
    loop = asyncio.get_running_loop()

    def broken(_: bool) -> None:  # noqa: FBT001 - a callback with one argument
        loop.call_soon_threadsafe(looks.put_nowait, None)
        raise RuntimeError("a fault")

    protection = Protection(write(folder, users(alice="1")), clock=clock, reloaded=broken)
    task = asyncio.create_task(protection.watch())
    for _ in range(2):
        while not clock.sleepers:  # noqa: ASYNC110 - the clock has no event for a sleeper that comes
            await asyncio.sleep(0)
        await clock.elapse(RELOAD_SECONDS)
        await asyncio.wait_for(looks.get(), PATIENCE)
    task.cancel()

    assert "looking at the web configuration failed" in caplog.text
