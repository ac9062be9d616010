"""Training both policies, and whether they are good enough to be used."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.personal import PersonalHead
from photoaesth.library import comparisons, policies
from photoaesth.library.database import Library
from photoaesth.library.policies import StoredRound
from photoaesth.workflows.policies.alternation import Alternation, Policies, propose, taus
from photoaesth.workflows.policies.material import Edit, Fold, Material, deal
from photoaesth.workflows.policies.report import (
    EnhancementFigures,
    PoliciesReport,
    RankingFigures,
    RoundFigures,
)

if TYPE_CHECKING:  # it loads torch
    from photoaesth.enhance.policy import EnhancementPolicy

ROUNDS = 2
"""Each policy learns once by itself, and once from what the other has learned."""

_VERSION = 2  # of what a round does; another one does not go on from rounds of this one

ModelWithout = Callable[[Collection[int]], PersonalHead]
"""Learns the model in use from everything but what is said of some photos."""

Without = Callable[[Edit], Mapping[str, float]]
"""What `enhance` does to a photo without a policy."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class TrainedPolicies:
    """Policies that learned from everything.

    Attributes:
        enhancement: None if it is not to be used.
        head: of the ranking policy; None if it is not to be used.
        report: why.
        reward_curve: what the enhancement policies gained while they learned.
    """

    enhancement: "EnhancementPolicy | None"
    head: PersonalHead | None
    report: PoliciesReport
    reward_curve: Sequence["Gain"]


@dataclass(frozen=True, slots=True)
class Gain:
    """How much reward edits gained in one update of an enhancement policy.

    Attributes:
        part: which policy learned: 0 from everything, others without the fold of that number.
        round: number, from 1.
        update: number, from 1.
        gained: mean reward over that of the photos as they are.
    """

    part: int
    round: int
    update: int
    gained: float


def train_policies(
    library: Library,
    profile: str,
    crowd: CrowdModel,
    material: Material,
    model_without: ModelWithout,
    *,
    device: str,
    seed: int,
    on_progress: Progress,
) -> TrainedPolicies:
    """Train both policies.

    Interrupted, the same training goes on after the last round that was finished, and so it does
    until `keep_policies`.

    Args:
        library: where.
        profile: whose.
        crowd: what is known of people at large.
        material: what to learn from.
        model_without: see `ModelWithout`.
        device: where copies are embedded.
        seed: of whatever is drawn.
        on_progress: told how far it is.
    """
    number = comparisons.profile_id(library, profile)
    training = _Training(library, number, crowd, material, model_without, device, seed, on_progress)
    return training.train(_enhance_without_policy(library, profile, training.head, device))


def keep_policies(
    library: Library, profile: str, crowd: CrowdModel, trained: TrainedPolicies
) -> None:
    """Keep the enhancement policy, or that there is none, and drop the rounds that led to it.

    The reward curve goes into the stored report; it has the rounds that were played in one go, not
    those of a training that was interrupted.
    """
    enhancement = trained.enhancement
    curve = [asdict(gain) for gain in trained.reward_curve]
    policies.add_policies(
        library,
        comparisons.profile_id(library, profile),
        crowd.embedding_name,
        enhancement=None if enhancement is None else enhancement.to_bytes(),
        report=asdict(trained.report) | {"reward_curve": curve},
    )


