from collections.abc import Callable

import pytest
import torch

from photoaesth.enhance.limits import (
    MAX_CLIPPED_GROWTH,
    MAX_FLATTENED,
    MAX_NEUTRAL_CAST,
    Excess,
    Limits,
)
from photoaesth.enhance.operations import apply, to_vector
from photoaesth.enhance.operations.filters import blur

Edit = Callable[[torch.Tensor], torch.Tensor]


def grey_ramp() -> torch.Tensor:
    return torch.linspace(0.1, 0.8, 400).expand(3, 5, 400).clone()


def landscape() -> torch.Tensor:
    """An even sky over textured, coloured ground, `(3, 96, 128)`; nothing is clipped."""
    generator = torch.Generator().manual_seed(0)
    image = torch.tensor([0.55, 0.62, 0.72]).view(3, 1, 1).expand(3, 96, 128).clone()
    image = image + torch.linspace(0, 0.1, 96)[:, None]
    ground = torch.tensor([0.3, 0.25, 0.15]).view(3, 1, 1)
    image[:, 48:] = ground + 0.06 * torch.randn(1, 48, 128, generator=generator).clamp(-2, 2)
    return image


def edited(image: torch.Tensor, **parameters: float) -> torch.Tensor:
    return apply(image[None], to_vector(parameters)[None])


def worst(excess: Excess) -> torch.Tensor:
    return torch.maximum(excess.any, excess.color)


def test_the_original_breaks_no_limit() -> None:
    """A picture held against itself is allowed, even one that is clipped and has a cast."""
    generator = torch.Generator().manual_seed(0)
    harsh = (torch.rand(3, 30, 30, generator=generator) * 3 - 1).clamp(0, 1)
    warm = grey_ramp() * torch.tensor([1.0, 0.95, 0.85]).view(3, 1, 1)
    for image in (grey_ramp(), landscape(), harsh, warm, torch.zeros(3, 4, 4), torch.ones(3, 4, 4)):
        assert worst(Limits(image).excess(image[None])) <= 1e-6


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_clipping_one_percent_is_the_limit(level: float) -> None:
    """Newly clipped pixels are allowed up to their share, at either end."""
    image = grey_ramp()
    near = image.view(3, -1).sub(level).abs().amax(0).argsort()  # so that little else changes
    allowed, too_many = grey_ramp(), grey_ramp()
    count = int(MAX_CLIPPED_GROWTH * 2000)
    allowed.view(3, -1)[:, near[: count - 1]] = level
    too_many.view(3, -1)[:, near[: count + 2]] = level
    excess = Limits(image).excess(torch.stack([allowed, too_many])).any
    assert excess[0] < 0 < excess[1]


def test_pixels_that_were_clipped_before_do_not_count() -> None:
    """Only growth is limited: a blown sky may stay blown."""
    image = grey_ramp()
    image[:, :2] = 1.0
    assert worst(Limits(image).excess(image[None])) <= 0


def test_a_cast_on_greys_is_refused_and_its_removal_is_not() -> None:
    """Tinting neutral greys breaks the limit; bringing tinted ones halfway back does not."""
    neutral = grey_ramp()
    tinted = edited(neutral, temperature=0.4, tint=0.2)
    assert Limits(neutral).excess(tinted).color > 0
    assert Limits(tinted[0]).excess((neutral + tinted) / 2).color <= 0


