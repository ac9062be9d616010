"""The rounds in which two policies learn, each from what the other has learned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photoaesth.enhance.small_photo import Reward, scored_by
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.personal import PersonalHead, predict
from photoaesth.learning.ranking_policy import Ranked, learn_orders
from photoaesth.workflows.policies.material import Edit, Embedding, Material, Order

if TYPE_CHECKING:  # it loads torch
    from photoaesth.enhance.policy import EnhancementPolicy

# A point of score is worth as much as this many units of CIEDE2000: the search of `enhance` gains
# a few tenths of a point, a retouch is some ten units away from the original.
_POINT = 10.0

_UPDATES = 8  # of actor-critic in a round; they refine what was cloned, and take most of the time


@dataclass(frozen=True, slots=True)
class Policies:
    """Where both policies stand.

    Attributes:
        enhancement: None where there are too few retouches.
        head: of the ranking policy; the model it started at where there are too few orders.
    """

    enhancement: "EnhancementPolicy | None"
    head: PersonalHead


class Alternation:
    """Plays rounds; after each, both policies have learned once."""

    def __init__(
        self,
        crowd: CrowdModel,
        embedder: Embedder,
        material: Material,
        head: PersonalHead,
        *,
        enhancing: bool,
        ranking: bool,
        seed: int,
    ) -> None:
        """Prepare.

        Args:
            crowd: what is known of people at large.
            embedder: embeds edited copies.
            material: what to learn from.
            head: the personal model, or the prior.
            enhancing: whether an enhancement policy is learned.
            ranking: whether a ranking policy is learned.
            seed: of whatever is drawn.
        """
        self._crowd = crowd
        self._embedder = embedder
        self._material = material
        self._start = head
        self._enhancing = enhancing
        self._ranking = ranking
        self._seed = seed

    def play(
        self,
        number: int,
        before: Policies | None,
        on_progress: Callable[[int, int], None],
        on_gain: Callable[[int, float], None] = lambda update, gained: None,
    ) -> Policies:
        """Return the policies after a round.

        Args:
            number: of the round, from 1.
            before: what the round before left; None in the first.
            on_progress: told how far the enhancement policy is, which takes longest.
            on_gain: told after each of its updates the number, from 1, and the mean reward gained.
        """
        head = before.head if before else self._start
        enhancement = before.enhancement if before else None
        if self._enhancing:

            def on_update(done: int, total: int, gained: float) -> None:
                on_gain(done, gained)
                on_progress(done, total)

            enhancement = self._enhance(enhancement, head, self._seed + number, on_update)
        if self._ranking:
            copies = {} if enhancement is None else self._copies(enhancement)
            lists = joined_lists(self._material, copies)
            head = learn_orders(self._crowd, self._start, lists, seed=self._seed + number)
        return Policies(enhancement, head)

    def _enhance(
        self,
        policy: "EnhancementPolicy | None",
        head: PersonalHead,
        seed: int,
        on_update: Callable[[int, int, float], None],
    ) -> "EnhancementPolicy":
        from photoaesth.enhance.operations import to_vector
        from photoaesth.enhance.policy import load_starter
        from photoaesth.enhance.policy.training import Example, clone, improve

        material = self._material
        embeddings = [material.embeddings[edit.photo] for edit in material.edits]
        if policy is None:
            examples = [
                Example(edit.copy.half, embedding, to_vector(edit.parameters))
                for edit, embedding in zip(material.edits, embeddings, strict=True)
            ]
            policy = clone(load_starter(), examples) if examples else load_starter()
        photos = [(e.copy.compared, row) for e, row in zip(material.edits, embeddings, strict=True)]
        rewards = [edit.copy.nearness_to(edit.parameters) for edit in material.edits]
        score = self._score(head)
        for photo, copy in material.others.items():
            photos.append((copy.half, material.embeddings[photo]))
            rewards.append(score)
        if not photos:  # a fold may hide all of them
            return policy
        return improve(
            policy,
            photos,
            lambda place, edited: rewards[place](edited),
            seed=seed,
            updates=_UPDATES,
            on_update=on_update,
        )

    def _score(self, head: PersonalHead) -> Reward:
        def score(pixels: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
            return _POINT * predict(self._crowd, head, self._embedder.embed(pixels)).score

        return scored_by(score)

    def _copies(self, policy: "EnhancementPolicy") -> dict[int, Embedding]:
        """Return the embeddings of what the policy makes of photos that were rated twice."""
        rated = [edit for edit in self._material.edits if edit.rated]
        pixels = [
            edit.copy.edited(propose(policy, edit, self._material.embeddings[edit.photo]))
            for edit in rated
        ]
        rows = [row for one in pixels for row in self._embedder.embed([one])]  # shapes differ
        return {edit.photo: row for edit, row in zip(rated, rows, strict=True)}


def propose(policy: "EnhancementPolicy", edit: Edit, embedding: Embedding) -> dict[str, float]:
    """Return what a policy would do to the photo of an edit."""
    return policy.propose(edit.copy.half, embedding)


def joined_lists(material: Material, copies: dict[int, Embedding]) -> list[Ranked]:
    """Return what the profile put in order, round by round, with enhanced copies among it.

    Rounds that were rated only come before all orders: where there are too many lists, the last
    ones count, and an order says more.

    The order tells how originals rank. A copy stands for the profile's own edit of that photo:
    where both were rated, the ratings tell how it ranks beside originals and other copies.

    Args:
        material: orders and rated edits.
        copies: embeddings of enhanced copies by the photo.
    """
    ordered = {order.round for order in material.orders}
    rounds = dict.fromkeys(edit.round for edit in material.edits if edit.photo in copies)
    others = [Order(0, round_, ()) for round_ in rounds if round_ not in ordered]
    return [_joined(order, material, copies) for order in (*others, *material.orders)]


def _joined(order: Order, material: Material, copies: dict[int, Embedding]) -> Ranked:
    edits = [e for e in material.edits if e.round == order.round and e.photo in copies]
    originals = list(dict.fromkeys([*order.photos, *(edit.photo for edit in edits)]))
    before = {edit.photo: edit.before for edit in edits}
    ratings = [before.get(photo) for photo in originals] + [edit.after for edit in edits]
    levels = np.array([np.nan if value is None else value for value in ratings])
    above = levels[:, None] > levels  # never of what is not rated
    ordered = len(order.photos)
    above[:ordered, :ordered] = np.triu(np.ones((ordered, ordered), dtype=bool), 1)
    embeddings = [material.embeddings[photo] for photo in originals]
    return Ranked(np.stack([*embeddings, *(copies[edit.photo] for edit in edits)]), above)


def taus(
    crowd: CrowdModel, head: PersonalHead, orders: Sequence[Order], material: Material
) -> list[float]:
    """Return Kendall's tau of a model with each order."""
    found = []
    for order in orders:
        embeddings = np.stack([material.embeddings[photo] for photo in order.photos])
        found.append(Ranked.in_order(embeddings).tau(predict(crowd, head, embeddings).score))
    return found
