"""Learning a person's taste from choices: Laplace's approximation, trust by evidence.

Rasmussen & Williams 2006, "Gaussian Processes for Machine Learning", algorithms 3.1 and 5.1,
with the latent function taken at the differences of photos, as Chu & Ghahramani 2005,
"Preference learning with Gaussian processes", do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.personal import PersonalHead, prior
from photoaesth.learning.taste import Trust, combine, describe, parts

Floats = NDArray[np.floating[Any]]
Matrix = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]

MOST_CHOICES = 2000  # the cost grows with the cube; two thousand take seconds
_TRUST_CHOICES = 400  # enough to tell how far to trust the crowd
# Of the usual gain, taste and own part, tried in all combinations. The first has the widest
# range, since somebody may be quite opposite to the crowd.
_FACTORS = ((0.25, 0.5, 1.0, 2.0, 4.0), (0.5, 1.0, 2.0), (0.5, 1.0, 2.0))
_STEPS = 50
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Evidence:
    """M choices among n photos, oldest first.

    Attributes:
        left: `(M,)` photo numbers, 0 to n - 1.
        right: `(M,)` photo numbers.
        outcomes: `(M,)` 1 for left, 0 for right, ½ for a tie.
        weights: `(M,)` how much each counts; 1 for a choice that was made.
    """

    left: Indices
    right: Indices
    outcomes: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.left)

    def __getitem__(self, rows: slice) -> "Evidence":
        return Evidence(self.left[rows], self.right[rows], self.outcomes[rows], self.weights[rows])


def fit_personal(
    crowd: CrowdModel, embeddings: Floats, evidence: Evidence, *, trust: Trust | None = None
) -> PersonalHead:
    """Return the posterior after a person's choices.

    Args:
        crowd: what is known of people at large.
        embeddings: `(n, D)` of the photos that `evidence` numbers.
        evidence: the choices; the newest `MOST_CHOICES` are used.
        trust: fixes how far the model leaves the crowd; inferred from the choices when None.
    """
    evidence = evidence[-MOST_CHOICES:]
    if not len(evidence):
        return prior(crowd)
    used, numbers = np.unique(np.concatenate([evidence.left, evidence.right]), return_inverse=True)
    left, right = numbers[: len(evidence)], numbers[len(evidence) :]
    photos = embeddings[used].astype(np.float16)  # as they are stored, so that storing is exact
    generic = mean_score(crowd.head(photos.astype(np.float32)))
    described = describe(crowd.taste, photos, generic)
    by_part = parts(crowd.taste, described, described)
    slope = crowd.taste.choice_slope

    def between(covariance: Matrix) -> Matrix:
        rows = covariance[left] - covariance[right]
        return np.asarray(slope**2 * (rows[:, left] - rows[:, right]))

    logits = slope * (generic[left] - generic[right])
    appeal = between(crowd.taste.appeal_sd**2 * np.eye(len(used)))
    pair_parts = np.stack([between(part) for part in by_part])
    if trust is None:
        recent = slice(-_TRUST_CHOICES, None)
        trust = _infer_trust(
            crowd,
            pair_parts[:, recent, recent],
            appeal[recent, recent],
            logits[recent],
            evidence[recent],
        )
    found = _laplace(combine(trust, pair_parts) + appeal, logits, evidence)
    pull = np.zeros(len(used))
    np.add.at(pull, left, slope * found.dual)
    np.add.at(pull, right, -slope * found.dual)
    return PersonalHead(
        trust=trust, photos=photos, left=left, right=right, pull=pull, curvature=found.curvature
    )


def _infer_trust(
    crowd: CrowdModel, by_part: Matrix, appeal: Matrix, logits: Floats, evidence: Evidence
) -> Trust:
    """Return the trust that the choices speak for: its geometric mean over the posterior.

    The average over a grid, weighted by evidence and by how people's trust was seen to vary,
    errs less after few choices than the likeliest point does.
    """
    usual = np.log(crowd.taste.trust)
    log_trusts, log_weights = [], []
    dual = np.zeros(len(logits))  # neighbours on the grid have much the same mode
    for factors in product(*_FACTORS):
        steps = np.log(factors)
        trust = Trust(*np.exp(usual + steps))
        found = _laplace(combine(trust, by_part) + appeal, logits, evidence, start=dual)
        dual = found.dual
        distance = np.square(steps).sum() / crowd.taste.trust_spread**2
        log_weights.append(found.log_evidence - distance / 2)
        log_trusts.append(usual + steps)
    weights = np.exp(np.array(log_weights) - max(log_weights))
    return Trust(*np.exp(weights @ np.stack(log_trusts) / weights.sum()).tolist())


@dataclass(frozen=True, slots=True)
class _Found:
    """A mode and the Gaussian around it.

    Attributes:
        dual: `(M,)` the mode is the prior mean plus the covariance times it.
        curvature: `(M,)` weighted p (1 - p) of each choice.
        log_evidence: log of the choices' marginal likelihood.
    """

    dual: Matrix
    curvature: Matrix
    log_evidence: float


def _laplace(
    covariance: Matrix, logits: Floats, evidence: Evidence, *, start: Matrix | None = None
) -> _Found:
    """Find the mode of the logits' posterior by Newton's method with halved steps."""
    dual = np.zeros(len(logits)) if start is None else start
    loss = _loss(covariance, logits, evidence, dual)
    for _ in range(_STEPS):
        slope, curvature = _derivatives(covariance, logits, evidence, dual)
        roots = np.sqrt(curvature)
        factor = np.linalg.cholesky(_bent(covariance, roots))
        target = curvature * (covariance @ dual) + slope
        inner = np.linalg.solve(factor, roots * (covariance @ target))
        step = target - roots * np.linalg.solve(factor.T, inner) - dual
        for size in _step_sizes():
            lower = _loss(covariance, logits, evidence, dual + size * step)
            if lower <= loss:
                dual = dual + size * step
                break
        else:
            break
        if loss - lower < _TOLERANCE:
            loss = lower
            break
        loss = lower
    _, curvature = _derivatives(covariance, logits, evidence, dual)
    factor = np.linalg.cholesky(_bent(covariance, np.sqrt(curvature)))
    log_evidence = float(-loss - np.log(np.diag(factor)).sum())
    return _Found(dual=dual, curvature=curvature, log_evidence=log_evidence)


def _loss(covariance: Matrix, logits: Floats, evidence: Evidence, dual: Matrix) -> float:
    shift = covariance @ dual
    likelihood = np.logaddexp(0, logits + shift) - evidence.outcomes * (logits + shift)
    return float(evidence.weights @ likelihood + dual @ shift / 2)


def _derivatives(
    covariance: Matrix, logits: Floats, evidence: Evidence, dual: Matrix
) -> tuple[Matrix, Matrix]:
    p = 0.5 * (1 + np.tanh((logits + covariance @ dual) / 2))
    slope = evidence.weights * (evidence.outcomes - p)
    return np.asarray(slope), np.asarray(evidence.weights * p * (1 - p))


def _bent(covariance: Matrix, roots: Matrix) -> Matrix:
    return np.asarray(np.eye(len(roots)) + roots[:, None] * covariance * roots)


def _step_sizes() -> Iterator[float]:
    size = 1.0
    while size > 1e-4:
        yield size
        size /= 2
