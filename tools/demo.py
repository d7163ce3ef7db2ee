"""``make demo``: an exchange, our programs, Prometheus, Alertmanager, dashboards until Ctrl-C; nothing stays behind.

Needs no keys and no network beyond loopback. Programs are started with a copy of ``demo.yml``, never with yours; ports
and folders are moved by environment overrides, as a user would move them.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_urlsafe
from types import FrameType

import requests
from tools.demo_alerting import PASSWORD, USER, Alerting, printing_receiver
from tools.demo_enforcing import OPERATOR_TOKEN, Enforcing
from tools.programs.cache import tool
from tools.programs.wanted import ToolError

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".cache" / "tools"
USUAL_BASE = 9713
PREVIEW = 6
"""Above the base, the port of the dashboards' preview."""

HIGHEST_BASE = 65000
"""So that the ports above the base are ports as well."""

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, the machine shutting down, the terminal being closed."""

START_SECONDS = 60.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.2
TOKEN = "report.token"  # noqa: S105 - the name of a file
"""The bots' bearer token, in the demo's folder."""


WORDS = ("WARNING", "ERROR", "CRITICAL")
"""What makes a line of a log worth being shown."""


class DemoError(Exception):
    """Something that the person at the terminal should read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Where everything listens; moved together by ``PORT_BASE``."""

    exporter: int
    enforcer: int
    simulator: int
    prometheus: int
    alertmanager: int
    preview: int

    @classmethod
    def at(cls, base: int) -> Ports:
        """The usual order, from ``base`` up."""
        names = ("exporter", "enforcer", "simulator", "prometheus", "alertmanager")
        return cls(**{name: base + place for place, name in enumerate(names)}, preview=base + PREVIEW)


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """One program of ours, its log, where it answers once it is up, and which lines of its log are shown."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    alive_url: str
    login: tuple[str, str] | None = None
    shown: tuple[str, ...] = WORDS


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; 0 after Ctrl-C, 1 when something could not be started or ended by itself."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--scenario", default="calm")
    parser.add_argument("--port-base", type=_port_base, default=USUAL_BASE, help="PORT_BASE of make demo")
    parser.add_argument("--armed", type=_switch, default=False, metavar="0|1", help="ARMED of make demo")
    arguments = parser.parse_args(argv)
    for number in ENDING:
        signal.signal(number, _interrupt)
    try:
        run(arguments.scenario, Ports.at(arguments.port_base), armed=arguments.armed)
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.")
        return 0
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


def _port_base(text: str) -> int:
    """The first of the demo's ports."""
    if not text.isdecimal() or not 1 <= int(text) <= HIGHEST_BASE:
        raise argparse.ArgumentTypeError(
            f"PORT_BASE must be a port from 1 to {HIGHEST_BASE}, as in make demo PORT_BASE={USUAL_BASE}; found {text!r}"
        )
    return int(text)


def _switch(text: str) -> bool:
    """Whether something is wanted; nothing said is no."""
    if text not in {"", "0", "1"}:
        raise argparse.ArgumentTypeError(f"ARMED must be 1 or 0, as in make demo ARMED=1; found {text!r}")
    return text == "1"


def run(scenario: str, ports: Ports, *, armed: bool = False) -> None:
    """Start everything, say what to open, and wait for Ctrl-C.

    Raises:
        DemoError: A port is taken, or a program does not start or ends by itself.
    """
    _require_free(ports)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="plimsoll-demo-")))
        _write_token(folder / TOKEN)
        alerting = Alerting(folder=folder, prometheus=ports.prometheus, alertmanager=ports.alertmanager)
        enforcing = Enforcing(folder=folder, port=ports.enforcer, armed=armed)
        enforcing.prepare()
        settings = _settings(ports, folder) | alerting.settings() | enforcing.settings()
        alerting.prepare(stack.enter_context(printing_receiver()), settings, enforcing.configuration)
        simulator = stack.enter_context(_simulator(scenario, ports, folder))
        _wait_for(simulator)
        own = [
            stack.enter_context(one) for one in (_exporter(ports, enforcing, settings), _enforcer(enforcing, settings))
        ]
        alerts = (_alertmanager(alerting), _prometheus(alerting), _preview(ports, folder))
        others = [stack.enter_context(one) for one in alerts]
        for child in (*own, *others):
            _wait_for(child)
        _say_what_to_open(scenario, ports, enforcing)
        _watch((simulator, *own, *others))


