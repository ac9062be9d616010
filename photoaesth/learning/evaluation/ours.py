"""The program's own models as methods, and what is left of them without each of their parts."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import OPINIONS, CrowdModel
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.evaluation.method import Choices, Fold, Indices, Learned, Learner, Method
from photoaesth.learning.personal import (
    PersonalHead,
    choice_probability,
    predict,
    prior,
)
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.selection import Pool, next_pair
from photoaesth.learning.taste import Trust

Embeddings = NDArray[np.float32]

_NONE = 1e-3  # of a trust that is taken away; its logarithm has to exist
_INFERRED_WEIGHT = 0.3
_MOST_INFERRED = 500


def generic(fold: Fold) -> Learner:
    """The crowd model, which learns nothing of the person."""
    score = mean_score(fold.crowd.head(fold.embeddings))
    head = prior(fold.crowd)

    def learn(choices: Choices) -> Learned:
        return Learned(score, _probability(fold.crowd, fold.embeddings, head))

    return learn


def personal(fold: Fold) -> Learner:
    """The default of `train`."""
    return _learner(fold.crowd, fold.embeddings)


def with_usual_trust(fold: Fold) -> Learner:
    """With the trust most people earn, instead of what the choices speak for."""
    return _learner(fold.crowd, fold.embeddings, trust=fold.crowd.taste.trust)


def without_taste_space(fold: Fold) -> Learner:
    """Knowing nothing of how others' tastes differ."""
    taste = fold.crowd.taste
    trust = taste.trust._replace(taste_sd=_NONE)
    return _learner(replace(fold.crowd, taste=replace(taste, trust=trust)), fold.embeddings)


def without_own_part(fold: Fold) -> Learner:
    """Bound to the directions in which others were seen to differ."""
    taste = fold.crowd.taste
    trust = taste.trust._replace(own_sd=_NONE)
    return _learner(replace(fold.crowd, taste=replace(taste, trust=trust)), fold.embeddings)


def without_appeal(fold: Fold) -> Learner:
    """As if features showed all there is to like in a photo."""
    taste = replace(fold.crowd.taste, appeal_sd=0.0, choice_slope=0.67)
    return _learner(replace(fold.crowd, taste=taste), fold.embeddings)


def without_crowd(fold: Fold) -> Learner:
    """From nothing, with the taste space."""
    return _learner(*_indifferent(fold))


def plain_kernel(fold: Fold) -> Learner:
    """A Gaussian process preference model with a squared-exponential kernel and no prior.

    Chu & Ghahramani 2005, "Preference learning with Gaussian processes".
    """
    return _learner(*_indifferent(fold), trust=Trust(_NONE, _NONE, 1.2))


def with_inferred(fold: Fold) -> Learner:
    """With the rankings that follow from the choices, each as a part of a choice."""
    return _learner(
        fold.crowd, fold.embeddings, evidence_of=lambda choices: _with_inferred(fold, choices)
    )


METHODS: dict[str, Method] = {
    "generic": generic,
    "personal": personal,
    "kernel": plain_kernel,
    "personal-usual-trust": with_usual_trust,
    "personal-no-crowd": without_crowd,
    "personal-no-taste": without_taste_space,
    "personal-no-own": without_own_part,
    "personal-no-appeal": without_appeal,
    "personal-inferred": with_inferred,
}


def _direct(choices: Choices) -> Evidence:
    weights = np.ones(len(choices.outcomes))
    return Evidence(choices.left, choices.right, choices.outcomes, weights)


def _with_inferred(fold: Fold, choices: Choices) -> Evidence:
    direct = _direct(choices)
    first = np.where(choices.outcomes > 0.5, choices.left, choices.right)
    second = np.where(choices.outcomes > 0.5, choices.right, choices.left)
    decided = choices.outcomes != 0.5
    pairs = list(zip(first[decided].tolist(), second[decided].tolist(), strict=True))
    inferred = sorted(fold.infer(pairs))
    drawn = np.random.default_rng(0).permutation(len(inferred))[:_MOST_INFERRED]
    left, right = (np.array([inferred[n][side] for n in drawn], np.int64) for side in (0, 1))
    return Evidence(
        np.r_[left, direct.left],
        np.r_[right, direct.right],
        np.r_[np.ones(len(drawn)), direct.outcomes],
        np.r_[np.full(len(drawn), _INFERRED_WEIGHT), direct.weights],
    )


def _learner(
    crowd: CrowdModel,
    embeddings: Embeddings,
    *,
    trust: Trust | None = None,
    evidence_of: Callable[[Choices], Evidence] = _direct,
) -> Learner:
    def learn(choices: Choices) -> Learned:
        head = fit_personal(crowd, embeddings, evidence_of(choices), trust=trust)
        return Learned(
            score=predict(crowd, head, embeddings).score,
            probability=_probability(crowd, embeddings, head),
            proposal=_proposal(crowd, embeddings, head.trust, evidence_of),
        )

    return learn


def _probability(
    crowd: CrowdModel, embeddings: Embeddings, head: PersonalHead
) -> Callable[[Indices, Indices], NDArray[np.float64]]:
    return lambda left, right: choice_probability(crowd, head, embeddings[left], embeddings[right])


def _proposal(
    crowd: CrowdModel,
    embeddings: Embeddings,
    trust: Trust,
    evidence_of: Callable[[Choices], Evidence],
) -> Callable[[Choices, np.random.Generator], tuple[int, int]]:
    """As `compare` does: learn from every answer at once, infer the trust now and then."""

    def propose(choices: Choices, rng: np.random.Generator) -> tuple[int, int]:
        head = fit_personal(crowd, embeddings, evidence_of(choices), trust=trust)
        pool = Pool.of(crowd, head, embeddings[choices.shots])
        place = {photo: number for number, photo in enumerate(choices.shots.tolist())}
        left, right = ([place[p] for p in side.tolist()] for side in (choices.left, choices.right))
        allowed = ~np.eye(len(place), dtype=bool)
        allowed[left, right] = allowed[right, left] = False
        shown = np.bincount(left + right, minlength=len(place))
        pair = next_pair(pool, allowed, shown, rng)
        assert pair is not None
        return pair

    return propose


def _indifferent(fold: Fold) -> tuple[CrowdModel, Embeddings]:
    """Return a crowd model that likes every photo the same, and embeddings without an opinion."""
    head = fold.crowd.head
    flat = replace(
        head,
        coefficients=np.zeros_like(head.coefficients),
        bias=np.zeros_like(head.bias),
        damage_tilt=0.0,
    )
    embeddings = fold.embeddings.copy()
    embeddings[:, -OPINIONS:] = 0
    return replace(fold.crowd, head=flat), embeddings
