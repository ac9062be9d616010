"""Looks as `.cube` files, which other programs read: 3-D tables of colours.

The format is that of Adobe's Cube LUT Specification 1.0 (2013).
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from photoaesth.enhance.color_map import tabulate
from photoaesth.enhance.operations import to_vector
from photoaesth.enhance.operations.chain import active
from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write, display_path
from photoaesth.processes import available_cores

POINTS = 33
"""Points per axis of what we write: the usual number, which every program takes."""

_MAX_POINTS = 256  # of the specification, as is that tables have at least 2
_STRIP_PIXELS = 1 << 18


@dataclass(frozen=True, eq=False, slots=True)
class Cube:
    """A table of colours in place of operations, ours or made elsewhere.

    Attributes:
        name: of its file.
        table: as `read_cube` returns it.
    """

    name: str
    table: NDArray[np.float32]

    def render(self, pixels: NDArray[np.integer[Any]]) -> None:
        """Map the colours of a photo in place, with trilinear interpolation.

        Args:
            pixels: `(H, W, C)`, of which the first three are red, green and blue in sRGB: uint8 or
                uint16, contiguous.
        """
        lattice = torch.from_numpy(self.table).permute(3, 0, 1, 2).unsqueeze(0)
        greatest = np.iinfo(pixels.dtype).max
        height, width = pixels.shape[:2]
        rows = max(1, _STRIP_PIXELS // width)

        @torch.inference_mode()  # each thread has its own
        def work(top: int) -> None:
            strip = torch.from_numpy(pixels[top : top + rows, :, :3])
            places = strip.float().div_(greatest / 2).sub_(1)[None, None]
            mapped = functional.grid_sample(lattice, places, align_corners=True)[0, :, 0]
            levels = mapped.mul_(greatest).add_(0.5).clamp_(0, greatest)  # cut off to whole ones
            strip.copy_(levels.permute(1, 2, 0))

        with ThreadPoolExecutor(available_cores()) as pool:
            list(pool.map(work, range(0, height, rows)))


def write_cube(
    target: Path, parameters: Mapping[str, float], *, title: str, overwrite: bool = False
) -> None:
    """Write what the pointwise operations make of sRGB as a `.cube` file.

    Local operations (clarity, dehaze, sharpening, noise reduction, vignette) are no map of
    colours and are left out.

    Args:
        target: the file; its folder must exist.
        parameters: values by name as in `operations.PARAMETERS`.
        title: what programs show; quotes and line breaks in it become spaces.
        overwrite: replace an existing file.

    Raises:
        FileExistsError: `target` exists and `overwrite` is false.
        PhotoaesthError: the disk refuses it.
        ValueError: a name is unknown or a value out of its range.
    """
    operations = active(to_vector(parameters).unsqueeze(0))
    table = tabulate([pair for pair in operations if pair[0].is_pointwise], POINTS)
    plain = "".join(c if c.isprintable() and c != '"' else " " for c in title)
    lines = [f'TITLE "{plain}"', "DOMAIN_MIN 0 0 0", "DOMAIN_MAX 1 1 1", f"LUT_3D_SIZE {POINTS}"]
    lines += [f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in table.tolist()]
    with atomic_write(target, overwrite=overwrite) as file:
        file.write(("\n".join(lines) + "\n").encode())


def read_cube(source: Path) -> NDArray[np.float32]:
    """Read the table of a `.cube` file for colours in [0, 1].

    Returns:
        `(N, N, N, 3)`, indexed by blue, green and red.

    Raises:
        PhotoaesthError: it cannot be read, is damaged or is of a kind other than ours.
    """
    size, domain = 0, {"DOMAIN_MIN": [0.0] * 3, "DOMAIN_MAX": [1.0] * 3}
    rows: list[list[str]] = []
    try:
        for line in source.read_text("utf-8-sig").splitlines():  # some put a mark first
            words = line.split()
            match words:
                case [] | ["TITLE", *_]:
                    pass
                case ["LUT_3D_SIZE", number]:
                    size = int(number)
                case ["DOMAIN_MIN" | "DOMAIN_MAX" as end, *numbers]:
                    domain[end] = [float(n) for n in numbers]
                case ["LUT_3D_INPUT_RANGE", low, high]:  # DaVinci Resolve's name for the domain
                    domain = {"DOMAIN_MIN": [float(low)] * 3, "DOMAIN_MAX": [float(high)] * 3}
                case ["LUT_1D_SIZE", *_]:
                    raise _refusal(source, "it is a 1-D table")
                case [first, *_] if not first.startswith("#"):
                    rows.append(words)
        table = np.array(rows, np.float32)
    except OSError as error:
        raise _refusal(source, error.strerror or str(error)) from error
    except ValueError as error:
        raise _refusal(source, "it is damaged, or no .cube file") from error
    if not 2 <= size <= _MAX_POINTS or table.shape != (size**3, 3) or not np.isfinite(table).all():
        raise _refusal(source, "it is damaged, or no .cube file")
    if domain != {"DOMAIN_MIN": [0, 0, 0], "DOMAIN_MAX": [1, 1, 1]}:
        raise _refusal(source, "it is for colours beyond [0, 1]")
    return table.reshape(size, size, size, 3)


def _refusal(source: Path, reason: str) -> PhotoaesthError:
    return PhotoaesthError(f"cannot read {display_path(source)}: {reason}")
