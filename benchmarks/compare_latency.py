"""How long `compare` takes from a key to the last byte of the next question, in the terminal.

    python benchmarks/compare_latency.py

Needs no photos and a few minutes: it makes a library of 100,000 in a temporary folder. Their files
and thumbnails are links to a dozen drawn pictures of 24 megapixels, so that every photo can be
shown. The real program runs in a pseudo-terminal whose cells have 10 × 20 pixels and that takes in
everything at once; the time a terminal needs to draw comes on top. Half of the keys come a second
after the last frame, as from a person, the others 0.2 s after it. POSIX only.
"""

import fcntl
import os
import pty
import select
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from PIL import Image

from photoaesth.imaging import decode, thumbnail
from photoaesth.library.thumbnails import thumbnail_file
from photoaesth.samples.album import draw_album

_PHOTOS, _PICTURES = 100_000, 12
_WINDOWS = ((120, 40), (200, 50))  # columns, rows
_CELL_PX = (10, 20)
_VIEWS = ("blocks", "sixel", "kitty")
_PAUSES_S = (1.0, 0.2)
_KEYS = 20  # per pause
_PATIENCE_S = 60
_END_FRAME = b"\x1b[?2026l"
_QUESTION, _ANSWER = b"\x1b[c", b"\x1b[?62c"  # "what are you?", "a terminal"


def main() -> None:
    """Make the library, measure and print the table."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = str(Path(name, "cache"))
        library = make_library(Path(name))
        print("| view | window | pause | median ms | max |\n| --- | --- | --: | --: | --: |")
        for view in _VIEWS:
            for window in _WINDOWS:
                with Terminal(library, view, window) as terminal:
                    for pause_s in _PAUSES_S:
                        print_row(view, window, pause_s, times_ms(terminal, pause_s))


def make_library(folder: Path) -> Path:
    """Return a library whose photos all have a file and a thumbnail."""
    library = folder / "library.db"
    script = Path(__file__).with_name("large_library.py")
    command = [sys.executable, str(script), str(library), str(_PHOTOS)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    pictures = []
    for number, sample in enumerate(draw_album(folder / "album", count=_PICTURES)):
        image = decode(sample.path).image
        landscape = image.width > image.height
        image = image.resize((6000, 4000) if landscape else (4000, 6000), Image.Resampling.BICUBIC)
        large, small = folder / f"{number}.jpg", folder / f"{number}-small.jpg"
        image.save(large, quality=92)
        small.write_bytes(thumbnail(image))
        pictures.append((large, small))

    connection = sqlite3.connect(library)
    root = os.fsencode(folder)
    rows = connection.execute(
        "SELECT photos.id, path, lower(hex(content_hash)) FROM files "
        "JOIN photos ON photos.id = photo_id WHERE companion = 0"
    ).fetchall()
    for number, path, content_hash in rows:
        for picture, target in zip(
            pictures[number % len(pictures)],
            (Path(os.fsdecode(root + path)), thumbnail_file(content_hash)),
            strict=True,
        ):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(picture)
    with connection:
        connection.execute("UPDATE files SET path = CAST(? || path AS BLOB)", (root,))
    connection.close()
    return library


class Terminal:
    """The program in a pseudo-terminal. Leaving the block quits it."""

    def __init__(self, library: Path, view: str, window: tuple[int, int]) -> None:
        self._master, slave = pty.openpty()
        columns, rows = window
        size = struct.pack("HHHH", rows, columns, columns * _CELL_PX[0], rows * _CELL_PX[1])
        fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
        command = [sys.executable, "-m", "photoaesth", "-q", "--library", str(library)]
        self._program = subprocess.Popen(
            [*command, "compare", "--view", view], stdin=slave, stdout=slave, start_new_session=True
        )
        os.close(slave)
        self._frames = 0
        self._tail = b""  # where a code may have been cut in two

    def __enter__(self) -> "Terminal":
        self.wait_for_frame()
        return self

    def __exit__(self, *_: object) -> None:
        self.press("q")
        while self._program.poll() is None:
            self.read_for(0.1)
        os.close(self._master)

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self._master, key.encode())

    def wait_for_frame(self) -> None:
        """Read up to the end of the next frame."""
        before, deadline = self._frames, time.monotonic() + _PATIENCE_S
        while self._frames == before:
            if time.monotonic() > deadline or self._program.poll() is not None:
                sys.exit("the program shows nothing more")
            self._read(0.1)

    def read_for(self, seconds: float) -> None:
        """Take in what is written during some time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._read(left)

    def _read(self, timeout_s: float) -> None:
        if not select.select([self._master], [], [], timeout_s)[0]:
            return
        try:
            data = self._tail + os.read(self._master, 1 << 16)
        except OSError:  # Linux's way to say that nobody is at the other end
            time.sleep(timeout_s)
            return
        self._frames += data.count(_END_FRAME)
        if _QUESTION in data:
            os.write(self._master, _ANSWER)
        self._tail = data[-(len(_END_FRAME) - 1) :]
        if _QUESTION in self._tail:
            self._tail = b""


def times_ms(terminal: Terminal, pause_s: float) -> list[float]:
    """Answer question after question; return how long each next one took."""
    times = []
    for number in range(_KEYS):
        terminal.read_for(pause_s)
        started = time.perf_counter()
        terminal.press("lh"[number % 2])
        terminal.wait_for_frame()
        times.append(1000 * (time.perf_counter() - started))
    return times


def print_row(view: str, window: tuple[int, int], pause_s: float, times: list[float]) -> None:
    """Print a line of the table."""
    where = f"{window[0]} × {window[1]}"
    median, most = statistics.median(times), max(times)
    print(f"| {view} | {where} | {pause_s} s | {median:.0f} | {most:.0f} |", flush=True)


if __name__ == "__main__":
    main()
