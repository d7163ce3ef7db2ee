"""Text that people read in a terminal or a log: one line, nothing invisible, never endless."""

from __future__ import annotations


def one_line(text: str) -> str:
    """The text with every line break and other unprintable character escaped, so that nothing can be forged."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def is_text(text: str) -> bool:
    """Whether the text can be written at all: JSON lets halves of characters through that no file takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def shortened(text: str, limit: int = 60) -> str:
    """The text on one line, cut to ``limit`` characters."""
    line = one_line(text)
    return line if len(line) <= limit else line[: limit - 3] + "..."
