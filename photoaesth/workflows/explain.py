"""Why one photo has the score it has: what was chosen before, and what it looks like."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Photo
from photoaesth.learning.distribution import bounded_score
from photoaesth.learning.explain import Explanation
from photoaesth.learning.explain import explain as explain_utility
from photoaesth.learning.personal import choice_probability
from photoaesth.library import models, photos
from photoaesth.library.attributes import AttributeTable, attributes_of
from photoaesth.library.database import Library, open_library
from photoaesth.library.photo_scores import PhotoScores, photo_scores
from photoaesth.workflows.learned_from import LearnedFrom, learned_from
from photoaesth.workflows.looks import LAYOUT
from photoaesth.workflows.one_photo import PhotoFacts, read_photo_facts
from photoaesth.workflows.profile_model import ProfileModel, profile_model, score_all
from photoaesth.workflows.why import Share, library_drivers, shares

Floats = NDArray[np.floating[Any]]

_NEIGHBOURS = 3  # to either side
_EFFECTS = 8
_PARTNERS = 3
_BEARING = 0.01  # points; a choice that moves the score by less bears on nothing


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A photo that was compared and is like the one explained.

    Attributes:
        path: the file.
        likeness: correlation of the two photos' utilities before any choice, in [-1, 1].
        wins: how often it was preferred.
        losses: how often the other one was.
        against: photos that it was preferred to, or that were preferred to it, the newest first.
    """

    path: Path
    likeness: float
    wins: int
    losses: int
    against: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ChoiceEffect:
    """What one comparison does to the score.

    Attributes:
        chosen: the preferred photo; of a tie, the left one.
        other: the other photo.
        tie: whether neither was preferred.
        rated: whether two ratings imply it; else it was answered.
        made_at: UTC time of the answer, ISO 8601; None where ratings imply it.
        points: its part of the score; all parts and the generic score add up to it.
        without: by how much the score would change if it had not been made.
    """

    chosen: Path
    other: Path
    tie: bool
    rated: bool
    made_at: str | None
    points: float
    without: float


