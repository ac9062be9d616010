import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from photoaesth.enhance.color import (
    linear_to_oklab,
    linear_to_srgb,
    luminance,
    scale_chroma,
    srgb_to_linear,
)
from photoaesth.enhance.operations import (
    MID_GREY,
    PARAMETERS,
    REGISTRY,
    Encoding,
    Operation,
    _gamut_used,
    apply,
    contrast,
    exposure,
    saturation,
    to_mapping,
    to_vector,
    tone_curve,
    white_balance,
)

LOW = torch.tensor([p.low for p in PARAMETERS])
HIGH = torch.tensor([p.high for p in PARAMETERS])
IDENTITY = torch.tensor([p.identity for p in PARAMETERS])

every_operation = pytest.mark.parametrize("operation", REGISTRY, ids=lambda op: op.name)


def all_colors(steps: int = 9, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    axis = torch.linspace(0, 1, steps, dtype=dtype)
    return torch.cartesian_prod(axis, axis, axis).T.reshape(1, 3, steps, -1)


def corners_and_random(operation: Operation, count: int = 12) -> list[torch.Tensor]:
    """Columns `(B,)` per parameter: both ends together, then random values in the ranges."""
    generator = torch.Generator().manual_seed(1)
    columns = []
    for p in operation.parameters:
        random = p.low + (p.high - p.low) * torch.rand(count, generator=generator)
        columns.append(torch.cat([torch.tensor([p.low, p.high]), random]))
    return columns


def identity_of(operation: Operation) -> list[torch.Tensor]:
    return [torch.tensor([p.identity]) for p in operation.parameters]


def test_names_are_unique_and_ranges_hold_the_identity() -> None:
    """The registry is well-formed: a name means one parameter and doing nothing is allowed."""
    names = [p.name for p in PARAMETERS]
    assert len(set(names)) == len(names)
    assert len({op.name for op in REGISTRY}) == len(REGISTRY)
    for p in PARAMETERS:
        assert p.low < p.high
        assert p.low <= p.identity <= p.high
        assert p.unit
        assert p.description
    assert all(op.source for op in REGISTRY)


@every_operation
def test_shape_and_range_are_kept_over_all_colors(operation: Operation) -> None:
    """Every operation maps [0, 1] into [0, 1] within its ranges, without relying on a clamp."""
    columns = corners_and_random(operation)
    images = all_colors().expand(len(columns[0]), -1, -1, -1)
    result = operation.function(images, *columns)
    assert result.shape == images.shape
    assert result.dtype == images.dtype
    assert result.min() >= -2e-6
    assert result.max() <= 1 + 2e-6


@every_operation
def test_identity_values_change_nothing(operation: Operation) -> None:
    """At its identity an operation returns its input, to the last bits of float32."""
    images = all_colors()
    result = operation.function(images, *identity_of(operation))
    torch.testing.assert_close(result, images, atol=2e-7, rtol=0)


@every_operation
def test_other_values_change_something(operation: Operation) -> None:
    """Each parameter of an operation has an effect of its own."""
    images = all_colors()
    for position, parameter in enumerate(operation.parameters):
        columns = identity_of(operation)
        columns[position] = torch.tensor([parameter.high])
        assert (operation.function(images, *columns) - images).abs().max() > 0.01


@every_operation
def test_gradients_match_finite_differences(operation: Operation) -> None:
    """Autograd agrees with central differences in image and parameters (float64)."""
    generator = torch.Generator().manual_seed(2)
    images = 0.03 + 0.94 * torch.rand(2, 3, 2, 3, generator=generator, dtype=torch.float64)
    columns = [
        torch.tensor([0.3 * p.high, 0.7 * p.low], dtype=torch.float64).requires_grad_()
        for p in operation.parameters
    ]
    assert torch.autograd.gradcheck(operation.function, (images.requires_grad_(), *columns))


@every_operation
def test_gradients_are_finite_at_black_white_and_identity(operation: Operation) -> None:
    """No gradient is NaN or infinite where the formulas have their corners."""
    images = all_colors(5).clone().requires_grad_()
    columns = [column.requires_grad_() for column in identity_of(operation)]
    gradients = torch.autograd.grad(operation.function(images, *columns).sum(), [images, *columns])
    assert all(gradient.isfinite().all() for gradient in gradients)


@every_operation
def test_operations_are_pointwise(operation: Operation) -> None:
    """A pixel's result depends on that pixel alone, as the colour table of copies assumes."""
    images = all_colors()
    columns = [column[:1] for column in corners_and_random(operation)]
    shuffle = torch.randperm(images.shape[-1], generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(
        operation.function(images[..., shuffle], *columns),
        operation.function(images, *columns)[..., shuffle],
        atol=1e-6,
        rtol=0,
    )


@every_operation
def test_images_of_a_batch_do_not_mix(operation: Operation) -> None:
    """Each image of a batch gets its own parameters and nothing of its neighbours."""
    columns = corners_and_random(operation)
    images = torch.rand(len(columns[0]), 3, 4, 4, generator=torch.Generator().manual_seed(4))
    together = operation.function(images, *columns)
    for n in range(len(images)):
        alone = operation.function(images[n : n + 1], *(c[n : n + 1] for c in columns))
        torch.testing.assert_close(together[n : n + 1], alone, atol=1e-6, rtol=0)


@every_operation
def test_brighter_greys_stay_brighter(operation: Operation) -> None:
    """No operation reverses a gradient: along the grey axis every channel keeps its order."""
    columns = corners_and_random(operation, count=40)
    ramp = torch.linspace(0, 1, 1025, dtype=torch.float64).expand(len(columns[0]), 3, 1, -1)
    result = operation.function(ramp, *(c.double() for c in columns))
    assert result.diff(dim=-1).min() > 0


def test_identity_of_the_whole_chain() -> None:
    """All operations at their identity return the picture within 1e-6."""
    images = all_colors(17)
    torch.testing.assert_close(apply(images, IDENTITY[None]), images, atol=1e-6, rtol=0)


def test_the_chain_stays_in_range_for_any_parameters() -> None:
    """The chain gives numbers in [0, 1], none of them NaN, anywhere in the parameters' box."""
    generator = torch.Generator().manual_seed(5)
    parameters = LOW + (HIGH - LOW) * torch.rand(30, len(PARAMETERS), generator=generator)
    result = apply(all_colors(), torch.cat([LOW[None], HIGH[None], parameters]))
    assert result.min() >= 0
    assert result.max() <= 1


def test_the_chain_runs_the_operations_in_the_order_of_the_registry() -> None:
    """`apply` is the composition of the functions, each in its own encoding."""
    images = all_colors(7, torch.float64)
    parameters = (0.5 * HIGH).double()[None]
    expected, column = images, 0
    for operation in REGISTRY:
        count = len(operation.parameters)
        values = parameters[:, column : column + count].unbind(1)
        if operation.encoding is Encoding.LINEAR:
            expected = linear_to_srgb(operation.function(srgb_to_linear(expected), *values))
        else:
            expected = operation.function(expected, *values)
        column += count
    torch.testing.assert_close(apply(images, parameters), expected, atol=1e-6, rtol=0)


def test_one_image_takes_many_parameters() -> None:
    """A batch of one image is broadcast over the rows of parameters."""
    image = torch.rand(1, 3, 5, 6, generator=torch.Generator().manual_seed(6))
    parameters = torch.stack([IDENTITY, 0.5 * HIGH, 0.5 * LOW])
    together = apply(image, parameters)
    assert together.shape == (3, 3, 5, 6)
    torch.testing.assert_close(together[1:2], apply(image, parameters[1:2]), atol=1e-6, rtol=0)


def test_enhancing_and_downscaling_commute() -> None:
    """A small copy shows what the full size will look like, so searching on it is sound."""
    y, x = torch.meshgrid(torch.linspace(0, 3, 120), torch.linspace(0, 4, 160), indexing="ij")
    image = torch.stack([x.sin(), (x + y).cos(), (2 * y).sin()])[None] * 0.4 + 0.5
    for parameters in (0.6 * HIGH[None], 0.6 * LOW[None]):
        big_first = functional.avg_pool2d(apply(image, parameters), 4)
        small_first = apply(functional.avg_pool2d(image, 4), parameters)
        assert (big_first - small_first).abs().mean() < 1 / 255
        assert (big_first - small_first).abs().max() < 6 / 255


def test_exposure_is_a_factor_of_light() -> None:
    """+1 EV doubles and −1 EV halves linear light; highlights roll off to white, unclipped."""
    light = torch.tensor([0.0, 0.1, 0.25, 0.6, 0.9, 1.0]).expand(1, 3, 1, 6)
    halved = exposure(light, torch.tensor([-1.0]))[0, 0, 0]
    torch.testing.assert_close(halved, 0.5 * light[0, 0, 0])
    doubled = exposure(light, torch.tensor([1.0]))[0, 0, 0]
    # Knee 0.5, white 2: strength = 1 / (0.5 · 1.5) = 4/3; 0.6 → 1.2 → 0.5 + 0.7 / (1 + 2.8/3).
    torch.testing.assert_close(
        doubled[:4], torch.tensor([0.0, 0.2, 0.5, 0.5 + 0.7 / (1 + 2.8 / 3)])
    )
    assert doubled[4] < 1
    assert doubled[5] == pytest.approx(1)


def test_temperature_warms_and_keeps_the_luminance_of_grey() -> None:
    """Warmer raises red over blue by the daylight ratio and leaves a mid-grey's luminance."""
    grey = torch.full((1, 3, 1, 1), 0.18)
    warm = white_balance(grey, torch.tensor([0.2]), torch.tensor([0.0]))
    # log2 of red / blue is (0.515 + 0.978) per 100 mired.
    assert float(warm[0, 0] / warm[0, 2]) == pytest.approx(2 ** (0.2 * 1.493), rel=1e-4)
    assert float(luminance(warm)) == pytest.approx(0.18, rel=1e-4)
    magenta = white_balance(grey, torch.tensor([0.0]), torch.tensor([0.2]))
    assert float(magenta[0, 0] / magenta[0, 1]) == pytest.approx(2**0.2, rel=1e-4)
    assert float(luminance(magenta)) == pytest.approx(0.18, rel=1e-4)


def test_the_daylight_direction_is_that_of_the_cie_locus() -> None:
    """A shift from D65 by 10 mired gives the channel ratios of CIE daylight (CIE 15:2004)."""

    def daylight(kelvin: float) -> np.ndarray:
        x = -4.6070e9 / kelvin**3 + 2.9678e6 / kelvin**2 + 99.11 / kelvin + 0.244063
        y = -3 * x**2 + 2.87 * x - 0.275
        to_rgb = np.linalg.inv(
            [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
        )
        return to_rgb @ [x / y, 1, (1 - x - y) / y]

    ratios = daylight(1e6 / (1e6 / 6504 + 10)) / daylight(6504)
    grey = torch.full((1, 3, 1, 1), 0.1)
    warm = white_balance(grey, torch.tensor([0.1]), torch.tensor([0.0])).flatten().numpy()
    np.testing.assert_allclose(warm / warm[1], ratios / ratios[1], rtol=2e-3)


def test_contrast_turns_around_mid_grey() -> None:
    """Contrast keeps black, mid-grey and white, and its slope at mid-grey is 1 + amount."""
    image = torch.tensor([0.0, MID_GREY, 1.0], dtype=torch.float64).expand(1, 3, 1, 3)
    for amount in (-0.4, 0.4):
        value = torch.tensor([amount], dtype=torch.float64)
        torch.testing.assert_close(contrast(image, value), image)
        step = 1e-6
        around = torch.tensor([MID_GREY - step, MID_GREY + step], dtype=torch.float64)
        low, high = contrast(around.expand(1, 3, 1, 2), value)[0, 0, 0]
        assert float(high - low) / (2 * step) == pytest.approx(1 + amount, rel=1e-4)


def test_contrast_works_around_the_grey_card() -> None:
    """The pivot is the 18 % card in sRGB."""
    assert float(srgb_to_linear(torch.tensor(MID_GREY))) == pytest.approx(0.18, abs=1e-5)


def test_saturation_scales_chroma_and_keeps_lightness_and_hue() -> None:
    """Lowering scales OKLab chroma exactly; raising does too, less so near the gamut's edge."""
    light = srgb_to_linear(torch.tensor([0.55, 0.5, 0.45])).view(1, 3, 1, 1)
    before = linear_to_oklab(light).flatten()
    after = linear_to_oklab(saturation(light, torch.tensor([-0.4]))).flatten()
    torch.testing.assert_close(after[0], before[0], atol=1e-4, rtol=0)
    torch.testing.assert_close(after[1:], 0.6 * before[1:], atol=1e-4, rtol=0)
    raised = linear_to_oklab(saturation(light, torch.tensor([0.4]))).flatten()
    hue = math.atan2(before[2], before[1])
    assert math.atan2(raised[2], raised[1]) == pytest.approx(hue, abs=0.01)
    assert 1.2 < float(raised[1:].norm() / before[1:].norm()) < 1.4


@pytest.mark.parametrize("amount", [-0.4, -0.2, -0.05, 0.05, 0.2, 0.4])
def test_saturation_hardly_clips(amount: float) -> None:
    """Before its clamp saturation leaves sRGB by at most 0.001, and raised not at all."""
    light = srgb_to_linear(all_colors(33))
    factor = (1 + amount) / (1 + max(amount, 0) * _gamut_used(light))
    unclipped = scale_chroma(light, factor)
    allowed = 1e-3 if amount < 0 else 1e-6
    assert unclipped.min() >= -allowed
    assert unclipped.max() <= 1 + allowed


@pytest.mark.parametrize("corner", range(8))
def test_the_tone_curve_is_monotone_at_every_corner_of_its_ranges(corner: int) -> None:
    """The slope, linear in the handles, is at least 0.2 at all corners and so in the box."""
    handles = [
        torch.tensor([0.2 if corner >> n & 1 else -0.2], dtype=torch.float64) for n in range(3)
    ]
    ramp = torch.linspace(0, 1, 2001, dtype=torch.float64).view(1, 1, 1, -1).requires_grad_()
    curve = tone_curve(ramp, *handles)
    (slope,) = torch.autograd.grad(curve.sum(), ramp)
    assert slope.min() > 0.2 - 1e-9
    assert curve[..., 0] == 0
    assert curve[..., -1] == 1


def test_mappings_and_vectors_convert_both_ways() -> None:
    """Names map to columns and back, and what is left out stays at its identity."""
    vector = to_vector({"exposure": 0.5, "tint": -0.125})
    assert to_mapping(vector) == {p.name: p.identity for p in PARAMETERS} | {
        "exposure": 0.5,
        "tint": -0.125,
    }
    torch.testing.assert_close(to_vector({}), IDENTITY)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"exposre": 0.5}, "unknown parameter: exposre"),
        ({"exposure": 1.5}, "exposure is 1.5, outside"),
        ({"contrast": math.nan}, "contrast is nan, outside"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, float], message: str) -> None:
    """A misspelt name, a value out of range and NaN are named in the error."""
    with pytest.raises(ValueError, match=message):
        to_vector(parameters)


def test_the_ends_of_the_ranges_survive_the_round_trip_through_float32() -> None:
    """A search may end at a bound, and its mapping must still be accepted."""
    for bound in (LOW, HIGH):
        torch.testing.assert_close(to_vector(to_mapping(bound)), bound)
