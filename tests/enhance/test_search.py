from collections.abc import Callable

import pytest
import torch

from photoaesth.enhance.color import luminance, srgb_to_linear
from photoaesth.enhance.difference import delta_e
from photoaesth.enhance.limits import Limits
from photoaesth.enhance.operations import PARAMETERS, apply, to_mapping, to_vector
from photoaesth.enhance.operations.filters import blur
from photoaesth.enhance.search import (
    COLOR_REACH,
    HAZE_REACH,
    LIGHT_REACH,
    find_parameters,
    most_evaluations,
)

REACH = {**LIGHT_REACH, **COLOR_REACH}
IDENTITY = to_vector({})

Worth = Callable[[torch.Tensor], torch.Tensor]


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


def colourfulness(images: torch.Tensor) -> torch.Tensor:
    return (images.amax(dim=1) - images.amin(dim=1)).mean(dim=(1, 2))


def halos(images: torch.Tensor) -> torch.Tensor:
    return (images - blur(images, 3.0)).abs().mean(dim=(1, 2, 3))


def find(
    scene: torch.Tensor,
    worth: Worth,
    *,
    restraint: float = 0.05,
    start: torch.Tensor | None = None,
) -> torch.Tensor:
    return find_parameters(scene, worth, reach=REACH, restraint=restraint, start=start)


def edited(image: torch.Tensor, vector: torch.Tensor) -> torch.Tensor:
    return apply(image[None], vector[None])


def change(image: torch.Tensor, vector: torch.Tensor) -> float:
    return float(delta_e(edited(image, vector), image[None]).mean())


def test_it_goes_to_a_known_optimum(scene: torch.Tensor) -> None:
    """A worth that peaks at a mean luminance within reach is brought near to its peak."""
    target = float(mean_luminance(scene[None])) * 1.15

    def worth(images: torch.Tensor) -> torch.Tensor:
        return -4000 * (mean_luminance(images) - target).square()

    before = float(worth(scene[None])[0])
    vector = find_parameters(scene, worth, reach={"exposure": 0.4}, restraint=0.05)
    assert float(worth(edited(scene, vector))[0]) > 0.1 * before
    assert to_mapping(vector)["exposure"] == pytest.approx(0.2, abs=0.05)


def test_it_moves_the_parameter_that_the_worth_is_about(scene: torch.Tensor) -> None:
    """A worth that likes warmth gets a warmer picture, one that likes contrast a harder one."""
    warm = to_mapping(find(scene, lambda images: 20 * warmth(images)))
    assert warm["temperature"] > 0.03
    cool = to_mapping(find(scene, lambda images: -20 * warmth(images)))
    assert cool["temperature"] < -0.03
    hard = find(scene, lambda images: 20 * spread(images))
    assert spread(edited(scene, hard)) > 1.03 * spread(scene[None])


@pytest.mark.parametrize("reach", [LIGHT_REACH, COLOR_REACH, HAZE_REACH])
def test_only_what_was_asked_for_moves(scene: torch.Tensor, reach: dict[str, float]) -> None:
    """Parameters that are not listed stay where they were, the others within their reach."""

    def worth(images: torch.Tensor) -> torch.Tensor:
        return 30 * (spread(images) + colourfulness(images))

    start = to_vector({"exposure": 0.1, "vibrance": 0.1, "clarity": 0.2})
    vector = find_parameters(scene, worth, reach=reach, restraint=0.01, start=start)
    moved = to_mapping(vector - start)
    assert any(moved[name] for name in reach)
    for name, by in moved.items():
        assert abs(by) <= reach.get(name, 0) + 1e-6


def test_parameters_stay_within_their_ranges(scene: torch.Tensor) -> None:
    """Begun near the end of a range, a search ends within it."""
    high = {p.name: p.high for p in PARAMETERS}
    start = to_vector({"saturation": high["saturation"] - 0.05, "whites": high["whites"]})
    vector = find(
        scene, lambda images: 200 * (spread(images) + images.mean((1, 2, 3))), start=start
    )
    to_vector(to_mapping(vector))  # raises beyond a range


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param(lambda x: (x > 0.985).float().mean(dim=(1, 2, 3)), id="blown highlights"),
        pytest.param(lambda x: (x < 0.01).float().mean(dim=(1, 2, 3)), id="blocked shadows"),
        pytest.param(lambda x: x.mean(dim=(1, 2, 3)), id="brightness"),
        pytest.param(lambda x: -x.mean(dim=(1, 2, 3)), id="darkness"),
        pytest.param(warmth, id="warm cast"),
        pytest.param(lambda x: x[:, 1].mean(dim=(1, 2)) - x.mean(dim=(1, 2, 3)), id="green cast"),
        pytest.param(colourfulness, id="saturation"),
        pytest.param(spread, id="contrast"),
        pytest.param(halos, id="halos"),
    ],
)
def test_a_worth_that_rewards_damage_is_held_back(scene: torch.Tensor, wish: Worth) -> None:
    """However large the reward, the result keeps the limits, which the extremes would break."""
    reach = {p.name: (p.high - p.low) / 2 for p in PARAMETERS if p.name != "noise_reduction"}
    vector = find_parameters(scene, lambda x: 1e4 * wish(x), reach=reach, restraint=0.01)
    excess = Limits(scene).excess(edited(scene, vector))
    assert excess.any <= 0
    assert excess.color <= 0
    extremes = apply(scene[None], torch.tensor([[p.high for p in PARAMETERS]]))
    assert Limits(scene).excess(extremes).any > 0


