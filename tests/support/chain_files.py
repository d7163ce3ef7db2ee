"""What the whole chain is started with: the shipped configuration with ``eon`` armed, and the alerts of a forger."""

from __future__ import annotations

import time
from pathlib import Path

from alerting_files import alerting_sections, write_secret, write_secrets
from fault_stage import BREACH_LABELS
from stack_harness import ROOT

OPERATOR = "made-up-operator-token"


def write_chain(folder: Path, *, armed: bool, **urls: str) -> Path:
    """Write ``plimsoll.yml`` with every channel on and all secrets beside it.

    Args:
        folder: Where they go.
        armed: Whether the file arms eon; else it stays in dry run, as shipped.
        urls: Of ``simulator``, ``exporter``, ``enforcer``, ``alertmanager`` and of the channels' ``services``.
    """
    write_secrets(folder, urls["services"])
    for name, text in (("report.token", "made-up-report-token"), ("operator.token", OPERATOR)):
        write_secret(folder / "secrets" / name, text)
    for path in (folder / "secrets").iterdir():
        path.chmod(0o600)
    text = (ROOT / "plimsoll.yml").read_text(encoding="utf-8")
    changes = {
        "exchange:\n": f'exchange:\n  rest_url: "{urls["simulator"]}"\n',
        '"127.0.0.1:9713" ': f'"{urls["exporter"].removeprefix("http://")}" ',
        '"127.0.0.1:9714"\n': f'"{urls["enforcer"].removeprefix("http://")}"\n',
        "# webhook_token_file: secrets/enforcer/": "webhook_token_file: secrets/",
        "# operator_token_file: secrets/enforcer/": "operator_token_file: secrets/",
        **({"      mode: dry-run ": "      mode: armed "} if armed else {}),
    }
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "plimsoll.yml"
    alerting = alerting_sections(
        alertmanager=urls["alertmanager"], enforcer=f"{urls['enforcer']}/api/v1/alerts", services=urls["services"]
    )
    path.write_text(text + alerting, encoding="utf-8")
    return path


def untrue_breach(**labels: str) -> dict[str, object]:
    """An alert that says that eon has lost 12 %, complete and of this very second, as a forger would make it."""
    now = time.time()
    return {
        "labels": {**BREACH_LABELS, **labels},
        "annotations": {
            "floor_usd": "45000.000000",
            "reference_usd": "50000.000000",
            "equity_usd": "44000.000000",
            "limit_ratio": "0.10000000",
            "flows_until": f"{now - 60:.3f}",
            "sampled_at": f"{now - 1:.3f}",
            "samples": "5",
        },
    }
