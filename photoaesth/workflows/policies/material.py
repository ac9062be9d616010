"""What policies are learned from: a profile's retouches and orders, with their photos."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Photo
from photoaesth.enhance.small_photo import SmallPhoto
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.model_input import model_input
from photoaesth.library import comparisons, models, photos, retouches
from photoaesth.library.database import Library
from photoaesth.workflows.policies.report import FEWEST_ORDERS, FEWEST_RETOUCHES

_MOST_RETOUCHES = 200  # the newest; their small copies are kept in memory
_OTHERS = 4  # photos that were not retouched, to be edited for the score alone
_MOST_FOLDS = 5

Embedding = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Edit:
    """A retouch that can be learned from.

    Attributes:
        number: the library's number for it.
        photo: photo id.
        round: of the retouch.
        copy: the photo.
        parameters: values by name.
        before: rating of the original, in [0, 1]; None if there is none.
        after: of the edit, the same.
    """

    number: int
    photo: int
    round: str
    copy: SmallPhoto
    parameters: Mapping[str, float]
    before: float | None
    after: float | None

    @property
    def rated(self) -> bool:
        """Whether both ratings are known."""
        return self.before is not None and self.after is not None


@dataclass(frozen=True, slots=True)
class Order:
    """An order that can be learned from.

    Attributes:
        number: the library's number for it.
        round: whose photos were put in order.
        photos: ids, the best first.
    """

    number: int
    round: str
    photos: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that policies are learned from.

    Attributes:
        edits: retouches, at most one a photo, the oldest first.
        orders: orders of at least two photos, at most one a round, the oldest first.
        others: photos that were not retouched, by id.
        embeddings: of all photos, by id.
        groups: the group, a burst for instance, of every photo that is in one.
        unusable: retouches and orders left out, for their photos are not indexed or cannot be
            read now.
    """

    edits: tuple[Edit, ...]
    orders: tuple[Order, ...]
    others: Mapping[int, SmallPhoto]
    embeddings: Mapping[int, Embedding]
    groups: Mapping[int, int]
    unusable: int

    @property
    def enhancing(self) -> bool:
        """Whether there are retouches enough for an enhancement policy."""
        return len(self.edits) >= FEWEST_RETOUCHES

    @property
    def ranking(self) -> bool:
        """Whether there are orders enough for a ranking policy."""
        return len(self.orders) >= FEWEST_ORDERS

    def without(self, hidden: frozenset[int]) -> "Material":
        """Return what is left when some photos are hidden."""
        orders = (
            Order(o.number, o.round, tuple(photo for photo in o.photos if photo not in hidden))
            for o in self.orders
        )
        return Material(
            edits=tuple(edit for edit in self.edits if edit.photo not in hidden),
            orders=tuple(order for order in orders if len(order.photos) > 1),
            others={photo: copy for photo, copy in self.others.items() if photo not in hidden},
            embeddings=self.embeddings,
            groups=self.groups,
            unusable=self.unusable,
        )


@dataclass(frozen=True, slots=True)
class Fold:
    """What is held out together.

    Attributes:
        edits: to be met.
        orders: to be met.
        hidden: photos of which nothing may be learned.
    """

    edits: tuple[Edit, ...]
    orders: tuple[Order, ...]
    hidden: frozenset[int]


