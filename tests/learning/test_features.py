from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photoaesth.learning.backbone import Backbone
from photoaesth.learning.features import (
    PIXEL_STATISTICS,
    POOLED_STAGES,
    extract_features,
    feature_count,
    image_features,
    pixel_statistics,
    same_shape_batches,
)
from photoaesth.learning.model_input import INPUT_SIZES, model_input

Pictures = Callable[..., Image.Image]


def of_colours(*colours: tuple[float, float, float]) -> torch.Tensor:
    """An image `(1, 3, 4, 2n)` of n flat stripes, each two pixels wide."""
    stripes = torch.tensor(colours, dtype=torch.float64).repeat_interleave(2, 0)
    return stripes.T[:, None, :].expand(3, 4, -1)[None]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1000, 1000), (332, 332)),
        ((4000, 3000), (384, 288)),
        ((3000, 4000), (288, 384)),
        ((6000, 4000), (408, 272)),
        ((4000, 6000), (272, 408)),
        ((1920, 1080), (444, 250)),
        ((2350, 1000), (510, 217)),
        ((1000, 3000), (192, 576)),
        ((1000, 20), (576, 192)),
        ((1, 1), (332, 332)),
        ((1, 2000), (192, 576)),
    ],
)
def test_common_shapes(size: tuple[int, int], expected: tuple[int, int]) -> None:
    """Common shapes keep their aspect; slivers get the longest there is."""
    pixels = model_input(Image.new("RGB", size, (200, 100, 50)))
    assert pixels.shape == (expected[1], expected[0], 3)
    assert (pixels == (200, 100, 50)).all()


@given(st.integers(20, 60), st.integers(20, 60))
def test_the_nearest_size_is_taken(width: int, height: int) -> None:
    """No other input size squeezes the photo less, and none by more than 16 % up to 3:1."""
    pixels = model_input(Image.new("RGB", (width, height)))

    def squeeze(size: tuple[int, int]) -> float:
        ratio = (size[0] / size[1]) / (width / height)
        return max(ratio, 1 / ratio)

    taken = squeeze((pixels.shape[1], pixels.shape[0]))
    assert taken == pytest.approx(min(map(squeeze, INPUT_SIZES)))
    assert taken <= 1.16


def test_input_sizes_see_about_the_same_area() -> None:
    """All sizes have the area of 384 × 288 within 1 %, and each landscape has its portrait."""
    assert len(set(INPUT_SIZES)) == len(INPUT_SIZES)
    assert {(h, w) for w, h in INPUT_SIZES} == set(INPUT_SIZES)
    assert all(abs(w * h / (384 * 288) - 1) < 0.01 for w, h in INPUT_SIZES)


def test_pixel_statistics_by_hand() -> None:
    """Half grey 0.4, half orange (0.8, 0.6, 0.2): every number from its definition.

    Luma 0.4 and 0.2126 · 0.8 + 0.7152 · 0.6 + 0.0722 · 0.2 = 0.61364; R − G is 0 and 0.2;
    (R + G) / 2 − B is 0 and 0.5; chroma is 0 and √(0.2² + 0.5²) = 0.53852. Two equal halves
    of d apart have the mean in the middle and the deviation d / 2 · √(n / (n − 1)), n = 16.
    """
    statistics = pixel_statistics(of_colours((0.4, 0.4, 0.4), (0.8, 0.6, 0.2)))[0]
    steps = torch.tensor([0.21364, 0.2, 0.5, 0.53852], dtype=torch.float64)
    means = torch.tensor([0.4, 0, 0, 0], dtype=torch.float64) + steps / 2
    deviations = steps / 2 * (16 / 15) ** 0.5
    # The chroma of grey is √1e-8 = 1e-4: a root without a kink, for the gradient's sake.
    torch.testing.assert_close(statistics[:4], means, rtol=0, atol=1e-4)
    torch.testing.assert_close(statistics[4:8], deviations, rtol=0, atol=1e-4)
    # Averaged in 2 × 2, luma is 0.4 twice and 0.61364 twice: the middle quantile lies between.
    levels = torch.tensor([0.4, 0.4, 0.50682, 0.61364, 0.61364], dtype=torch.float64)
    torch.testing.assert_close(statistics[8:13], levels, rtol=0, atol=1e-6)
    # Nothing is clipped. Of the 2 × 2 inner pixels each touches the edge: |Laplacian| = 0.21364.
    assert statistics[13:].tolist() == pytest.approx([0, 0, 0, np.log(0.21464)], abs=1e-5)


def test_clipping_by_hand() -> None:
    """Of four stripes one is white, one clipped in red only, one black, one grey: the roots of
    ½ with a clipped channel, ¼ with all, ¼ black."""
    stripes = of_colours((1, 1, 1), (0.995, 0.5, 0.2), (0.01, 0.02, 0), (0.4, 0.4, 0.4))
    shares = pixel_statistics(stripes)[0, 13:16]
    assert shares.tolist() == pytest.approx([0.5**0.5, 0.5, 0.5])


