"""Between a profile's colour space and sRGB."""

import functools
import io

import numpy as np
from PIL import Image, ImageCms

_PROFILE_SPACES = {"L": b"GRAY", "RGB": b"RGB ", "CMYK": b"CMYK"}
_PROFILE_ERRORS = (ImageCms.PyCMSError, OSError)


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


def is_srgb(icc_profile: bytes) -> bool:
    """Return whether an RGB profile means sRGB, as no profile does."""
    try:
        return not icc_profile or _transform(icc_profile, "RGB") is None
    except _PROFILE_ERRORS:  # `to_srgb` ignores it as well
        return True


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
