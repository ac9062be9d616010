"""What the model in use learned from: its comparisons, with the answers that are still known."""

from collections import defaultdict, deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Outcome
from photoaesth.library import comparisons
from photoaesth.library.database import Library
from photoaesth.workflows.evidence import OUTCOME_VALUES, statements_of
from photoaesth.workflows.profile_model import ProfileModel


@dataclass(frozen=True, slots=True)
class Remark:
    """What is known of a comparison that a model learned from.

    Attributes:
        left: photo id.
        right: photo id.
        outcome: 1 for left, 0 for right, ½ for a tie.
        weight: how much it counts; 1 for a choice that was made.
        made_at: UTC time of the answer, ISO 8601; None where two ratings imply it.
    """

    left: int
    right: int
    outcome: float
    weight: float
    made_at: str | None

    @property
    def rated(self) -> bool:
        """Whether two ratings imply it; else it was answered."""
        return self.made_at is None


@dataclass(frozen=True, slots=True)
class LearnedFrom:
    """The M comparisons of a head, as far as they are still known.

    Attributes:
        remarks: M; None for an order's pair, or an answer that was taken back.
        photos: n ids of the head's photos; None for one that was changed since.
    """

    remarks: tuple[Remark | None, ...]
    photos: tuple[int | None, ...]

    @property
    def outcomes(self) -> NDArray[np.float64]:
        """`(M,)`; NaN where the answer is not known any more."""
        return np.array([r.outcome if r else np.nan for r in self.remarks], np.float64)

    @property
    def weights(self) -> NDArray[np.float64]:
        """`(M,)`; 0 where the answer is not known any more."""
        return np.array([r.weight if r else 0.0 for r in self.remarks], np.float64)

    @property
    def photo_ids(self) -> set[int]:
        """The photos that are still known."""
        return {photo for photo in self.photos if photo is not None}


def learned_from(library: Library, profile: str, model: ProfileModel) -> LearnedFrom:
    """Find the answers that the head was fitted to: it keeps pairs, but not what was answered.

    Its pairs stand in the order in which they were said, so that of a pair that was asked twice
    the older answer is found first, and answers given since the training are passed over.

    Args:
        library: where.
        profile: whose.
        model: in use for it; without a head of its own there is nothing.
    """
    if not model.personal:
        return LearnedFrom((), ())
    number = comparisons.profile_id(library, profile)
    statements = statements_of(library, number, model.crowd)
    known = defaultdict[tuple[int, int], deque[Remark]](deque)
    for statement in (one for drawn in statements.implied for one in drawn):
        known[statement.pair].append(
            Remark(*statement.pair, statement.outcome, statement.weight, None)
        )
    for answer in comparisons.comparisons(library, number):
        if answer.outcome is not Outcome.SKIP:
            value = OUTCOME_VALUES[answer.outcome]
            known[answer.left, answer.right].append(
                Remark(answer.left, answer.right, value, 1.0, answer.created_at)
            )
    id_of = {vector.tobytes(): photo for photo, vector in statements.embeddings.items()}
    head = model.head
    ids = tuple(id_of.get(row.tobytes()) for row in np.asarray(head.photos, np.float16))
    remarks: list[Remark | None] = []
    for left, right in zip(head.left.tolist(), head.right.tolist(), strict=True):
        pair = ids[left], ids[right]
        waiting = known.get(pair) if None not in pair else None
        remarks.append(waiting.popleft() if waiting else None)
    return LearnedFrom(tuple(remarks), ids)
