import numpy as np
import pytest
from scipy.stats import chi2, false_discovery_control, norm

from photoaesth.learning.significance import chi_square_p, clear_of_chance, two_sided_p


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 8])
def test_chi_square_is_that_of_scipy(freedom: int) -> None:
    """The finite series gives SciPy's survival function, from 0 to the far tail."""
    for statistic in (0.0, 0.3, 2.0, 9.0, 60.0):
        assert chi_square_p(statistic, freedom) == pytest.approx(chi2.sf(statistic, freedom))


def test_p_values_are_the_normal_tails() -> None:
    """Both tails count, whatever the sign; where nothing is uncertain nothing is found."""
    found = two_sided_p(np.array([0.0, -1.96, 3.0, 5.0]), np.array([1.0, 1.0, 1.5, 0.0]))
    assert found == pytest.approx([1, 2 * norm.sf(1.96), 2 * norm.sf(2), 1])


def test_discoveries_are_benjamini_and_hochberg_s() -> None:
    """The same findings are believed as SciPy's adjusted p values say, one at a time or many."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        p_values = np.concatenate([rng.uniform(size=12), rng.uniform(0, 0.01, 4)])
        adjusted = false_discovery_control(p_values)
        assert (clear_of_chance(p_values) == (adjusted <= 0.05)).all()
    assert clear_of_chance(np.array([0.04])).all()
    assert not clear_of_chance(np.array([0.04, 0.9, 0.8, 0.7])).any()
    assert len(clear_of_chance(np.zeros(0))) == 0
