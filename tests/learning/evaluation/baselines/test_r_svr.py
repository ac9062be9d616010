import numpy as np
import pytest
from scipy.optimize import check_grad

from photoaesth.learning.evaluation.baselines.r_svr import joint_loss


def test_the_loss_adds_regression_and_ranking() -> None:
    """½·2² + max(0, |2·1 - 1.4| - 0.1)² + ½ max(0, 5 - 2·2)² = 2 + 0.25 + 0.5."""
    loss, _ = joint_loss(
        np.array([2.0]),
        np.array([[1.0]]),
        np.array([1.4]),
        np.array([[2.0]]),
        np.array([5.0]),
        np.array([0.5]),
    )
    assert loss == pytest.approx(2.75)


def test_what_is_inside_the_tube_or_ahead_by_the_margin_costs_nothing() -> None:
    """An error of 0.05 points and a lead that suffices leave the weights' own price."""
    loss, gradient = joint_loss(
        np.array([2.0]),
        np.array([[1.0]]),
        np.array([1.95]),
        np.array([[2.0]]),
        np.array([3.0]),
        np.array([1.0]),
    )
    assert loss == pytest.approx(2.0)
    np.testing.assert_allclose(gradient, [2.0])


def test_the_gradient_is_that_of_the_loss() -> None:
    """Finite differences agree at random points."""
    rng = np.random.default_rng(0)
    data = (
        rng.normal(size=(9, 4)),
        rng.normal(size=9),
        rng.normal(size=(12, 4)),
        rng.normal(size=12),
        rng.choice([0.5, 1.0], 12),
    )
    for _ in range(5):
        difference = check_grad(
            lambda w: joint_loss(w, *data)[0],
            lambda w: joint_loss(w, *data)[1],
            rng.normal(size=4),
        )
        assert difference < 1e-4
