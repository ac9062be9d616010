"""What a profile has said about its photos, ready to be learned from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Comparison, Outcome, Photo, Source
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import CrowdModel
from photoaesth.library import comparisons, models, photos, ratings
from photoaesth.library.database import Library
from photoaesth.ranking.closure import Closure, transitive_closure
from photoaesth.ranking.implied import beaten_pairs, implied_pairs

# Of a comparison that two ratings imply. A rating takes part in two of them or so: together they
# weigh less than one choice.
RATING_WEIGHT = 0.3
_MOST_JUDGED = 500  # measuring learns anew for every fold
_EVENLY = frozenset({Source.RANDOM, Source.IMPORT})
OUTCOME_VALUES = {Outcome.LEFT: 1.0, Outcome.RIGHT: 0.0, Outcome.TIE: 0.5}

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Statement:
    """That somebody prefers one photo to another, or neither.

    Attributes:
        left: photo id.
        right: photo id.
        outcome: 1 for left, 0 for right, ½ for a tie.
        evenly: whether the pair was drawn evenly, and not because its answer was in doubt.
        weight: 1 for a choice that was made.
    """

    left: int
    right: int
    outcome: float
    evenly: bool = True
    weight: float = 1.0

    @property
    def pair(self) -> tuple[int, int]:
        """Left and right photo."""
        return self.left, self.right

    @property
    def preference(self) -> tuple[int, int] | None:
        """The preferred photo and the other; None for ties."""
        if self.outcome == 0.5:
            return None
        return self.pair if self.outcome == 1 else (self.right, self.left)


@dataclass(frozen=True, slots=True)
class Statements:
    """What a profile said, as far as it can be learned from now.

    Attributes:
        choices: choices and ties, oldest first.
        rated: photos that the profile rated.
        implied: what the ratings imply, in rounds; in the first, no photo occurs twice.
        unusable: answers about photos that have no embedding.
        embeddings: of the photos it is about, by id.
    """

    choices: tuple[Statement, ...]
    rated: int
    implied: tuple[tuple[Statement, ...], ...]
    unusable: int
    embeddings: dict[int, NDArray[np.float16]]


@dataclass(frozen=True, slots=True)
class Said:
    """Everything a profile said about photos that can be learned from now.

    Attributes:
        choices: choices and ties, oldest first.
        rated: photos that the profile rated.
        implied: what the ratings imply.
        judged: what models are judged by: the newest choices, or without any those of `implied`
            in which no photo occurs twice.
        unusable: answers about photos that have no embedding.
        photos: the photos it is about, by id.
        embeddings: theirs, by id.
        groups: the group, a burst for instance, of every photo it is about that is in one.
        mostly_new: whether most photos of the library are in no statement.
    """

    choices: tuple[Statement, ...]
    rated: int
    implied: tuple[Statement, ...]
    judged: tuple[Statement, ...]
    unusable: int
    photos: dict[int, Photo]
    embeddings: dict[int, NDArray[np.float16]]
    groups: dict[int, int]
    mostly_new: bool

    @property
    def closure(self) -> Closure:
        """What follows from the choices."""
        return transitive_closure(said.preference for said in self.choices if said.preference)

    @property
    def taken_at(self) -> dict[int, datetime | None]:
        """When the photos were taken."""
        return {number: photo.exif.taken_at for number, photo in self.photos.items()}


def statements_of(
    library: Library, profile: int, crowd: CrowdModel, *, seed: int = 0
) -> Statements:
    """Read what a profile said; nothing, where it has not said anything yet.

    Args:
        library: where.
        profile: whose.
        crowd: in whose space embeddings are taken.
        seed: decides which comparisons the ratings imply.
    """
    answers = [
        answer
        for answer in comparisons.comparisons(library, profile)
        if answer.outcome is not Outcome.SKIP
    ]
    rated = ratings.ratings(library, profile)
    about = {photo for answer in answers for photo in (answer.left, answer.right)} | set(rated)
    vectors = models.embeddings_of(library, sorted(about), crowd.embedding_name)
    choices = tuple(
        _statement(answer)
        for answer in answers
        if answer.left in vectors and answer.right in vectors
    )
    known = {photo: value for photo, value in rated.items() if photo in vectors}
    winners = {said.preference[0] for said in choices if said.preference}
    rounds = tuple(
        tuple(Statement(*pair, 1.0, weight=RATING_WEIGHT) for pair in drawn)
        for drawn in (
            *implied_pairs(known, seed=seed),
            beaten_pairs(known, winners, seed=seed),
        )
    )
    return Statements(choices, len(known), rounds, len(answers) - len(choices), vectors)


def gather(library: Library, profile: str, crowd: CrowdModel, *, seed: int = 0) -> Said:
    """Read what a profile said, and what is known of the photos it is about.

    Args:
        library: where.
        profile: whose.
        crowd: in whose space embeddings are taken.
        seed: decides which comparisons the ratings imply.

    Raises:
        PhotoaesthError: it has said nothing yet, or only about photos that are not indexed.
    """
    found = statements_of(library, comparisons.profile_id(library, profile), crowd, seed=seed)
    implied = tuple(said for drawn in found.implied for said in drawn)
    if not found.choices and not implied:
        raise PhotoaesthError(_nothing_to_learn(profile, found))
    records = photos.photos_by_id(library, sorted(found.embeddings))
    present = photos.count(library, crowd.embedding_name).photos
    return Said(
        choices=found.choices,
        rated=found.rated,
        implied=implied,
        judged=found.choices[-_MOST_JUDGED:] or found.implied[0],
        unusable=found.unusable,
        photos=records,
        embeddings=found.embeddings,
        groups=photos.groups_of(library, sorted(found.embeddings)),
        mostly_new=len(found.embeddings) < present / 2,
    )


def _nothing_to_learn(profile: str, found: Statements) -> str:
    if found.rated:
        return "all rated photos are rated the same; compare some with: photoaesth compare"
    if found.unusable:
        return "none of the compared photos is indexed any more; index their folder again"
    return f"profile {profile!r} has made no choices yet; make some with: photoaesth compare"


def outcomes(statements: Sequence[Statement]) -> NDArray[np.float64]:
    """Return `(M,)` 1 for left, 0 for right, ½ for ties."""
    return np.array([said.outcome for said in statements], np.float64)


def _statement(answer: Comparison) -> Statement:
    evenly = answer.source in _EVENLY
    return Statement(answer.left, answer.right, OUTCOME_VALUES[answer.outcome], evenly)
