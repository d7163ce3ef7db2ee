"""How far a report is, for whoever waits: a bar on a terminal, plain lines elsewhere, nothing where it is to be quiet.

All of it goes to the standard error, beside the command's output.
"""

from __future__ import annotations

from typing import TextIO

_WIDTH = 30
_LINE_EACH = 0.25


class ProgressBar:
    """Shows what it is told.

    Args:
        file: Where to.
        quiet: Whether nothing is shown.
    """

    def __init__(self, file: TextIO, *, quiet: bool) -> None:
        self._file, self._quiet = file, quiet
        self._terminal = file.isatty()
        self._shown = ""
        self._next_line = 0.0

    def __call__(self, share: float, what: str) -> None:
        """Show that this share, 0 to 1, is done, and what is being done now."""
        if self._quiet:
            return
        if self._terminal:
            self._bar(share, what)
        elif share >= self._next_line:
            self._file.write(f"{share:4.0%} {what}\n")
            self._next_line = (share // _LINE_EACH + 1) * _LINE_EACH

    def end(self) -> None:
        """Clear the bar away."""
        if self._shown:
            self._file.write(f"\r{' ' * len(self._shown)}\r")
            self._file.flush()
            self._shown = ""

    def _bar(self, share: float, what: str) -> None:
        full = round(_WIDTH * min(1.0, max(0.0, share)))
        text = f"[{'#' * full}{'.' * (_WIDTH - full)}] {share:4.0%} {what}"
        if text == self._shown:
            return
        self._file.write(f"\r{text.ljust(len(self._shown))}")
        self._file.flush()
        self._shown = text
