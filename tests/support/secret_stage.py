"""All programs on one folder of secrets, each of which is a mark of its own, and what they let out of them."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import programs
from alerting_files import write_secret

SIGNATURE = re.compile(r"signature(?:=|%3D)[0-9A-Za-z%+/]{8}", re.IGNORECASE)
MARKS = {
    "source.secret": "mArkSourceSecretThatSomebodyMistyped00000000000000000001",
    "report.token": "mArkReportToken0000000000000000000000000002",
    "webhook.token": "mArkWebhookToken000000000000000000000000003",
    "operator.token": "mArkOperatorToken00000000000000000000000004",
    "web.password": "mArkWeb+Password/0005",
    "pagerduty.key": "mArkPagerDutyRoutingKey000000006",
    "telegram.token": "123456:mArkTelegramToken0000000000000007",
    "telegram.chat": "-1009876543210",
    "webhook.url": "http://127.0.0.1:1/hook/mArkHook0008",
    "heartbeat.url": "http://127.0.0.1:1/beat/mArkBeat0009",
}
GIVEN = {
    "source.key": "simulator-key-source",
    "eon.key": "simulator-key-eon",
    "eon.secret": "simulator-secret-eon",
    "eon.trade.key": "simulator-trade-key-eon",
    "eon.trade.secret": "simulator-trade-secret-eon",
    "live.key": "simulator-key-live",
}
"""What the simulator wants; the secret of ``source`` is a mistyped one, live's is of a kind it was not made for."""

RECOGNISED = 32
"""Letters and digits from which on a pasted secret is told from the name of a file."""

CONFIG = """\
exchange:
  environment: simulator
  rest_url: "{simulator}"
  wallet_url: "{simulator}"
  market_stream_url: "{streams}"
  private_stream_url: "{streams}"
accounts:
  source: {{read_key: {{key_file: s/source.key, secret_file: s/source.secret}}, enforcement: {{mode: off}}}}
  eon:
    read_key: {{key_file: s/eon.key, secret_file: s/eon.secret}}
    trade_key: {{key_file: s/eon.trade.key, secret_file: s/eon.trade.secret}}
    limits: {{drawdown: {{tmad: {{from: high-water, ratio: 0.10, on_breach: flatten, lockout: until-released}}}}}}
    enforcement: {{mode: armed}}
  live: {{read_key: {{key_file: s/live.key, private_key_file: s/live.pem}}, enforcement: {{mode: off}}}}
exporter: {{listen: "127.0.0.1:{exporter}", data_dir: data/exporter}}
enforcer:
  listen: "127.0.0.1:{enforcer}"
  data_dir: data/enforcer
  webhook_token_file: s/webhook.token
  operator_token_file: s/operator.token
rejections: {{token_file: s/report.token}}
alertmanager: [{{url: "http://127.0.0.1:1", username: plimsoll, password_file: s/web.password}}]
enforcement_webhook: {{url: "http://127.0.0.1:{enforcer}/api/v1/alerts", token_file: s/webhook.token}}
notifications:
  pagerduty: {{routing_key_file: s/pagerduty.key}}
  telegram: {{bot_token_file: s/telegram.token, chat_id_file: s/telegram.chat}}
  webhook: {{url_file: s/webhook.url}}
  heartbeat: {{url_file: s/heartbeat.url}}
"""


@dataclass(kw_only=True)
class SecretStage:
    """The folder, the addresses, and everything that was let out so far.

    Attributes:
        let_out: Text by where it was found.
    """

    folder: Path
    simulator: str
    exporter: str
    enforcer: str
    marks: dict[str, str]
    let_out: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "plimsoll.yml"

    def command(self, name: str, *arguments: str) -> list[str | Path]:
        """A program that says all it can."""
        return [name, *arguments, "--config", self.config, "--log-level", "debug"]

    def run(self, name: str, *arguments: str) -> int:
        """Run a command to its end and keep what it says; gives the exit code."""
        done = programs.run(*self.command(name, *arguments))
        self.let_out[f"{name} {' '.join(arguments)}"] = done.stdout + done.stderr
        return done.returncode

    def look(self, url: str, **how: str) -> int:
        """Keep an answer, its headers too; gives the status."""
        token = {"Authorization": f"Bearer {how['token']}"} if "token" in how else {}
        with requests.request(how.get("method", "GET"), url, headers=token, data=how.get("body"), timeout=20) as answer:
            self.let_out[f"{how.get('method', 'GET')} {url}"] = f"{dict(answer.headers)}\n{answer.text}"
            return answer.status_code

    def look_at_process(self, name: str, process: programs.Running) -> None:
        """Keep what the system shows everybody of a process."""
        for what in ("cmdline", "environ"):
            self.let_out[f"{name}'s {what}"] = Path(f"/proc/{process.pid}/{what}").read_text(errors="replace")

    def look_at_files(self) -> None:
        """Keep what was written: logs, and every text of every database."""
        for path in self.folder.rglob("*"):
            if not path.is_file() or "s" in path.relative_to(self.folder).parts:
                continue
            self.let_out[str(path)] = path.read_bytes().decode("utf-8", "replace")
            if path.suffix == ".sqlite":
                with closing(sqlite3.connect(path)) as connection:
                    self.let_out[f"{path} as SQL"] = "\n".join(connection.iterdump())

    def leaks(self) -> list[str]:
        """Which secret is where, as it is or in another dress."""
        found = [
            f"{name} in {where}"
            for where, text in self.let_out.items()
            for name, mark in self.marks.items()
            if any(dress in text for dress in dresses(mark))
        ]
        return found + [f"a signature in {where}" for where, text in self.let_out.items() if SIGNATURE.search(text)]


def dresses(mark: str) -> set[str]:
    """A secret as it is, in a URL, in JSON, and in base64 wherever it may begin."""
    plain = {mark, quote(mark), quote(mark, safe=""), json.dumps(mark)[1:-1], mark.replace("/", "\\/")}
    raw = mark.encode()
    # The first and last signs depend on what stands beside it.
    coded = {base64.b64encode(b"x" * shift + raw).decode().rstrip("=")[4 if shift else 0 : -2] for shift in range(3)}
    return plain | coded


@contextmanager
def secret_stage(folder: Path) -> Iterator[SecretStage]:
    """A running simulator, and all secrets beside a configuration that points at it."""
    ports = [programs.free_port() for _ in range(3)]
    simulator = f"http://127.0.0.1:{ports[0]}"
    streams = simulator.replace("http", "ws", 1)
    text = CONFIG.format(simulator=simulator, streams=streams, exporter=ports[1], enforcer=ports[2])
    (folder / "plimsoll.yml").write_text(text, encoding="utf-8")
    pem = _pem()
    for name, content in {**MARKS, **GIVEN, "live.pem": pem}.items():
        (folder / "s").mkdir(exist_ok=True)
        write_secret(folder / "s" / name, content)
        (folder / "s" / name).chmod(0o600)
    stage = SecretStage(
        folder=folder,
        simulator=simulator,
        exporter=f"http://127.0.0.1:{ports[1]}",
        enforcer=f"http://127.0.0.1:{ports[2]}",
        marks={**MARKS, **GIVEN, "live.pem": pem.splitlines()[1]},
    )
    command = ["plimsoll-simulator", "--listen", f"127.0.0.1:{ports[0]}", "--log-level", "debug"]
    with programs.running(command, folder / "simulator.log") as process:
        process.until_answers(f"{simulator}/fapi/v1/time")
        yield stage
        stage.look_at_process("simulator", process)


def _pem() -> str:
    """A new Ed25519 key."""
    made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.decode().strip()
