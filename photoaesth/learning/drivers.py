"""Which attributes raise and lower scores: a ridge regression whose doubt is the model's own.

Effects are a fixed linear functional of the scores, e = W s with W = (1 + λ) (ZᵀZ + λN)⁻¹ Zᵀ, Z the
standardised attributes of N photos: a ridge regression (Hoerl & Kennard 1970) whose shrinking of a
lone attribute is undone (Zou & Hastie 2005, "Regularization and variable selection via the elastic
net", §3.2). What is left of the ridge is that correlations of attributes count for 1 / (1 + λ), for
half: attributes that go together share an effect, and all have its sign. Without it, neither
darkness nor deep shadows could be told to have any, for the other might have it all.

The scores are a model's, and what is not known of them is not independent between photos: with
their posterior covariance C, the effects' is W C Wᵀ. To it comes what another draw of photos would
change (the sandwich of White 1980).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.significance import two_sided_p

Floats = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

RIDGE = 1.0
FEWEST_PHOTOS = 30
"""With fewer, the attributes of an album cannot be told apart."""

_FARTHEST = 4.0  # standard deviations; a freak counts as much as that


@dataclass(frozen=True, slots=True)
class Scale:
    """How attributes are standardised.

    Attributes:
        means: `(A,)` over the photos where an attribute is known.
        spreads: `(A,)` standard deviations; 0 for one that does not vary, or is nowhere known.
    """

    means: Vector
    spreads: Vector

    def standardise(self, values: Floats) -> Matrix:
        """Return `(N, A)` values in standard deviations from the mean, within ±4; unknown is 0."""
        varied = self.spreads > 0
        scaled = (np.asarray(values, np.float64) - self.means) / np.where(varied, self.spreads, 1)
        known = np.nan_to_num(np.where(varied, scaled, 0.0))
        return np.asarray(np.clip(known, -_FARTHEST, _FARTHEST))


@dataclass(frozen=True, slots=True)
class Drivers:
    """What A attributes do to scores; those that go together share it.

    Attributes:
        scale: of the attributes.
        effects: `(A,)` points of score for one standard deviation more.
        sds: `(A,)` standard errors of the effects.
        overlap: what the effects are to be multiplied by when they are added up, since attributes
            that go together tell the same twice; 1 where none do.
        explained: share of the variance of scores that their sum foretells of a photo that they
            were not found on, in [0, 1]; 0 where the mean score foretells no worse.
    """

    scale: Scale
    effects: Vector
    sds: Vector
    overlap: float
    explained: float

    @property
    def p_values(self) -> Vector:
        """`(A,)` two-sided, of no effect; 1 for an attribute that does not vary."""
        return two_sided_p(self.effects, self.sds)

    def contributions(self, values: Floats) -> Matrix:
        """Return how many points each attribute adds to the score of photos, `(N, A)`.

        They are measured from the library's average photo, and sum up to what the attributes
        explain of a photo's distance from the mean score.

        Args:
            values: `(N, A)` attributes as they were measured; NaN, where unknown, adds nothing.
        """
        return self.scale.standardise(values) * self.effects * self.overlap

    def contribution_sds(self, values: Floats) -> Matrix:
        """Return the standard errors of the contributions, `(N, A)`."""
        return np.abs(self.scale.standardise(values)) * self.sds * self.overlap


def scale_of(values: Floats) -> Scale:
    """Return the scale on which `(N, A)` values have mean 0 and variance 1; NaN is unknown."""
    known = np.asarray(values, np.float64)
    there = np.isfinite(known)
    counts = np.maximum(there.sum(0), 1)
    means = np.where(there, known, 0).sum(0) / counts
    spreads = np.sqrt(np.where(there, np.square(known - means), 0).sum(0) / counts)
    return Scale(means, np.where(spreads > 1e-6 * np.maximum(np.abs(means), 1e-6), spreads, 0))


def drivers(
    values: Floats,
    scores: Floats,
    covariance: Floats | None = None,
    *,
    scale: Scale | None = None,
) -> Drivers:
    """Return what each attribute does to the scores of some photos.

    Args:
        values: `(N, A)` attributes; NaN where unknown, which counts as the mean.
        scores: `(N,)` points: scores, or differences of scores.
        covariance: `(N, N)` of what is not known of them, as `joint_utilities` returns it; None
            for scores without doubt.
        scale: of the attributes; that of these photos when None.

    Raises:
        ValueError: there is no photo.
    """
    if not len(values):
        raise ValueError("no photos to find drivers on")
    scale = scale or scale_of(values)
    standard = scale.standardise(values)
    weights = effect_weights(standard)
    centred = np.asarray(scores, np.float64) - np.mean(scores, dtype=np.float64)
    effects = weights @ centred
    summed = (standard - standard.mean(0)) @ effects
    length, common = float(summed @ summed), float(summed @ centred)
    overlap = common / length if length > 0 else 1.0
    rest = centred - overlap * summed
    freedom = max(len(centred) - 1 - np.count_nonzero(scale.spreads), 1)
    variances = np.square(weights) @ np.square(rest) * len(centred) / freedom
    if covariance is not None:
        variances += np.einsum("an,nm,am->a", weights, covariance, weights, optimize=True)
    explained = _foretold(standard - standard.mean(0), centred)
    return Drivers(scale, effects, np.sqrt(np.maximum(variances, 0)), overlap, explained)


def effect_weights(standard: Floats) -> Matrix:
    """Return W, `(A, N)`: the effects of attributes on any scores are W times the scores.

    Args:
        standard: `(N, A)` standardised attributes.
    """
    centred = np.asarray(standard, np.float64) - np.mean(standard, axis=0, dtype=np.float64)
    count, size = centred.shape
    ridge = centred.T @ centred + RIDGE * count * np.eye(size)
    return np.asarray((1 + RIDGE) * np.linalg.solve(ridge, centred.T))


def _foretold(centred: Matrix, scores: Vector) -> float:
    """Return R² of leaving one photo out, by the hat matrix: with many attributes noise fits, too.

    Each photo is foretold by the effects, and their overlap, that all others have: the PRESS of
    Allen 1974, "The relationship between variable selection and data augmentation and a method
    for prediction". Its yardstick, the mean score, is that of the others as well.

    Args:
        centred: `(N, A)` standardised attributes less their means in these photos.
        scores: `(N,)` less their mean.
    """
    count, size = centred.shape
    total = float(scores @ scores)
    if count < 2 or total == 0:
        return 0.0
    moved = count / (count - 1)  # what leaving a photo out does to the distance from the mean
    gram, common = centred.T @ centred, centred.T @ scores
    solved = np.linalg.solve(gram + RIDGE * (count - 1) * np.eye(size), centred.T).T
    hat = moved * np.einsum("na,na->n", solved, centred)
    rest = scores - solved @ common
    effects = solved.T @ scores - moved * solved * (rest / (1 - hat))[:, None]  # (N, A) without n
    told = np.einsum("na,na->n", effects, centred)
    lengths = np.einsum("na,ab,nb->n", effects, gram, effects, optimize=True) - moved * told**2
    overlaps = effects @ common - moved * told * scores
    overlaps = np.divide(overlaps, lengths, out=np.zeros(count), where=lengths > 0)
    return max(1 - float(np.square(scores - overlaps * told).sum()) / total, 0.0)
