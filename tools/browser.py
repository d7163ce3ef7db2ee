"""Chromium as a process of its own, for tests of the pages and for pictures of them.

It starts with an empty profile, speaks to nobody but this machine, and is driven over its debugging port, which it
chooses itself; Playwright's ``connect_over_cdp`` takes the address given here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    # Containers give little of it; the profile's own folder does as well.
    "--disable-dev-shm-usage",
    # A page in the background is as alive as one in front: several are open at once.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--password-store=basic",
    "--use-mock-keychain",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--remote-debugging-port=0",
)
"""Without a window, without a word to anybody, the same on every machine."""

STARTS_WITHIN = 90.0
"""Real seconds that a start may take on a machine that is busy."""
_ENDS_WITHIN = 10.0


class BrowserFailed(Exception):
    """Chromium did not start; with what it said."""


@contextmanager
def running_chromium(program: Path) -> Iterator[str]:
    """Run Chromium with a fresh profile until the block ends; gives the address of its debugging port.

    Raises:
        BrowserFailed: It ended, or did not listen in time.
    """
    with tempfile.TemporaryDirectory(prefix="plimsoll-browser-", ignore_cleanup_errors=True) as folder:
        profile, said = Path(folder, "profile"), Path(folder, "said")
        with said.open("wb") as sink:
            process = subprocess.Popen(  # noqa: S603 - the browser of `make tools`
                [program, *FLAGS, *_unsandboxed(), f"--user-data-dir={profile}", "about:blank"],
                # What it would keep for its user stays with the profile.
                env={**os.environ, "XDG_CONFIG_HOME": folder},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield _address(process, profile / "DevToolsActivePort", said)
        finally:
            _end(process)


def _address(process: subprocess.Popen[bytes], told: Path, said: Path) -> str:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        with suppress(FileNotFoundError, ValueError):
            port, path = told.read_text(encoding="ascii").split()
            return f"ws://127.0.0.1:{port}{path}"
        if process.poll() is not None or time.monotonic() > deadline:
            raise BrowserFailed(f"Chromium did not start: {said.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def _unsandboxed() -> tuple[str, ...]:
    """Chromium's sandbox is left out only where it cannot be: as root, or where no namespaces are to be had."""
    if os.geteuid() == 0:
        return ("--no-sandbox",)
    return ("--no-sandbox",) if sys.platform == "linux" and not _namespaces() else ()


def _namespaces() -> bool:
    try:
        done = subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False)  # noqa: S607 - of util-linux
    except OSError:
        return False
    return done.returncode == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it started."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_ENDS_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
