"""When policies are good enough to be used."""

import pytest

from photoaesth.workflows.policies.report import EnhancementFigures, RankingFigures


@pytest.mark.parametrize(
    ("policy", "without", "wins"),
    [(0.4, 0.3, True), (0.3, 0.3, True), (0.3, 0.4, False), (-0.1, -0.2, False), (0.0, 0.0, False)],
)
def test_a_ranking_policy_reaches_the_model_and_beats_chance(
    policy: float, without: float, wins: bool
) -> None:
    """Orders by chance have a tau of 0; to be less wrong than the model is not enough."""
    assert RankingFigures(orders=6, policy=policy, without=without).wins == wins


@pytest.mark.parametrize(("policy", "wins"), [(3.9, True), (4.0, False), (4.1, False)])
def test_an_enhancement_policy_comes_nearer(policy: float, wins: bool) -> None:
    """Than `enhance` does without it; as near is not enough."""
    assert EnhancementFigures(12, policy=policy, without=4.0, untouched=9.0).wins == wins
