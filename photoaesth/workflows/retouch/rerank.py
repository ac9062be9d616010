"""Reranking: the photos of the last round again as originals, rated anew and put in order."""

import contextlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.library import comparisons, photos, ratings, retouches
from photoaesth.library.database import Library, open_library
from photoaesth.library.retouches import NewOrder
from photoaesth.workflows.retouch.picture import Picture


@dataclass(frozen=True, slots=True)
class _Stored:
    """An order of this sitting, with what it takes to take it back."""

    order: int
    ratings_known: Mapping[int, float | None]


class RerankSession:
    """The photos of one round. `rerank_session` opens one; one thread may use it.

    Attributes:
        pictures: the photos, in no order that would suggest one.
        stored: whether their order is in the library.
    """

    def __init__(
        self, library: Library, profile: int, round_: str, pictures: Sequence[Picture]
    ) -> None:
        self.pictures = pictures
        self._library = library
        self._profile = profile
        self._round = round_
        self._stored: _Stored | None = None

    @property
    def stored(self) -> bool:
        """Whether their order is in the library."""
        return self._stored is not None

    @property
    def altogether(self) -> int:
        """Orders of the profile, all rounds."""
        return len(retouches.orders(self._library, self._profile))

    def store(self, order: Sequence[Picture], rated: Mapping[int, float]) -> None:
        """Store an order and the new ratings durably, in place of one stored before.

        Args:
            order: all `pictures`, the best first.
            rated: 0–10, by photo id; those not rated keep the rating they have.
        """
        self.undo()
        photo_ids = [picture.photo.id for picture in order]
        (stored,) = retouches.add_orders(
            self._library, self._profile, [NewOrder(photo_ids, self._round)], source="rerank"
        )
        known = ratings.ratings(self._library, self._profile)
        before = {photo: known.get(photo) for photo in rated}
        values = {photo: value / 10 for photo, value in rated.items()}
        ratings.set_ratings(self._library, self._profile, values, source="rerank")
        self._stored = _Stored(stored.id, before)

    def undo(self) -> bool:
        """Take the order and its ratings back; return whether there was one."""
        if self._stored is None:
            return False
        retouches.retract_order(self._library, self._stored.order)
        before = self._stored.ratings_known
        ratings.set_ratings(self._library, self._profile, before, source="rerank")
        self._stored = None
        return True


@contextlib.contextmanager
def rerank_session(
    library_path: Path, profile: str, *, seed: int | None = None
) -> Iterator[RerankSession]:
    """Open the last round of retouching again.

    Args:
        library_path: the library.
        profile: who retouched.
        seed: makes the order in which photos are shown repeatable.

    Raises:
        PhotoaesthError: fewer than two photos of it can be shown.
    """
    rng = random.Random(seed)  # noqa: S311  # chance, not cryptography
    with open_library(library_path) as library:
        number = comparisons.profile_id(library, profile)
        edits = [e for e in retouches.retouches(library, number) if e.source == "retouch"]
        last = edits[-1].round if edits else ""
        ids = list(dict.fromkeys(edit.photo for edit in edits if edit.round == last))
        pictures = _pictures(library, rng.sample(ids, len(ids)))
        if len(pictures) < 2:
            raise PhotoaesthError(
                "an order needs two photos, and the last round of retouching has "
                f"{len(pictures)} that can be shown; make one with: photoaesth retouch"
            )
        yield RerankSession(library, number, last, pictures)


def _pictures(library: Library, ids: Sequence[int]) -> list[Picture]:
    records = photos.photos_by_id(library, ids)
    found = []
    for photo in ids:
        with contextlib.suppress(UnreadableImageError):
            found.append(Picture(records[photo]))
    return found
