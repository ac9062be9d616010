"""ICC profiles of colour spaces that files name without embedding one."""

import functools
import struct
from collections.abc import Sequence

_XYZ = tuple[float, float, float]
_WHITE_D50: _XYZ = (0.9642, 1.0, 0.8249)
_WHITE_D65: _XYZ = (0.95045, 1.0, 1.08905)
# XYZ of the primaries, adapted to D50: Adobe RGB (1998) Color Image Encoding, 4.3; for the others
# by Bradford from the chromaticities of ITU-T H.273, table 2.
_ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
_CICP_PRIMARIES = {
    9: (
        "BT.2020",
        ((0.67348, 0.27904, -0.00193), (0.16567, 0.67534, 0.02998), (0.12505, 0.04561, 0.79685)),
    ),
    12: (
        "Display P3",
        ((0.51512, 0.24119, -0.00105), (0.29198, 0.69224, 0.04188), (0.15710, 0.06657, 0.78407)),
    ),
}
_ADOBE_RGB_GAMMA = 563  # over 256
_CURVE_POINTS = 1024


@functools.cache
def adobe_rgb_profile() -> bytes:
    """Return an ICC profile of Adobe RGB (1998), for photos that only their EXIF calls so."""
    curve = b"curv" + struct.pack(">4xIH", 1, _ADOBE_RGB_GAMMA)
    return _rgb_profile("Compatible with Adobe RGB (1998)", _ADOBE_RGB, curve)


@functools.cache
def cicp_profile(primaries: int) -> bytes:
    """Return an ICC profile of the colour space with given primaries and sRGB's curve.

    Args:
        primaries: a code of ITU-T H.273, table 2.

    Returns:
        Empty where the primaries are sRGB's, or none that photos are in.
    """
    if primaries not in _CICP_PRIMARIES:
        return b""
    name, colorants = _CICP_PRIMARIES[primaries]
    levels = (
        round(65_535 * _srgb_to_linear(i / (_CURVE_POINTS - 1))) for i in range(_CURVE_POINTS)
    )
    curve = b"curv" + struct.pack(f">4xI{_CURVE_POINTS}H", _CURVE_POINTS, *levels)
    return _rgb_profile(name, colorants, curve)


def _srgb_to_linear(value: float) -> float:
    """IEC 61966-2-1."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _rgb_profile(name: str, colorants: Sequence[_XYZ], curve: bytes) -> bytes:
    """Lay out a matrix/TRC display profile of version 2, which every program reads.

    ICC.1:2001-04, 6.3.1.2.
    """
    text = name.encode("ascii") + b"\0"
    red, green, blue = (b"XYZ " + bytes(4) + _fixed_point(*xyz) for xyz in colorants)
    tags = {
        # Its 78 empty bytes have room for the name in Unicode and for the Macintosh.
        b"desc": b"desc" + struct.pack(f">4xI{len(text)}s78x", len(text), text),
        b"cprt": b"text" + bytes(4) + b"No copyright, use freely\0",
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
        b"rXYZ": red,
        b"gXYZ": green,
        b"bXYZ": blue,
        b"wtpt": b"XYZ " + bytes(4) + _fixed_point(*_WHITE_D65),
    }
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + len(table) + 12 * len(tags)
    placed: dict[bytes, int] = {}  # the three curves are one
    for tag, data in tags.items():
        if data not in placed:
            placed[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += tag + struct.pack(">II", placed[data], len(data))
    header = struct.pack(">I4xI4s4s4s", start + len(body), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H4s28x", 2026, 1, 1, 0, 0, 0, b"acsp") + _fixed_point(*_WHITE_D50)
    return header.ljust(128, b"\0") + table + body


def _fixed_point(*values: float) -> bytes:
    """Return s15Fixed16Numbers (ICC.1:2001-04, 5.3.2)."""
    return struct.pack(f">{len(values)}i", *(round(value * 65_536) for value in values))
