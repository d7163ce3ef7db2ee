"""What each source of an account last achieved, and what troubles it; said in the log once for each kind of trouble."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError, KeyRefused

log = logging.getLogger(__name__)


class Sources:
    """Successes and failures of one account's sources (``view.SOURCES``).

    Attributes:
        succeeded_at: Unix time of each source's last success.
        key_refused: The exchange refused the key at the last call: what it may do is not known any more.
        trouble: What keeps the account from being live, in words; empty when nothing does.
    """

    def __init__(self, account: str, clock: Clock) -> None:
        self._account, self._clock = account, clock
        self._failing: dict[str, str] = {}
        self.key_refused = False
        self.succeeded_at: dict[str, float] = {}

    @property
    def trouble(self) -> str:
        """The latest failure of each source that has not succeeded since."""
        return "; ".join(f"{source}: {text}" for source, text in sorted(self._failing.items()))

    def succeeded(self, source: str) -> None:
        """A source told something just now."""
        self.succeeded_at[source] = self._clock.now()
        self.key_refused = False
        self.mended(source)

    def mended(self, source: str) -> None:
        """A source no longer fails, though it has not told anything yet."""
        if self._failing.pop(source, None) is not None:
            log.info("%s: %s works again", self._account, source)

    def failed(self, source: str, error: ExchangeError | str) -> None:
        """A source failed."""
        self.key_refused = isinstance(error, KeyRefused)
        text = str(error)
        if self._failing.get(source) != text:
            log.warning("%s: %s: %s", self._account, source, text)
        self._failing[source] = text

    @contextmanager
    def blame(self, source: str) -> Iterator[None]:
        """Note what the calls inside raise as a failure of the source, and pass it on."""
        try:
            yield
        except ExchangeError as error:
            self.failed(source, error)
            raise
