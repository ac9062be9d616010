import numpy as np
import pytest
from PIL import Image

from photoaesth.enhance.copies import enhance_image
from photoaesth.enhance.fitting import fit, show_the_same
from photoaesth.enhance.operations import to_vector


@pytest.fixture
def picture(scenes) -> Image.Image:
    pixels = (scenes[0] * 255 + 0.5).byte().permute(1, 2, 0).numpy()
    return Image.fromarray(np.ascontiguousarray(pixels)).resize(
        (320, 240), Image.Resampling.BICUBIC
    )


def test_an_edit_of_ours_is_recovered(picture):
    """The picture is met within what one sees, and strong parameters come out as they went in."""
    made = {"exposure": 0.8, "temperature": 0.4, "saturation": -0.5}
    found = fit(picture, enhance_image(picture, to_vector(made)))
    assert found.before > 8
    assert found.after < 0.6
    assert found.parameters["temperature"] == pytest.approx(0.4, abs=0.1)


def test_nothing_done_is_nothing_found(picture):
    """Two equal pictures give an edit that changes nothing one could see."""
    found = fit(picture, picture)
    assert found.before < 1e-6
    assert found.after < 0.05


def test_edits_by_others_are_met_as_far_as_possible(picture):
    """A curve that is not ours, on one channel, is followed at least half of the way."""
    red, green, blue = picture.split()
    edited = Image.merge("RGB", (red.point(lambda v: 255 * (v / 255) ** 0.7), green, blue))
    found = fit(picture, edited)
    assert found.after < 0.5 * found.before


def test_the_same_part_is_recognised_however_edited(picture):
    """Strong edits show the same; a crop, or another picture, does not."""
    edited = enhance_image(picture, to_vector({"exposure": -1.5, "contrast": 0.4}))
    assert show_the_same(picture, edited.resize((640, 480)))
    assert not show_the_same(picture, picture.crop((32, 24, 288, 216)))
    assert not show_the_same(picture, picture.crop((0, 0, 320, 160)))
    assert not show_the_same(picture, picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
