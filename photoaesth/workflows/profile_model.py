"""The model that speaks for a profile, and keeping every photo scored by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Photo, ScoredPhoto
from photoaesth.learning.crowd import CrowdModel, load_crowd_model
from photoaesth.learning.personal import (
    PersonalHead,
    Prediction,
    predict,
    prior,
    score_distributions,
)
from photoaesth.library import comparisons, models
from photoaesth.library.database import Library


@dataclass(frozen=True, slots=True)
class ProfileModel:
    """What scores photos for a profile.

    Attributes:
        id: the library's number for it.
        crowd: the crowd model it builds on.
        head: personal head, or the prior while the generic model speaks.
        personal: whether the profile's own choices shaped it.
        note: one line for the user when the generic model speaks; empty otherwise.
    """

    id: int
    crowd: CrowdModel
    head: PersonalHead
    personal: bool
    note: str

    def predict(self, embeddings: NDArray[np.float16]) -> Prediction:
        """Score `(N, D)` embeddings."""
        return predict(self.crowd, self.head, embeddings)

    def describe(
        self,
        embeddings: NDArray[np.float16],
        paths: Sequence[Path],
        records: Sequence[Photo | None],
    ) -> list[ScoredPhoto]:
        """Return everything that is reported of photos, ranked in the order given."""
        prediction = self.predict(embeddings)
        shapes = score_distributions(self.crowd, embeddings, prediction.score)
        return [
            ScoredPhoto(
                path=path,
                rank=number + 1,
                score=float(prediction.score[number]),
                sd=float(prediction.sd[number]),
                generic=float(prediction.generic[number]),
                distribution=tuple(shapes[number].tolist()),
                photo=record,
            )
            for number, (path, record) in enumerate(zip(paths, records, strict=True))
        ]


def profile_model(library: Library, profile: str) -> ProfileModel:
    """Return the model in use for a profile: its own, else the generic one."""
    crowd = load_crowd_model()
    stored = models.latest_model(library, comparisons.profile_id(library, profile))
    if stored is not None and stored.crowd == crowd.name and stored.head is not None:
        return ProfileModel(stored.id, crowd, PersonalHead.from_bytes(stored.head), True, "")
    if stored is None:
        note = f"profile {profile!r} is not trained yet; scores are the generic model's"
    elif stored.crowd != crowd.name:
        note = (
            f"profile {profile!r} was trained with an older generic model; scores are the generic "
            "model's until you run: photoaesth train"
        )
    else:
        note = (
            f"the choices of {profile!r} did not beat the generic model on held-out pairs; "
            "scores are the generic model's"
        )
    generic = models.generic_model(library, crowd.name)
    return ProfileModel(generic.id, crowd, prior(crowd), False, note)


def score_all(library: Library, model: ProfileModel) -> int:
    """Give every photo that has none a score by the model; return how many that were."""
    count = 0
    for photo_ids, embeddings in models.unscored(library, model.id, model.crowd.embedding_name):
        prediction = model.predict(embeddings)
        models.store_scores(library, model.id, photo_ids, prediction.score, prediction.sd)
        count += len(photo_ids)
    return count
