"""``python -m tools.dashboards.preview``: dashboards as self-contained pages, or served live with ``--serve``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from tools.dashboards.preview import pages
from tools.dashboards.preview.board import Board
from tools.dashboards.preview.colours import ThemeName
from tools.dashboards.preview.server import boards_in, serve
from tools.dashboards.preview.source import Prometheus
from tools.dashboards.preview.unsupported import unsupported

BOARDS = Path(__file__).resolve().parents[3] / "grafana" / "dashboards"
"""Where the dashboards are that the repository ships."""


def main(argv: Sequence[str] | None = None) -> int:
    """Write or serve the pages; 0 when every dashboard is drawn in full, 1 when something is not understood."""
    arguments = _arguments(argv)
    source = Prometheus(arguments.prometheus)
    if arguments.serve:
        host, _, port = arguments.serve.rpartition(":")
        serve(arguments.boards, source, host or "127.0.0.1", int(port))
        return 0
    boards = boards_in(arguments.boards)
    chosen = [board for board in boards if not arguments.board or _named(board) & set(arguments.board)]
    if not chosen:
        print(f"no such dashboard; there are: {', '.join(board.uid for board in boards)}", file=sys.stderr)
        return 2
    _write(chosen, boards, source, arguments)
    faults = [f"{board.title}: {fault}" for board in chosen for fault in unsupported(board)]
    print("\n".join(["Not drawn as Grafana would:", *faults]) if faults else "Everything is drawn.")
    return 1 if faults else 0


def _named(board: Board) -> set[str]:
    return {board.uid, board.uid.removeprefix("plimsoll-"), board.title}


def _write(chosen: Sequence[Board], boards: Sequence[Board], source: Prometheus, arguments: argparse.Namespace) -> None:
    themes = ("dark", "light") if arguments.theme == "both" else (arguments.theme,)
    asked: dict[str, list[str]] = {}
    for name, _, value in (one.partition("=") for one in arguments.var):
        asked.setdefault(name, []).append(value)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for theme in themes:
        shelf = pages.Shelf(boards=boards, addresses=_files(theme))
        for board in chosen:
            wanted = pages.Wanted(
                now=time.time(), theme=cast("ThemeName", theme), asked=asked, begin=arguments.begin, end=arguments.end
            )
            path = arguments.out / f"{board.uid}-{theme}.html"
            path.write_text(pages.page(board, shelf, source, wanted), encoding="utf-8")
            print(path)


class _files:  # noqa: N801 - used as a function
    """Links to dashboards lead to the files beside."""

    def __init__(self, theme: str) -> None:
        self._theme = theme

    def __call__(self, address: str, /) -> str:
        if not address.startswith("/d/"):
            return address
        path, mark, query = address.removeprefix("/d/").partition("?")
        return f"{path.split('/')[0]}-{self._theme}.html{mark}{query}"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.dashboards.preview", description=__doc__)
    parser.add_argument("--prometheus", required=True, metavar="URL")
    parser.add_argument("--boards", type=Path, default=BOARDS, metavar="DIR", help="classic JSON of the dashboards")
    parser.add_argument("--out", type=Path, default=Path("preview"), metavar="DIR")
    parser.add_argument("--theme", choices=("dark", "light", "both"), default="dark")
    parser.add_argument("--var", action="append", default=[], metavar="NAME=VALUE", help="may be given several times")
    parser.add_argument("--from", dest="begin", default="", metavar="TIME", help="such as now-1h")
    parser.add_argument("--to", dest="end", default="", metavar="TIME")
    parser.add_argument("--serve", metavar="HOST:PORT", help="serve the pages instead of writing them")
    parser.add_argument("board", nargs="*", help="uid, its end, or title; none is all")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
