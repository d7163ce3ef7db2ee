"""``plimsoll render``: look which secrets exist, write every file, say which channels are on.

Under the output folder lie ``alertmanager/rendered/`` and ``prometheus/rendered/``, beside the files that name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plimsoll.config.model import Config
from plimsoll.render.alertmanager import alertmanager_config
from plimsoll.render.channels import ENFORCER, Outlets, find_outlets
from plimsoll.render.files import make_folder, write
from plimsoll.render.resources import CONFIG, TEMPLATES, config_template, message_templates, template_folder
from plimsoll.render.targets import links, target_files
from plimsoll.render.web import web_config
from plimsoll.table import table
from plimsoll.web.load import load_web_config

ALERTMANAGER = Path("alertmanager", "rendered")
PROMETHEUS = Path("prometheus", "rendered")
USUAL_PROMETHEUS = "127.0.0.1:9090"

NOBODY = """\
NO CHANNEL TO PEOPLE IS ON: WHATEVER HAPPENS, NOBODY IS TOLD. Alerts are to be seen in Alertmanager only.
Name a secret file under notifications: (pagerduty, telegram, webhook) in {path}, create it, and render again."""


def render(config: Config, out: Path, *, prometheus: str = USUAL_PROMETHEUS) -> tuple[Outlets, tuple[Path, ...]]:
    """Write everything.

    Args:
        config: What is configured.
        out: The output folder.
        prometheus: Host and port of Prometheus, which scrapes itself.

    Returns:
        What is switched on, and the files that changed.

    Raises:
        ConfigError: Something that it needs is not configured, or a web configuration is wrong.
        SecretError: A secret file is unusable.
        RenderFailed: A file cannot be made or written.
    """
    outlets = find_outlets(config)
    files = {
        **_for_alertmanager(outlets, out / ALERTMANAGER),
        **_for_prometheus(config, outlets, out / PROMETHEUS, prometheus),
    }
    for folder in (ALERTMANAGER, PROMETHEUS):
        make_folder(out / folder)
    return outlets, tuple([path for path, text in files.items() if write(path, text)])


def describe_outlets(outlets: Outlets) -> str:
    """Which channels are on, and why others are not."""
    rows = [
        [one.name, "on" if one.why_off is None else "OFF", one.why_off or _told(one.name)] for one in outlets.channels
    ]
    return table(("CHANNEL", "STATE", "REMARK"), rows)


def warnings_about(config: Config, outlets: Outlets) -> list[str]:
    """What somebody should hear before trusting it; empty where all is well."""
    told: list[str] = []
    if not outlets.reaches_people:
        told.append(NOBODY.format(path=config.path))
    states = {one.name: one.why_off is None for one in outlets.channels}
    if states["pagerduty"] and not (states["telegram"] or states["webhook"]):
        told.append("Warnings reach nobody: PagerDuty gets what is critical only. Add telegram or webhook.")
    if not states["heartbeat"]:
        told.append("No heartbeat leaves this machine: if it dies, nobody is told. Add notifications.heartbeat.")
    return told


def _told(name: str) -> str:
    """What a channel that is on is for."""
    return {
        "pagerduty": "critical alerts",
        "heartbeat": "every minute, to the outside",
        ENFORCER: "breaches that close positions, and the probe",
    }.get(name, "critical alerts and warnings")


def _for_alertmanager(outlets: Outlets, folder: Path) -> Mapping[Path, str]:
    """Its files, the configuration last: a reload in between finds every template that it names."""
    templates = template_folder()
    return {
        **{folder / TEMPLATES / name: text for name, text in message_templates(templates).items()},
        folder / "web.yml": web_config(outlets.login.user, outlets.login.password, folder / "web.yml"),
        folder / CONFIG: alertmanager_config(config_template(templates), outlets),
    }


def _for_prometheus(config: Config, outlets: Outlets, folder: Path, prometheus: str) -> Mapping[Path, str]:
    """Its target files and the login that it needs for Alertmanager."""
    tls = {"exporter": _speaks_tls(config.exporter.web_config_file)}
    tls["enforcer"] = _speaks_tls(config.enforcer.web_config_file)
    targets = target_files(config, prometheus=prometheus, tls=tls)
    return {
        **{folder / name: text for name, text in targets.items()},
        folder / "links.env": links(config),
        folder / "alertmanager.username": outlets.login.user,
        folder / "alertmanager.password": outlets.login.password.reveal(),
    }


def _speaks_tls(web_config_file: Path | None) -> bool:
    """Whether a program of ours is served by TLS."""
    return web_config_file is not None and load_web_config(web_config_file).tls is not None
