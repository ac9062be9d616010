import math

import pytest

from photoaesth.learning.evaluation.journal import Key, RaterResult
from photoaesth.learning.evaluation.protocol import Figures
from photoaesth.learning.evaluation.summary import (
    Statistics,
    by_pairs,
    by_shots,
    compare,
    statistics,
)

EMPTY = ((0.0, 0.0, 0.0),) * 9


def figures(srcc: float, table: tuple[float, float, float] | None = None) -> Figures:
    calibration = None if table is None else (*EMPTY, table)
    return Figures(srcc, srcc / 2, srcc / 4, 0.5 + srcc / 2, calibration)


def shots(ten: Figures | str, hundred: Figures | str) -> RaterResult:
    return RaterResult({10: ten, 100: hundred})


RESULTS: dict[Key, RaterResult] = {
    ("s1", "generic", "ann"): shots(figures(0.2), figures(0.4)),
    ("s1", "generic", "bob"): shots(figures(0.3), figures(0.4)),
    ("s2", "generic", "eve"): shots(figures(0.1), "too few"),
    ("s1", "personal", "ann"): shots(figures(0.3), figures(0.7)),
    ("s1", "personal", "bob"): shots(figures(0.6), "too few"),
    ("s2", "personal", "eve"): shots(figures(0.3), figures(0.9)),
}


def test_mean_spread_and_standard_error() -> None:
    """0.2, 0.4 and 0.9: mean 0.5, sd √((0.09 + 0.01 + 0.16) / 2), se sd / √3; two left out."""
    found = statistics([figures(0.2), figures(0.4), "dull", figures(0.9), "dull"])
    assert (found.raters, found.left_out) == (3, {"dull": 2})
    assert found.srcc_mean == pytest.approx(0.5)
    assert found.srcc_sd == pytest.approx(math.sqrt(0.13))
    assert found.srcc_se == pytest.approx(math.sqrt(0.13 / 3))
    assert found.plcc_mean == pytest.approx(0.25)
    assert found.krcc_mean == pytest.approx(0.125)
    assert found.pairwise_accuracy == pytest.approx(0.75)
    assert math.isnan(found.calibration_error)


def test_calibration_is_over_the_pairs_of_all_raters() -> None:
    """Ten at 0.9 with 8 right and thirty at 1.0 with 24 right: |9 + 30 − 8 − 24| / 40."""
    found = statistics([figures(0, (10, 9, 8)), figures(0, (30, 30, 24)), figures(0)])
    assert found.calibration_error == pytest.approx(7 / 40)


def test_one_rater_has_no_spread_and_nobody_no_mean() -> None:
    """What so few cannot tell is NaN, without a warning."""
    one, none = statistics([figures(0.3)]), statistics(["dull"])
    assert one.srcc_mean == pytest.approx(0.3)
    assert math.isnan(one.srcc_sd)
    assert math.isnan(one.srcc_se)
    assert math.isnan(none.srcc_mean)
    assert none.raters == 0


def test_statistics_by_shots() -> None:
    """All raters of a method, or those of one split."""
    assert by_shots(RESULTS, "generic")[10].srcc_mean == pytest.approx(0.2)
    assert by_shots(RESULTS, "generic")[100].raters == 2
    assert by_shots(RESULTS, "generic", split="s1")[10].srcc_mean == pytest.approx(0.25)
    assert by_shots(RESULTS, "nobody") == {}


def test_differences_are_paired() -> None:
    """At 10: 0.1, 0.3 and 0.2 against the same rater; at 100 only ann was tested by both.

    t = 0.2 / (0.1 / √3) = 3.46 at two degrees of freedom: p = 1 − t / √(2 + t²) = 0.0742.
    """
    found = compare(RESULTS, "personal", "generic")
    assert (found[10].against, found[10].raters) == ("generic", 3)
    assert found[10].mean == pytest.approx(0.2)
    assert found[10].se == pytest.approx(0.1 / math.sqrt(3))
    assert found[10].p_value == pytest.approx(1 - math.sqrt(12 / 14))
    assert (found[100].raters, found[100].mean) == (1, pytest.approx(0.3))
    assert math.isnan(found[100].p_value)


def test_curves_by_rule_count_and_method() -> None:
    """Random first, counts growing, methods as asked for; one without proposals is not active."""
    results: dict[Key, RaterResult] = {
        ("s", "z", "ann"): RaterResult(
            {},
            {
                "random": {5: figures(0.1), 10: figures(0.2)},
                "active": {5: figures(0.1), 10: figures(0.4)},
            },
        ),
        ("s", "z", "bob"): RaterResult(
            {}, {"random": {5: figures(0.3), 10: figures(0.4)}, "active": {}}
        ),
        ("s", "a", "ann"): RaterResult({}, {"random": {5: figures(0.5), 10: figures(0.5)}}),
    }
    curves = by_pairs(results, ["z", "a"])
    assert list(curves) == ["random", "active"]
    assert {count: list(found) for count, found in curves["random"].items()} == {
        5: ["z", "a"],
        10: ["z", "a"],
    }
    assert list(curves["active"][10]) == ["z"]
    assert curves["random"][10]["z"].srcc_mean == pytest.approx(0.3)
    assert isinstance(curves["active"][5]["z"], Statistics)
    assert curves["active"][10]["z"].raters == 1