def _write_token(path: Path) -> None:
    """A token for the bots' reports, made for this demo alone."""
    path.touch(mode=0o600)
    path.write_text(token_urlsafe(32))


@contextmanager
def _simulator(scenario: str, ports: Ports, folder: Path) -> Iterator[Child]:
    command = ["plimsoll-simulator", "--listen", f"127.0.0.1:{ports.simulator}", "--scenario", scenario]
    # The scenario's bots report refused orders, as a user's would.
    command += ["--report-url", f"http://127.0.0.1:{ports.exporter}"]
    command += ["--report-token-file", str(folder / TOKEN), "--report-spool", str(folder / "reports")]
    with _running("simulator", command, {}, folder, f"http://127.0.0.1:{ports.simulator}/fapi/v1/ping") as child:
        yield child


def _settings(ports: Ports, folder: Path) -> dict[str, str]:
    """Where our programs find and put everything, as variables."""
    simulator = f"127.0.0.1:{ports.simulator}"
    return {
        "PLIMSOLL_EXCHANGE__REST_URL": f"http://{simulator}",
        "PLIMSOLL_EXCHANGE__WALLET_URL": f"http://{simulator}",
        "PLIMSOLL_EXCHANGE__MARKET_STREAM_URL": f"ws://{simulator}",
        "PLIMSOLL_EXCHANGE__PRIVATE_STREAM_URL": f"ws://{simulator}",
        "PLIMSOLL_EXPORTER__LISTEN": f"127.0.0.1:{ports.exporter}",
        "PLIMSOLL_EXPORTER__DATA_DIR": str(folder / "exporter"),
        "PLIMSOLL_REJECTIONS__TOKEN_FILE": str(folder / TOKEN),
    }


@contextmanager
def _exporter(ports: Ports, enforcing: Enforcing, settings: dict[str, str]) -> Iterator[Child]:
    command = ["plimsoll-exporter", "--config", str(enforcing.configuration)]
    url = f"http://127.0.0.1:{ports.exporter}/-/ready"
    with _running("exporter", command, settings, enforcing.folder, url) as child:
        yield child


@contextmanager
def _enforcer(enforcing: Enforcing, settings: dict[str, str]) -> Iterator[Child]:
    url = f"http://127.0.0.1:{enforcing.port}/-/ready"
    with _running("enforcer", enforcing.command(), settings, enforcing.folder, url) as child:
        yield replace(child, shown=("INFO", *WORDS))


@contextmanager
def _alertmanager(alerting: Alerting) -> Iterator[Child]:
    command = alerting.alertmanager_command(_tool("alertmanager"))
    url = f"http://127.0.0.1:{alerting.alertmanager}/-/ready"
    with _running("alertmanager", command, {}, alerting.folder, url) as child:
        yield replace(child, login=alerting.login)


@contextmanager
def _prometheus(alerting: Alerting) -> Iterator[Child]:
    command = alerting.prometheus_command(_tool("prometheus"))
    url = f"http://127.0.0.1:{alerting.prometheus}/-/ready"
    with _running("prometheus", command, {}, alerting.folder, url) as child:
        yield child


@contextmanager
def _preview(ports: Ports, folder: Path) -> Iterator[Child]:
    address = f"127.0.0.1:{ports.preview}"
    command = ["python", "-m", "tools.dashboards.preview", "--serve", address]
    command += ["--prometheus", f"http://127.0.0.1:{ports.prometheus}"]
    with _running("preview", command, {"PYTHONPATH": str(ROOT)}, folder, f"http://{address}/") as child:
        yield child


def _tool(name: str) -> Path:
    """A program that ``make tools`` provides.

    Raises:
        DemoError: It is not there.
    """
    try:
        return tool(TOOLS, name)
    except ToolError as error:
        raise DemoError(str(error)) from error


