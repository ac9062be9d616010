from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image

from photoaesth.enhance import full_size
from photoaesth.enhance.copies import enhance_image
from photoaesth.enhance.full_size import render, rendering
from photoaesth.enhance.operations import PARAMETERS, REGISTRY, apply, to_vector

LOCAL = [p.name for op in REGISTRY if not op.is_pointwise for p in op.parameters]
EVERYTHING = {p.name: round(0.4 * p.high, 6) for p in PARAMETERS}


def photograph(height: int = 300, width: int = 1600) -> np.ndarray:
    """A drawn photo of smooth colours with some noise, `(H, W, 3)` in [0, 1]."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    channels = [0.8 * x, 0.4 + 0.3 * np.sin(6 * y + 9 * x), 0.2 + (x + y) / 3]
    noise = np.random.default_rng(0).normal(0, 0.01, (height, width, 3))
    return np.clip(np.stack(channels, axis=-1) + noise, 0, 1)


def stored(picture: np.ndarray, kind: type) -> np.ndarray:
    levels = np.rint(picture * np.iinfo(kind).max).astype(kind)
    if kind is np.uint16:
        return levels
    return np.ascontiguousarray(np.pad(levels, [(0, 0), (0, 0), (0, 1)]))


def whole(pixels: np.ndarray, parameters: dict[str, float]) -> np.ndarray:
    greatest = np.iinfo(pixels.dtype).max
    image = torch.from_numpy(pixels[..., :3] / np.float32(greatest)).permute(2, 0, 1)[None]
    result = apply(image, to_vector(parameters)[None])[0].permute(1, 2, 0)
    return result.numpy() * 255


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", LOCAL)
def test_strips_come_out_as_the_whole(
    name: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A local operation in strips gives what it gives on the whole photo; no seam shows."""
    parameters = {name: EVERYTHING[name]}
    pixels = stored(photograph(), kind)
    expected = whole(pixels, parameters)
    monkeypatch.setattr(full_size, "_STRIP_PIXELS", 40_000)  # twelve strips
    render(pixels, to_vector(parameters))
    error = np.abs(pixels[..., :3] * (255 / np.iinfo(kind).max) - expected)
    # The analysis is of a smaller copy: half a level of rounding and a little more.
    assert error.max() < 1.5
    assert error.mean() < 0.35


@pytest.mark.parametrize(("kind", "limit"), [(np.uint8, 1.0), (np.uint16, 0.3)])
def test_all_operations_together(kind: type, limit: float) -> None:
    """At full size the whole registry comes out as in one piece, better so in 16 bits."""
    pixels = stored(photograph(), kind)
    expected = whole(pixels, EVERYTHING)
    render(pixels, to_vector(EVERYTHING))
    assert np.abs(pixels[..., :3] * (255 / np.iinfo(kind).max) - expected).mean() < limit


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_the_identity_touches_no_pixel(kind: type) -> None:
    """Without parameters every value stays."""
    pixels = stored(photograph(20, 30), kind)
    before = pixels.copy()
    render(pixels, to_vector({}))
    np.testing.assert_array_equal(pixels, before)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (700, 2)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    """Photos of a pixel, a row or a column go through all operations."""
    pixels = stored(photograph(*size), np.uint8)
    expected = whole(pixels, EVERYTHING)
    render(pixels, to_vector(EVERYTHING))
    assert np.abs(pixels[..., :3] - expected).mean() < 3


def test_a_gradient_of_16_bits_stays_smooth() -> None:
    """A ramp of 65,536 levels keeps more than 4,000 of them through every operation."""
    ramp = np.arange(65_536, dtype=np.uint16).reshape(64, 1024, 1).repeat(3, axis=2)
    for parameters in (EVERYTHING, {"exposure": -1.0}, {"contrast": -0.4, "clarity": 0.5}):
        pixels = ramp.copy()
        render(pixels, to_vector(parameters))
        assert len(np.unique(pixels[..., 1])) > 4_000


@pytest.mark.parametrize(
    "parameters",
    [
        {"exposure": 1.5, "temperature": 0.4, "contrast": 0.3},
        {"exposure": -1.5, "saturation": -0.4, "contrast": -0.3},
        {"contrast": 0.6, "vibrance": 0.5},
    ],
)
def test_a_gradient_of_8_bits_has_no_steps_of_its_own(parameters: dict[str, float]) -> None:
    """A ramp of greys rises as the exact one does: never back, no step off by more than a level."""
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 256, 1).repeat(4, axis=2)
    exact = np.rint(whole(ramp, parameters))
    render(ramp, to_vector(parameters))
    steps = np.diff(ramp[0, :, :3].astype(int), axis=0)
    assert steps.min() >= 0
    assert np.abs(steps - np.diff(exact[0], axis=0)).max() <= 1


def test_torch_has_its_threads_back() -> None:
    """While a photo is worked on, torch keeps to single threads; afterwards it does as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        render(stored(photograph(50, 60), np.uint8), to_vector(EVERYTHING))
        assert torch.get_num_threads() == 3
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(torch.get_num_threads).result() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("size", [(4000, 1), (3, 3000), (1, 1)])
def test_thin_pictures_have_copies(size: tuple[int, int]) -> None:
    """A picture with a side shorter than what its small copy averages over is no trouble."""
    picture = Image.new("RGB", size, "teal")
    vector = to_vector({"dehaze": 0.3, "clarity": 0.3, "exposure": 0.2})
    assert enhance_image(picture, vector).size == size


def test_overlapping_photos_give_torch_its_threads_back() -> None:
    """The one that began second does not take the single thread of the first for the usual."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        first, second = rendering(to_vector({})), rendering(to_vector({}))
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        second.__exit__(None, None, None)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(torch.get_num_threads).result() == 3
    finally:
        torch.set_num_threads(before)
