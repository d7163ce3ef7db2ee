"""Prometheus, promtool, Alertmanager and amtool from the packages of the distribution's current suite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.programs.packages import unpack_packages
from tools.programs.sources import current_suite
from tools.programs.wanted import Program

ALERTMANAGER = """\
#!/bin/sh
# Debian's Alertmanager reads the templates that others build in from /usr/share. Where they are missing, it runs with a
# private view of the file system (user and mount namespace of its own) in which its own folder stands in that place.
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
share=$(cd "$here/../share" && pwd)
[ -e /usr/share/prometheus/alertmanager/default.tmpl ] && exec "$here/prometheus-alertmanager" "$@"
exec unshare --user --map-root-user --mount sh -c '
share=$1; program=$2; shift 2
for each in zoneinfo ca-certificates; do
    [ -d "/usr/share/$each" ] && mkdir -p "$share/$each" && mount --bind "/usr/share/$each" "$share/$each"
done
mount --rbind "$share" /usr/share && exec "$program" "$@"
' sh "$share" "$here/prometheus-alertmanager" "$@"
"""


def fetch_monitoring(
    programs: Iterable[Program], target: Path, release: Mapping[str, str], lists: Iterable[str]
) -> None:
    """Unpack the packages of these programs into a folder.

    Raises:
        ToolError: They are not to be had on this machine.
    """
    names = dict.fromkeys(each.package for each in programs)
    unpack_packages((current_suite(release, lists),), names, target)
    name_alertmanager(target)


def name_alertmanager(target: Path) -> None:
    """Give the package's Alertmanager its usual name, and its templates."""
    if (target / "usr" / "bin" / "prometheus-alertmanager").exists():
        script = target / "usr" / "bin" / "alertmanager"
        script.write_text(ALERTMANAGER, encoding="utf-8")
        script.chmod(0o755)