def test_a_breach_of_colours_leaves_the_light_alone() -> None:
    """When only a cast is too strong, the white balance goes back and the exposure stays."""
    scene = torch.linspace(0.2, 0.6, 64).expand(3, 48, 64).clone()
    scene[:, 16:] = 0.05  # too dark for its colour to be seen, so that little changes

    def worth(images: torch.Tensor) -> torch.Tensor:
        return 0.3 * images.mean(dim=(1, 2, 3)) + 10 * warmth(images)

    reach = {"exposure": 0.4, "temperature": 0.33}
    found = to_mapping(find_parameters(scene, worth, reach=reach, restraint=0.05))
    alone = {"exposure": 0.4}
    brighter = to_mapping(find_parameters(scene, worth, reach=alone, restraint=0.05))
    assert brighter["exposure"] > 0.02
    assert found["exposure"] == brighter["exposure"]
    assert 0 < found["temperature"] < 0.3


@pytest.mark.parametrize("reach", [LIGHT_REACH, HAZE_REACH])
def test_a_limit_of_colours_does_not_stop_light_or_haze(reach: dict[str, float]) -> None:
    """Where light or haze alone would empty a channel, they go less far instead of nowhere."""
    generator = torch.Generator().manual_seed(0)
    vivid = (
        torch.rand(3, 48, 64, generator=generator) * torch.tensor([0.9, 0.5, 0.12])[:, None, None]
    )
    vivid = vivid + 0.02
    for wish in (spread, lambda images: -mean_luminance(images)):
        found = find_parameters(vivid, lambda x, w=wish: 100 * w(x), reach=reach, restraint=0.01)
        assert not torch.equal(found, IDENTITY)
        assert Limits(vivid).excess(edited(vivid, found)).color <= 0


def test_a_photo_that_cannot_be_bettered_is_left_alone(scene: torch.Tensor) -> None:
    """When every change is worth less, or no more, the start comes back."""

    def dislikes_change(images: torch.Tensor) -> torch.Tensor:
        return 8 - (images - scene).abs().mean(dim=(1, 2, 3))

    for worth in (dislikes_change, lambda images: torch.full((len(images),), 5.0)):
        assert torch.equal(find(scene, worth), IDENTITY)
    start = to_vector({"exposure": 0.3, "dehaze": 0.2})
    assert torch.equal(find(scene, lambda images: torch.zeros(len(images)), start=start), start)


def test_a_nearly_good_photo_changes_little(scene: torch.Tensor) -> None:
    """The less there is to gain, and the more it has to be, the nearer the result stays."""
    little = change(scene, find(scene, lambda images: 0.3 * spread(images)))
    much = change(scene, find(scene, lambda images: 10 * spread(images)))
    strict = change(scene, find(scene, lambda images: 10 * spread(images), restraint=1.0))
    assert little < 0.4 * much
    assert strict < 0.4 * much


def test_it_goes_on_from_where_it_begins(scene: torch.Tensor) -> None:
    """From a given edit, the search adds to it, and its limits hold what it adds."""
    start = to_vector({"exposure": 1.5, "dehaze": 0.2})
    vector = find(scene, lambda images: 10 * warmth(images), start=start)
    moved = to_mapping(vector - start)
    assert moved["temperature"] > 0.02
    assert moved["dehaze"] == 0
    begun = edited(scene, start)
    assert Limits(begun[0]).excess(edited(scene, vector)).any <= 0
    assert Limits(scene).excess(edited(scene, vector)).any > 0  # the start had broken it already


def test_it_is_deterministic(scene: torch.Tensor) -> None:
    """The same picture and worth give the same parameters; no chance is used."""
    state = torch.get_rng_state()
    first = find(scene, lambda images: 5 * spread(images))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(find(scene, lambda images: 5 * spread(images)), first)


def test_it_keeps_to_its_budget_and_builds_no_graph(scene: torch.Tensor) -> None:
    """Two images for each slider, the start and a few tries are valued, without gradients."""
    sizes = []

    def worth(images: torch.Tensor) -> torch.Tensor:
        assert not torch.is_grad_enabled()
        assert images.shape[1:] == scene.shape
        sizes.append(len(images))
        return 5 * spread(images)

    find(scene, worth)
    assert sizes[0] == 1 + 2 * len(REACH)
    assert sum(sizes) <= most_evaluations(REACH) <= 26


def test_a_worth_of_nan_is_never_chosen(scene: torch.Tensor) -> None:
    """A model that fails on some candidates does not make them the best."""
    level = mean_luminance(scene[None])

    def worth(images: torch.Tensor) -> torch.Tensor:
        return torch.where(mean_luminance(images) > level + 1e-4, torch.nan, 5 * warmth(images))

    vector = find(scene, worth)
    assert torch.equal(vector, IDENTITY) or worth(edited(scene, vector)) > worth(scene[None])
    assert torch.equal(find(scene, lambda x: torch.full((len(x),), torch.nan)), IDENTITY)