class _Training:
    """One training: of policies for every fold, and of those that learn from everything.

    Attributes:
        head: where the ranking policy that learns from everything starts.
    """

    def __init__(
        self,
        library: Library,
        profile: int,
        crowd: CrowdModel,
        material: Material,
        model_without: ModelWithout,
        device: str,
        seed: int,
        on_progress: Progress,
    ) -> None:
        self._library, self._profile, self._crowd = library, profile, crowd
        self._material, self._seed = material, seed
        self._embedder = Embedder(device)
        self._tell = on_progress
        self._folds = deal(material, seed=seed) if material.enhancing or material.ranking else []
        self._heads = [model_without(fold.hidden) for fold in self._folds]
        self.head = model_without(())
        self._curve: list[Gain] = []
        self._run = self._digest()

    def train(self, without: Without) -> TrainedPolicies:
        """Measure policies on what is held out of them, and learn from everything if they hold.

        Args:
            without: what the enhancement policy has to beat.
        """
        if not self._folds:
            return TrainedPolicies(None, None, self._report((), None, None), ())
        parts = [self._play(number, fold) for number, fold in enumerate(self._folds, start=1)]
        rounds = tuple(
            self._figures(number, [part[number - 1] for part in parts])
            for number in range(1, ROUNDS + 1)
        )
        enhancement = self._enhancement_figures(rounds[-1], without)
        report = self._report(rounds, enhancement, self._ranking_figures(rounds[-1]))
        if not (report.enhancement_kept or report.ranking_kept):
            return TrainedPolicies(None, None, report, self._curve)
        final = self._play(0, Fold((), (), frozenset()))[-1]
        return TrainedPolicies(
            enhancement=final.enhancement if report.enhancement_kept else None,
            head=final.head if report.ranking_kept else None,
            report=report,
            reward_curve=self._curve,
        )

    def _report(
        self,
        rounds: tuple[RoundFigures, ...],
        enhancement: EnhancementFigures | None,
        ranking: RankingFigures | None,
    ) -> PoliciesReport:
        return PoliciesReport(
            retouches=len(self._material.edits),
            orders=len(self._material.orders),
            unusable=self._material.unusable,
            rounds=rounds,
            enhancement=enhancement,
            ranking=ranking,
            enhancement_kept=enhancement is not None and enhancement.wins,
            ranking_kept=ranking is not None and ranking.wins,
        )

    def _play(self, part: int, fold: Fold) -> list[Policies]:
        """Return the policies after each round; finished ones are read from the library."""
        head = self._heads[part - 1] if part else self.head
        game = Alternation(
            self._crowd,
            self._embedder,
            self._material.without(fold.hidden),
            head,
            enhancing=self._material.enhancing,
            ranking=self._material.ranking,
            seed=self._seed,
        )
        found = _readable(policies.rounds(self._library, self._profile, self._run, part))
        # Part 0, which learns from everything, comes last.
        place = (part - 1) % (len(self._folds) + 1)
        for number in range(len(found) + 1, ROUNDS + 1):
            steps = _Steps(self._tell, place * ROUNDS + number - 1, (len(self._folds) + 1) * ROUNDS)
            before = found[-1] if found else None
            after = _stored(number, game.play(number, before, steps, steps.gain))
            policies.add_round(self._library, self._profile, self._run, part, after)
            found.append(_restored(after))  # as if interrupted: half precision is part of it
            self._curve += [Gain(part, number, *gain) for gain in steps.gains]
        return found

    def _figures(self, number: int, after: list[Policies]) -> RoundFigures:
        material = self._material
        distances, untouched, orders = [], [], []
        for fold, one in zip(self._folds, after, strict=True):
            if one.enhancement is not None:
                for edit in fold.edits:
                    made = propose(one.enhancement, edit, material.embeddings[edit.photo])
                    distances.append(edit.copy.difference(made, edit.parameters))
                    untouched.append(edit.copy.difference({}, edit.parameters))
            if material.ranking:
                orders += taus(self._crowd, one.head, fold.orders, material)
        delta_e = float(np.mean(distances)) if distances else None
        return RoundFigures(
            round=number,
            delta_e=delta_e,
            reward=None if delta_e is None else float(np.mean(untouched)) - delta_e,
            tau=float(np.mean(orders)) if orders else None,
        )

    def _enhancement_figures(
        self, last: RoundFigures, without: Without
    ) -> EnhancementFigures | None:
        if last.delta_e is None or last.reward is None:
            return None
        edits = self._material.edits
        differences = []
        for done, edit in enumerate(edits, start=1):
            differences.append(edit.copy.difference(without(edit), edit.parameters))
            self._tell("Editing without policies", done, len(edits))
        return EnhancementFigures(
            retouches=len(edits),
            policy=last.delta_e,
            without=float(np.mean(differences)),
            untouched=last.delta_e + last.reward,
        )

    def _ranking_figures(self, last: RoundFigures) -> RankingFigures | None:
        if last.tau is None:
            return None
        found = [
            tau
            for fold, head in zip(self._folds, self._heads, strict=True)
            for tau in taus(self._crowd, head, fold.orders, self._material)
        ]
        return RankingFigures(len(found), policy=last.tau, without=float(np.mean(found)))

    def _digest(self) -> str:
        """Return what the training depends on, in short."""
        material = self._material
        told = [
            *(
                [e.number, e.photo, e.round, dict(e.parameters), e.before, e.after]
                for e in material.edits
            ),
            *([order.number, order.round, order.photos] for order in material.orders),
            sorted(material.others),
            # A photo may have joined a burst since, and is to be held out with it now.
            [sorted(fold.hidden) for fold in self._folds],
        ]
        digest = hashlib.blake2b(digest_size=16)
        digest.update(json.dumps([_VERSION, self._crowd.name, self._seed, told]).encode())
        for head in (self.head, *self._heads):
            digest.update(head.to_bytes())
        return digest.hexdigest()


def _enhance_without_policy(
    library: Library, profile: str, head: PersonalHead, device: str
) -> Without:
    """Return what `enhance` does without a policy.

    Args:
        library: where.
        profile: whose.
        head: the model without a policy. That in use may have learned from one before, and from
            the very photos that are held out.
        device: where scores are computed.
    """
    from photoaesth.enhance.policy import load_starter
    from photoaesth.workflows.enhance.proposing import Proposer  # it asks for policies itself

    proposer = Proposer(library, profile, policy=load_starter(), head=head, device=device)
    return lambda edit: proposer.propose(edit.copy.picture).parameters


@dataclass(frozen=True, slots=True)
class _Steps:
    """Progress within one round, told as progress of all of them; gains of its updates."""

    tell: Progress
    round: int
    rounds: int
    gains: list[tuple[int, float]] = field(default_factory=list)

    def gain(self, update: int, gained: float) -> None:
        self.gains.append((update, gained))

    def __call__(self, done: int, total: int) -> None:
        self.tell("Training policies", self.round * total + done, self.rounds * total)


def _stored(number: int, after: Policies) -> StoredRound:
    policy = after.enhancement
    return StoredRound(number, None if policy is None else policy.to_bytes(), after.head.to_bytes())


def _readable(rounds: Sequence[StoredRound]) -> list[Policies]:
    """Return what is left of rounds up to the first that another version has made."""
    found: list[Policies] = []
    for one in rounds:
        try:
            found.append(_restored(one))
        except PhotoaesthError:
            break
    return found


def _restored(stored: StoredRound) -> Policies:
    policy = None
    if stored.enhancement is not None:
        from photoaesth.enhance.policy import EnhancementPolicy

        policy = EnhancementPolicy.from_bytes(stored.enhancement)
    return Policies(policy, PersonalHead.from_bytes(stored.head))
