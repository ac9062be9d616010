"""Write enhanced copies: full size, in a photo's own format, with its metadata."""

import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from photoaesth.enhance.edits import Edit, EditNote
from photoaesth.enhance.full_size import Pixels, rendering
from photoaesth.enhance.geometry import Geometry, fit, fit_deep, reframe, reframe_deep
from photoaesth.enhance.lut import Cube
from photoaesth.enhance.naming import SUFFIXES, format_of, output_path
from photoaesth.enhance.operations import to_vector
from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write, display_path, write_error
from photoaesth.imaging import decode, decode_deep, encode, encode_deep
from photoaesth.processes import available_cores

__all__ = ["copy_of", "edited_image", "enhance_image", "output_path", "place_copy", "write_copy"]

_DEEP_FORMATS = {"PNG", "TIFF"}
_STRIP_PIXELS = 1 << 20


def write_copy(
    source: Path,
    target: Path,
    parameters: Mapping[str, float],
    *,
    geometry: Geometry | None = None,
    overwrite: bool = False,
    quality: int = 92,
) -> Path:
    """Write an enhanced copy of a photo at full size; see `copy_of` and `place_copy`.

    Returns:
        `target`.
    """
    format_ = _checked(source, target, overwrite=overwrite)
    edit = Edit(parameters, geometry or Geometry())
    place_copy(
        copy_of(source, edit, format=format_, quality=quality),
        source,
        target,
        overwrite=overwrite,
    )
    return target


def copy_of(
    source: Path,
    edit: Edit,
    *,
    format: str,  # noqa: A002 - Pillow's name for it
    quality: int = 92,
    origin: str = "",
) -> bytes:
    """Return an enhanced copy of a photo as the bytes of a file.

    EXIF, ICC profile and XMP go along, with the orientation set to upright, the size that they
    name, and a note of the edit (see `EditNote`). RGB of 16 bits a channel stays so where the
    format is PNG or TIFF.

    Args:
        source: the photo; only read.
        edit: what to change.
        format: a key of `naming.SUFFIXES`.
        quality: of JPEG and WebP, 1 to 100.
        origin: hash of the photo's content, for the note; see `origin`.

    Raises:
        UnreadableImageError: the photo cannot be decoded.
        PhotoaesthError: the format cannot hold a picture of that size.
        ValueError: a parameter is unknown or out of its range.
    """
    note = EditNote(edit, origin)
    look = edit.look if isinstance(edit.look, Cube) else to_vector(edit.look)
    with _renderer(look) as run:  # which gets ready while the photo is decoded
        deep = decode_deep(source) if format in _DEEP_FORMATS else None
        if deep is not None:
            values = reframe_deep(deep.values, edit.geometry)
            if edit.longer_side is not None:
                values = fit_deep(values, edit.longer_side)
            run(values)
            size = (values.shape[1], values.shape[0])
            return encode_deep(
                values,
                format=format,
                exif=note.on_exif(deep.exif, size),
                icc_profile=deep.icc_profile,
                xmp=note.on_xmp(deep.xmp, size),
            )
        photo = decode(source, min_side=_side_to_decode(edit))
        image = reframe(photo.image, edit.geometry)
        if edit.longer_side is not None:
            image = fit(image, edit.longer_side)
        metadata = {
            "exif": note.on_exif(photo.exif, image.size),
            "icc_profile": photo.icc_profile,
            "xmp": note.on_xmp(photo.xmp, image.size),
            "iptc": photo.iptc,
        }
        del photo  # so that its pixels go as soon as there is a copy of them
        if not _changes_nothing(look):
            pixels = _four_bytes(image)
            del image
            image = _rendered(pixels, run)
        return encode(image, format=format, quality=quality, **metadata)


def place_copy(
    content: bytes,
    source: Path,
    target: Path,
    *,
    overwrite: bool = False,
) -> None:
    """Put a copy in its place, in one step.

    Args:
        content: what `copy_of` returned.
        source: the photo it is of.
        target: the copy; its suffix says the format, see `output_path`. Missing folders are
            made.
        overwrite: replace an existing target.

    Raises:
        FileExistsError: `target` exists and `overwrite` is false.
        PhotoaesthError: `target` is the photo itself or a link, its suffix means no format that
            can be written, or the disk refuses it.
    """
    _checked(source, target, overwrite=overwrite)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(target, error) from error
    with atomic_write(target, overwrite=overwrite) as file:
        file.write(content)


def enhance_image(image: Image.Image, vector: torch.Tensor) -> Image.Image:
    """Run the operations on a whole picture; see `full_size.rendering`.

    Args:
        image: mode RGB, sRGB; not changed.
        vector: `(P,)` parameters, see `operations.to_vector`.

    Returns:
        A picture of the same size and mode; at the identity, `image` itself.
    """
    if _changes_nothing(vector):
        return image
    with _renderer(vector) as run:
        return _rendered(_four_bytes(image), run).convert("RGB")


def edited_image(image: Image.Image, edit: Edit) -> Image.Image:
    """Return what an edit makes of a whole picture, mode RGB, sRGB; not changed."""
    framed = reframe(image, edit.geometry)
    if isinstance(edit.look, Cube):
        with _renderer(edit.look) as run:
            return _rendered(_four_bytes(framed), run).convert("RGB")
    return enhance_image(framed, to_vector(edit.look))


def _checked(source: Path, target: Path, *, overwrite: bool) -> str:
    """Return the format of a target that may be written."""
    format_ = format_of(target)
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
    return format_


def _side_to_decode(edit: Edit) -> int | None:
    """Return how many pixels a photo's longer side needs for a copy; None for all of them."""
    # What is cut out of a smaller picture would have fewer than asked for.
    return edit.longer_side if edit.geometry == Geometry() else None


def _changes_nothing(look: torch.Tensor | Cube) -> bool:
    return not isinstance(look, Cube) and torch.equal(look, to_vector({}))


def _renderer(look: torch.Tensor | Cube) -> AbstractContextManager[Callable[[Pixels], None]]:
    """Return what changes photos in place; it gets ready as soon as it is entered."""
    if isinstance(look, Cube):
        return contextlib.nullcontext(look.render)
    return rendering(look)


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


def _rendered(pixels: NDArray[np.uint8], run: Callable[[Pixels], None]) -> Image.Image:
    """Change pixels and return them as a picture of mode RGBX, uncopied."""
    run(pixels)
    size = (pixels.shape[1], pixels.shape[0])
    return Image.frombuffer("RGBX", size, pixels, "raw", "RGBX", 0, 1)
