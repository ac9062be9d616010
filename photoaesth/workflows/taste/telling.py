"""Photos that tell of a taste: typical ones, surprising choices, where crowd and profile part."""

from collections.abc import Iterable, Sequence

import numpy as np

from photoaesth.learning.left_out import left_out_probabilities
from photoaesth.learning.personal import choice_probability, prior
from photoaesth.library import models, photos
from photoaesth.library.database import Library
from photoaesth.workflows import personal
from photoaesth.workflows.evidence import Statement, Statements, outcomes
from photoaesth.workflows.taste.ground import SAMPLE, Ground, Opinion, Rows, Vector
from photoaesth.workflows.taste.report import SurprisingChoice, TastePhoto

SHOWN = 6
_BEST = 0.1  # share of the photos that counts as liked
_FEWEST_BEST = 20
_MOST_CHOICES = 500  # the newest; the cost grows with the cube
_LIKELY = 0.5  # a choice that was likelier than this surprises nobody


class Telling:
    """Finds the photos of a `Ground` that tell of a profile's taste.

    Args:
        library: where they are.
        ground: the photos.
        opinion: of the profile.
    """

    def __init__(self, library: Library, ground: Ground, opinion: Opinion) -> None:
        self._library = library
        self._ground = ground
        self._opinion = opinion
        self._row_of = {photo: row for row, photo in enumerate(ground.table.photos.tolist())}

    def typical(self) -> tuple[TastePhoto, ...]:
        """Return photos that are liked, and most like all that is liked."""
        scores = self._opinion.scores
        count = min(max(_FEWEST_BEST, round(_BEST * len(scores))), len(scores))
        best = np.argpartition(scores, len(scores) - count)[len(scores) - count :]
        if count > SAMPLE:
            best = np.random.default_rng(0).permutation(best)[:SAMPLE]
        crowd = self._opinion.model.crowd
        ids = self._ground.table.photos[best].tolist()
        vectors = models.embeddings_of(self._library, ids, crowd.embedding_name)
        looks = np.stack([vectors[photo] for photo in ids]).astype(np.float64)
        looks -= self._ground.embeddings[self._ground.places(self._ground.sample)].mean(
            axis=0, dtype=np.float64
        )
        looks = looks[:, : len(crowd.taste.basis)]  # what describes the photo
        looks /= np.maximum(np.linalg.norm(looks, axis=1, keepdims=True), 1e-9)
        likeness = looks @ looks.mean(0)
        return self._first(best[np.argsort(-likeness, kind="stable")])

    def above_crowd(self) -> tuple[TastePhoto, ...]:
        """Return photos that the profile places higher than the crowd does, most so first."""
        gaps = self._gaps()
        return self._first(np.argsort(-gaps, kind="stable")[: int((gaps > 0).sum())])

    def below_crowd(self) -> tuple[TastePhoto, ...]:
        """Return photos that the profile places lower than the crowd does, most so first."""
        gaps = self._gaps()
        return self._first(np.argsort(gaps, kind="stable")[: int((gaps < 0).sum())])

    def surprising(self, said: Statements) -> tuple[SurprisingChoice, ...]:
        """Return the choices, made or implied by ratings, that the others lead to expect least."""
        implied = [statement for drawn in said.implied for statement in drawn]
        statements = [*implied, *said.choices][-_MOST_CHOICES:]
        if not statements:
            return ()
        of_left = self._probabilities(said, statements)
        found = []
        for statement, p_left in zip(statements, of_left.tolist(), strict=True):
            p_made = p_left if statement.outcome == 1 else 1 - p_left
            shown = all(photo in self._row_of for photo in statement.pair)
            if statement.preference and p_made < _LIKELY and shown:
                found.append((p_made, statement.preference, statement.weight < 1))
        least = sorted(found)[:SHOWN]
        records = self._shown({photo for _, pair, _ in least for photo in pair})
        return tuple(
            SurprisingChoice(records[chosen], records[rejected], probability, rated)
            for probability, (chosen, rejected), rated in least
        )

    def _probabilities(self, said: Statements, statements: Sequence[Statement]) -> Vector:
        model = self._opinion.model
        if not model.personal:
            left, right = (
                np.stack([said.embeddings[each.pair[side]] for each in statements])
                for side in (0, 1)
            )
            return choice_probability(model.crowd, prior(model.crowd), left, right)
        head = personal.fit(model.crowd, said.embeddings, statements, trust=model.head.trust)
        weights = np.array([statement.weight for statement in statements])
        return left_out_probabilities(model.crowd, head, outcomes(statements), weights)

    def _gaps(self) -> Vector:
        gaps = self._opinion.scores - self._ground.generic
        return np.asarray(gaps - gaps.mean())

    def _first(self, rows: Rows) -> tuple[TastePhoto, ...]:
        """Return the first few photos of a list, of a burst or of copies only one."""
        few = self._ground.table.photos[rows[: 20 * SHOWN]].tolist()
        groups = photos.groups_of(self._library, few)
        apart = {groups.get(photo, -photo): photo for photo in reversed(few)}
        foremost = [photo for photo in few if apart[groups.get(photo, -photo)] == photo][:SHOWN]
        records = self._shown(foremost)
        return tuple(records[photo] for photo in foremost)

    def _shown(self, ids: Iterable[int]) -> dict[int, TastePhoto]:
        records = photos.photos_by_id(self._library, sorted(ids))
        return {
            photo: TastePhoto(
                photo=record,
                score=float(self._opinion.scores[self._row_of[photo]]),
                sd=float(self._opinion.sds[self._row_of[photo]]),
                generic=float(self._ground.generic[self._row_of[photo]]),
            )
            for photo, record in records.items()
        }
