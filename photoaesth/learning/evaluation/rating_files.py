"""CSV files of ratings and categories, and the one numbering of raters and photos."""

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.learning.evaluation.method import Ratings

Row = tuple[str, str, float]
"""Rater, photo, score."""


@dataclass(frozen=True, slots=True)
class Study:
    """Ratings of a set of photos, with raters and photos numbered alike in all of them.

    Attributes:
        raters: names by number.
        photos: names by number.
        train: what shots and choices are drawn from.
        test: what is predicted.
        crowd: what the crowd model may be learned from; None for the shipped one.
    """

    raters: tuple[str, ...]
    photos: tuple[str, ...]
    train: Ratings
    test: Ratings
    crowd: Ratings | None


def read_ratings(path: Path) -> list[Row]:
    """Read a CSV file with the columns rater, photo and score; others are ignored.

    Scores are any finite numbers, higher is better.

    Raises:
        PhotoaesthError: the file cannot be read, or a line is not as it should be; it is named.
    """
    rows: list[Row] = []
    for line, (rater, photo, text) in _cells(path, ("rater", "photo", "score")):
        try:
            score = float(text)
        except ValueError:
            score = math.nan
        if not math.isfinite(score):
            raise _bad_line(path, line, f"the score {text!r} is not a number")
        rows.append((rater, photo, score))
    if not rows:
        raise PhotoaesthError(f"{display_path(path)} holds no ratings")
    return rows


def read_categories(path: Path) -> dict[str, str]:
    """Read a CSV file with the columns photo and category; others are ignored.

    Raises:
        PhotoaesthError: the file cannot be read, or a line is not as it should be; it is named.
    """
    categories: dict[str, str] = {}
    for line, (photo, category) in _cells(path, ("photo", "category")):
        if categories.setdefault(photo, category) != category:
            raise _bad_line(path, line, f"{photo!r} was {categories[photo]!r} before")
    return categories


def number(
    train: Sequence[Row], test: Sequence[Row], crowd: Sequence[Row] | None, photos: Iterable[str]
) -> Study:
    """Number raters and photos in the order of their names; rows of other photos are dropped.

    Several scores of a photo by one rater count as their mean.

    Args:
        train: rows to draw shots from.
        test: rows to predict.
        crowd: rows to learn the crowd model from.
        photos: the photos that can be used.
    """
    given = [*train, *test, *(crowd or ())]
    photo_numbers = {name: number for number, name in enumerate(sorted(set(photos)))}
    rater_numbers = {name: number for number, name in enumerate(sorted({r for r, _, _ in given}))}

    def ratings(rows: Sequence[Row]) -> Ratings:
        scores = defaultdict[tuple[int, int], list[float]](list)
        for rater, photo, score in rows:
            if photo in photo_numbers:
                scores[rater_numbers[rater], photo_numbers[photo]].append(score)
        keys = np.array(sorted(scores), dtype=np.int64).reshape(-1, 2)
        means = [math.fsum(scores[a, b]) / len(scores[a, b]) for a, b in keys.tolist()]
        return Ratings(keys[:, 0], keys[:, 1], np.array(means, dtype=np.float64))

    return Study(
        raters=tuple(rater_numbers),
        photos=tuple(photo_numbers),
        train=ratings(train),
        test=ratings(test),
        crowd=None if crowd is None else ratings(crowd),
    )


def categories_of(study: Study, categories: Mapping[str, str]) -> list[str]:
    """Return the category of every photo of a study.

    Raises:
        PhotoaesthError: a photo has none.
    """
    missing = [photo for photo in study.photos if photo not in categories]
    if missing:
        raise PhotoaesthError(
            f"{len(missing)} rated photos have no category, {missing[0]!r} among them; "
            "add them to the file given with --categories"
        )
    return [categories[photo] for photo in study.photos]


def _cells(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield line number and the named cells, none of them empty."""
    name = display_path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PhotoaesthError(f"cannot read {name}: {reason}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _bad_line(path, line, "the text is not UTF-8") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    try:
        header = [column.strip() for column in reader.fieldnames or ()]
        reader.fieldnames = header
        if not set(columns) <= set(header):
            raise PhotoaesthError(f"{name} does not start with the header {','.join(columns)}")
        for row in reader:
            cells = tuple((row[column] or "").strip() for column in columns)
            for column, cell in zip(columns, cells, strict=True):
                if not cell:
                    raise _bad_line(path, reader.line_num, f"there is no {column}")
            yield reader.line_num, cells
    except csv.Error as error:
        raise _bad_line(path, reader.reader.line_num, str(error)) from error


def _bad_line(path: Path, line: int, reason: str) -> PhotoaesthError:
    return PhotoaesthError(f"{display_path(path)}, line {line}: {reason}")
