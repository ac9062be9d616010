"""Choices as data: import, export, list, undo, conflicts. Ratings are imported too."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from photoaesth.domain import Outcome, Photo, Skipped, Source
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path, write_result
from photoaesth.library import comparisons, photos, ratings
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import Library, open_library
from photoaesth.ranking.closure import transitive_closure
from photoaesth.workflows.csv_rows import Row, csv_bytes, not_found, photo_of, read_rows, utc

_EXPORT_COLUMNS = ("left", "right", "outcome", "created_at", "uid")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import took over.

    Attributes:
        kind: what the file holds.
        imported: choices that are new, or photos that have another rating than before.
        known: choices that an earlier import brought already, or ratings that say nothing new.
        skipped: rows that could not be used: the file with its line, and why.
    """

    kind: Literal["choices", "ratings"]
    imported: int
    known: int
    skipped: list[Skipped]


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer with the paths of its photos."""

    id: int
    left: Path
    right: Path
    outcome: Outcome
    created_at: str
    uid: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two photos that the choices disagree about.

    Attributes:
        winner: preferred by one reading.
        loser: preferred by the other.
        kind: `direct` when both were chosen, `inferred` when the contradiction follows from
            other choices and the inferred ranking was dropped.
    """

    winner: Path
    loser: Path
    kind: str


def import_comparisons(library_path: Path, profile: str, file: Path) -> ImportReport:
    """Take over choices or ratings from a CSV file.

    Choices: the header is `winner,loser`, with an optional `outcome` of `tie` or `skip`; or
    `left,right,outcome`. `created_at` and `uid`, as exported, are taken over. Importing the same
    file again adds nothing.

    Ratings: the header is `photo,stars`, from 1 to 5, -1 for a rejected photo, 0 or nothing for an
    unrated one; or `photo,rating`, from 0 to 10. What a file says of a photo replaces what was
    known; an unrated photo loses its rating.

    Paths are absolute or relative to the file.

    Raises:
        PhotoaesthError: the file cannot be read or has another header.
    """
    rows = list(read_rows(file, lambda header: _check_header(file, header)))
    with open_library(library_path) as library:
        number = comparisons.profile_id(library, profile)
        if rows and not any(columns <= rows[0][1].keys() for columns in _CHOICE_HEADERS):
            return _import_ratings(library, number, file, rows)
        return _import_choices(library, number, file, rows)


def _import_choices(
    library: Library, profile: int, file: Path, rows: Sequence[Row]
) -> ImportReport:
    answers: list[NewComparison] = []
    skipped: list[Skipped] = []
    seen = Counter[tuple[int, int, Outcome]]()
    for line, row in rows:
        answer = _answer(library, file, row)
        if isinstance(answer, str):
            skipped.append(Skipped(Path(f"{file}:{line}"), answer))
            continue
        if answer.uid is None:
            key = (answer.left, answer.right, answer.outcome)
            seen[key] += 1
            answer = replace(answer, uid=_uid(library, *key, seen[key]))
        answers.append(answer)
    new = comparisons.add_comparisons(library, profile, answers, source=Source.IMPORT)
    return ImportReport("choices", len(new), len(answers) - len(new), skipped)


def _import_ratings(
    library: Library, profile: int, file: Path, rows: Sequence[Row]
) -> ImportReport:
    values: dict[int, float | None] = {}
    skipped: list[Skipped] = []
    for line, row in rows:
        rated = _rating(library, file, row)
        if isinstance(rated, str):
            skipped.append(Skipped(Path(f"{file}:{line}"), rated))
        else:
            photo, values[photo] = rated
    changed = ratings.set_ratings(library, profile, values, source="import")
    return ImportReport("ratings", changed, len(values) - changed, skipped)


def list_comparisons(library_path: Path, profile: str) -> list[Choice]:
    """Return the profile's answers in the order they were given."""
    with open_library(library_path) as library:
        answers = comparisons.comparisons(library, comparisons.profile_id(library, profile))
        paths = _paths(library, (photo for a in answers for photo in (a.left, a.right)))
    return [
        Choice(a.id, paths[a.left], paths[a.right], a.outcome, a.created_at, a.uid) for a in answers
    ]


def export_comparisons(
    library_path: Path, profile: str, target: Path, *, overwrite: bool = False
) -> int:
    """Write the profile's answers as CSV that `import` reads back; return how many.

    Raises:
        PhotoaesthError: the target exists and `overwrite` is false, or cannot be written.
    """
    choices = list_comparisons(library_path, profile)
    rows = ((str(c.left), str(c.right), c.outcome, c.created_at, c.uid) for c in choices)
    with write_result(target, ".csv", overwrite=overwrite) as file:
        file.write(csv_bytes(_EXPORT_COLUMNS, rows))
    return len(choices)


