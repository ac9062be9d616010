import numpy as np
import pytest

from photoaesth.samples.camera import Look, develop
from photoaesth.samples.paint import Frame, blurred, linear, noise, sampled
from photoaesth.samples.scenes import SCENES

SMALL = Frame(180, 120)


@pytest.mark.parametrize("name", SCENES)
def test_every_painter_fills_the_frame_with_finite_light(name: str) -> None:
    """Each scene comes in the frame's size, without holes, and with tones to develop."""
    picture = SCENES[name].paint(SMALL, np.random.default_rng(3))

    assert picture.shape == (120, 180, 3)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert develop(picture, Look(), np.random.default_rng(0)).std() > 3


@pytest.mark.parametrize("name", SCENES)
def test_every_painter_stands_upright_and_small_frames(name: str) -> None:
    """A portrait and a panorama are painted by the same code as a 3:2 landscape."""
    for size in ((80, 120), (280, 96)):
        picture = SCENES[name].paint(Frame(*size), np.random.default_rng(5))

        assert picture.shape == (size[1], size[0], 3)
        assert np.isfinite(picture).all()


@pytest.mark.parametrize("name", SCENES)
def test_a_painter_repeats_itself_only_for_the_same_seed(name: str) -> None:
    """The generator is the only source of chance, and it is used."""
    first, again, other = (SCENES[name].paint(SMALL, np.random.default_rng(s)) for s in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.allclose(first, other, atol=0.01)


def test_noise_tiles_and_is_standardised() -> None:
    """The last row of noise leads on to the first as smoothly as any row to its neighbour."""
    field = noise(np.random.default_rng(0), (128, 128), (4, 4), octaves=4)

    inner = np.abs(np.diff(field, axis=0)).mean()
    seam = np.abs(field[-1] - field[0]).mean()
    assert seam < 2 * inner
    assert abs(float(field.mean())) < 1e-4
    assert float(field.std()) == pytest.approx(1, abs=1e-4)


def test_sampling_reads_between_pixels() -> None:
    """Half-way between 0 and 1 is 0.5, and a tiling image goes on past its edge."""
    image = np.array([[0, 1], [2, 3]], np.float32)

    assert sampled(image, np.float32([0.0, 0.5]), np.float32([0.5, 0.5])) == pytest.approx(
        [0.5, 1.5]
    )
    assert sampled(image, np.float32([2.0]), np.float32([3.0]), wrap=True) == pytest.approx([1.0])


@pytest.mark.parametrize("sigma", [0.6, 2.0, 12.0])
def test_a_blur_keeps_the_mean_and_has_the_width_asked_for(sigma: float) -> None:
    """A point becomes a spot of the same light whose standard deviation is sigma."""
    image = np.zeros((161, 161), np.float32)
    image[80, 80] = 1
    spot = blurred(image, sigma)

    offset = np.arange(161) - 80
    assert float(spot.sum()) == pytest.approx(1, abs=0.02)
    measured = np.sqrt((spot.sum(axis=0) * offset**2).sum() / spot.sum())
    assert measured == pytest.approx(sigma, rel=0.15)


def test_the_camera_turns_light_into_tones() -> None:
    """More exposure is brighter, warmth moves blue to red, and 18 % grey is a middle tone."""
    grey = Frame(60, 40).filled(linear("#777777"))

    def mean(look: Look) -> np.ndarray:
        return develop(grey, look, np.random.default_rng(0)).mean(axis=(0, 1))

    plain = mean(Look())
    assert 90 < plain.mean() < 150
    assert np.ptp(plain) < 1
    assert mean(Look(exposure_ev=1)).mean() > plain.mean() + 30
    warm = mean(Look(warmth=0.5))
    assert warm[0] > warm[1] > warm[2]
    green = mean(Look(green=0.8))
    assert green[1] > max(green[0], green[2])


def test_faults_leave_no_empty_corners() -> None:
    """A tilted or shaken picture of an even wall is still an even wall."""
    wall = Frame(90, 60).filled(linear("#808080"))
    look = Look(vignette=0, grain=0, tilt_deg=9, motion_px=12, blur_px=2)

    pixels = develop(wall, look, np.random.default_rng(0))

    assert np.ptp(pixels.mean(axis=2)) < 8
