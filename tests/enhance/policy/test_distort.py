import numpy as np
import pytest
import torch

from photoaesth.enhance.color import srgb_to_linear
from photoaesth.enhance.policy.distort import KINDS, Distortion, draw


def test_nothing_happens_by_default(scenes):
    """A distortion of nothing returns what a file would hold."""
    assert (Distortion()(scenes[0]) - scenes[0]).abs().max() < 1e-6


def test_light_clips_as_a_sensor_does():
    """One EV more doubles the light of greys, and what passes white is lost."""
    grey = torch.tensor([0.2, 0.5, 0.9]).view(1, 1, 3).expand(3, 1, 3)
    light = srgb_to_linear(Distortion(exposure_ev=1.0)(grey))[0, 0]
    expected = (2 * srgb_to_linear(grey[0, 0])).clamp_max(1)
    assert torch.allclose(light, expected, atol=0.01)
    assert light[2] == 1


def test_haze_goes_toward_its_own_colour(scenes):
    """The less light comes from the things, the nearer every pixel is to the airlight."""
    airlight = (0.8, 0.82, 0.85)
    light = srgb_to_linear(Distortion(haze=0.25, airlight=airlight)(scenes[0]))
    away = light - torch.tensor(airlight)[:, None, None]
    before = srgb_to_linear(scenes[0]) - torch.tensor(airlight)[:, None, None]
    assert torch.allclose(away, 0.25 * before, atol=0.01)


def test_a_cast_leaves_the_brightness_of_greys():
    """The gains of a cast keep the luminance of grey; exposure is another kind."""
    grey = torch.full((3, 1, 1), 0.4)
    for seed in range(20):
        distorted = draw(("cast",), np.random.default_rng(seed))(grey)
        weights = torch.tensor([0.2126, 0.7152, 0.0722])
        luminance = (srgb_to_linear(distorted)[:, 0, 0] * weights).sum()
        assert luminance == pytest.approx(float(srgb_to_linear(grey)[0, 0, 0]), rel=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_was_asked_for_happens(kind):
    """A drawn distortion differs from none in the attributes of its kinds alone."""
    owned = {
        "haze": {"haze", "airlight"},
        "saturation": {"saturation"},
        "cast": {"gains_ev"},
        "exposure": {"exposure_ev"},
    }
    found = draw((kind,), np.random.default_rng(3))
    nothing = Distortion()
    changed = {
        name for name in Distortion.__slots__ if getattr(found, name) != getattr(nothing, name)
    }
    assert changed == owned[kind]
