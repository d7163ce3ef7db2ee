"""Scrapes as Prometheus makes them: its headers, gzip, one connection kept open; and what stands on the page.

A scrape is over when the last byte is there; unpacking and looking at it is the driver's own affair and not timed.
"""

from __future__ import annotations

import gzip
import re
import time
from dataclasses import dataclass

import aiohttp

HEADERS = {
    "Accept": "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "Accept-Encoding": "gzip",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Scrape:
    """One page as it came.

    Attributes:
        milliseconds: From the request to the last byte.
        ended: Unix time of the last byte.
        packed: The page as it was sent.
    """

    milliseconds: float
    ended: float
    packed: bytes

    @property
    def page(self) -> bytes:
        """The page itself."""
        return gzip.decompress(self.packed)


class Scraper:
    """Scrapes the exporter at ``url``; the session must not unpack by itself."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = f"{url}/metrics"

    async def scrape(self) -> Scrape:
        """One scrape.

        Raises:
            aiohttp.ClientResponseError: There is no page.
        """
        began = time.perf_counter()
        async with self._session.get(self._url, headers=HEADERS) as answer:
            answer.raise_for_status()
            packed = await answer.read()
        return Scrape(milliseconds=(time.perf_counter() - began) * 1000, ended=time.time(), packed=packed)


def series(page: bytes, name: str, **labels: str) -> list[float]:
    """The values of all series of that name with those labels."""
    wanted = "".join(f'(?=[^}}]*\\b{label}="{value}")' for label, value in labels.items())
    found = re.findall(rf"^{name}\{{{wanted}[^}}]*\}} (\S+)".encode(), page, re.MULTILINE)
    return [float(value) for value in found]
