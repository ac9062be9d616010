"""What a taste is looked at on: the library's photos with their looks, scores and doubt.

Means are of all photos. What needs distributions, or the doubt about many photos together, is
found on a random sample; a label that is rare in it has members of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes import LABELS
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.drivers import Scale, scale_of
from photoaesth.learning.personal import joint_utilities, prior, score_distributions
from photoaesth.library import models
from photoaesth.library.attributes import AttributeTable
from photoaesth.library.database import Library
from photoaesth.library.photo_scores import PhotoScores, photo_scores
from photoaesth.workflows.looks import measured
from photoaesth.workflows.profile_model import ProfileModel, score_all

SAMPLE = 1000
_OF_LABEL = 40  # members of a label that are looked at, if there are so many

Vector = NDArray[np.float64]
Rows = NDArray[np.intp]
Progress = Callable[[str, int, int], None]
"""Called with the task, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Ground:
    """N present photos that are scored and measured.

    Attributes:
        table: their ids, attributes and labels.
        scale: of the attributes.
        generic: `(N,)` generic mean scores in (1, 10), bent at the ends as the profiles' are.
        sample: `(S,)` rows that stand for all.
        members: by label, rows that stand for the photos that have it.
        looked_at: `(L,)` rows of all of these, ascending.
        embeddings: `(L, D)` of `looked_at`.
        crowd: `(L, 10)` generic distributions of `looked_at`.
    """

    table: AttributeTable
    scale: Scale
    generic: Vector
    sample: Rows
    members: dict[str, Rows]
    looked_at: Rows
    embeddings: NDArray[np.float16]
    crowd: Vector

    def __len__(self) -> int:
        return len(self.table.photos)

    def places(self, rows: Rows) -> Rows:
        """Return where rows stand in `looked_at`."""
        return np.searchsorted(self.looked_at, rows)

    def having(self, label: str) -> NDArray[np.bool_]:
        """Return `(N,)` which photos have a label."""
        return having(self.table, label)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a profile thinks of the photos of a `Ground`.

    Attributes:
        model: what speaks for it.
        scores: `(N,)` mean scores.
        sds: `(N,)` the doubt about each.
        distributions: `(L, 10)` of the photos that are looked at.
        covariance: `(L, L)` of what is not known of their scores.
    """

    model: ProfileModel
    scores: Vector
    sds: Vector
    distributions: Vector
    covariance: Vector


def having(table: AttributeTable, label: str) -> NDArray[np.bool_]:
    """Return `(N,)` which photos of a table have a label."""
    return np.asarray(table.labels >> LABELS.index(label) & 1, bool)


def survey(
    library: Library, voices: Sequence[ProfileModel], on_progress: Progress
) -> tuple[Ground, list[Opinion]]:
    """Look at all photos that are present, and at what each of some models thinks of them.

    Args:
        library: where.
        voices: models of profiles, of one crowd model.
        on_progress: told how far measuring and scoring are.

    Raises:
        PhotoaesthError: there is no photo to look at.
    """
    crowd = voices[0].crowd
    told = [_scores(library, model, on_progress) for model in (_generic(library, crowd), *voices)]
    looks = measured(library, lambda done, total: on_progress("Measuring photos", done, total))
    rows = np.flatnonzero(np.all([np.isin(looks.photos, scores.photos) for scores in told], axis=0))
    if not len(rows):
        raise PhotoaesthError("no photo is indexed; start with: photoaesth index DIR")
    table = AttributeTable(looks.photos[rows], looks.values[rows], looks.labels[rows])
    aligned = [_of(scores, table.photos) for scores in told]
    sample, members = _draw(table)
    looked_at = np.unique(np.concatenate([sample, *members.values()]))
    vectors = models.embeddings_of(library, table.photos[looked_at].tolist(), crowd.embedding_name)
    embeddings = np.stack([vectors[photo] for photo in table.photos[looked_at].tolist()])
    ground = Ground(
        table=table,
        scale=scale_of(table.values),
        generic=aligned[0].scores,
        sample=sample,
        members=members,
        looked_at=looked_at,
        embeddings=embeddings,
        crowd=score_distributions(crowd, embeddings, aligned[0].scores[looked_at]),
    )
    opinions = [
        Opinion(
            model=model,
            scores=scores.scores,
            sds=scores.sds,
            distributions=score_distributions(crowd, embeddings, scores.scores[looked_at]),
            covariance=joint_utilities(crowd, model.head, embeddings)[1],
        )
        for model, scores in zip(voices, aligned[1:], strict=True)
    ]
    return ground, opinions


def _generic(library: Library, crowd: CrowdModel) -> ProfileModel:
    stored = models.generic_model(library, crowd.name)
    return ProfileModel(stored.id, crowd, prior(crowd), personal=False, finetuned=False, note="")


def _scores(library: Library, model: ProfileModel, on_progress: Progress) -> PhotoScores:
    score_all(library, model, on_progress=on_progress)
    return photo_scores(library, model.id, model.crowd.embedding_name)


def _of(scores: PhotoScores, photos: NDArray[np.int64]) -> PhotoScores:
    """Return the scores of some of the photos, in ascending order."""
    places = np.searchsorted(scores.photos, photos)
    return PhotoScores(photos, scores.scores[places], scores.sds[places])


def _draw(table: AttributeTable) -> tuple[Rows, dict[str, Rows]]:
    """Return rows that stand for all photos, and rows that stand for those with each label."""
    rng = np.random.default_rng(0)  # the same photos every time
    count = len(table.photos)
    sample = np.sort(rng.permutation(count)[:SAMPLE])
    members = {}
    for label in LABELS:
        mask = having(table, label)
        drawn = sample[mask[sample]]
        if len(drawn) < _OF_LABEL:
            drawn = np.sort(rng.permutation(np.flatnonzero(mask))[:_OF_LABEL])
        members[label] = drawn
    return sample, members
