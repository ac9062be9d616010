"""The model that speaks for a profile, and keeping every photo scored by it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

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
from photoaesth.library import comparisons, models, photos, scores
from photoaesth.library.database import Library
from photoaesth.library.profiles import profiles

if TYPE_CHECKING:  # it knows of networks and pictures, which few commands need
    from photoaesth.workflows.finetune import Progress

ENOUGH_CHOICES = 30  # for a model to be judged, and so for one to be used
_CHUNK_PHOTOS = 64  # scored by a network and stored together


@dataclass(frozen=True, slots=True)
class ProfileModel:
    """What scores photos for a profile.

    Attributes:
        id: the library's number for it.
        crowd: the crowd model it builds on.
        head: personal head, or the prior while the generic model speaks.
        personal: whether the profile's own choices shaped it.
        finetuned: whether a network scores, from thumbnails; the head then tells the doubt, and
            what edited copies are worth.
        note: one line for the user when the generic model speaks; empty otherwise.
    """

    id: int
    crowd: CrowdModel
    head: PersonalHead
    personal: bool
    finetuned: bool
    note: str

    def predict(self, embeddings: NDArray[np.float16]) -> Prediction:
        """Score `(N, D)` embeddings."""
        return predict(self.crowd, self.head, embeddings)

    def describe(
        self,
        embeddings: NDArray[np.float16],
        paths: Sequence[Path],
        records: Sequence[Photo | None],
        scores: Sequence[float] | None = None,
    ) -> list[ScoredPhoto]:
        """Return everything that is reported of photos, ranked in the order given.

        Args:
            embeddings: `(N, D)`.
            paths: N files.
            records: what the library knows of them.
            scores: N scores that are known already, a network's for instance.
        """
        prediction = self.predict(embeddings)
        if scores is not None:
            prediction = replace(prediction, score=np.array(scores, np.float64))
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
        head = PersonalHead.from_bytes(stored.head)
        return ProfileModel(
            stored.id, crowd, head, personal=True, finetuned=stored.kept == "finetune", note=""
        )
    if stored is None:
        others = [known.name for known in profiles(library) if known.name != profile]
        known = f" (the library knows {', '.join(others)})" if others else ""
        note = f"profile {profile!r} is not trained yet{known}; scores are the generic model's"
    elif stored.crowd != crowd.name:
        note = (
            f"profile {profile!r} was trained with an older generic model; scores are the generic "
            "model's until you run: photoaesth train"
        )
    elif not (stored.report.get("direct") or stored.report.get("ratings")):  # policies need none
        note = f"profile {profile!r} has made no choices yet; scores are the generic model's"
    else:
        note = (
            f"the choices of {profile!r} did not beat the generic model on held-out pairs; "
            "scores are the generic model's"
        )
    generic = models.generic_model(library, crowd.name)
    return ProfileModel(generic.id, crowd, prior(crowd), personal=False, finetuned=False, note=note)


def score_all(
    library: Library,
    model: ProfileModel,
    *,
    device: str = "auto",
    on_progress: "Progress" = lambda task, done, total: None,
) -> int:
    """Give every photo that has none a score by the model; return how many that were.

    Args:
        library: where.
        model: what scores; a network does so from thumbnails, and leaves out photos that cannot
            be read now. Interrupted, the same call carries on.
        device: where a network runs.
        on_progress: told how far a network is.
    """
    if model.finetuned:
        return _score_by_network(library, model, device, on_progress)
    count = 0
    for waiting in scores.unscored(library, model.id, model.crowd.embedding_name):
        prediction = model.predict(waiting.vectors)
        scores.store_scores(library, model.id, waiting.embeddings, prediction.score, prediction.sd)
        count += len(waiting.embeddings)
    return count


def _score_by_network(
    library: Library, model: ProfileModel, device: str, on_progress: "Progress"
) -> int:
    space = model.crowd.embedding_name
    waiting = scores.unscored_photos(library, model.id, space)
    if not waiting:
        return 0
    from photoaesth.workflows.finetune import PhotoNetwork

    network = PhotoNetwork(models.network_of(library, model.id), device)
    ids = list(waiting)
    count = 0
    for start in range(0, len(ids), _CHUNK_PHOTOS):
        part = ids[start : start + _CHUNK_PHOTOS]
        given = network.score(list(photos.photos_by_id(library, part).values()))
        if given:
            vectors = models.embeddings_of(library, list(given), space)
            doubt = model.predict(np.stack([vectors[photo] for photo in given])).sd
            values = np.array(list(given.values()))
            scores.store_scores(
                library, model.id, [waiting[photo] for photo in given], values, doubt
            )
        count += len(given)
        on_progress("Scoring photos", start + len(part), len(ids))
    return count
