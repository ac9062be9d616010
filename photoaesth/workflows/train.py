"""Learn a profile's taste from its choices and measure it on held-out ones."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Comparison, Outcome
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import CrowdModel, load_crowd_model
from photoaesth.learning.heldout import HeldOut, cross_validate
from photoaesth.learning.metrics import log_loss, pairwise_accuracy, wilson_interval
from photoaesth.learning.personal import PersonalHead, choice_probability, design_matrix, prior
from photoaesth.library import comparisons, models, photos
from photoaesth.library.database import Library, open_library
from photoaesth.ranking.bursts import group_bursts
from photoaesth.ranking.closure import transitive_closure
from photoaesth.workflows.profile_model import profile_model, score_all

ENOUGH_CHOICES = 30
_INFERRED_WEIGHT = 0.3  # an inferred ranking tells less than a choice; docs/benchmarks.md
_OUTCOME_VALUES = {Outcome.LEFT: 1.0, Outcome.RIGHT: 0.0, Outcome.TIE: 0.5}


@dataclass(frozen=True, slots=True)
class HeldOutReport:
    """Agreement with choices that the tested models had not seen.

    Attributes:
        pairs: decided pairs; ties count in the log loss only.
        generic: pairwise accuracy of the generic model, in [0, 1].
        personal: pairwise accuracy of the personal model, in [0, 1].
        interval: 95 % interval of the personal accuracy.
        generic_log_loss: nats per choice; a coin has 0.693.
        personal_log_loss: nats per choice.
    """

    pairs: int
    generic: float
    personal: float
    interval: tuple[float, float]
    generic_log_loss: float
    personal_log_loss: float


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What training used, found and decided.

    Attributes:
        method: how the model was fitted.
        direct: choices and ties used.
        inferred: rankings that follow from them.
        conflicts: pairs of photos that the choices disagree about.
        unusable: answers about photos that have no embedding, left out.
        heldout: None when there are too few choices to hold any out.
        kept: the model in use from now on, `personal` or `generic`.
        early: whether there are too few choices to judge.
        scored: how many photos were scored anew.
    """

    method: str
    direct: int
    inferred: int
    conflicts: int
    unusable: int
    heldout: HeldOutReport | None
    kept: str
    early: bool
    scored: int


def train(library_path: Path, profile: str, *, device: str = "auto", seed: int = 0) -> TrainReport:
    """Fit the profile's model, keep it if it predicts better, and rescore the library.

    Args:
        library_path: the library.
        profile: whose choices.
        device: where the fit runs.
        seed: decides the cross-validation folds.

    Raises:
        PhotoaesthError: the profile has made no choice yet.
    """
    with open_library(library_path) as library:
        profile_id = comparisons.profile_id(library, profile)
        answers = [
            answer
            for answer in comparisons.comparisons(library, profile_id)
            if answer.outcome is not Outcome.SKIP
        ]
        if not answers:
            raise PhotoaesthError(
                f"profile {profile!r} has made no choices yet; make some with: photoaesth compare"
            )
        evidence = _Evidence(library, answers, load_crowd_model(), device)
        report = _train(library, profile_id, evidence, seed)
        scored = score_all(library, profile_model(library, profile))
    return replace(report, scored=scored)


def _train(library: Library, profile_id: int, evidence: "_Evidence", seed: int) -> TrainReport:
    if not evidence.answers:
        raise PhotoaesthError(
            "none of the compared photos is indexed any more; index their folder again"
        )
    early = len(evidence.answers) < ENOUGH_CHOICES
    held_out = cross_validate(
        evidence.answers, evidence.bursts, evidence.fit_and_predict, seed=seed
    )
    heldout = None if held_out is None else _measure(held_out)
    better = heldout is not None and _is_better(heldout)
    kept = "personal" if early or better else "generic"
    head = evidence.fit(evidence.answers) if kept == "personal" else None
    closure = transitive_closure(a.preference for a in evidence.answers if a.preference)
    report = TrainReport(
        method="personal",
        direct=len(evidence.answers),
        inferred=len(closure.inferred),
        conflicts=closure.conflicts,
        unusable=evidence.unusable,
        heldout=heldout,
        kept=kept,
        early=early,
        scored=0,
    )
    models.add_model(
        library,
        profile_id,
        evidence.crowd.name,
        method=report.method,
        kept=kept,
        head=None if head is None else head.to_bytes(),
        report=asdict(report),
    )
    return report


