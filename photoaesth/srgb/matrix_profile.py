"""Matrix/TRC profiles in full precision, for photos of 16 bits a channel.

LittleCMS, as Pillow has it, converts 8 bits alone. The profiles of RGB working spaces are three
curves and a matrix, which numpy converts as exactly as the values are.
"""

import functools
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.srgb.conversion import is_srgb

Curve = NDArray[np.float64]
"""Linear light in [0, 1] over all 16-bit values."""

_LEVELS = 65_536
# sRGB's primaries in XYZ, adapted to D50 (IEC 61966-2-1, annex F; those of its ICC profile).
_SRGB_TO_PCS = np.array(
    [
        [0.43606567, 0.38514709, 0.14307022],
        [0.22248840, 0.71687317, 0.06060791],
        [0.01391602, 0.09707642, 0.71409607],
    ]
)


@dataclass(frozen=True)
class MatrixProfile:
    """The colour space of an RGB photo.

    Attributes:
        curves: `(3, 65536) float32`, the linear light in [0, 1] of every 16-bit value.
        to_srgb_light: `(3, 3)`, linear light of the space to that of sRGB.
    """

    curves: NDArray[np.float32]
    to_srgb_light: NDArray[np.float64]

    def to_srgb(self, values: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Convert `(..., 3)` values to sRGB; colours beyond its gamut are clipped."""
        light = np.stack([curve[values[..., n]] for n, curve in enumerate(self.curves)], axis=-1)
        return _levels(_encoded((light @ self.to_srgb_light.T).clip(0, 1)))

    def from_srgb(self, values: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Convert `(..., 3)` sRGB values to the space; what it cannot hold is clipped."""
        light = _srgb_light()[values] @ np.linalg.inv(self.to_srgb_light).T
        axis = np.arange(_LEVELS)
        channels = [np.interp(light[..., n], curve, axis) for n, curve in enumerate(self.curves)]
        return np.rint(np.stack(channels, axis=-1)).astype(np.uint16)


def matrix_profile(icc_profile: bytes) -> MatrixProfile | None:
    """Read an RGB profile.

    Args:
        icc_profile: empty for sRGB.

    Returns:
        None for sRGB, where there is nothing to convert.

    Raises:
        ValueError: it is broken, of another colour space, or made of tables of colours.
    """
    if icc_profile and not _is_rgb(icc_profile):
        raise ValueError("not an RGB profile")
    if is_srgb(icc_profile):
        return None
    try:
        tags = _tags(icc_profile)
        if b"A2B0" in tags or b"A2B1" in tags:
            raise ValueError("a profile of tables")
        primaries = [_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        curves = [_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")]
    except (KeyError, IndexError, ZeroDivisionError, struct.error) as error:
        raise ValueError("a broken profile") from error
    matrix = np.linalg.inv(_SRGB_TO_PCS) @ np.array(primaries).T
    rising = all((np.diff(curve) >= 0).all() for curve in curves)
    if not rising or abs(np.linalg.det(matrix)) < 1e-6:
        raise ValueError("a broken profile")
    return MatrixProfile(np.array(curves, np.float32), matrix)


def _is_rgb(icc_profile: bytes) -> bool:
    return icc_profile[16:20] == b"RGB " and icc_profile[20:24] == b"XYZ "  # ICC.1:2022, 7.2


def _tags(icc_profile: bytes) -> dict[bytes, bytes]:
    """ICC.1:2022, 7.3."""
    (count,) = struct.unpack_from(">I", icc_profile, 128)
    if count > 100:
        raise IndexError
    entries = (struct.unpack_from(">4sII", icc_profile, 132 + 12 * n) for n in range(count))
    return {name: icc_profile[start : start + size] for name, start, size in entries}


def _xyz(tag: bytes) -> NDArray[np.float64]:
    """ICC.1:2022, 10.31."""
    return np.array(struct.unpack_from(">3i", tag, 8)) / 65_536


def _curve(tag: bytes) -> Curve:
    """Return the curve over all 16-bit values (ICC.1:2022, 10.6 and 10.18)."""
    axis: Curve = np.arange(_LEVELS) / (_LEVELS - 1)
    if tag[:4] == b"para":
        return _parametric(tag, axis)
    if tag[:4] != b"curv":
        raise ValueError("an unknown kind of curve")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return axis
    points = np.array(struct.unpack_from(f">{count}H", tag, 12), np.float64)
    if count == 1:
        return np.asarray(np.power(axis, points[0] / 256), np.float64)
    return np.interp(axis, np.linspace(0, 1, count), points / (_LEVELS - 1))


def _parametric(tag: bytes, x: Curve) -> Curve:
    """ICC.1:2022, table 68."""
    (kind,) = struct.unpack_from(">H", tag, 8)
    count = (1, 3, 4, 5, 7)[kind]
    numbers = [n / 65_536 for n in struct.unpack_from(f">{count}i", tag, 12)]
    # Kinds 0 to 2 have no straight part: it ends where the power begins, and is a constant.
    g, a, b, c, d, e, f = (
        numbers + [0.0] * (7 - count) if count > 1 else [*numbers, 1.0, *[0.0] * 5]
    )
    if kind in {1, 2}:
        c, d, e, f = 0.0, -b / a, c, c
    power = np.power(np.maximum(a * x + b, 0), g)
    return np.asarray(np.where(x >= d, power + e, c * x + f), np.float64)


@functools.cache
def _srgb_light() -> NDArray[np.float32]:
    """IEC 61966-2-1: the linear light of every 16-bit value."""
    x = np.arange(_LEVELS) / (_LEVELS - 1)
    light = np.where(x <= 0.04045, x / 12.92, np.power((x + 0.055) / 1.055, 2.4))
    return light.astype(np.float32)


def _encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)


def _levels(values: NDArray[np.float64]) -> NDArray[np.uint16]:
    return np.rint(values * (_LEVELS - 1)).astype(np.uint16)