def test_blur_lowers_sharpness_and_noise_raises_it() -> None:
    """A flat image has ln 0.001, the least; a checkerboard of 0 and 1 has ln 4.001, the most."""
    board = torch.tensor([[0.0, 1], [1, 0]], dtype=torch.float64).repeat(4, 6).expand(1, 3, 8, 12)
    flat = torch.full((1, 3, 8, 12), 0.5, dtype=torch.float64)
    # In the middle of a checkerboard |4 · 1 - 4 · 0| is 4.
    assert pixel_statistics(board)[0, -1].item() == pytest.approx(np.log(4.001))
    assert pixel_statistics(flat)[0, -1].item() == pytest.approx(np.log(0.001))
    generator = torch.Generator().manual_seed(0)
    noisy = torch.rand(1, 3, 40, 60, generator=generator, dtype=torch.float64)
    blurred = torch.nn.functional.avg_pool2d(noisy, 3, 1, 1)
    assert pixel_statistics(blurred)[0, -1] < pixel_statistics(noisy)[0, -1] - 1


def test_pixel_statistics_do_not_see_composition() -> None:
    """A mirrored image has the same tone and colour."""
    images = torch.rand(2, 3, 8, 12, generator=torch.Generator().manual_seed(0))
    statistics = pixel_statistics(images)
    assert statistics.shape == (2, PIXEL_STATISTICS)
    torch.testing.assert_close(pixel_statistics(images.flip(3)), statistics)


def test_pixel_statistics_gradient() -> None:
    """The gradient is that of finite differences."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 3, 4, 6, generator=generator, dtype=torch.float64)
    assert torch.autograd.gradcheck(pixel_statistics, images.requires_grad_())


def test_a_grey_image_has_a_gradient() -> None:
    """Where there is no colour and no contrast, the gradient is finite, not NaN."""
    images = torch.full((1, 3, 8, 8), 0.5, requires_grad=True)
    pixel_statistics(images).sum().backward()
    assert images.grad is not None
    assert images.grad.isfinite().all()


def test_features_are_pixels_then_pooled_stages(backbone: Backbone) -> None:
    """First the pixel statistics, then mean and deviation of every channel of each stage."""
    images = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    features = image_features(images, backbone(images))
    assert features.dtype == torch.float32
    assert features.shape == (2, feature_count(backbone.info.channels))
    torch.testing.assert_close(features[:, :PIXEL_STATISTICS], pixel_statistics(images))
    column = PIXEL_STATISTICS
    for stage in POOLED_STAGES:
        values = backbone(images)[stage].numpy()
        channels = values.shape[1]
        means = features[:, column : column + channels].numpy()
        deviations = features[:, column + channels : column + 2 * channels].numpy()
        np.testing.assert_allclose(means, values.mean((2, 3)), rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(deviations, values.std((2, 3), ddof=1), rtol=1e-3, atol=1e-4)
        column += 2 * channels
    assert column == features.shape[1]


def test_features_lead_back_to_the_pixels(backbone: Backbone) -> None:
    """A small step along the gradient raises the sum of features by what the gradient says."""
    images = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    images.requires_grad_()
    total = image_features(images, backbone(images)).sum()
    total.backward()
    assert images.grad is not None
    step = images.grad * (1e-3 / images.grad.norm())
    with torch.no_grad():
        moved = images + step
        gained = image_features(moved, backbone(moved)).sum() - total
    assert gained.item() == pytest.approx((step * images.grad).sum().item(), rel=0.1)


def test_features_keep_the_order_of_mixed_shapes(backbone: Backbone, picture: Pictures) -> None:
    """Landscapes and portraits in any order give each its own row."""
    sizes = [(600, 400), (400, 600), (500, 500), (600, 400)]
    inputs = [model_input(picture(*size, seed)) for seed, size in enumerate(sizes)]
    together = extract_features(backbone, inputs, "cpu")
    assert together.shape == (4, feature_count(backbone.info.channels))
    for row, image in zip(together, inputs, strict=True):
        np.testing.assert_allclose(
            row, extract_features(backbone, [image], "cpu")[0], rtol=1e-3, atol=1e-3
        )


def test_batches_hold_one_shape_each() -> None:
    """Every image comes once, with its number, as floats in [0, 1] with channels first."""
    inputs = [np.full((4 + number % 2, 6, 3), number * 51, np.uint8) for number in range(5)]
    inputs[3][0, 1, 2] = 255
    seen = {}
    for numbers, images in same_shape_batches(inputs, "cpu"):
        assert images.dtype == torch.float32
        assert len({inputs[number].shape for number in numbers}) == 1
        seen |= dict(zip(numbers, images, strict=True))
    assert sorted(seen) == [0, 1, 2, 3, 4]
    for number, image in seen.items():
        np.testing.assert_allclose(image.permute(1, 2, 0), inputs[number] / 255, atol=1e-6)
    assert list(same_shape_batches([], "cpu")) == []


def test_no_images_have_no_features(backbone: Backbone) -> None:
    """An empty batch gives an empty table with the usual columns."""
    features = extract_features(backbone, [], "cpu")
    assert features.shape == (0, feature_count(backbone.info.channels))
