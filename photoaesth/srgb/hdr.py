"""High dynamic range to what a picture can show."""

import functools
import math

from PIL import Image

_PQ, _HLG = 16, 18  # transfer characteristics of ITU-T H.273, table 3
_WHITE_NITS = 203.0  # of diffuse white (ITU-R BT.2408, 2.2)
_PEAK_NITS = 1_000.0
_KNEE = 0.5  # linear light up to which nothing changes


def to_sdr(image: Image.Image, transfer: int) -> Image.Image:
    """Return an 8-bit picture with sRGB's curve, whatever curve its values have.

    Args:
        image: mode RGB or RGBA, values in PQ or HLG (ITU-R BT.2100).
        transfer: a code of ITU-T H.273, table 3; curves like sRGB's leave the picture as it is.
    """
    if transfer not in {_PQ, _HLG} or image.mode not in {"RGB", "RGBA"}:
        return image
    table = list(_table(transfer)) * 3
    return image.point(table if image.mode == "RGB" else table + list(range(256)))


@functools.cache
def _table(transfer: int) -> tuple[int, ...]:
    """Return the level in sRGB's curve for each of 256 levels."""
    nits = _pq_nits if transfer == _PQ else _hlg_nits
    return tuple(
        round(255 * _linear_to_srgb(_rolled_off(nits(i / 255) / _WHITE_NITS))) for i in range(256)
    )


def _pq_nits(value: float) -> float:
    """ITU-R BT.2100, table 4: EOTF."""
    root: float = value ** (32 / 2523)
    light: float = max(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)
    nits: float = 10_000 * light ** (8_192 / 1_305)
    return nits


def _hlg_nits(value: float) -> float:
    """ITU-R BT.2100, table 5: inverse OETF, and the OOTF of 1,000 nits for each channel alone."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene: float = value**2 / 3 if value <= 0.5 else (math.exp((value - c) / a) + b) / 12
    nits: float = _PEAK_NITS * scene**1.2
    return nits


def _rolled_off(light: float) -> float:
    """Compress light above the knee, so that what is brighter than white stays apart.

    Extended by a white point (Reinhard et al. 2002, equation 4), with slope 1 at the knee.
    """
    if light <= _KNEE:
        return light
    over, peak = ((x - _KNEE) / (1 - _KNEE) for x in (light, _PEAK_NITS / _WHITE_NITS))
    return min(1.0, _KNEE + (1 - _KNEE) * over * (1 + over / peak**2) / (1 + over))


def _linear_to_srgb(light: float) -> float:
    """IEC 61966-2-1."""
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
