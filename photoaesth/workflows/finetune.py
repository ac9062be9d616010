"""Fine-tune a network to a profile's choices, and let it score the library."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from photoaesth.config import cache_folder
from photoaesth.domain import Photo
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.heldout import Fold
from photoaesth.ranking.closure import transitive_closure
from photoaesth.workflows.evidence import Said, Statement
from photoaesth.workflows.pictures import photo_thumbnail

if TYPE_CHECKING:
    from photoaesth.learning.reference import ReferenceInfo

Image = NDArray[np.uint8]
Pairs = NDArray[np.int64]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class FinetuneRequest:
    """What is asked of the method of Zhou et al. 2021.

    Attributes:
        backbone: what makes feature maps of photos.
        loss: of pairs of scores.
        attention: whether feature maps are averaged by attention.
        rankings: whether the network learns the profile's rankings.
        pretraining: whether it learns retrieved photos before.
        reference: name of the rated photos; None takes the largest set with images.
    """

    backbone: Literal["efficientnet-lite0", "vgg16"] = "efficientnet-lite0"
    loss: Literal["hinge", "exp", "logistic"] = "hinge"
    attention: bool = True
    rankings: bool = True
    pretraining: bool = True
    reference: str | None = None


class Finetuning:
    """The second way to learn a profile's taste.

    Args:
        crowd: how steeply people choose.
        said: what the profile said.
        request: the network and what it learns from.
        device: auto, cuda, mps or cpu.
        place: distinguishes whose checkpoints these are.
        seed: decides what the training draws.
        on_progress: told about every step.

    Raises:
        PhotoaesthError: the backbone's weights or a reference set with images are missing, or
            there is nothing to learn from.
    """

    def __init__(
        self,
        crowd: CrowdModel,
        said: Said,
        request: FinetuneRequest,
        *,
        device: str,
        place: str,
        seed: int,
        on_progress: Progress,
    ) -> None:
        from photoaesth.learning.device import resolve_device
        from photoaesth.learning.finetune.options import FinetuneOptions
        from photoaesth.learning.finetuned import FinetuneLearner, pretrained_weights

        self._crowd, self._said, self._seed, self._tell = crowd, said, seed, on_progress
        device = resolve_device(device)
        weights = pretrained_weights(request.backbone)
        reference = usable_reference(request.reference) if request.pretraining else None
        images = _photo_images(said.photos.values())
        self._number = {photo: number for number, photo in enumerate(images)}
        inputs = list(images.values())
        if not self._preferences(said.choices):
            raise PhotoaesthError(
                "a network learns from choices between two photos, and none is decided yet; "
                "make some with: photoaesth compare"
            )
        rated = _retrieve(reference, inputs, device, on_progress) if reference else None
        self._learner = FinetuneLearner(
            inputs,
            FinetuneOptions(
                backbone=request.backbone,
                loss=request.loss,
                attention=request.attention,
                rankings=request.rankings,
                pretraining=request.pretraining,
                seed=seed,
            ),
            device=device,
            rated=rated,
            folder=cache_folder() / "finetune" / hashlib.sha256(place.encode()).hexdigest()[:16],
            weights=weights,
            on_progress=lambda done, total: on_progress("Learning from rated photos", done, total),
        )

    def hold_out(self, folds: Sequence[Fold]) -> NDArray[np.float64]:
        """Return `(M,)` probabilities of judged statements, by networks that had not seen them.

        They stand in the order of the folds. A photo that cannot be read leaves a choice open.
        """
        parts = []
        for number, fold in enumerate(folds, start=1):
            seen = [said for said in self._said.choices if fold.allows(*said.pair)]
            scores = self._scores(seen, f"Measuring on held-out choices, {number} of {len(folds)}")
            tested = [self._said.judged[place].pair for place in fold.held_out]
            parts.append(self._probabilities(scores, tested))
        return np.concatenate(parts)

    def fit(self) -> bytes:
        """Return the network, fine-tuned to everything, as a library keeps it."""
        from photoaesth.learning.finetuned import to_bytes

        direct, inferred = self._rankings(self._said.choices)
        network = self._learner.fit(
            direct,
            inferred,
            keep=True,
            on_progress=lambda done, total: self._tell("Learning your choices", done, total),
        )
        return to_bytes(network, seed=self._seed)

    def _scores(self, seen: Sequence[Statement], task: str) -> NDArray[np.float64]:
        direct, inferred = self._rankings(seen)
        network = self._learner.fit(
            direct, inferred, on_progress=lambda done, total: self._tell(task, done, total)
        )
        return self._learner.scores(network)

    def _probabilities(
        self, scores: NDArray[np.float64], pairs: Sequence[tuple[int, int]]
    ) -> NDArray[np.float64]:
        from photoaesth.learning.finetuned import choice_probability

        known = [all(photo in self._number for photo in pair) for pair in pairs]
        rows = np.array(
            [[self._number.get(photo, 0) for photo in pair] for pair in pairs], np.int64
        )
        probabilities = choice_probability(self._crowd, scores[rows[:, 0]], scores[rows[:, 1]])
        return np.where(known, probabilities, 0.5)

    def _rankings(self, statements: Sequence[Statement]) -> tuple[Pairs, Pairs]:
        """Return decided choices and what follows from them, by numbers of images."""
        chosen = self._preferences(statements)
        inferred = transitive_closure(chosen).inferred
        direct, follows = (
            np.array([[self._number[p] for p in pair] for pair in pairs], np.int64).reshape(-1, 2)
            for pairs in (chosen, inferred)
        )
        return direct, follows

    def _preferences(self, statements: Sequence[Statement]) -> list[tuple[int, int]]:
        preferences = (said.preference for said in statements)
        return [p for p in preferences if p and all(photo in self._number for photo in p)]


def usable_reference(name: str | None) -> "ReferenceInfo":
    """Return a reference set whose images can be read.

    Args:
        name: its name; None takes the largest.

    Raises:
        PhotoaesthError: there is none, in one line that says what to do.
    """
    from photoaesth.learning.reference import list_references

    there = [info for info in list_references() if name in {None, info.name}]
    usable = [info for info in there if info.folder is not None and info.folder.is_dir()]
    if usable:
        return max(usable, key=lambda info: info.photos)
    if name is not None and not there:
        raise PhotoaesthError(
            f"there is no reference set {name!r}; photoaesth reference list shows what there is"
        )
    what = "no reference set has" if name is None else f"the reference set {name!r} lacks"
    raise PhotoaesthError(
        f"{what} images to learn from; add rated photos with: photoaesth reference add, "
        "or leave that part out with --no-pretraining"
    )


class PhotoNetwork:
    """A kept network that scores photos.

    Args:
        data: the network.
        device: where it runs; auto, cuda, mps or cpu.

    Raises:
        PhotoaesthError: it is damaged, or what it shares with its backbone is not on this machine.
    """

    def __init__(self, data: bytes, device: str) -> None:
        from photoaesth.learning.device import resolve_device
        from photoaesth.learning.finetuned import FinetunedScorer

        self._scorer = FinetunedScorer(data, resolve_device(device))

    def score(self, photos: Sequence[Photo]) -> dict[int, float]:
        """Return mean scores by photo id, from thumbnails; a photo without one is left out."""
        images = _photo_images(photos)
        return dict(zip(images, self._scores(list(images.values())), strict=True))

    def score_file(self, path: Path) -> float:
        """Return the mean score of a file, as if it were indexed.

        Raises:
            UnreadableImageError: it cannot be read.
        """
        from photoaesth.learning.model_input import model_input

        jpeg = thumbnail(decode(path, min_side=DECODED_SIDE).image)
        return self._scores([model_input(decode(jpeg).image)])[0]

    def _scores(self, images: Sequence[Image]) -> list[float]:
        scores: list[float] = self._scorer(images).tolist()
        return scores


def _photo_images(photos: Iterable[Photo]) -> dict[int, Image]:
    """Return what a network sees of photos; from thumbnails, as when the library is scored."""
    from photoaesth.learning.model_input import model_input

    images = {}
    for photo in photos:
        jpeg = photo_thumbnail(photo)
        if jpeg is not None:
            images[photo.id] = model_input(decode(jpeg).image)
    return images


def _retrieve(
    info: "ReferenceInfo", personal: Sequence[Image], device: str, on_progress: Progress
) -> tuple[list[Image], NDArray[np.float32]]:
    """Return the rated photos nearest to the profile's, and their `(R, 10)` distributions."""
    from photoaesth.learning.backbones import backbone_features, load_named_backbone
    from photoaesth.learning.finetune.retrieval import retrieve
    from photoaesth.learning.model_input import model_input
    from photoaesth.learning.reference import load_reference
    from photoaesth.learning.weights_registry import TIMM_PREFIX

    reference = load_reference(info.name)
    name = reference.backbone.rpartition("-")[0]
    if name.startswith("timm-"):  # a file's name has no colon
        name = TIMM_PREFIX + name.removeprefix("timm-")
    backbone = load_named_backbone(name, device=device)
    if backbone.name != reference.backbone:
        raise PhotoaesthError(
            f"the reference set {info.name!r} was measured with other weights; add it again"
        )
    nearest = retrieve(backbone_features(backbone, personal, device), reference.features)
    assert reference.folder is not None
    images, kept = [], []
    for done, row in enumerate(nearest.tolist(), start=1):
        try:
            image = decode(reference.folder / reference.photos[row], min_side=DECODED_SIDE).image
        except UnreadableImageError:  # it was there when the set was added; others are near too
            continue
        finally:
            on_progress("Reading rated photos", done, len(nearest))
        images.append(model_input(image))
        kept.append(row)
    if not images:
        raise PhotoaesthError(f"no photo in {display_path(Path(reference.folder))} can be read")
    return images, reference.distributions[kept]
