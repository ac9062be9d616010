"""The taste that shows in what a profile has said so far, a moment after it was said."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.personal import PersonalHead, predict
from photoaesth.learning.taste import Trust
from photoaesth.library import models
from photoaesth.library.database import Library
from photoaesth.workflows.compare.questions import Rated
from photoaesth.workflows.evidence import Statement, statements_of
from photoaesth.workflows.personal import fit
from photoaesth.workflows.profile_model import profile_model

_NEWEST = 500  # learned from while questions are asked: a tenth of a second; `train` takes more
_TRUST_EVERY = 25  # choices; inferring it takes ten times as long as all the rest


class LiveTaste:
    """The personal model while questions are asked.

    It begins as the model that was trained last, and is learned anew at the first `learn`: the
    first question does not wait for it.

    Attributes:
        crowd: the crowd model it builds on.
        head: what is known of the profile.
    """

    def __init__(self, library: Library, profile: str, number: int) -> None:
        model = profile_model(library, profile)
        self.crowd: CrowdModel = model.crowd
        self.head: PersonalHead = model.head
        self._library = library
        said = statements_of(library, number, self.crowd)
        self._statements = [*itertools.chain.from_iterable(said.implied), *said.choices]
        self._vectors = said.embeddings
        self._trust: Trust | None = None
        self._trusted_at = 0

    @property
    def choices(self) -> int:
        """How much was said, what follows from ratings included."""
        return len(self._statements)

    def add(self, statements: Sequence[Statement]) -> None:
        """Take note of what was said."""
        self._statements += statements

    def remove(self, statements: Sequence[Statement]) -> None:
        """Take note of what was taken back."""
        for statement in statements:
            self._statements.remove(statement)

    def learn(self) -> None:
        """Bring the model up to date."""
        newest = self._statements[-_NEWEST:]
        self._vectors_of({photo for said in newest for photo in said.pair})
        known = [said for said in newest if self._vectors.keys() >= set(said.pair)]
        if self._trust is None or abs(len(known) - self._trusted_at) >= _TRUST_EVERY:
            self._trust, self._trusted_at = None, len(known)
        self.head = fit(self.crowd, self._vectors, known, trust=self._trust)
        self._trust = self.head.trust

    def rated(self, photos: Sequence[int]) -> dict[int, Rated]:
        """Return what the model says of those of the photos that have an embedding."""
        vectors = self._vectors_of(photos)
        if not vectors:
            return {}
        said = predict(self.crowd, self.head, np.stack(list(vectors.values())))
        rows = zip(said.score.tolist(), said.sd.tolist(), said.generic.tolist(), strict=True)
        return {photo: Rated(*row) for photo, row in zip(vectors, rows, strict=True)}

    def _vectors_of(self, photos: Sequence[int] | set[int]) -> dict[int, NDArray[np.float16]]:
        missing = [photo for photo in photos if photo not in self._vectors]
        if missing:
            self._vectors |= models.embeddings_of(self._library, missing, self.crowd.embedding_name)
        return {photo: self._vectors[photo] for photo in photos if photo in self._vectors}
