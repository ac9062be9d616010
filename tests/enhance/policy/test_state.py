import pytest
import torch

from photoaesth.enhance.policy.state import FEATURES, SIDE, describe, small_copy


def test_a_copy_has_its_longer_side_set():
    """Copies keep the aspect ratio, however odd, with room for a patch."""
    assert small_copy(torch.rand(2, 3, 300, 600)).shape == (2, 3, SIDE // 2, SIDE)
    assert small_copy(torch.rand(1, 3, 900, 20)).shape == (1, 3, SIDE, 5)


def test_every_picture_has_its_numbers(scenes):
    """There are as many numbers as are announced, and each picture's are its own."""
    together = describe(torch.stack([small_copy(s[None])[0] for s in scenes[:4]]))
    assert together.shape == (4, FEATURES)
    alone = describe(small_copy(scenes[2][None]))
    assert torch.allclose(together[2], alone[0], atol=1e-5)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_pictures_of_one_colour_have_finite_numbers(level):
    """Black, grey and white have no edges, no chroma and no spread, and that is no trouble."""
    assert describe(torch.full((1, 3, 60, 80), level)).isfinite().all()


def test_numbers_hardly_depend_on_size(scenes):
    """The same picture twice as large is described alike."""
    scene = scenes[0][None]
    large = torch.nn.functional.interpolate(scene, scale_factor=2, mode="nearest")
    small, twice = describe(small_copy(scene)), describe(small_copy(large))
    assert (small - twice).abs().mean() < 0.02