def test_the_limit_of_casts_is_a_ciede2000_difference_from_grey() -> None:
    """A grey of L* 50 may go to b* 5.6, where CIEDE2000 is 5.0, and not to b* 6."""
    # CIEDE2000 of (50, 0, b) to grey is C'/(1 + 0.045 C'/2) with C' = b (eq. 2 to 22 of Sharma
    # et al. 2005; a = 0, so that G does not matter): 4.98 at 5.6, 5.29 at 6.
    assert 5.6 / (1 + 0.045 * 2.8) < MAX_NEUTRAL_CAST < 6 / (1 + 0.045 * 3)
    grey = torch.full((3, 8, 8), 0.46633)
    # sRGB of CIELAB (50, 0, 5.6) and (50, 0, 6) under D65.
    near = torch.tensor([0.4847, 0.4661, 0.4316]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    far = torch.tensor([0.4861, 0.4661, 0.4290]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    assert Limits(grey).excess(near).color <= 0.01
    assert Limits(grey).excess(far).color > 0.03


def test_colours_may_shift_where_nothing_is_grey() -> None:
    """Without near-neutral pixels no cast is measured, and nothing divides by zero."""
    green = torch.tensor([0.2, 0.6, 0.1]).view(3, 1, 1).expand(3, 8, 8)
    shifted = edited(green, temperature=0.3)
    assert Limits(green).excess(shifted).color < 0


def test_a_picture_may_not_run_away() -> None:
    """A brightening that one slider may do is refused once others add to it."""
    image = 0.2 + 0.5 * grey_ramp()
    limits = Limits(image)
    assert worst(limits.excess(edited(image, exposure=0.35))) <= 0
    all_up = edited(image, exposure=0.35, curve_shadows=0.2, curve_midtones=0.2)
    assert limits.excess(all_up).any > 0


def test_oversaturation_is_refused() -> None:
    """Colours may become a little more vivid, not all that the slider can make of them."""
    generator = torch.Generator().manual_seed(1)
    image = 0.5 + 0.06 * torch.randn(3, 6, 6, generator=generator)
    image = image.repeat_interleave(8, 1).repeat_interleave(8, 2)
    limits = Limits(image)
    assert limits.excess(edited(image, saturation=0.15)).color <= 0
    assert limits.excess(edited(image, saturation=0.9, vibrance=0.9)).color > 0


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(
            lambda x: (x + 2 * (x - blur(x, 4.0))).clamp(0.02, 0.98), id="wide unsharp mask"
        ),
        pytest.param(lambda x: torch.where(x > 0.6, 1.2 - x, x), id="solarised"),
        pytest.param(lambda x: 1 - x, id="negative"),
        pytest.param(lambda x: (x * 5).round() / 5, id="posterised"),
    ],
)
def test_halos_and_broken_tones_are_refused(damage: Edit) -> None:
    """What no curve of tones would do to a picture is seen as damage."""
    image = landscape()
    assert Limits(image).excess(damage(image[None])).any > 0


def test_halos_are_told_by_gradients_against_those_of_the_original() -> None:
    """A halo too faint for any other limit is refused: the sky gets darker where it got lighter."""
    image = landscape()
    haloed = image[None].clone()
    haloed[:, :, 40:48] += torch.linspace(0, -0.05, 8)[:, None]
    assert Limits(image).excess(haloed).any > 0
    assert (haloed - image).abs().mean() < 0.003


def test_flattening_is_counted_among_visible_steps() -> None:
    """A visible step may vanish in some places, not in more than their share."""
    image = 0.4 + 0.1 * (torch.arange(64) // 2 % 2).expand(3, 64, 64).clone()
    limits = Limits(image)
    few, many = image[None].clone(), image[None].clone()
    rows = int(64 * MAX_FLATTENED)
    few[..., :rows, :] = 0.45
    many[..., : 2 * rows + 2, :] = 0.45
    assert limits.excess(few).any <= 0
    assert limits.excess(many).any > 0


def test_ordinary_edits_are_allowed() -> None:
    """What photographers do every day is within all limits."""
    image = landscape()
    limits = Limits(image)
    for parameters in (
        {"exposure": 0.3},
        {"contrast": 0.15, "blacks": -0.02},
        {"temperature": 0.08},
        {"saturation": 0.2},
        {"saturation": -0.3},
        {"clarity": 0.3},
        {"shadows": 0.05, "highlights": -0.05},
    ):
        assert worst(limits.excess(edited(image, **parameters))) <= 0, parameters


def test_only_colours_break_the_limits_of_colours() -> None:
    """A strong edit of light counts as such, so that a search knows what to take back."""
    image = grey_ramp()
    image[:, 2:] = 0.05  # too dark for a colour to be seen
    light = Limits(image).excess(edited(image, exposure=1.5))
    color = Limits(image).excess(edited(image, temperature=0.3))
    assert light.any > 0 >= light.color
    assert color.color > 0 >= color.any
