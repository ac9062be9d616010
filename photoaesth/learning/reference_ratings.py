"""Files that say how people rated photos: score distributions from a CSV, or from AVA.txt."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import display_path
from photoaesth.learning.distribution import SCORES, spread_mass

Distributions = dict[str, NDArray[np.float64]]
"""Ten probabilities for every photo, by its name in the file."""

_COUNTS = [f"{score:.0f}" for score in SCORES]
_AVA_FIELDS = 15  # index, image id, ten counts, two tags, challenge


def read_distributions(*, ratings: Path | None, ava: Path | None) -> Distributions:
    """Read one of the two kinds of file.

    Raises:
        UsageError: both or neither are given.
        PhotoaesthError: the file cannot be read, or a line of it makes no sense; it is named.
    """
    if ratings is not None and ava is None:
        return read_rating_csv(ratings)
    if ava is not None and ratings is None:
        return read_ava(ava)
    raise UsageError("a reference set needs either --ratings or --ava")


def read_rating_csv(path: Path) -> Distributions:
    """Read ratings of photos.

    The header names the columns, in any order; others than these are passed over:

    - `photo,score`, one line per rating or one per photo (`rater,photo,score` is that too). The
      scale runs from the lowest score of the file to the highest, see `spread_mass`.
    - `photo,1,2,…,10`: how many people gave each score.

    Raises:
        PhotoaesthError: the file cannot be read, or a line of it makes no sense; it is named.
    """
    reader = csv.DictReader(io.StringIO(_text(path), newline=""))
    header = reader.fieldnames or ()
    try:
        if {"photo", *_COUNTS} <= set(header):
            rows = _parsed(path, reader, lambda row: [float(row[name]) for name in _COUNTS])
            return {photo: _shares(path, line, counts) for line, photo, counts in rows}
        if {"photo", "score"} <= set(header):
            scores: dict[str, list[float]] = {}
            for _, photo, values in _parsed(path, reader, lambda row: [float(row["score"])]):
                scores.setdefault(photo, []).extend(values)
            return _spread(path, scores)
    except csv.Error as error:
        raise _bad_line(path, reader.line_num, str(error)) from error
    raise PhotoaesthError(
        f"{display_path(path)} does not start with a header photo,score or photo,1,2,…,10"
    )


def read_ava(path: Path) -> Distributions:
    """Read AVA as published (Murray, Marchesotti & Perronnin 2012): `AVA.txt`.

    Fifteen numbers a line: index, image id, how many people gave each score from 1 to 10, two
    semantic tags, challenge id.

    Returns:
        Distributions by image id.

    Raises:
        PhotoaesthError: the file cannot be read, or a line of it makes no sense; it is named.
    """
    distributions: Distributions = {}
    for number, line in enumerate(_text(path).splitlines(), start=1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != _AVA_FIELDS or not all(field.isdecimal() for field in fields):
            raise _bad_line(path, number, f"not the {_AVA_FIELDS} whole numbers of AVA.txt")
        distributions[fields[1]] = _shares(path, number, [float(f) for f in fields[2:12]])
    if not distributions:
        raise PhotoaesthError(f"{display_path(path)} holds no ratings")
    return distributions


def _parsed(
    path: Path, reader: "csv.DictReader[str]", values: Callable[[dict[str, str]], list[float]]
) -> Iterator[tuple[int, str, list[float]]]:
    """Yield line number, photo and the finite numbers of each line."""
    for row in reader:
        try:
            numbers = values(row)
        except (TypeError, ValueError):  # TypeError: the line is too short
            numbers = []
        if not numbers or not np.isfinite(numbers).all():
            raise _bad_line(path, reader.line_num, "a score is missing or not a number")
        if not row["photo"]:
            raise _bad_line(path, reader.line_num, "there is no photo")
        yield reader.line_num, row["photo"], numbers


def _spread(path: Path, scores: dict[str, list[float]]) -> Distributions:
    every = [score for values in scores.values() for score in values]
    if not every:
        raise PhotoaesthError(f"{display_path(path)} holds no ratings")
    low, high = min(every), max(every)
    if low == high:
        raise PhotoaesthError(f"all scores of {display_path(path)} are {low:g}: no scale to see")
    return {
        photo: spread_mass(np.array(values), low=low, high=high) for photo, values in scores.items()
    }


def _shares(path: Path, line: int, counts: list[float]) -> NDArray[np.float64]:
    total = sum(counts)
    if min(counts) < 0 or total <= 0:
        raise _bad_line(path, line, "the counts are negative or all zero")
    shares: NDArray[Any] = np.array(counts) / total
    return shares


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PhotoaesthError(f"cannot read {display_path(path)}: {reason}") from error
    except UnicodeDecodeError as error:
        raise PhotoaesthError(f"{display_path(path)} is not UTF-8 text") from error


def _bad_line(path: Path, line: int, reason: str) -> PhotoaesthError:
    return PhotoaesthError(f"{display_path(path)}, line {line}: {reason}")