@dataclass(frozen=True, slots=True)
class Parts:
    """What a utility is made of, in points; the sum is the score within 2.5 and 8.5.

    Attributes:
        generic: what the crowd thinks.
        choices: what the profile's choices add.
        ratings: what its ratings add.
        rest: what else the model learned: orders, and answers taken back since the training.
    """

    generic: float
    choices: float
    ratings: float
    rest: float


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure the model is.

    Attributes:
        sd: standard deviation of the score, in points.
        sd_before: the same before any choice.
        choices: comparisons that the model learned from.
        bearing: those of them that move this score by 0.01 points or more.
        over_median: probability that the photo is chosen over the middle one of the library; None
            without scored photos.
    """

    sd: float
    sd_before: float
    choices: int
    bearing: int
    over_median: float | None


@dataclass(frozen=True, slots=True)
class ExplainReport:
    """Why a photo has its score.

    Attributes:
        path: the file.
        photo: the library's record; None for a photo that is not indexed.
        score: the profile's, in (1, 10).
        generic: the crowd's, in [1, 10].
        rank: place in the library; of a photo that is not in it, the place it would take.
        ranked: scored photos of the library.
        personal: whether the profile's own model speaks.
        network: whether a fine-tuned network gave the score; parts and choices are then those of
            the personal model beside it.
        note: one line for the user when the generic model speaks; empty otherwise.
        parts: what the score is made of.
        certainty: how sure the model is.
        preferred: compared photos like this one that mostly won, the most alike first.
        rejected: those that mostly lost.
        own: the photo itself among the compared ones; None where it was not compared.
        attributes: what its looks add, the most points first; empty where it was not measured, or
            too few photos were to tell: an explanation does not wait for that.
        explained: share of the variance of scores that attributes foretell of photos that they
            were not found on, in [0, 1].
        effects: the comparisons that matter most, by how far the score would change without.
    """

    path: Path
    photo: Photo | None
    score: float
    generic: float
    rank: int
    ranked: int
    personal: bool
    network: bool
    note: str
    parts: Parts
    certainty: Certainty
    preferred: tuple[Neighbour, ...]
    rejected: tuple[Neighbour, ...]
    own: Neighbour | None
    attributes: tuple[Share, ...]
    explained: float
    effects: tuple[ChoiceEffect, ...]


def explain(
    library_path: Path,
    profile: str,
    path: Path,
    *,
    device: str = "auto",
) -> ExplainReport:
    """Explain the score of a photo, indexed or not.

    Args:
        library_path: the library.
        profile: whose taste.
        path: the photo.
        device: where a photo that is not indexed is embedded.

    Raises:
        PhotoaesthError: there is no such photo, or it cannot be read.
    """
    with open_library(library_path) as library:
        model = profile_model(library, profile)
        score_all(library, model, device=device)
        facts = read_photo_facts(library, model, path, device)
        looks = attributes_of(library, LAYOUT)
        ranked = _present(photo_scores(library, model.id, model.crowd.embedding_name), looks)
        said = learned_from(library, profile, model)
        found = explain_utility(
            model.crowd, model.head, facts.embedding, said.outcomes, said.weights
        )
        score = _score(facts, ranked, found)
        driving = library_drivers(library, model, looks)
        names = {
            number: record.path
            for number, record in photos.photos_by_id(library, sorted(said.photo_ids)).items()
        }
        preferred, rejected, own = _neighbours(facts, said, found, names)
        return ExplainReport(
            path=facts.path,
            photo=facts.photo,
            score=score,
            generic=found.generic,
            rank=1 + int((ranked.scores[ranked.photos != facts.photo_id] > score).sum()),
            ranked=len(ranked.photos),
            personal=model.personal,
            network=model.finetuned,
            note=model.note,
            parts=_parts(said, found),
            certainty=_certainty(library, model, facts, ranked, said, found),
            preferred=preferred,
            rejected=rejected,
            own=own,
            attributes=shares(driving, facts.attributes) if driving else (),
            explained=driving.explained if driving else 0.0,
            effects=_effects(said, found, names),
        )


def _present(known: PhotoScores, looks: AttributeTable) -> PhotoScores:
    there = np.isin(known.photos, looks.photos)
    return PhotoScores(known.photos[there], known.scores[there], known.sds[there])


def _score(facts: PhotoFacts, ranked: PhotoScores, found: Explanation) -> float:
    """Return the score that the library has, else the network's, else the model's."""
    stored = ranked.scores[ranked.photos == facts.photo_id]
    if len(stored):
        return float(stored[0])
    if facts.score is not None:
        return facts.score
    return float(bounded_score(np.array([found.utility]))[0])


def _parts(said: LearnedFrom, found: Explanation) -> Parts:
    rated = np.array([remark is not None and remark.rated for remark in said.remarks], bool)
    return Parts(
        generic=found.generic,
        choices=float(found.contributions[~rated].sum()),
        ratings=float(found.contributions[rated].sum()),
        rest=found.rest,
    )


def _certainty(
    library: Library,
    model: ProfileModel,
    facts: PhotoFacts,
    ranked: PhotoScores,
    said: LearnedFrom,
    found: Explanation,
) -> Certainty:
    over_median = None
    others = np.flatnonzero(ranked.photos != facts.photo_id)
    if len(others):
        by_score = others[np.argsort(ranked.scores[others], kind="stable")]
        middle = int(ranked.photos[by_score[len(others) // 2]])
        known = models.embeddings_of(library, [middle], model.crowd.embedding_name)
        chance = choice_probability(
            model.crowd, model.head, facts.embedding[None], known[middle][None]
        )
        over_median = float(chance[0])
    return Certainty(
        sd=found.sd,
        sd_before=found.sd_before,
        choices=len(said.remarks),
        bearing=int((np.abs(found.contributions) >= _BEARING).sum()),
        over_median=over_median,
    )


def _neighbours(
    facts: PhotoFacts, said: LearnedFrom, found: Explanation, names: dict[int, Path]
) -> tuple[tuple[Neighbour, ...], tuple[Neighbour, ...], Neighbour | None]:
    """Return the nearest compared photos that mostly won, that mostly lost, and the photo itself.

    What ratings imply is left out: nobody saw those photos side by side.
    """
    beaten, beaten_by = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for remark in said.remarks:
        if remark is None or remark.rated or remark.outcome == 0.5:
            continue
        pair = remark.left, remark.right
        winner, loser = pair if remark.outcome == 1 else pair[::-1]
        beaten[winner].insert(0, loser)
        beaten_by[loser].insert(0, winner)

    def neighbour(row: int, photo: int) -> Neighbour:
        wins, losses = beaten[photo], beaten_by[photo]
        against = wins if len(wins) >= len(losses) else losses
        shown = tuple(names[one] for one in dict.fromkeys(against))[:_PARTNERS]
        return Neighbour(names[photo], float(found.likeness[row]), len(wins), len(losses), shown)

    preferred: list[Neighbour] = []
    rejected: list[Neighbour] = []
    own = None
    for row in np.argsort(-found.likeness, kind="stable").tolist():
        photo = said.photos[row]
        if photo is None or not (beaten[photo] or beaten_by[photo]):
            continue
        one = neighbour(row, photo)
        if photo == facts.photo_id:
            own = one
        elif one.wins != one.losses:
            (preferred if one.wins > one.losses else rejected).append(one)
    return tuple(preferred[:_NEIGHBOURS]), tuple(rejected[:_NEIGHBOURS]), own


def _effects(
    said: LearnedFrom, found: Explanation, names: dict[int, Path]
) -> tuple[ChoiceEffect, ...]:
    effects = []
    for place in np.argsort(-np.abs(found.without), kind="stable")[:_EFFECTS].tolist():
        remark = said.remarks[place]
        if remark is None:
            continue
        pair = names[remark.left], names[remark.right]
        chosen, other = pair[::-1] if remark.outcome == 0 else pair
        effects.append(
            ChoiceEffect(
                chosen=chosen,
                other=other,
                tie=remark.outcome == 0.5,
                rated=remark.rated,
                made_at=remark.made_at,
                points=float(found.contributions[place]),
                without=float(found.without[place]),
            )
        )
    return tuple(effects)
