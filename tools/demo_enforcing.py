"""The demo's enforcer: its own configuration file, its tokens, and what it is started with.

Arming takes two: ``mode: armed`` in the file, which no variable can set, and ``--arm`` at the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

SHIPPED = Path(__file__).with_name("demo.yml")
"""The demo's own world: ``plimsoll.yml`` belongs to whoever watches accounts of his own."""

ACCOUNT = "eon"
"""The account with a limit that closes."""

DRY_RUN = "      mode: dry-run\n"
ARMED = "      mode: armed\n"
CONFIGURATION = "plimsoll.yml"
WEBHOOK_TOKEN = "webhook.token"  # noqa: S105 - the name of a file
OPERATOR_TOKEN = "operator.token"  # noqa: S105 - the name of a file


@dataclass(frozen=True, kw_only=True, slots=True)
class Enforcing:
    """How the enforcer is run.

    Attributes:
        folder: The demo's folder.
        port: Where the enforcer listens.
        armed: Whether it may close ``ACCOUNT``.
    """

    folder: Path
    port: int
    armed: bool

    @property
    def configuration(self) -> Path:
        """The shipped file, armed where that is wanted; all programs of the demo read this one."""
        return self.folder / CONFIGURATION

    def prepare(self) -> None:
        """Write configuration and tokens.

        Raises:
            ValueError: The shipped file does not have the one line that arms it.
        """
        text = SHIPPED.read_text(encoding="utf-8")
        if text.count(DRY_RUN) != 1:
            raise ValueError(f"{SHIPPED.name} must have one line {DRY_RUN.strip()!r}")
        self.configuration.write_text(text.replace(DRY_RUN, ARMED) if self.armed else text, encoding="utf-8")
        for name in (WEBHOOK_TOKEN, OPERATOR_TOKEN):
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_text(token_urlsafe(32), encoding="utf-8")

    def settings(self) -> dict[str, str]:
        """What enforcer, exporter and ``plimsoll render`` are told about it, as variables."""
        token = str(self.folder / WEBHOOK_TOKEN)
        return {
            "PLIMSOLL_ENFORCER__LISTEN": f"127.0.0.1:{self.port}",
            "PLIMSOLL_ENFORCER__DATA_DIR": str(self.folder / "enforcer"),
            "PLIMSOLL_ENFORCER__WEBHOOK_TOKEN_FILE": token,
            "PLIMSOLL_ENFORCER__OPERATOR_TOKEN_FILE": str(self.folder / OPERATOR_TOKEN),
            "PLIMSOLL_ENFORCEMENT_WEBHOOK__URL": f"http://127.0.0.1:{self.port}/api/v1/alerts",
            "PLIMSOLL_ENFORCEMENT_WEBHOOK__TOKEN_FILE": token,
        }

    def command(self) -> Sequence[str]:
        """What starts it."""
        arming = ["--arm", ACCOUNT] if self.armed else []
        return ["plimsoll-enforcer", "--config", str(self.configuration), *arming]

    def told(self) -> str:
        """What is in force, for the terminal."""
        if self.armed:
            return f"ARMED: a breach of {ACCOUNT}'s drawdown limit closes the account and locks it."
        return "DRY RUN: a breach is told and nothing is closed; ARMED=1 lets the enforcer close."
