"""What the status page shows besides the exporter's own state: alerts, enforcement, and where everything else is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from plimsoll import __version__
from plimsoll.clock import Clock
from plimsoll.config.model import Config
from plimsoll_exporter.fast_lane.sender import target
from plimsoll_exporter.json_values import Json
from plimsoll_exporter.page.alerts import NOT_ASKED, OFF, Alertmanagers
from plimsoll_exporter.page.asking import Known
from plimsoll_exporter.page.enforcement import Enforcer, enforcer_url


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What is known from others and from the configuration."""

    alerts: Known
    enforcement: Known
    links: dict[str, Json]

    async def close(self) -> None:
        """Ask nobody any more."""
        await asyncio.gather(self.alerts.close(), self.enforcement.close())


def surroundings(config: Config, *, clock: Clock) -> Surroundings:
    """Of a configuration.

    Raises:
        SecretError: The password file of an Alertmanager is unusable.
    """
    alertmanagers = Alertmanagers([target(one) for one in config.alertmanager], clock=clock)
    url = enforcer_url(config)
    enforcer = Enforcer(url, config.accounts, clock=clock)
    return Surroundings(
        alerts=Known(alertmanagers.ask, before=NOT_ASKED if config.alertmanager else OFF, clock=clock),
        enforcement=Known(enforcer.ask, before=enforcer.unknown(), clock=clock),
        links=links(grafana=config.links.grafana, runbook=config.links.runbook, button=config.links.button or url),
    )


def no_surroundings(*, clock: Clock) -> Surroundings:
    """Of an exporter that stands alone."""
    enforcer = Enforcer(None, (), clock=clock)
    return Surroundings(
        alerts=Known(Alertmanagers((), clock=clock).ask, before=OFF, clock=clock),
        enforcement=Known(enforcer.ask, before=enforcer.unknown(), clock=clock),
        links=links(grafana=None, runbook=None, button=None),
    )


def links(*, grafana: str | None, runbook: str | None, button: str | None) -> dict[str, Json]:
    """Where everything else is; ``null`` where that is not known.

    Args:
        grafana: Its address.
        runbook: The runbook, anywhere.
        button: The enforcer's page; an address by which only machines know it may lead nowhere from a browser.
    """
    found = {"grafana": grafana, "runbook": runbook, "button": button}
    return {"version": __version__, **{name: None if url is None else url.rstrip("/") for name, url in found.items()}}
