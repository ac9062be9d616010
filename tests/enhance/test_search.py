import pytest
import torch

from photoaesth.enhance.color import luminance, srgb_to_linear
from photoaesth.enhance.limits import Limits
from photoaesth.enhance.operations import PARAMETERS, apply, to_vector
from photoaesth.enhance.search import MAX_EVALUATIONS, Found, confirm, find_parameters

IDENTITY = {p.name: p.identity for p in PARAMETERS}


@pytest.fixture(scope="module")
def scene() -> torch.Tensor:
    """A dull picture with greys, colours and a gradient, `(3, 48, 64)`, nothing clipped."""
    y, x = torch.meshgrid(torch.linspace(0, 1, 48), torch.linspace(0, 1, 64), indexing="ij")
    picture = (0.2 + 0.35 * x).expand(3, -1, -1).clone()
    picture[0, 24:, :32] += 0.2 * y[24:, :32]
    picture[2, 24:, 32:] += 0.15 * y[24:, 32:]
    return picture


def mean_luminance(images: torch.Tensor) -> torch.Tensor:
    return luminance(srgb_to_linear(images)).mean(dim=(1, 2, 3))


def warmth(images: torch.Tensor) -> torch.Tensor:
    return (images[:, 0] - images[:, 2]).mean(dim=(1, 2))


def spread(images: torch.Tensor) -> torch.Tensor:
    return images.std(dim=(1, 2, 3))


def distance(parameters: dict[str, float]) -> float:
    return sum((v / p.high) ** 2 for p, v in zip(PARAMETERS, parameters.values(), strict=True))


def enhanced(image: torch.Tensor, parameters: dict[str, float]) -> torch.Tensor:
    return apply(image[None], to_vector(parameters)[None])


def test_it_finds_a_known_optimum(scene: torch.Tensor) -> None:
    """A score that peaks at a mean luminance within reach is brought close to its peak."""
    target = float(mean_luminance(scene[None])) * 1.4

    def score(images: torch.Tensor) -> torch.Tensor:
        return 10 - 100 * (mean_luminance(images) - target).abs()

    found = find_parameters(scene, score)
    assert found.score_before < 6
    assert found.score_after > 9.5
    assert float(score(enhanced(scene, found.parameters))) == pytest.approx(
        found.score_after, abs=1e-2
    )


def test_it_moves_the_parameter_that_the_score_is_about(scene: torch.Tensor) -> None:
    """A score that likes warmth gets a warmer picture, one that likes contrast a harder one."""
    warm = find_parameters(scene, lambda images: 40 * warmth(images))
    assert warm.parameters["temperature"] > 0.05
    hard = find_parameters(scene, lambda images: 60 * spread(images))
    assert float(spread(enhanced(scene, hard.parameters)) / spread(scene[None])) > 1.1


def test_parameters_stay_within_their_ranges(scene: torch.Tensor) -> None:
    """However much a score wants, no parameter leaves its range."""
    found = find_parameters(scene, lambda images: 1e4 * spread(images))
    for p in PARAMETERS:
        assert p.low <= found.parameters[p.name] <= p.high


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param(lambda x: (x > 0.985).float().mean(dim=(1, 2, 3)), id="blown highlights"),
        pytest.param(lambda x: x.mean(dim=(1, 2, 3)), id="brightness"),
        pytest.param(lambda x: -x.mean(dim=(1, 2, 3)), id="darkness"),
        pytest.param(warmth, id="warm cast"),
        pytest.param(lambda x: x[:, 1].mean(dim=(1, 2)) - x.mean(dim=(1, 2, 3)), id="green cast"),
    ],
)
def test_a_score_that_rewards_damage_is_held_back(scene: torch.Tensor, wish) -> None:
    """However large the reward, the result keeps the limits, which the extremes would break."""
    found = find_parameters(scene, lambda images: 1e4 * wish(images))
    limits = Limits(scene)
    assert limits.excess(enhanced(scene, found.parameters)) <= 1e-3
    extremes = apply(scene[None], torch.tensor([[p.high for p in PARAMETERS]]))
    assert limits.excess(extremes) > 0


def test_a_photo_that_cannot_be_bettered_is_left_alone(scene: torch.Tensor) -> None:
    """When every change scores worse, or no better, the identity comes back."""

    def dislikes_change(images: torch.Tensor) -> torch.Tensor:
        return 8 - (images - scene).abs().mean(dim=(1, 2, 3))

    for score in (dislikes_change, lambda images: torch.full((len(images),), 5.0)):
        found = find_parameters(scene, score)
        assert found.parameters == IDENTITY
        assert found.score_after == found.score_before


def test_a_nearly_good_photo_changes_little(scene: torch.Tensor) -> None:
    """The less there is to gain, the nearer the result stays to the original."""
    small = find_parameters(scene, lambda images: 5 * spread(images))
    large = find_parameters(scene, lambda images: 100 * spread(images))
    assert distance(small.parameters) < 0.5 * distance(large.parameters)
    strict = find_parameters(scene, lambda images: 100 * spread(images), restraint=10.0)
    assert distance(strict.parameters) < 0.5 * distance(large.parameters)


def test_it_is_deterministic(scene: torch.Tensor) -> None:
    """The same picture and score give the same parameters, and the global seed is untouched."""
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = find_parameters(scene, lambda images: 20 * spread(images))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert find_parameters(scene, lambda images: 20 * spread(images)) == first


def test_it_keeps_to_its_budget_and_builds_no_graph(scene: torch.Tensor) -> None:
    """The score sees at most 64 images, in batches of at most eight, without gradients."""
    sizes = []

    def score(images: torch.Tensor) -> torch.Tensor:
        assert not torch.is_grad_enabled()
        assert images.shape[1:] == scene.shape
        sizes.append(len(images))
        return 20 * spread(images)

    find_parameters(scene, score)
    assert 30 < sum(sizes) <= MAX_EVALUATIONS <= 64
    assert max(sizes) <= 8


def test_a_score_of_nan_is_never_chosen(scene: torch.Tensor) -> None:
    """A model that fails on some candidates does not make them the best."""

    def score(images: torch.Tensor) -> torch.Tensor:
        values = 20 * spread(images)
        return torch.where(mean_luminance(images) > mean_luminance(scene[None]), torch.nan, values)

    found = find_parameters(scene, score)
    assert found.score_after > found.score_before
    assert found.score_after == pytest.approx(
        float(score(enhanced(scene, found.parameters))), abs=1e-2
    )


def test_a_find_is_scored_again_on_the_larger_copy(scene: torch.Tensor) -> None:
    """What a small copy promised is kept with the scores that the larger one gives."""
    small = find_parameters(scene[:, ::2, ::2], mean_luminance)
    found = confirm(small, scene, mean_luminance)
    assert found.parameters == small.parameters != IDENTITY
    assert found.score_before == pytest.approx(float(mean_luminance(scene[None])))
    after = float(mean_luminance(enhanced(scene, found.parameters)[None, 0]))
    assert found.score_after == pytest.approx(after)


def test_a_find_that_does_not_hold_on_the_larger_copy_is_dropped(scene: torch.Tensor) -> None:
    """Where the larger copy scores no better, the photo stays as it is."""
    misled = Found({**IDENTITY, "exposure": 0.5}, score_before=0.0, score_after=1.0)
    found = confirm(misled, scene, lambda images: -mean_luminance(images))
    assert found.parameters == IDENTITY
    assert found.score_before == found.score_after == -float(mean_luminance(scene[None]))