class _Evidence:
    """A profile's answers with the design rows of their photos."""

    def __init__(
        self, library: Library, answers: Sequence[Comparison], crowd: CrowdModel, device: str
    ) -> None:
        from photoaesth.learning.device import resolve_device

        self.crowd = crowd
        self.device = resolve_device(device)
        ids = sorted({photo for answer in answers for photo in (answer.left, answer.right)})
        vectors = models.embeddings_of(library, ids, crowd.embedding_name)
        self.answers = [a for a in answers if a.left in vectors and a.right in vectors]
        self.unusable = len(answers) - len(self.answers)
        self._row_of: dict[int, NDArray[np.float64]] = {}
        if vectors:
            rows = design_matrix(crowd, np.stack(list(vectors.values())))
            self._row_of = dict(zip(vectors, rows, strict=True))
        records = photos.photos_by_id(library, ids)
        compared = {(p.id, p.exif.camera, p.exif.taken_at) for p in records.values()}
        # With all the others: a frame that was never compared may be what joins two that were.
        self.bursts = group_bursts(compared.union(photos.present_photos(library)))

    def fit(self, answers: Sequence[Comparison]) -> PersonalHead:
        """Fit a head to answers and to what follows from them."""
        from photoaesth.learning.personal_fit import fit_personal

        if not answers:
            return prior(self.crowd)
        inferred = transitive_closure(a.preference for a in answers if a.preference).inferred
        pairs = [(a.left, a.right) for a in answers] + list(inferred)
        outcomes = [_OUTCOME_VALUES[a.outcome] for a in answers] + [1.0] * len(inferred)
        weights = [1.0] * len(answers) + [_INFERRED_WEIGHT] * len(inferred)
        return fit_personal(
            prior(self.crowd),
            self._differences(pairs),
            np.array(outcomes),
            np.array(weights),
            slope=self.crowd.choice_slope,
            device=self.device,
        )

    def fit_and_predict(
        self, training: Sequence[Comparison], held_out: Sequence[Comparison]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return generic and personal probabilities and outcomes of held-out answers."""
        rows = self._differences([(a.left, a.right) for a in held_out])
        slope = self.crowd.choice_slope
        generic = choice_probability(prior(self.crowd), rows, slope=slope)
        personal = choice_probability(self.fit(training), rows, slope=slope)
        return generic, personal, np.array([_OUTCOME_VALUES[a.outcome] for a in held_out])

    def _differences(self, pairs: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
        return np.stack([self._row_of[left] - self._row_of[right] for left, right in pairs])


def _is_better(heldout: HeldOutReport) -> bool:
    """Return whether the personal model wins in log loss, against the generic one and a coin.

    The generic model is surer than erratic choices deserve: against it alone, a model that has
    learned no more than to doubt would win.
    """
    return heldout.personal_log_loss < min(heldout.generic_log_loss, math.log(2))


def _measure(held_out: HeldOut) -> HeldOutReport | None:
    decided = int((held_out.outcomes != 0.5).sum())
    if not decided:
        return None  # ties alone say nothing about agreement
    personal = pairwise_accuracy(held_out.personal, held_out.outcomes)
    return HeldOutReport(
        pairs=decided,
        generic=pairwise_accuracy(held_out.generic, held_out.outcomes),
        personal=personal,
        interval=wilson_interval(personal, decided),
        generic_log_loss=log_loss(held_out.generic, held_out.outcomes),
        personal_log_loss=log_loss(held_out.personal, held_out.outcomes),
    )
