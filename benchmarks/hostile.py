"""What the slowest and the largest file of a folder of odd pictures take to read.

    python benchmarks/hostile.py FOLDER...

Each file is read as `index` does it (decoding, thumbnail, EXIF), in a process of its own, so that
a crash, the seconds and the peak of memory are that file's. POSIX only.
"""

import os
import sys
import time
from pathlib import Path

from photoaesth.errors import UnreadableImageError
from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.library.exif import read_exif


def main() -> None:
    """Read every file and print the extremes."""
    files = [path for folder in sys.argv[1:] for path in Path(folder).rglob("*") if path.is_file()]
    measured = [(path, *read_alone(path)) for path in sorted(files)]
    crashed = [path for path, _, _, code in measured if code]
    slowest = max(measured, key=lambda row: row[1])
    largest = max(measured, key=lambda row: row[2])
    print(f"{len(files)} files, {len(crashed)} crashed")
    print(f"slowest: {slowest[1]:.2f} s, {slowest[0].name}")
    print(f"largest: {largest[2] / 1e6:.0f} MB, {largest[0].name}")


def read_alone(path: Path) -> tuple[float, int, int]:
    """Return seconds, peak bytes and exit code of reading a file in a process of its own."""
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            decoded = decode(path, min_side=DECODED_SIDE)
            thumbnail(decoded.image)
            read_exif(decoded.exif)
        except UnreadableImageError:
            pass
        except BaseException:  # whatever it is, it counts as a crash
            os._exit(1)
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return time.perf_counter() - started, usage.ru_maxrss * unit, status


if __name__ == "__main__":
    main()
