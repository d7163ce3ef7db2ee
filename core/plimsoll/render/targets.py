"""Prometheus's target files, as file_sd wants them, and the variables that it makes links of. Pure."""

from __future__ import annotations

import ipaddress
import json
import shlex
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from plimsoll.config.model import AlertmanagerConfig, Config, Listen, Mode

_PORTS = {"http": 80, "https": 443}


def target_files(config: Config, *, prometheus: str, tls: Mapping[str, bool]) -> dict[str, str]:
    """The target files by name.

    Args:
        config: What is configured.
        prometheus: Host and port of Prometheus itself.
        tls: Whether ``exporter`` and ``enforcer`` speak TLS.

    Returns:
        JSON by file name; a program that is not used has an empty list, so that its file is always there.
    """
    exporter = _service(config.exporter.listen, config.exporter.allowed_hosts, tls=tls["exporter"])
    enforcer = _service(config.enforcer.listen, config.enforcer.allowed_hosts, tls=tls["enforcer"])
    enforcing = any(account.enforcement.mode is not Mode.OFF for account in config.accounts.values())
    return {
        "exporters.json": _json([exporter]),
        "enforcers.json": _json([enforcer] if enforcing else []),
        "alertmanagers.json": _json([_alertmanager(one) for one in config.alertmanager]),
        "prometheus.json": _json([_group(prometheus, {})]),
    }


def links(config: Config) -> str:
    """Variables that ``prometheus.yml`` makes the links in alerts of, one a line, for a shell or an ``env_file``."""
    named = {"PLIMSOLL_GRAFANA_URL": config.links.grafana, "PLIMSOLL_RUNBOOK_URL": config.links.runbook}
    return "".join(f"{name}={shlex.quote(url)}\n" for name, url in named.items() if url is not None)


def reachable(listen: Listen, allowed_hosts: Sequence[str]) -> str:
    """Where to find who listens there: on all addresses the first of its allowed host names, else loopback."""
    return f"{_bracketed(_host(listen, allowed_hosts))}:{listen.port}"


def _host(listen: Listen, allowed_hosts: Sequence[str]) -> str:
    try:
        address = ipaddress.ip_address(listen.host)
    except ValueError:
        return listen.host
    if not address.is_unspecified:
        return listen.host
    loopback = "127.0.0.1" if address.version == 4 else "::1"  # noqa: PLR2004 - the version of an address
    return allowed_hosts[0] if allowed_hosts else loopback


def _bracketed(host: str) -> str:
    return f"[{host.strip('[]')}]" if ":" in host else host


def _service(listen: Listen, allowed_hosts: Sequence[str], *, tls: bool) -> dict[str, object]:
    """One of our own programs."""
    return _group(reachable(listen, allowed_hosts), {"__scheme__": "https"} if tls else {})


def _alertmanager(one: AlertmanagerConfig) -> dict[str, object]:
    """An Alertmanager, as a target of alerts and of scrapes alike."""
    url = urlsplit(one.url)
    labels = {"__scheme__": url.scheme} if url.scheme != "http" else {}
    if url.path:
        labels |= {"__alerts_path__": f"{url.path}/api/v2/alerts", "__metrics_path__": f"{url.path}/metrics"}
    return _group(f"{_bracketed(url.hostname or '')}:{url.port or _PORTS[url.scheme]}", labels)


def _group(target: str, labels: Mapping[str, str]) -> dict[str, object]:
    return {"targets": [target], **({"labels": dict(labels)} if labels else {})}


def _json(groups: Sequence[Mapping[str, object]]) -> str:
    return json.dumps(groups, indent=2) + "\n"