@contextmanager
def _running(name: str, command: Sequence[str], moved: dict[str, str], folder: Path, alive_url: str) -> Iterator[Child]:
    """One program in a session of its own, so that Ctrl-C reaches it through us, once; ended by its process id."""
    program = Path(sys.executable).parent / command[0]
    log = folder / f"{name}.log"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PLIMSOLL_")}
    process = None
    try:
        with log.open("wb") as output, _undisturbed():
            process = subprocess.Popen(  # noqa: S603  # our own program, from our own environment
                [str(program), *command[1:]],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=inherited | moved,
            )
        yield Child(name=name, process=process, log=log, alive_url=alive_url)
    finally:
        if process is not None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _require_free(ports: Ports) -> None:
    for name, port in asdict(ports).items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise DemoError(
                    f"port {port}, meant for the {name}, cannot be used ({error}). "
                    f"Stop what uses it, or move the demo: make demo PORT_BASE={_another(ports.exporter)}"
                ) from error


def _another(base: int) -> int:
    """A port base that is probably free."""
    return base + 1000 if base + 1000 <= HIGHEST_BASE else USUAL_BASE


def _wait_for(child: Child) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _require_running(child)
        try:
            if requests.get(child.alive_url, auth=child.login, timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(POLL_SECONDS)
    raise DemoError(f"the {child.name} was not ready after {START_SECONDS:.0f} s; its last words:\n{_tail(child)}")


def _require_running(child: Child) -> None:
    if child.process.poll() is not None:
        raise DemoError(f"the {child.name} ended by itself; its last words:\n{_tail(child)}")


def _tail(child: Child, lines: int = 15) -> str:
    return "\n".join(child.log.read_text(errors="replace").splitlines()[-lines:])


def _say_what_to_open(scenario: str, ports: Ports, enforcing: Enforcing) -> None:
    exporter, folder = f"http://127.0.0.1:{ports.exporter}", enforcing.folder
    print(
        f"""
Plimsoll is watching three simulated accounts, scenario {scenario!r}.
{enforcing.told()}

  {exporter}/                 the status page: which account is in danger, how near, what is unprotected
  {exporter}/metrics          what Prometheus scrapes
  {exporter}/api/v1/accounts  the same as JSON
  http://127.0.0.1:{ports.enforcer}/                 the enforcer; operator's token in {folder / OPERATOR_TOKEN}
  http://127.0.0.1:{ports.simulator}/sim/truth       what the simulated exchange itself holds true
  http://127.0.0.1:{ports.prometheus}/api/v1/alerts   which alerts fire in Prometheus
  http://127.0.0.1:{ports.preview}/                 Dashboards without Grafana
  http://127.0.0.1:{ports.alertmanager}/                Alertmanager; user {USER}, password in {folder / PASSWORD}

Alerts are printed below as they reach the webhook, the only channel that is on, and what the enforcer does.
Other scenarios: make demo SCENARIO=november-stops   (docs/simulator.md lists them)
The whole chain: make demo SCENARIO=october-mirror ARMED=1   (breach, page, flatten, lockout; after about 3 minutes)
Ctrl-C ends everything.
"""
    )
    _print_accounts(exporter)


def _print_accounts(exporter: str) -> None:
    print(f"{'account':<10} {'status':<8} {'equity':>14} {'exposure':>14} {'leverage':>9} {'positions':>9}   (USD)")
    for account in requests.get(f"{exporter}/api/v1/accounts", timeout=5).json()["accounts"]:
        figures = account["figures"] or {}
        money = [_money(figures.get(name)) for name in ("equity", "gross_exposure")]
        leverage = f"{float(figures['leverage']):.2f}x" if figures.get("leverage") else "-"
        count = len(account["positions"] or ())
        print(f"{account['account']:<10} {account['status']:<8} {money[0]:>14} {money[1]:>14} {leverage:>9} {count:>9}")


def _money(text: str | None) -> str:
    return f"{float(text):,.2f}" if text is not None else "unknown"


def _watch(children: Sequence[Child]) -> None:
    """Show warnings as they come, until Ctrl-C."""
    shown = {child.name: child.log.stat().st_size for child in children}
    while True:
        for child in children:
            _require_running(child)
            with child.log.open("rb") as log:
                log.seek(shown[child.name])
                fresh = log.read()
            shown[child.name] += len(fresh)
            for line in fresh.decode(errors="replace").splitlines():
                if any(level in line for level in child.shown):
                    print(f"{child.name}: {line}")
        time.sleep(1.0)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put a signal off to the end of the block: it would leave a program behind that is being started."""
    came: list[int] = []
    for number in ENDING:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number in ENDING:
            signal.signal(number, _interrupt)
        if came:
            _interrupt(came[0], None)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End everything; from now on an impatient second Ctrl-C cannot cut the clearing up short."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
