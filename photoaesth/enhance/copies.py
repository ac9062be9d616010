"""Write enhanced copies: full size, in a photo's own format, with its metadata."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from photoaesth import __version__
from photoaesth.enhance.full_size import render
from photoaesth.enhance.geometry import Geometry, reframe, reframe_deep
from photoaesth.enhance.operations import PARAMETERS, to_mapping, to_vector
from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write, display_path, write_error
from photoaesth.imaging import (
    decode,
    decode_deep,
    encode,
    encode_deep,
    with_edit,
    with_software,
)
from photoaesth.processes import available_cores

SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
}
"""The formats copies are written in, with the file suffixes that mean them, the usual first."""


_DEEP_FORMATS = {"PNG", "TIFF"}
_SOFTWARE = f"photoaesth {__version__}"
_STRIP_PIXELS = 1 << 20


def output_path(
    source: Path,
    output_folder: Path,
    base: Path | None = None,
    *,
    suffix: str = "-enhanced",
    format: str | None = None,  # noqa: A002 - Pillow's name for it
) -> Path:
    """Return where the copy of a photo goes: the stem, `suffix`, then the file suffix.

    Args:
        source: the photo.
        output_folder: the folder for copies.
        base: a folder above the photo; the folders between the two are kept below
            `output_folder`. None, or a folder that is not above it, keeps none.
        suffix: put after the stem.
        format: a key of `SUFFIXES`; None keeps the photo's own format where it is one of them
            and makes a JPEG of any other.
    """
    own = _format_of(source)
    wanted = format or own or "JPEG"
    file_suffix = source.suffix if wanted == own else SUFFIXES[wanted][0]
    folder = output_folder
    if base is not None:
        # Without "..", or a copy could land outside the output folder; not resolved, because
        # the folders between are those the user sees, symbolic links among them.
        source_folder, above = (Path(os.path.abspath(p)) for p in (source.parent, base))  # noqa: PTH100
        if source_folder.is_relative_to(above):
            folder = output_folder / source_folder.relative_to(above)
    return folder / f"{source.stem}{suffix}{file_suffix}"


def write_copy(
    source: Path,
    target: Path,
    parameters: Mapping[str, float],
    *,
    geometry: Geometry | None = None,
    overwrite: bool = False,
    quality: int = 92,
    before_writing: Callable[[bytes], None] = lambda content: None,
) -> Path:
    """Write an enhanced copy of a photo at full size.

    EXIF, ICC profile and XMP go along, with the orientation set to upright and a note of the edit
    (see `_EditNote`). RGB of 16 bits a channel stays so where the target is a PNG or TIFF.

    Args:
        source: the photo; only read.
        target: the copy; its suffix says the format, see `output_path`. Missing folders are
            made.
        parameters: values by name as in `operations.PARAMETERS`; those left out change nothing.
        geometry: which part to keep and how to turn it, before anything else; None keeps all.
        overwrite: replace an existing target.
        quality: of JPEG and WebP, 1 to 100.
        before_writing: called with the copy's bytes; what it notes down is there even if the
            process is killed right after the copy appears.

    Returns:
        `target`.

    Raises:
        FileExistsError: `target` exists and `overwrite` is false.
        UnreadableImageError: the photo cannot be decoded.
        PhotoaesthError: `target` is the photo itself, its suffix means no format that can be
            written, its format cannot hold a picture of that size, or the disk refuses it.
        ValueError: a parameter is unknown or out of its range.
    """
    format_ = _format_of(target)
    if format_ is None:
        raise PhotoaesthError(
            f"cannot write {display_path(target)}: "
            f"copies are {', '.join(SUFFIXES)}; choose one of them"
        )
    if target.is_symlink():
        raise PhotoaesthError(
            f"cannot write {display_path(target)}: it is a link, and what it leads to may be a "
            "photo; choose another folder for copies"
        )
    if target.exists():
        if source.exists() and target.samefile(source):
            raise PhotoaesthError(
                f"cannot write {display_path(target)}: it is the photo itself; "
                "choose another folder for copies"
            )
        if not overwrite:
            raise FileExistsError(f"{display_path(target)} exists")
    content = _enhanced(source, format_, parameters, geometry or Geometry(), quality)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(target, error) from error
    before_writing(content)
    with atomic_write(target, overwrite=overwrite) as file:
        file.write(content)
    return target


def enhance_image(image: Image.Image, vector: torch.Tensor) -> Image.Image:
    """Run the operations on a whole picture; see `full_size.render`.

    Args:
        image: mode RGB, sRGB; not changed.
        vector: `(P,)` parameters, see `operations.to_vector`.

    Returns:
        A picture of the same size and mode; at the identity, `image` itself.
    """
    if torch.equal(vector, to_vector({})):
        return image
    return _rendered(_four_bytes(image), vector).convert("RGB")


def _enhanced(
    source: Path, format_: str, parameters: Mapping[str, float], geometry: Geometry, quality: int
) -> bytes:
    """Return the copy as the bytes of a file."""
    vector = to_vector(parameters)
    note = _EditNote(vector, geometry)
    deep = decode_deep(source) if format_ in _DEEP_FORMATS else None
    if deep is not None:
        values = reframe_deep(deep.values, geometry)
        render(values, vector)
        return encode_deep(
            values,
            format=format_,
            exif=note.on_exif(deep.exif),
            icc_profile=deep.icc_profile,
            xmp=note.on_xmp(deep.xmp),
        )
    photo = decode(source)
    image = reframe(photo.image, geometry)
    metadata = {
        "exif": note.on_exif(photo.exif),
        "icc_profile": photo.icc_profile,
        "xmp": note.on_xmp(photo.xmp),
    }
    del photo  # so that its pixels go as soon as there is a copy of them
    if not torch.equal(vector, to_vector({})):
        pixels = _four_bytes(image)
        del image
        image = _rendered(pixels, vector)
    return encode(image, format=format_, quality=quality, **metadata)


def _four_bytes(image: Image.Image) -> NDArray[np.uint8]:
    """Return a picture's pixels in four bytes each, `(H, W, 4)`, as Pillow holds them."""
    pixels = np.empty((image.height, image.width, 4), np.uint8)
    rows = max(1, _STRIP_PIXELS // image.width)

    def copy(top: int) -> None:
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        content = np.frombuffer(strip.tobytes("raw", "RGBX"), np.uint8)
        pixels[top : top + rows] = content.reshape(strip.height, strip.width, 4)

    with ThreadPoolExecutor(available_cores()) as pool:
        list(pool.map(copy, range(0, image.height, rows)))
    return pixels


def _rendered(pixels: NDArray[np.uint8], vector: torch.Tensor) -> Image.Image:
    """Run the operations on pixels and return them as a picture of mode RGBX, uncopied."""
    render(pixels, vector)
    size = (pixels.shape[1], pixels.shape[0])
    return Image.frombuffer("RGBX", size, pixels, "raw", "RGBX", 0, 1)


class _EditNote:
    """What a copy says of its making: the program in EXIF, the parameters in XMP's history.

    Neither is a place where people write; descriptions and comments stay as they are. A copy in
    which nothing was changed says nothing.
    """

    def __init__(self, vector: torch.Tensor, geometry: Geometry) -> None:
        changed = [
            f"{p.name} {value:+.4g} {p.unit}"
            for p, value in zip(PARAMETERS, to_mapping(vector).values(), strict=True)
            if value != p.identity
        ]
        if geometry.degrees:
            changed.append(f"turned {geometry.degrees:+.4g} degrees counterclockwise")
        if geometry != Geometry(degrees=geometry.degrees):
            changed.append(f"cropped to {geometry.scale:.4g} of the sides")
        self._text = ", ".join(changed)

    def on_exif(self, exif: bytes) -> bytes:
        return with_software(exif, _SOFTWARE) if self._text else exif

    def on_xmp(self, xmp: bytes) -> bytes:
        if not self._text:
            return xmp
        return with_edit(xmp, software=_SOFTWARE, parameters=self._text)


def _format_of(path: Path) -> str | None:
    suffix = path.suffix.lower()
    return next((name for name, suffixes in SUFFIXES.items() if suffix in suffixes), None)