def undo_comparisons(library_path: Path, profile: str, count: int) -> list[Choice]:
    """Take back the profile's last answers; return them, the latest first."""
    latest = list_comparisons(library_path, profile)[::-1][:count]
    with open_library(library_path) as library:
        number = comparisons.profile_id(library, profile)
        answers = comparisons.comparisons(library, number)
        given = {answer.id for answer in answers} & {choice.id for choice in latest}
        comparisons.retract(library, sorted(given))
        times = ["", *(answer.created_at for answer in answers)]
        for answer, since in reversed(list(zip(answers, times, strict=False))):
            # A skip may say that neither is any good: then both were rated just before.
            if answer.id in given and answer.outcome is Outcome.SKIP:
                span = {"since": since, "until": answer.created_at}
                both = (answer.left, answer.right)
                ratings.take_back(library, number, both, source="compare", **span)
    return latest


def list_conflicts(library_path: Path, profile: str) -> list[Conflict]:
    """Return the pairs of photos that the profile's choices disagree about."""
    with open_library(library_path) as library:
        answers = comparisons.comparisons(library, comparisons.profile_id(library, profile))
        closure = transitive_closure(a.preference for a in answers if a.preference)
        pairs = [(pair, "direct") for pair in closure.contested]
        # An inferred pair that is contradicted both ways is one disagreement.
        seen = {frozenset(pair) for pair in closure.contested}
        for pair in closure.contradicted:
            if frozenset(pair) not in seen:
                seen.add(frozenset(pair))
                pairs.append((pair, "inferred"))
        paths = _paths(library, (photo for pair, _ in pairs for photo in pair))
    return [Conflict(paths[winner], paths[loser], kind) for (winner, loser), kind in pairs]


_CHOICE_HEADERS = ({"winner", "loser"}, {"left", "right", "outcome"})
_RATING_HEADERS = ({"photo", "stars"}, {"photo", "rating"})


def _check_header(file: Path, header: Sequence[str]) -> None:
    if not any(columns <= set(header) for columns in (*_CHOICE_HEADERS, *_RATING_HEADERS)):
        raise PhotoaesthError(
            f"{display_path(file)} does not start with the header winner,loser or "
            "left,right,outcome, nor with photo,stars or photo,rating"
        )


def _answer(library: Library, file: Path, row: Mapping[str, str]) -> NewComparison | str:
    """Return the answer of a row, or why it has none."""
    sided = {"left", "right", "outcome"} <= row.keys()
    first, second = (row["left"], row["right"]) if sided else (row["winner"], row["loser"])
    outcome = row.get("outcome", "").strip().lower()
    allowed = ("left", "right", "tie", "skip") if sided else ("", "tie", "skip")
    if outcome not in allowed:
        return f"the outcome {outcome!r} is none of {', '.join(filter(None, allowed))}"
    found: list[Photo] = []
    for text in (first, second):
        photo = photo_of(library, file, text)
        if photo is None:
            return not_found(text)
        found.append(photo)
    if found[0].id == found[1].id:
        return "both paths are the same photo"
    return NewComparison(
        left=found[0].id,
        right=found[1].id,
        outcome=Outcome(outcome or "left"),
        uid=row.get("uid") or None,
        created_at=utc(row.get("created_at", "")),
    )


def _rating(library: Library, file: Path, row: Mapping[str, str]) -> tuple[int, float | None] | str:
    """Return a row's photo and its rating in [0, 1], None where it has none; or what is wrong."""
    column, highest = ("stars", 5) if "stars" in row else ("rating", 10)
    text = row[column].strip()
    try:
        given = float(text or "nan")
    except ValueError:
        return f"{column} {text!r} is no number"
    rejected = column == "stars" and given == -1
    if text and not (rejected or 0 <= given <= highest):
        return f"{column} {text!r} is not from 0 to {highest}"
    photo = photo_of(library, file, row["photo"])
    if photo is None:
        return not_found(row["photo"])
    if math.isnan(given) or (column == "stars" and given == 0):
        return photo.id, None
    return photo.id, max(given, 0) / highest


def _uid(library: Library, left: int, right: int, outcome: Outcome, repeat: int) -> str:
    """Return a uid for a row without one, the same whenever it is imported into this library."""
    identity = f"{library.made_at}\n{left}\n{right}\n{outcome}\n{repeat}"
    return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()


def _paths(library: Library, ids: Iterable[int]) -> dict[int, Path]:
    found = photos.photos_by_id(library, sorted(set(ids)))
    return {photo_id: photo.path for photo_id, photo in found.items()}