def read_material(
    library: Library,
    profile: str,
    crowd: CrowdModel,
    *,
    seed: int,
    on_progress: Callable[[str, int, int], None],
) -> Material:
    """Read a profile's retouches and orders, and the photos.

    Args:
        library: where.
        profile: whose.
        crowd: in whose space embeddings are taken.
        seed: decides which photos that were not retouched take part.
        on_progress: told about every photo that was read.

    Raises:
        PhotoaesthError: there are neither retouches nor orders.
    """
    number = comparisons.profile_id(library, profile)
    newest = {edit.photo: edit for edit in retouches.retouches(library, number)}
    stored = sorted(newest.values(), key=lambda edit: edit.id)[-_MOST_RETOUCHES:]
    # A round that was put in order again: the newest order is what the profile means.
    by_round = {order.round: order for order in retouches.orders(library, number)}
    told = sorted(by_round.values(), key=lambda order: order.id)
    if not stored and not told:
        raise PhotoaesthError(
            f"profile {profile!r} has no retouches and no orders yet; make some with: "
            "photoaesth retouch, then photoaesth rerank"
        )
    rng = random.Random(seed)  # noqa: S311  # chance, not cryptography
    drawn = photos.comparable_photos(library, at_most=_OTHERS + len(newest), rng=rng)
    others = [photo for photo in drawn if photo not in newest][:_OTHERS] if stored else []
    edited = [edit.photo for edit in stored]
    about = sorted({*edited, *others, *(photo for order in told for photo in order.photos)})
    vectors = models.embeddings_of(library, about, crowd.embedding_name)
    copies = _read(library, [p for p in [*edited, *others] if p in vectors], on_progress)
    edits = [
        Edit(e.id, e.photo, e.round, copies[e.photo], e.parameters, e.rating_before, e.rating_after)
        for e in stored
        if e.photo in copies
    ]
    orders = [
        Order(order.id, order.round, tuple(photo for photo in order.photos if photo in vectors))
        for order in told
    ]
    whole = [order for order in orders if len(order.photos) > 1]
    return Material(
        edits=tuple(edits),
        orders=tuple(whole),
        others={photo: copies[photo] for photo in others if photo in copies},
        embeddings=vectors,
        groups=photos.groups_of(library, about),
        unusable=len(stored) - len(edits) + len(orders) - len(whole),
    )


def deal(material: Material, *, seed: int) -> list[Fold]:
    """Hold out every retouch and every order once.

    A photo goes with the first of its orders. With what is held out, all photos of its orders are
    hidden, and all frames of their bursts.

    Args:
        material: what there is.
        seed: decides what is held out together.
    """
    rng = np.random.default_rng(seed)
    count = min(_MOST_FOLDS, max(len(material.orders), len(material.edits)))
    fold_of: dict[int, int] = {}
    fold_of_order: dict[int, int] = {}
    for place, number in enumerate(rng.permutation(len(material.orders)).tolist()):
        fold_of_order[number] = place % count
        for photo in material.orders[number].photos:
            fold_of.setdefault(photo, place % count)
    alone = [edit.photo for edit in material.edits if edit.photo not in fold_of]
    for place, number in enumerate(rng.permutation(len(alone)).tolist()):
        fold_of[alone[number]] = place % count
    folds = []
    for fold in range(count):
        edits = tuple(edit for edit in material.edits if fold_of[edit.photo] == fold)
        orders = tuple(o for n, o in enumerate(material.orders) if fold_of_order[n] == fold)
        shown = {edit.photo for edit in edits} | {p for order in orders for p in order.photos}
        groups = {material.groups[photo] for photo in shown if photo in material.groups}
        frames = {photo for photo, group in material.groups.items() if group in groups}
        folds.append(Fold(edits, orders, frozenset(shown | frames)))
    return [fold for fold in folds if fold.hidden]


def _read(
    library: Library, ids: Sequence[int], on_progress: Callable[[str, int, int], None]
) -> dict[int, SmallPhoto]:
    records = photos.photos_by_id(library, ids)
    found = {}
    for done, photo in enumerate(ids, start=1):
        copy = _small_photo(records.get(photo))
        if copy is not None:
            found[photo] = copy
        on_progress("Reading photos", done, len(ids))
    return found


def _small_photo(photo: Photo | None) -> SmallPhoto | None:
    if photo is None:
        return None
    try:
        return SmallPhoto(model_input(decode(photo.path, min_side=DECODED_SIDE).image))
    except UnreadableImageError:
        return None
