"""Colour: any Pillow picture to 8-bit sRGB, and sRGB into a profile's colour space."""

import functools
import io
import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, TiffImagePlugin

_STRIP_PIXELS = 1 << 20
_BITS_PER_SAMPLE, _PHOTOMETRIC = 0x0102, 0x0106
_WHITE_IS_ZERO = 0
_PROFILE_SPACES = {"L": b"GRAY", "RGB": b"RGB ", "CMYK": b"CMYK"}
_PROFILE_ERRORS = (ImageCms.PyCMSError, OSError)
# Adobe RGB (1998) Color Image Encoding, 4.3: its XYZ colorants and white point, adapted to D50,
# and its gamma of 563/256.
_ADOBE_RGB_XYZ = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
    b"wtpt": (0.95045, 1.0, 1.08905),
}
_ADOBE_RGB_GAMMA = 563
_WHITE_D50 = (0.9642, 1.0, 0.8249)


def to_8bit(image: Image.Image) -> Image.Image:
    """Return a picture of any Pillow mode in the nearest 8-bit one that can be resized.

    The values stay in the file's own colour space; `to_srgb` is the second half of the way. What
    lies between, resizing, is then cheap and lets no transparent colour bleed in.

    Returns:
        Mode L, LA, RGB, RGBA or CMYK; `image` itself if it is one of them.
    """
    if image.mode == "F" or image.mode.startswith("I"):
        return _gray_8bit(image)
    if image.mode in {"LA", "RGBA"}:
        return image
    if image.has_transparency_data:  # also a palette entry or one colour, named in `info`
        return image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def to_srgb(image: Image.Image, icc_profile: bytes) -> Image.Image:
    """Return a picture as opaque 8-bit sRGB, over white.

    Args:
        image: mode L, LA, RGB, RGBA or CMYK.
        icc_profile: what its values mean; one that is empty, broken or of another colour space
            is ignored.
    """
    alpha = None
    if image.mode in {"LA", "RGBA"}:
        alpha = image.getchannel("A")
        image = image.convert(image.mode[:-1])
    if image.mode == "L" and icc_profile[16:20] == b"RGB ":
        image = image.convert("RGB")  # a grey picture saved with its editor's colour space
    try:
        transform = _transform(icc_profile, image.mode) if icc_profile else None
    except _PROFILE_ERRORS:
        transform = None
    image = transform.apply(image) if transform else image.convert("RGB")
    if alpha is None:
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=alpha)
    return white


def from_srgb(image: Image.Image, icc_profile: bytes) -> tuple[Image.Image, bytes]:
    """Return a picture in a profile's colour space.

    Args:
        image: mode RGB, sRGB.
        icc_profile: a display profile.

    Returns:
        The converted picture and the profile; the picture as it is and a profile of sRGB where
        `icc_profile` is broken or not for RGB.
    """
    try:
        transform = _transform(icc_profile, "RGB", back=True)
    except _PROFILE_ERRORS:
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        return image, srgb.tobytes()
    return (transform.apply(image) if transform else image), icc_profile


@functools.cache
def adobe_rgb_profile() -> bytes:
    """Return an ICC profile of Adobe RGB (1998), for photos that only their EXIF calls so.

    A matrix/TRC display profile of version 2 (ICC.1:2001-04, 6.3.1.2), which every program reads.
    """
    name = b"Compatible with Adobe RGB (1998)\0"
    gamma = b"curv" + struct.pack(">4xIH", 1, _ADOBE_RGB_GAMMA)
    tags = {
        # Its 78 empty bytes have room for the name in Unicode and for the Macintosh.
        b"desc": b"desc" + struct.pack(f">4xI{len(name)}s78x", len(name), name),
        b"cprt": b"text" + bytes(4) + b"No copyright, use freely\0",
        b"rTRC": gamma,
        b"gTRC": gamma,
        b"bTRC": gamma,
    } | {tag: b"XYZ " + bytes(4) + _fixed_point(*xyz) for tag, xyz in _ADOBE_RGB_XYZ.items()}
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + len(table) + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4xI4s4s4s", start + len(body), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H4s28x", 2026, 1, 1, 0, 0, 0, b"acsp") + _fixed_point(*_WHITE_D50)
    return header.ljust(128, b"\0") + table + body


def _gray_8bit(image: Image.Image) -> Image.Image:
    """Return a 16-bit, 32-bit or float picture as L; Pillow's own conversion clips it to white."""
    black, white = _gray_range(image)
    gray = Image.new("L", image.size)
    for top, strip in _strips(image):
        levels = np.nan_to_num(strip, nan=black, posinf=white, neginf=black) - black
        levels = np.rint(levels * (255 / (white - black))).clip(0, 255)
        gray.paste(Image.fromarray(levels.astype(np.uint8)), (0, top))
    return gray


def _gray_range(image: Image.Image) -> tuple[float, float]:
    """Return the values that stand for black and white.

    For 32-bit and float pictures the file does not tell: white is taken to be the least of 1,
    255, 65535 and their maximum that holds all of their values. Nor does one tell that keeps
    12-bit values in 16 bits; it stays dark, for guessing would brighten every night shot.
    """
    if not image.mode.startswith("I;16"):
        black, high = _extrema(image)
        return black, next((level for level in (1.0, 255.0, 65_535.0) if high <= level), high)
    tags = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    white = 2.0 ** tags.get(_BITS_PER_SAMPLE, (16,))[0] - 1  # 12 bits are not scaled up to 16
    return (white, 0.0) if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else (0.0, white)


def _extrema(image: Image.Image) -> tuple[float, float]:
    """Return the least and greatest finite value, the range widened to hold 0."""
    low = high = 0.0
    for _, strip in _strips(image):
        finite = strip[np.isfinite(strip)]
        low, high = float(finite.min(initial=low)), float(finite.max(initial=high))
    return low, high


def _strips(image: Image.Image) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    """Yield (top row, values) of strips small enough that memory stays the picture's own."""
    width, height = image.size
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        yield top, np.asarray(strip).astype(np.float64)


@functools.lru_cache(maxsize=16)
def _transform(
    icc_profile: bytes, mode: str, *, back: bool = False
) -> ImageCms.ImageCmsTransform | None:
    """Return the conversion from the profile's space to sRGB, or `back`; None if it is sRGB.

    Relative colorimetric with black point compensation, as photo editors do: white stays white
    and shadows stay apart.

    Raises:
        ImageCms.PyCMSError, OSError: the profile is broken or not for this mode.
    """
    if icc_profile[16:20] != _PROFILE_SPACES[mode]:  # ICC.1:2022, 7.2.6
        raise ImageCms.PyCMSError("a profile of another colour space")
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
    srgb = ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(
        srgb if back else profile,
        profile if back else srgb,
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return None if _is_identity(transform, mode) else transform


def _is_identity(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Return whether a transform moves no colour of a coarse lattice by more than two levels.

    A profile's name does not tell: many profiles are sRGB under other names.
    """
    levels = np.indices((9, 9, 9)).reshape(3, 27, 27).transpose(1, 2, 0) * 255 // 8
    probe = Image.fromarray(levels.astype(np.uint8)).convert(mode)
    before = np.asarray(probe.convert("RGB"), dtype=np.int16)
    return bool(np.abs(np.asarray(transform.apply(probe), dtype=np.int16) - before).max() <= 2)


def _fixed_point(*values: float) -> bytes:
    """Return s15Fixed16Numbers (ICC.1:2001-04, 5.3.2)."""
    return struct.pack(f">{len(values)}i", *(round(value * 65_536) for value in values))
