import math
from itertools import pairwise

import pytest
import torch
from torch.nn import functional

from photoaesth.enhance.color import linear_to_oklab, linear_to_srgb, luminance, srgb_to_linear
from photoaesth.enhance.operations import (
    PARAMETERS,
    REGISTRY,
    Encoding,
    Operation,
    apply,
    area,
    to_mapping,
    to_vector,
)

LOW = torch.tensor([p.low for p in PARAMETERS])
HIGH = torch.tensor([p.high for p in PARAMETERS])
IDENTITY = torch.tensor([p.identity for p in PARAMETERS])
POINTWISE = [op for op in REGISTRY if op.is_pointwise]

every_operation = pytest.mark.parametrize("operation", REGISTRY, ids=lambda op: op.name)
pointwise_operations = pytest.mark.parametrize("operation", POINTWISE, ids=lambda op: op.name)


def all_colors(steps: int = 9, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    axis = torch.linspace(0, 1, steps, dtype=dtype)
    return torch.cartesian_prod(axis, axis, axis).T.reshape(1, 3, steps, -1)


def photograph(height: int, width: int) -> torch.Tensor:
    """A drawn photo of any size, `(1, 3, H, W)`: hazy hills under a sky, patches, fine detail."""
    y, x = torch.meshgrid(
        (torch.arange(height) + 0.5) / height, (torch.arange(width) + 0.5) / width, indexing="ij"
    )
    ridge = 0.45 + 0.1 * torch.sin(5 * x) + 0.04 * torch.sin(17 * x + 1)
    ground = ((y - ridge) * 40).sigmoid()
    texture = 0.12 * torch.sin(60 * x + 9 * y) * torch.sin(50 * y) + 0.03 * torch.sin(300 * x)
    patch = (30 * (0.12 - ((x - 0.7).square() + (y - 0.75).square()).sqrt())).sigmoid()
    sky = torch.stack([0.55 + 0.2 * y, 0.68 + 0.1 * y, 0.85 - 0.05 * y])
    soil = torch.stack([0.3 + texture, 0.28 + 0.9 * texture, 0.12 + 0.5 * texture]) + 0.15 * (1 - y)
    picture = sky * (1 - ground) + soil * ground
    picture = picture + patch * (torch.tensor([0.75, 0.2, 0.15]).view(3, 1, 1) - picture) * 0.8
    return picture.clamp(0, 1)[None]


def grainy() -> torch.Tensor:
    """A drawn photo with noise, wide enough that operations on its finest detail show."""
    generator = torch.Generator().manual_seed(8)
    picture = photograph(100, 1600)
    return (picture + 0.03 * torch.randn(picture.shape, generator=generator)).clamp(0, 1)


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


def test_pointwise_operations_stand_together() -> None:
    """What can be fused into one map of colours is a single run of the registry."""
    kinds = [op.is_pointwise for op in REGISTRY]
    first, count = kinds.index(True), sum(kinds)
    assert all(kinds[first : first + count])


@every_operation
def test_shape_and_range_are_kept_over_all_colors(operation: Operation) -> None:
    """Every operation maps [0, 1] into [0, 1] within its ranges, without relying on a clamp."""
    columns = corners_and_random(operation)
    noise = torch.rand(1, 3, 24, 36, generator=torch.Generator().manual_seed(7))
    for picture in (all_colors(), noise, photograph(24, 36), torch.zeros(1, 3, 5, 7)):
        images = picture.expand(len(columns[0]), -1, -1, -1)
        result = operation(images, *columns)
        assert result.shape == images.shape
        assert result.dtype == images.dtype
        assert result.min() >= -2e-6
        assert result.max() <= 1 + 2e-6


@every_operation
def test_identity_values_change_nothing(operation: Operation) -> None:
    """At its identity an operation returns its input, to the last bits of float32."""
    for images in (all_colors(), photograph(30, 40)):
        result = operation(images, *identity_of(operation))
        torch.testing.assert_close(result, images, atol=3e-7, rtol=0)


@every_operation
def test_other_values_change_something(operation: Operation) -> None:
    """Each parameter of an operation has an effect of its own."""
    images = grainy()
    for position, parameter in enumerate(operation.parameters):
        columns = identity_of(operation)
        columns[position] = torch.tensor([parameter.high])
        assert (operation(images, *columns) - images).abs().max() > 0.01


@every_operation
def test_gradients_match_finite_differences(
    operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Autograd agrees with central differences in image and parameters (float64)."""
    monkeypatch.setattr(area, "BASE_SIDE", 12)  # at its real size it takes a minute
    generator = torch.Generator().manual_seed(2)
    images = 0.03 + 0.94 * torch.rand(2, 3, 2, 3, generator=generator, dtype=torch.float64)
    columns = [
        torch.tensor([0.3 * p.high, 0.7 * p.low or 0.6 * p.high], dtype=torch.float64)
        for p in operation.parameters
    ]
    inputs = [images.requires_grad_(), *(column.requires_grad_() for column in columns)]
    assert torch.autograd.gradcheck(operation, inputs)


@every_operation
def test_gradients_are_finite_at_black_white_and_identity(operation: Operation) -> None:
    """No gradient is NaN or infinite where the formulas have their corners."""
    images = all_colors(5).clone().requires_grad_()
    columns = [column.requires_grad_() for column in identity_of(operation)]
    gradients = torch.autograd.grad(operation(images, *columns).sum(), [images, *columns])
    assert all(gradient.isfinite().all() for gradient in gradients)


@pointwise_operations
def test_pointwise_operations_are(operation: Operation) -> None:
    """A pixel's result depends on that pixel alone, as the colour table of copies assumes."""
    images = all_colors()
    columns = [column[:1] for column in corners_and_random(operation)]
    shuffle = torch.randperm(images.shape[-1], generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(
        operation(images[..., shuffle], *columns),
        operation(images, *columns)[..., shuffle],
        atol=1e-6,
        rtol=0,
    )


@every_operation
def test_images_of_a_batch_do_not_mix(
    operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each image of a batch gets its own parameters and nothing of its neighbours."""
    monkeypatch.setattr(area, "BASE_SIDE", 12)  # at its real size it takes long
    columns = corners_and_random(operation)
    images = torch.rand(len(columns[0]), 3, 4, 4, generator=torch.Generator().manual_seed(4))
    together = operation(images, *columns)
    for n in range(len(images)):
        alone = operation(images[n : n + 1], *(c[n : n + 1] for c in columns))
        torch.testing.assert_close(together[n : n + 1], alone, atol=2e-6, rtol=0)


@pointwise_operations
def test_brighter_greys_stay_brighter(operation: Operation) -> None:
    """No operation reverses a gradient: along the grey axis every channel keeps its order."""
    columns = corners_and_random(operation, count=40)
    ramp = torch.linspace(0, 1, 1025, dtype=torch.float64).expand(len(columns[0]), 3, 1, -1)
    result = operation(ramp, *(c.double() for c in columns))
    assert result.diff(dim=-1).min() > 0


def mean_light(images: torch.Tensor) -> torch.Tensor:
    return luminance(srgb_to_linear(images)).mean()


def tones_between(low: float, high: float):
    """Return a measure: the mean of what lay between two tones before."""
    tone = grainy().amax(dim=1)
    chosen = (tone > low) & (tone < high)
    return lambda images: images.amax(dim=1)[chosen].mean()


def chroma(images: torch.Tensor) -> torch.Tensor:
    return linear_to_oklab(srgb_to_linear(images))[:, 1:].norm(dim=1)


def fine_detail(images: torch.Tensor) -> torch.Tensor:
    return images.diff(dim=-1).abs().mean()


def corner(images: torch.Tensor) -> torch.Tensor:
    return images[..., :20, :20].mean()


MEASURES = {
    "noise_reduction": lambda x: -fine_detail(x),
    "dehaze": lambda x: -x.amin(dim=1).mean(),
    "temperature": lambda x: (x[:, 0] - x[:, 2]).mean(),
    "tint": lambda x: (x[:, 0] + x[:, 2] - 2 * x[:, 1]).mean(),
    "exposure": mean_light,
    "saturation": lambda x: chroma(x).mean(),
    "vibrance": lambda x: chroma(x).mean(),
    "contrast": lambda x: x.std(),
    "highlights": tones_between(0.55, 0.8),
    "shadows": tones_between(0.25, 0.4),
    "whites": tones_between(0.75, 0.95),
    "blacks": tones_between(0.02, 0.3),
    "curve_shadows": tones_between(0.1, 0.4),
    "curve_midtones": tones_between(0.4, 0.6),
    "curve_highlights": tones_between(0.6, 0.9),
    "clarity": lambda x: (luminance(x) - functional.avg_pool2d(luminance(x), 41, 1, 20)).std(),
    "sharpening": fine_detail,
    "vignette": lambda x: -corner(x),
}


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.name)
def test_raising_a_parameter_does_what_its_description_says(parameter) -> None:
    """From the lowest value to the highest, the measure of the effect rises at every step."""
    image = grainy()
    measure = MEASURES[parameter.name]
    steps = [round(parameter.low + n / 6 * (parameter.high - parameter.low), 6) for n in range(7)]
    measured = [
        float(measure(apply(image, to_vector({parameter.name: value})[None]))) for value in steps
    ]
    assert all(earlier < later for earlier, later in pairwise(measured))


def test_identity_of_the_whole_chain() -> None:
    """At the identity the chain returns the picture itself; with gradients, within 1e-6."""
    images = all_colors(17)
    assert torch.equal(apply(images, IDENTITY[None]), images)
    wanted = IDENTITY[None].clone().requires_grad_()
    torch.testing.assert_close(apply(images, wanted), images, atol=1e-6, rtol=0)


def test_the_identity_tells_every_parameter_where_to_go() -> None:
    """A gradient reaches all parameters at the identity, where a fit starts."""
    parameters = IDENTITY[None].clone().requires_grad_()
    images = grainy()
    (gradient,) = torch.autograd.grad(apply(images, parameters).square().sum(), parameters)
    # Noise reduction goes with the square of its level.
    silent = [p.name for p, g in zip(PARAMETERS, gradient[0], strict=True) if g == 0]
    assert silent == ["noise_reduction"]


def test_the_chain_stays_in_range_for_any_parameters() -> None:
    """The chain gives numbers in [0, 1], none of them NaN, anywhere in the parameters' box."""
    generator = torch.Generator().manual_seed(5)
    parameters = LOW + (HIGH - LOW) * torch.rand(30, len(PARAMETERS), generator=generator)
    result = apply(all_colors(), torch.cat([LOW[None], HIGH[None], parameters]))
    assert result.min() >= 0
    assert result.max() <= 1


def test_the_chain_runs_the_operations_in_the_order_of_the_registry() -> None:
    """`apply` is the composition of the operations, each in its own encoding."""
    images = photograph(20, 30).double()
    parameters = (0.5 * HIGH).double()[None]
    expected, column = images, 0
    for operation in REGISTRY:
        count = len(operation.parameters)
        values = parameters[:, column : column + count].unbind(1)
        if operation.encoding is Encoding.LINEAR:
            expected = linear_to_srgb(operation(srgb_to_linear(expected), *values))
        else:
            expected = operation(expected, *values)
        column += count
    torch.testing.assert_close(apply(images, parameters), expected, atol=1e-6, rtol=0)


def test_one_image_takes_many_parameters() -> None:
    """A batch of one image is broadcast over the rows of parameters."""
    image = torch.rand(1, 3, 5, 6, generator=torch.Generator().manual_seed(6))
    parameters = torch.stack([IDENTITY, 0.5 * HIGH, 0.5 * LOW])
    together = apply(image, parameters)
    assert together.shape == (3, 3, 5, 6)
    torch.testing.assert_close(together[1:2], apply(image, parameters[1:2]), atol=1e-6, rtol=0)


@every_operation
@pytest.mark.parametrize("end", ["low", "high"])
def test_enhancing_and_downscaling_commute(operation: Operation, end: str) -> None:
    """A small copy shows what the full size will look like, so searching on it is sound."""
    large = photograph(640, 960)
    values = {p.name: 0.7 * getattr(p, end) for p in operation.parameters}
    row = to_vector(values)[None]
    large_first = functional.avg_pool2d(apply(large, row), 4)
    small_first = apply(functional.avg_pool2d(large, 4), row)
    difference = (large_first - small_first).abs()
    assert difference.mean() < 1 / 255
    assert difference.flatten().quantile(0.99) < 6 / 255


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
        ({"exposure": 3.5}, "exposure is 3.5, outside"),
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
