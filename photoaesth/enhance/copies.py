"""Write enhanced copies: full size, in a photo's own format, with its metadata."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from photoaesth.enhance.operations import PARAMETERS, apply, to_vector
from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write, display_path, write_error
from photoaesth.imaging import decode, encode

SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
}
"""The formats copies are written in, with the file suffixes that mean them, the usual first."""

# Points per axis of the colour table. At 65, Pillow's limit, moderate parameters stay within
# 1/255 of the exact result; with all at their ends, 1 random colour in 1000 is off by up to 4.
# A 33-point table is hardly faster at full size.
_LATTICE = 65


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
    overwrite: bool = False,
    quality: int = 92,
    before_writing: Callable[[bytes], None] = lambda content: None,
) -> Path:
    """Write an enhanced copy of a photo at full size.

    The EXIF data goes along with its orientation set to upright, and so does the ICC profile.

    Args:
        source: the photo; only read.
        target: the copy; its suffix says the format, see `output_path`. Missing folders are
            made.
        parameters: values by name as in `operations.PARAMETERS`; those left out change nothing.
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
    vector = to_vector(parameters)
    photo = decode(source)
    content = encode(
        enhance_image(photo.image, vector),
        format=format_,
        exif=photo.exif,
        icc_profile=photo.icc_profile,
        quality=quality,
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(target, error) from error
    before_writing(content)
    with atomic_write(target, overwrite=overwrite) as file:
        file.write(content)
    return target


def enhance_image(image: Image.Image, vector: torch.Tensor) -> Image.Image:
    """Run the operations on a whole picture.

    Every operation is pointwise, so all of them together are one map of colours: it is tabulated
    once and looked up with trilinear interpolation, fifty times faster than computing each pixel.

    Args:
        image: mode RGB, sRGB; not changed.
        vector: `(P,)` parameters, see `operations.to_vector`.

    Returns:
        A picture of the same size and mode; at the identity, `image` itself.
    """
    identity = torch.tensor([p.identity for p in PARAMETERS])
    if torch.equal(vector, identity):
        return image
    return image.filter(ImageFilter.Color3DLUT(_LATTICE, _color_table(vector)))


@torch.inference_mode()
def _color_table(vector: torch.Tensor) -> NDArray[np.float32]:
    axis = torch.linspace(0, 1, _LATTICE)
    blue, green, red = torch.meshgrid(axis, axis, axis, indexing="ij")  # red varies fastest
    # A picture of all lattice colours, of any shape: the operations are pointwise.
    colors = torch.stack([red, green, blue]).reshape(1, 3, _LATTICE, -1)
    table: NDArray[np.float32] = apply(colors, vector.unsqueeze(0)).reshape(3, -1).numpy()
    return table.T.ravel()


def _format_of(path: Path) -> str | None:
    suffix = path.suffix.lower()
    return next((name for name, suffixes in SUFFIXES.items() if suffix in suffixes), None)
