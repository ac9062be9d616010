"""The published protocol for one rater: draw shots and pairs, learn, predict the other photos.

After Zhou et al. 2021, §4.1 and §4.3.2. What is drawn depends on the seed and the rater's name
alone: every method gets the same shots and pairs, whoever else is tested.
"""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.method import Choices, Indices, Learned, Ratings
from photoaesth.learning.evaluation.rating_files import Study
from photoaesth.learning.metrics import calibration_table, kendall, pearson, spearman

# More pairs tell nothing new and cost time and memory; the correlations take every photo.
_MOST_TEST_PHOTOS = 1000
_MOST_TEST_PAIRS = 10_000


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is asked of every rater.

    Attributes:
        shots: numbers of photos to draw pairs from, each a setting of its own.
        pairs: pairs with unequal scores that are drawn among them.
        curve: numbers of pairs at which the curve is measured; its pairs come from the
            largest of `shots`.
        seed: decides every draw.
    """

    shots: tuple[int, ...]
    pairs: int
    curve: tuple[int, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class RaterUnderTest:
    """One rater's scores of the photos of a split.

    Attributes:
        name: decides, with the seed, what is drawn.
        photos: `(K,)` rated in the train file.
        scores: `(K,)` theirs.
        test_photos: `(T,)` rated in the test file.
        test_scores: `(T,)` theirs.
    """

    name: str
    photos: Indices
    scores: NDArray[np.float64]
    test_photos: Indices
    test_scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """The photos drawn for one rater, and those to predict.

    Attributes:
        shots: `(K,)` photo numbers.
        scores: `(K,)` what the rater gave them; choices are answered from these.
        test: `(T,)` photo numbers, none of them a shot.
        truth: `(T,)` what the rater gave them.
    """

    shots: Indices
    scores: NDArray[np.float64]
    test: Indices
    truth: NDArray[np.float64]

    def answer(self, first: Indices, second: Indices) -> Choices:
        """Return the rater's answers to pairs, given as `(M,)` places in `shots`."""
        ahead = np.sign(self.scores[first] - self.scores[second])
        return Choices(self.shots, self.shots[first], self.shots[second], (1 + ahead) / 2)


@dataclass(frozen=True, slots=True)
class Figures:
    """How well one rater was predicted.

    Attributes:
        srcc: Spearman's rank correlation on the test photos, in [-1, 1].
        plcc: Pearson's.
        krcc: Kendall's tau-b.
        pairwise_accuracy: share of the test pairs with unequal scores in the right order;
            equal predictions count half.
        calibration: from `calibration_table`, over the same pairs; None without probabilities.
    """

    srcc: float
    plcc: float
    krcc: float
    pairwise_accuracy: float
    calibration: tuple[tuple[float, ...], ...] | None


def rater_under_test(study: Study, rater: int, photos: NDArray[np.bool_]) -> RaterUnderTest:
    """Return a rater's scores of the photos that a mask keeps."""

    def kept(ratings: Ratings) -> Ratings:
        return ratings.where((ratings.rater == rater) & photos[ratings.photo])

    train, test = kept(study.train), kept(study.test)
    return RaterUnderTest(study.raters[rater], train.photo, train.score, test.photo, test.score)


def rng_for(rater: str, *numbers: int) -> np.random.Generator:
    """Return a source of chance that depends on a name and numbers alone."""
    name = hashlib.blake2b(rater.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.random.default_rng([int.from_bytes(name, "little"), *numbers])


def draw_trial(rater: RaterUnderTest, shots: int, seed: int) -> Trial | str:
    """Draw the shots of a rater; those of a smaller number are among those of a larger.

    The other photos of the test file are to be predicted.

    Returns:
        The trial, or why there is none.
    """
    if len(rater.photos) < shots:
        return f"fewer than {shots} rated photos"
    drawn = rng_for(rater.name, seed).permutation(len(rater.photos))[:shots]
    others = ~np.isin(rater.test_photos, rater.photos[drawn])
    trial = Trial(
        rater.photos[drawn],
        rater.scores[drawn],
        rater.test_photos[others],
        rater.test_scores[others],
    )
    if len(trial.test) < 2:
        return "fewer than two photos to predict"
    if (trial.truth == trial.truth[0]).all():
        return "the same score for every photo to predict"
    return trial


def draw_unequal(trial: Trial, count: int, rng: np.random.Generator) -> Choices:
    """Return answers to random different pairs with unequal scores; all where there are fewer."""
    first, second = shuffled_pairs(len(trial.shots), rng)
    unequal = trial.scores[first] != trial.scores[second]
    return trial.answer(first[unequal][:count], second[unequal][:count])


def shuffled_pairs(count: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Return all pairs of `count` things in random order, the sides random too."""
    low, high = np.triu_indices(count, 1)
    order = rng.permutation(len(low))
    pairs = np.stack([low[order], high[order]])
    first, second = rng.permuted(pairs, axis=0)
    return first, second


def judge(learned: Learned, trial: Trial) -> Figures:
    """Compare predictions with the scores of the test photos.

    A method that predicts the same score for every photo knows nothing of their order; its
    correlations count as 0, for leaving them out would flatter it.

    Args:
        learned: what a method predicts.
        trial: what the rater said.

    Raises:
        PhotoaesthError: a prediction is no finite number, or a probability none.
    """
    predicted = np.asarray(learned.score, dtype=np.float64)[trial.test]
    if not np.isfinite(predicted).all():
        raise PhotoaesthError("predictions that are no finite numbers")
    first, second = _test_pairs(trial)
    ahead = np.sign(trial.truth[first] - trial.truth[second])
    agreement = ahead * np.sign(predicted[first] - predicted[second])
    table = None
    if learned.probability is not None:
        chances = learned.probability(trial.test[first], trial.test[second])
        if not ((chances >= 0) & (chances <= 1)).all():
            raise PhotoaesthError("probabilities that are none")
        table = calibration_table(chances, (1 + ahead) / 2)
    return Figures(
        srcc=_or_zero(spearman(predicted, trial.truth)),
        plcc=_or_zero(pearson(predicted, trial.truth)),
        krcc=_or_zero(kendall(predicted, trial.truth)),
        pairwise_accuracy=float((1 + agreement).mean() / 2),
        calibration=None if table is None else tuple(map(tuple, table.tolist())),
    )


def _or_zero(correlation: float) -> float:
    return 0.0 if math.isnan(correlation) else correlation


def _test_pairs(trial: Trial) -> tuple[Indices, Indices]:
    """Return places in the test photos of pairs with unequal scores, the same for every method."""
    rng = np.random.default_rng(0)
    photos = rng.permutation(len(trial.test))[:_MOST_TEST_PHOTOS]
    first, second = (photos[places] for places in np.triu_indices(len(photos), 1))
    unequal = np.flatnonzero(trial.truth[first] != trial.truth[second])
    if len(unequal) > _MOST_TEST_PAIRS:
        unequal = rng.choice(unequal, _MOST_TEST_PAIRS, replace=False)
    return first[unequal], second[unequal]
