"""The photos that questions are drawn from for a while, with what is known of them together."""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning import selection
from photoaesth.learning.selection import Pool
from photoaesth.learning.settling import COUNTS, TOP, forecast
from photoaesth.library import models
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter
from photoaesth.library.photos import comparable_photos
from photoaesth.workflows.compare.taste import LiveTaste

SIZE = 500  # photos: the choice of a pair looks at each of their pairs
_SAMPLE = 1500  # photos that they are chosen from
_FORECAST_FROM = 10  # choices; how good a forecast is was not measured before


class QuestionPool:
    """Some photos of the library, and which of their pairs may still be asked.

    Attributes:
        photos: their ids.
        groups: the group, a burst for instance, of each that is in one.
    """

    def __init__(
        self,
        groups: Mapping[int, int | None],
        vectors: NDArray[np.float16],
        asked: Iterable[frozenset[int]],
        taste: LiveTaste,
    ) -> None:
        self.photos = list(groups)
        self.groups = groups
        self._ids = tuple(groups)
        self._vectors = vectors
        self._places = {photo: place for place, photo in enumerate(groups)}
        # A burst's photos are not set against each other: what parts them is rarely taste.
        parted = np.array([-1 - p if g is None else g for p, g in groups.items()], np.int64)
        self._allowed = parted[:, None] != parted
        for pair in asked:
            self.note_asked(tuple(pair))
        self._known = Pool.of(taste.crowd, taste.head, vectors)

    def next_pair(self, shown: Mapping[int, int], rng: random.Random) -> tuple[int, int] | None:
        """Return the pair whose answer tells most; None when all were asked."""
        numbers = np.random.default_rng(rng.getrandbits(64))
        places = selection.next_pair(self._known, self._allowed, self._counts(shown), numbers)
        return None if places is None else (self._ids[places[0]], self._ids[places[1]])

    def note_asked(self, pair: Sequence[int]) -> None:
        """Do not ask about a pair any more."""
        places = [self._places[photo] for photo in pair if photo in self._places]
        if len(places) == 2:
            left, right = places
            self._allowed[left, right] = self._allowed[right, left] = False

    def forbid(self, photo: int) -> None:
        """Do not ask about a photo any more."""
        if photo in self._places:
            place = self._places[photo]
            self._allowed[place] = self._allowed[:, place] = False
            self.photos.remove(photo)

    def expect(self, pair: Sequence[int]) -> None:
        """Count with an answer that is not given yet."""
        if self._places.keys() >= set(pair):
            self._known = self._known.expecting(self._places[pair[0]], self._places[pair[1]])

    def sentence(self, choices: int, shown: Mapping[int, int]) -> str:
        """Return how well the profile is known by now.

        Args:
            choices: how many it has made.
            shown: how often each photo was part of a question.
        """
        agreement = self._known.expected_accuracy()
        told = f"likely agrees with you on {agreement:.0%} of new pairs"
        if len(self._ids) < 2 * TOP or choices < _FORECAST_FROM:
            return told
        more = forecast(self._known, self._counts(shown)).more
        if more is None:
            return f"{told} · to settle your top {TOP} takes more than {COUNTS[-1]} more"
        if more == 0:
            return f"{told} · your top {TOP} is settled"
        return f"{told} · about {more} more would settle your top {TOP}"

    def _counts(self, shown: Mapping[int, int]) -> NDArray[np.int64]:
        return np.array([shown.get(photo, 0) for photo in self._ids], np.int64)

    def learn(self, taste: LiveTaste) -> None:
        """Take over what is known of the profile's taste by now."""
        self._known = Pool.of(taste.crowd, taste.head, self._vectors)


def choose_pool(
    library: Library,
    chosen: PhotoFilter,
    taste: LiveTaste,
    left_out: Collection[int],
    asked: Iterable[frozenset[int]],
    rng: random.Random,
) -> QuestionPool:
    """Choose photos that show all there is: half of them at random, half as different as may be.

    Args:
        library: where.
        chosen: which photos.
        taste: what is known of the profile.
        left_out: photos that cannot be shown.
        asked: pairs that were asked already.
        rng: source of chance.
    """
    drawn = comparable_photos(library, at_most=_SAMPLE, rng=rng, chosen=chosen)
    candidates = [photo for photo in drawn if photo not in left_out]
    vectors = models.embeddings_of(library, candidates, taste.crowd.embedding_name)
    candidates = [photo for photo in candidates if photo in vectors]
    if len(candidates) > SIZE:
        candidates = rng.sample(candidates, len(candidates))
        differing = selection.diverse(
            np.stack([vectors[photo] for photo in candidates]),
            SIZE // 2,
            np.random.default_rng(rng.getrandbits(64)),
        )
        different = [candidates[place] for place in differing.tolist()]
        others = set(candidates) - set(different)
        candidates = different + [p for p in candidates if p in others][: SIZE - len(different)]
    rows = [vectors[photo] for photo in candidates]
    return QuestionPool(
        {photo: drawn[photo] for photo in candidates},
        np.array(rows, np.float16).reshape(-1, taste.crowd.projection.size),
        asked,
        taste,
    )
