"""The crowd model of every split: the shipped one, or one learned without what is under test."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from photoaesth.config import cache_folder
from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write, display_path, write_error
from photoaesth.learning import (
    crowd,
    crowd_fit,
    distribution,
    finetune,
    losses,
    opinion,
    rated,
    taste,
    taste_fit,
)
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.evaluation.measured import (
    PLAIN,
    SHIPPED,
    Measured,
    code_digest,
    read_inputs,
)
from photoaesth.learning.evaluation.method import Ratings
from photoaesth.learning.finetune.activations import Activations, cache_activations
from photoaesth.learning.finetune.network import new_network

WAYS_TO_FIT = (PLAIN, *rated.CHANGES)
WAYS_SHIPPED = (PLAIN, SHIPPED)
_EMBEDDINGS = "evaluation.embeddings"


@dataclass(frozen=True, slots=True)
class Crowd:
    """A crowd model and what it makes of the photos.

    Attributes:
        model: the model.
        embeddings: `(N, D)` float32.
    """

    model: CrowdModel
    embeddings: NDArray[np.float32]


def shipped_crowd(measured: Measured) -> Crowd:
    """Return the shipped crowd model with its embeddings of photos measured `WAYS_SHIPPED`."""
    return Crowd(crowd.load_crowd_model(), measured.rows[SHIPPED].astype(np.float32))


class CrowdFits:
    """Learns crowd models of the same photos from different ratings, and keeps them.

    Attributes:
        measured: the photos, measured `WAYS_TO_FIT`.
        device: torch device.
    """

    def __init__(self, measured: Measured, device: str) -> None:
        self.measured = measured
        self.device = device

    def crowd(
        self,
        ratings: Ratings,
        on_step: Callable[[int, int], None] = lambda done, total: None,
    ) -> Crowd:
        """Return the crowd model learned from ratings; one that was learned before is kept.

        Learning takes minutes. It goes on where it was interrupted, and does not depend on the
        seed of an evaluation, which decides who is drawn.

        Args:
            ratings: what to learn from; nothing is learned from photos without any.
            on_step: told how much is done.

        Raises:
            PhotoaesthError: the ratings do not suffice, or the cache cannot be written.
        """
        place = self._place(ratings)
        kept = _load(place)
        if kept is not None:
            return kept
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(place, error) from error
        checkpoint = place.with_suffix(".checkpoint")
        fitted = crowd_fit.fit_crowd(
            self.images,
            ratings,
            progress=lambda done, total, seconds: on_step(done, total),
            checkpoint=checkpoint,
        )
        _store(place, fitted)
        checkpoint.unlink(missing_ok=True)
        return Crowd(fitted.model, fitted.embeddings)

    @cached_property
    def images(self) -> rated.RatedImages:
        """What crowd models are learned from."""
        rows = {way: row.astype(np.float32) for way, row in self.measured.rows.items()}
        changed = {way: rows[way] for way in rated.CHANGES}
        return rated.RatedImages(rows[PLAIN], changed, self._activations())

    def _activations(self) -> Activations:
        changes = (None, *rated.VIEWS.values())
        wanted = [(path, change) for change in changes for path in self.measured.paths]
        with ThreadPoolExecutor(thread_name_prefix="read") as executor:
            read = list(executor.map(lambda pair: read_inputs(*pair), wanted))
        inputs = []
        for result in read:
            if not isinstance(result, np.ndarray):  # it could be read a while ago
                raise PhotoaesthError(f"cannot read {display_path(result.path)}: {result.reason}")
            inputs.append(result)
        network = new_network(opinion.OPTIONS, device=self.device)
        return cache_activations(network, inputs, opinion.FROZEN)

    def _place(self, ratings: Ratings) -> Path:
        """Return where the model learned from these photos and ratings is kept."""
        digest = hashlib.blake2b(_code_version().encode(), digest_size=12)
        rows = (self.measured.rows[way] for way in WAYS_TO_FIT)
        for array in (*rows, ratings.rater, ratings.photo, ratings.score):
            digest.update(np.ascontiguousarray(array).tobytes())
        return cache_folder() / "evaluations" / f"crowd-{digest.hexdigest()}.safetensors"


def _load(place: Path) -> Crowd | None:
    try:
        tensors = load(place.read_bytes())
        return Crowd(crowd.from_tensors(tensors), tensors[_EMBEDDINGS])
    except Exception:  # not there, or damaged in whatever way: it is learned again
        return None


def _store(place: Path, fitted: crowd_fit.FittedCrowd) -> None:
    model = fitted.model
    tensors = crowd.to_tensors(model.projection, model.head, model.taste, fitted.opinion)
    tensors[_EMBEDDINGS] = np.ascontiguousarray(fitted.embeddings)
    with atomic_write(place, overwrite=True) as file:
        file.write(save(tensors))


@cache
def _code_version() -> str:
    return code_digest(
        crowd, crowd_fit, distribution, finetune, losses, opinion, rated, taste, taste_fit
    )
