"""Five minutes of ``python -m soak`` beside the tests: a pytest plugin, and what one test needs to judge them.

A soak costs a tenth of a processor, but as a test a worker for five minutes. So pytest's own process begins it as soon
as a worker says that the test which judges it is among those chosen, and ends it with the session; workers come and go
before that. A pipe binds the soak to that process: whatever ends it, an interrupt or a kill, ends the soak and its
exporter.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

import pytest

from programs import ROOT, environment

JUDGE = "test_five_minutes_of_calm"
SECONDS = 300.0
ENDS_WITHIN = 60.0
"""Seconds in which a soak ends that is to end; it closes some fifty connections."""

AWAITED_FOR = SECONDS + 300.0
"""Seconds that its end is waited for, those included in which it begins: the machine may be busy."""

NAME = "soak-beside"


@contextmanager
def soaking(folder: Path, seconds: float = SECONDS) -> Iterator[subprocess.Popen[bytes]]:
    """Soak until the block ends, at most so long; all that is said, and then the exit code, go into the folder."""
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "soak", "--seconds", str(seconds), "--bound"],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=environment(PYTHONPATH=str(ROOT / "tests" / "support")),
            start_new_session=True,  # an interrupt is told by the pipe
        )
    waiting = threading.Thread(target=lambda: (folder / "code").write_text(str(process.wait())))
    waiting.start()
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        waiting.join(ENDS_WITHIN)
        process.kill()  # nothing where it has ended
        waiting.join()


def soaked(folder: Path) -> tuple[int, str]:
    """Wait for the end of a soak, begun by whatever process; gives its exit code and all it said.

    Raises:
        AssertionError: It does not end.
    """
    code, deadline = folder / "code", time.monotonic() + AWAITED_FOR
    while not (code.exists() and code.read_text()):
        assert time.monotonic() < deadline, f"the soak has not ended: {(folder / 'said').read_text()}"
        time.sleep(0.1)
    return int(code.read_text()), (folder / "said").read_text()


class SoakBeside:
    """Begins a soak where it is to be judged; in ``folder`` it says what it found."""

    def __init__(self) -> None:
        self._kept = ExitStack()
        self._begun = False

    @cached_property
    def folder(self) -> Path:
        """Made when it is first asked for."""
        return Path(self._kept.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None:
        """Tell a worker of pytest-xdist where the soak is."""
        node.workerinput[NAME] = str(self.folder)  # type: ignore[attr-defined] # pytest-xdist tells no types

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[str]) -> None:
        """A worker knows which tests are chosen."""
        self._begin(ids)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Where there are no workers, this process knows."""
        if not session.config.option.collectonly:
            self._begin(item.nodeid for item in session.items)

    def pytest_sessionfinish(self) -> None:
        """The session is over, by itself or broken off."""
        self._kept.close()

    def _begin(self, ids: Iterable[str]) -> None:
        if not self._begun and any(name.endswith(f"::{JUDGE}") for name in ids):
            self._begun = True
            self._kept.enter_context(soaking(self.folder))


def register(config: pytest.Config) -> None:
    """Stand ready, in pytest's own process only."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SoakBeside(), NAME)


def folder_of(config: pytest.Config) -> Path:
    """Where the session's soak says what it found, in a worker as in pytest's own process."""
    if hasattr(config, "workerinput"):
        return Path(config.workerinput[NAME])
    plugin = config.pluginmanager.get_plugin(NAME)
    assert isinstance(plugin, SoakBeside)
    return plugin.folder
