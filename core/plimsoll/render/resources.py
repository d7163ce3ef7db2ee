"""Where the templates lie: in ``alertmanager/`` of a checkout, beside this module in an installed package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plimsoll.errors import RenderFailed

_PLACES = (Path(__file__).with_name("shipped"), Path(__file__).parents[3] / "alertmanager")
CONFIG = "alertmanager.yml"
TEMPLATES = "templates"


def template_folder() -> Path:
    """The folder with the template of the configuration and those of messages.

    Raises:
        RenderFailed: The installation has lost it.
    """
    for place in _PLACES:
        if (place / CONFIG).is_file():
            return place
    raise RenderFailed("the templates of Alertmanager's configuration are not installed; install plimsoll-risk anew")


def config_template(folder: Path) -> str:
    """The template of Alertmanager's configuration."""
    return (folder / CONFIG).read_text(encoding="utf-8")


def message_templates(folder: Path) -> Mapping[str, str]:
    """The templates of messages, by file name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / TEMPLATES).glob("*.tmpl"))}
