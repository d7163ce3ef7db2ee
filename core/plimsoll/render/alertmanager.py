"""Alertmanager's configuration as text, from the template and what is switched on. Pure."""

from __future__ import annotations

from typing import cast

import yaml

from plimsoll.render.channels import Outlets
from plimsoll.render.template import Tree, fill

HEADER = "# Rendered by `plimsoll render` from alertmanager/alertmanager.yml; the next rendering overwrites it.\n"
_WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Writes everything out: no anchors, and no line breaks inside long texts."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        """Never point back to what stands above."""
        return True


def alertmanager_config(template: str, outlets: Outlets) -> str:
    """The configuration as YAML; it names secret files and holds no secret.

    Args:
        template: The text of the template.
        outlets: What is switched on.

    Raises:
        RenderFailed: The template asks for something where nothing can be left out.
    """
    values = {path: value for channel in outlets.channels for path, value in channel.values.items()}
    tree = fill(cast("Tree", yaml.safe_load(template)), values)
    return HEADER + yaml.dump(tree, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True)
