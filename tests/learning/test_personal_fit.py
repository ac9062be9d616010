from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit

from photoaesth.learning.metrics import pairwise_accuracy
from photoaesth.learning.personal import PersonalHead, choice_probability
from photoaesth.learning.personal_fit import fit_personal

Floats = NDArray[np.floating[Any]]
SLOPE = 0.8


def vague(size: int, sd: float = 1.0) -> PersonalHead:
    mean = np.zeros(size)
    mean[0] = 1
    return PersonalHead(mean=mean, covariance=np.eye(size) * sd**2)


def correlated(size: int) -> PersonalHead:
    """A prior whose weights hang together."""
    root = np.random.default_rng(9).normal(size=(size, size))
    return PersonalHead(mean=np.arange(size) / size, covariance=root @ root.T / size + np.eye(size))


def fit(
    prior: PersonalHead,
    rows: Floats,
    outcomes: Floats,
    weights: Floats | None = None,
    *,
    slope: float = SLOPE,
    device: str = "cpu",
) -> PersonalHead:
    weights = np.ones(len(rows)) if weights is None else weights
    return fit_personal(prior, rows, outcomes, weights, slope=slope, device=device)


def loss(
    theta: Floats, prior: PersonalHead, rows: Floats, outcomes: Floats, weights: Floats
) -> float:
    """The negative log posterior, written apart from the code that is tested."""
    logits = SLOPE * rows @ theta
    likelihood = outcomes * np.logaddexp(0, -logits) + (1 - outcomes) * np.logaddexp(0, logits)
    away = theta - prior.mean
    return float(weights @ likelihood + away @ np.linalg.solve(prior.covariance, away) / 2)


def choices(seed: int, count: int, size: int) -> tuple[Floats, Floats, Floats]:
    """Rows, outcomes with ties among them, and weights."""
    rng = np.random.default_rng(seed)
    outcomes = rng.choice([0, 0.5, 1], count, p=[0.4, 0.2, 0.4])
    return rng.normal(size=(count, size)), outcomes, rng.uniform(0.1, 2, count)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 8))
def test_the_gradient_vanishes_at_the_estimate(seed: int, count: int, size: int) -> None:
    """No direction of the log posterior climbs any more, by finite differences."""
    data = choices(seed, count, size)
    prior = correlated(size)
    head = fit(prior, *data)
    slopes = approx_fprime(head.mean, loss, 1e-6, prior, *data)
    np.testing.assert_allclose(slopes, 0, atol=1e-3)


def test_agrees_with_scipy() -> None:
    """SciPy's BFGS, started elsewhere, ends at the same estimate."""
    prior, data = correlated(6), choices(0, 80, 6)
    expected = minimize(loss, np.full(6, 3.0), (prior, *data), options={"gtol": 1e-6}).x
    np.testing.assert_allclose(fit(prior, *data).mean, expected, atol=1e-4)


def test_the_covariance_is_the_inverse_curvature() -> None:
    """Laplace's approximation: the inverse of the numerical second derivatives at the estimate."""
    prior, data = correlated(4), choices(1, 50, 4)
    head = fit(prior, *data)

    def slopes(theta: Floats) -> Floats:
        return np.asarray(approx_fprime(theta, loss, 1e-5, prior, *data))

    curvature = np.array(
        [(slopes(head.mean + d) - slopes(head.mean - d)) / 2e-3 for d in _steps(4)]
    )
    np.testing.assert_allclose(head.covariance, np.linalg.inv(curvature), atol=2e-2)
    np.testing.assert_allclose(head.covariance, head.covariance.T, atol=1e-10)


def _steps(size: int) -> Floats:
    return np.eye(size) * 1e-3


@pytest.mark.parametrize("case", ["no choices", "choices without weight", "photos that are alike"])
def test_nothing_learned_leaves_the_prior(case: str) -> None:
    """Without information the person stays whom the prior takes them for, doubt included."""
    rows, outcomes, weights = choices(0, 30, 5)
    match case:
        case "no choices":
            rows, outcomes, weights = rows[:0], outcomes[:0], weights[:0]
        case "choices without weight":
            weights = 0 * weights
        case "photos that are alike":
            rows = 0 * rows
    prior = correlated(5)
    head = fit(prior, rows, outcomes, weights)
    np.testing.assert_allclose(head.mean, prior.mean, atol=1e-9)
    np.testing.assert_allclose(head.covariance, prior.covariance, atol=1e-9)


def test_a_tie_pulls_two_photos_together() -> None:
    """After a tie the prior's favourite is less far ahead, and still ahead."""
    row = np.array([[2.0, 0.5]])
    prior = vague(2)
    before, after = (
        float(row[0] @ head.mean) for head in (prior, fit(prior, row, np.array([0.5])))
    )
    assert 0 < after < before


def test_two_photos_have_the_odds_of_their_choices() -> None:
    """Chosen 3 times of 4 under a prior that says nothing: k (u₁ − u₂) = ln 3."""
    rows = np.tile([0.0, 1.0], (4, 1))
    head = fit(vague(2, sd=1e4), rows, np.array([1, 1, 0, 1]))
    assert SLOPE * head.mean[1] == pytest.approx(np.log(3), abs=1e-4)


