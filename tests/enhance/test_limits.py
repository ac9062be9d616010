import pytest
import torch

from photoaesth.enhance.limits import MAX_CLIPPED_GROWTH, Limits
from photoaesth.enhance.operations import apply, to_vector


def grey_ramp() -> torch.Tensor:
    return torch.linspace(0.1, 0.8, 400).expand(3, 5, 400).clone()


def test_the_original_breaks_no_limit() -> None:
    """A picture held against itself is allowed, even one that is clipped and has a cast."""
    generator = torch.Generator().manual_seed(0)
    harsh = (torch.rand(3, 30, 30, generator=generator) * 3 - 1).clamp(0, 1)
    warm = grey_ramp() * torch.tensor([1.0, 0.95, 0.85]).view(3, 1, 1)
    for image in (grey_ramp(), harsh, warm, torch.zeros(3, 4, 4), torch.ones(3, 4, 4)):
        assert Limits(image).excess(image[None]) <= 1e-6


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_clipping_one_percent_is_the_limit(level: float) -> None:
    """Newly clipped pixels are allowed up to their share, at either end."""
    limits = Limits(grey_ramp())
    allowed, too_many = grey_ramp(), grey_ramp()
    count = int(MAX_CLIPPED_GROWTH * 2000)
    allowed.view(3, -1)[0, : count - 1] = level  # one channel is enough to count
    too_many.view(3, -1)[0, : count + 2] = level
    excess = limits.excess(torch.stack([allowed, too_many]))
    assert excess[0] < 0 < excess[1]


def test_pixels_that_were_clipped_before_do_not_count() -> None:
    """Only growth is limited: a blown sky may stay blown."""
    image = grey_ramp()
    image[:, :2] = 1.0
    assert Limits(image).excess(image[None]) <= 0


def test_a_cast_on_greys_is_refused_and_its_removal_is_not() -> None:
    """Tinting neutral greys breaks the limit; bringing tinted ones back to neutral does not."""
    neutral = grey_ramp()
    tinted = apply(neutral[None], to_vector({"temperature": 0.4, "tint": 0.2})[None])
    assert Limits(neutral).excess(tinted) > 0
    assert Limits(tinted[0]).excess(neutral[None]) <= 0


def test_colours_may_shift_where_nothing_is_grey() -> None:
    """Without near-neutral pixels no cast is measured, and nothing divides by zero."""
    green = torch.tensor([0.2, 0.6, 0.1]).view(3, 1, 1).expand(3, 8, 8)
    shifted = apply(green[None], to_vector({"temperature": 0.3})[None])
    assert Limits(green).excess(shifted) < 0


def test_lightness_may_not_run_away() -> None:
    """A brightening that one slider may do is refused once others add to it."""
    image = 0.2 + 0.5 * grey_ramp()
    one = apply(image[None], to_vector({"exposure": 0.8})[None])
    all_up = {"exposure": 1.0, "curve_shadows": 0.2, "curve_midtones": 0.2}
    all_of_them = apply(image[None], to_vector(all_up)[None])
    limits = Limits(image)
    assert limits.excess(one) <= 0
    assert limits.excess(all_of_them) > 0
