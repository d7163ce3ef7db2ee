"""A bot's log that is followed: nothing is read twice and nothing missed, whatever happens to the file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from plimsoll.database.values import FilePosition
from plimsoll_exporter.rejections.log_file import CHUNK, LONGEST_LINE, LogFile

START = "2026-11-20 07:00:00,000 INFO bot: here we go, with a line long enough to know the file by\n"


def error(number: int) -> str:
    """A line about a refused order that is told from all others by its words."""
    return f"2026-11-20 08:00:{number % 60:02d},000 ERROR APIError(code=-2019): number {number}\n"


Again = Callable[[], None]


class Followed:
    """A log, and what its follower finds; ``restart`` goes on from the last position."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bot.log"
        self.file: LogFile | None = None
        self.position: FilePosition | None = None

    def write(self, text: str | bytes) -> None:
        """Append."""
        with self.path.open("ab") as log:
            log.write(text if isinstance(text, bytes) else text.encode())

    def restart(self) -> None:
        """Forget all but the position."""
        self.file = None

    def read(self) -> list[int]:
        """The numbers found since the last call."""
        self.file = self.file or LogFile(self.path, self.position)
        self.position = self.file.position
        numbers = []
        while (read := self.file.read()) is not None:
            numbers += [int(found.text.split()[-1]) for found in read.found]
            self.position = read.position
        return numbers


@pytest.fixture
def log(tmp_path: Path) -> Followed:
    """A log with something in it that is followed from here on."""
    followed = Followed(tmp_path)
    followed.write(START)
    assert followed.read() == []
    return followed


@pytest.fixture(params=["running", "restarted"])
def again(request: pytest.FixtureRequest, log: Followed) -> Again:
    """Go on as the same follower, or as one that starts anew at the last position."""
    return log.restart if request.param == "restarted" else lambda: None


def test_what_is_older_than_the_first_look_is_not_told(tmp_path: Path):
    """A log is followed from its end."""
    followed = Followed(tmp_path)
    followed.write(error(1))
    assert followed.read() == []
    followed.write(error(2))
    assert followed.read() == [2]


def test_a_log_that_comes_later_is_read_from_its_beginning(tmp_path: Path):
    """The bot may start after the exporter."""
    followed = Followed(tmp_path)
    assert followed.read() == []
    followed.restart()
    followed.write(error(1))
    assert followed.read() == [1]


def test_lines_are_found_once_over_restarts(log: Followed, again: Again):
    """Between any two lines the exporter may end."""
    for number in range(5):
        log.write(error(number))
        again()
        assert log.read() == [number]
        again()
        assert log.read() == []


def test_a_half_line_waits_for_its_rest(log: Followed, again: Again):
    """A line counts when it is whole."""
    line = error(7)
    log.write(line[:50])
    assert log.read() == []
    again()
    log.write(line[50:])
    assert log.read() == [7]


def test_a_record_goes_on_over_a_restart(log: Followed, again: Again):
    """The traceback of an error that was counted before the restart does not count again."""
    log.write(error(1) + "Traceback (most recent call last):\n")
    assert log.read() == [1]
    again()
    log.write('  File "bot.py", line 3\nbinance.exceptions.BinanceAPIException: APIError(code=-2019): number 1\n')
    assert log.read() == []


def test_rotation_by_renaming(log: Followed, again: Again):
    """The old file is read to its end, a half line at it too, then the new one."""
    log.write(error(1))
    assert log.read() == [1]
    log.write(error(2) + error(3).rstrip("\n"))
    log.path.rename(log.path.with_name("bot.log.1"))
    log.write(error(4))
    again()
    assert log.read() == [2, 3, 4]
    again()
    assert log.read() == []


def test_rotation_while_the_new_file_is_not_there_yet(log: Followed, again: Again):
    """Between renaming and creating nothing is lost."""
    log.write(error(1))
    log.path.rename(log.path.with_name("bot.log.1"))
    again()
    assert log.read() == [1]
    log.write(error(2))
    again()
    assert log.read() == [2]


def test_rotation_by_copying_and_truncating(log: Followed, again: Again):
    """What was not read before the truncation is in the copy."""
    log.write(error(1))
    assert log.read() == [1]
    log.write(error(2))
    shutil.copy(log.path, log.path.with_name("bot.log.1"))
    os.truncate(log.path, 0)
    log.write(error(3))
    again()
    assert log.read() == [2, 3]


def test_truncation_without_a_copy(log: Followed, again: Again):
    """The file begins anew, also where it has grown past the old position meanwhile."""
    log.write(error(1))
    assert log.read() == [1]
    os.truncate(log.path, 0)
    log.write("".join(error(number) for number in range(2, 9)))
    again()
    assert log.read() == list(range(2, 9))


def test_many_rotations(log: Followed, again: Again):
    """Day after day; the files of days before are not read again."""
    found, number = [], 0
    for day in range(6):
        for _ in range(3):
            number += 1
            log.write(error(number))
            if number % 2:
                again()
                found += log.read()
        log.path.rename(log.path.with_name(f"bot.log.{day}"))
        log.write(f"2026-11-2{day} 00:00:00,000 INFO a new day\n")
    assert [*found, *log.read()] == list(range(1, 19))


def test_bytes_that_are_no_text(log: Followed):
    """Invalid UTF-8 and zero bytes are passed over with their line."""
    log.write(b"\xff\xfe\x00 2026 \x80\n" + error(1).encode() + b"\xc3\n")
    assert log.read() == [1]


def test_a_line_without_an_end_does_not_hold_up_the_rest(log: Followed):
    """A huge line is passed over in pieces; what follows is found."""
    log.write("x" * (3 * CHUNK))
    assert log.read() == []
    log.write("x" * LONGEST_LINE + "\n" + error(1))
    assert log.read() == [1]


def test_a_long_log_is_read_in_pieces(log: Followed):
    """More than one reading holds is all found, in order."""
    lines = "".join(error(number) for number in range(10_000))
    assert len(lines) > 2 * CHUNK
    log.write(lines)
    assert log.read() == list(range(10_000))


def test_a_log_that_cannot_be_read_says_so(log: Followed):
    """A folder in the place of the log is told to whoever follows it."""
    log.path.unlink()
    log.path.mkdir()
    with pytest.raises(OSError, match="directory"):
        log.read()


def test_neighbours_of_a_log_do_not_hold_it_up(log: Followed):
    """A folder, or what else cannot be read, whose name begins like the log's is passed over at a rotation."""
    neighbour = log.path.with_name("bot-archive")
    neighbour.mkdir()
    for number in range(100):
        (neighbour / f"old-{number:03d}-{'x' * 100}").touch()
    log.path.with_name("bot-loop").symlink_to("bot-loop")
    log.write(error(1))
    log.path.rename(log.path.with_name("bot.log.1"))
    log.write(error(2))
    assert log.read() == [1, 2]