def test_pairs_alone_give_bradley_terry_strengths() -> None:
    """With one coordinate per photo and a wide prior, the weights are the strengths.

    At their maximum every photo's expected wins are its wins (Zermelo 1929; Ford 1957).
    """
    rng = np.random.default_rng(2)
    strengths = np.array([0, 1, -1, 0.5, 0.2])
    pairs = np.array([rng.choice(5, 2, replace=False) for _ in range(200)])
    rows = np.zeros((200, 6))
    rows[np.arange(200), 1 + pairs[:, 0]] = 1
    rows[np.arange(200), 1 + pairs[:, 1]] = -1
    won = (rng.random(200) < expit(strengths[pairs[:, 0]] - strengths[pairs[:, 1]])).astype(float)
    head = fit(vague(6, sd=1e3), rows, won, slope=1.0)
    expected = expit(rows @ head.mean)
    for photo in range(5):
        side = rows[:, 1 + photo]  # 1 where it stood left, -1 where it stood right
        assert side @ expected == pytest.approx(side @ won, abs=1e-3)
    assert np.corrcoef(head.mean[1:], strengths)[0, 1] > 0.9


def test_weights_are_repetitions() -> None:
    """A choice of weight 2 counts like the same choice made twice."""
    rows, outcomes, _ = choices(3, 10, 4)
    doubled = fit(vague(4), rows, outcomes, np.full(10, 2.0))
    repeated = fit(vague(4), np.tile(rows, (2, 1)), np.tile(outcomes, 2))
    np.testing.assert_allclose(doubled.mean, repeated.mean, atol=1e-6)
    np.testing.assert_allclose(doubled.covariance, repeated.covariance, atol=1e-6)


def test_sides_do_not_matter() -> None:
    """Swapping left and right along with the outcome changes nothing."""
    rows, outcomes, weights = choices(4, 30, 4)
    head = fit(vague(4), rows, outcomes, weights)
    swapped = fit(vague(4), -rows, 1 - outcomes, weights)
    np.testing.assert_allclose(swapped.mean, head.mean, atol=1e-6)


def test_doubt_shrinks_where_choices_were_made() -> None:
    """The variance falls along compared directions, falls further with more choices, and stays
    as it was across them."""
    rng = np.random.default_rng(0)
    rows = np.zeros((80, 6))
    rows[:, :3] = rng.normal(size=(80, 3))
    outcomes = rng.integers(0, 2, 80).astype(float)
    few, many = (fit(vague(6), rows[:n], outcomes[:n]).covariance.diagonal() for n in (20, 80))
    assert (many[:3] < few[:3]).all()
    assert (few[:3] < 0.8).all()
    np.testing.assert_allclose(many[3:], 1)


def test_a_planted_taste_is_found() -> None:
    """150 noisy choices of somebody unlike the crowd: the fitted head predicts 400 new ones well,
    the generic one no better than a coin."""
    rng = np.random.default_rng(0)
    taste = np.concatenate([[0.0], rng.normal(0, 2, 8)])  # does not follow the crowd at all
    rows = rng.normal(size=(550, 9))
    won = (rng.random(550) < expit(SLOPE * rows @ taste)).astype(float)
    head = fit(vague(9, sd=1.5), rows[:150], won[:150])
    personal, generic = (
        pairwise_accuracy(choice_probability(h, rows[150:], slope=SLOPE), won[150:])
        for h in (head, vague(9))
    )
    assert personal > 0.75
    assert generic < 0.6
    assert np.corrcoef(head.mean, taste)[0, 1] > 0.95


def test_a_contradictory_start_still_converges() -> None:
    """From a prior that is sure of the opposite, where full Newton steps overshoot."""
    rows = np.random.default_rng(0).normal(size=(300, 4)) * 20
    outcomes = (rows[:, 1] < 0).astype(float)
    prior = PersonalHead(mean=np.array([0, 30.0, 0, 0]), covariance=np.eye(4) * 25)
    head = fit(prior, rows, outcomes)
    slopes = approx_fprime(head.mean, loss, 1e-7, prior, rows, outcomes, np.ones(300))
    np.testing.assert_allclose(slopes, 0, atol=1e-2)
    assert np.isfinite(head.covariance).all()


def test_an_apple_gpu_leaves_the_fit_to_the_processor() -> None:
    """`mps` knows no float64 and gives what `cpu` gives, on any machine."""
    data = choices(5, 40, 5)
    cpu, mps = (fit(vague(5), *data, device=device) for device in ("cpu", "mps"))
    np.testing.assert_array_equal(mps.mean, cpu.mean)
    np.testing.assert_array_equal(mps.covariance, cpu.covariance)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no cuda device")
def test_cuda_agrees_with_the_processor() -> None:
    """The estimate does not depend on the device."""
    data = choices(5, 40, 5)
    cpu, cuda = (fit(vague(5), *data, device=device) for device in ("cpu", "cuda"))
    np.testing.assert_allclose(cuda.mean, cpu.mean, atol=1e-8)
    np.testing.assert_allclose(cuda.covariance, cpu.covariance, atol=1e-8)
