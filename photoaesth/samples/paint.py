"""The brushes: noise, sampling, blur and masks on scene-referred linear light.

A picture being painted is an `(H, W, 3) float32` array of linear-light sRGB primaries, where
about 0.18 is a mid grey and a sun may be 50: the camera, not the painter, decides what clips.
Positions are in units of the picture's height, from the top left corner, unless they say pixels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

# All are float32; the stubs call a float32 array float64 once a Python float is added to it.
Array = npt.NDArray[np.floating[Any]]
Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """The empty picture a painter is asked to fill.

    Attributes:
        width: pixels.
        height: pixels.
    """

    width: int
    height: int

    @property
    def aspect(self) -> float:
        """Width in picture heights."""
        return self.width / self.height

    @property
    def x(self) -> Array:
        """Horizontal position of the pixel centres, `(1, W)` in [0, aspect]."""
        return ((np.arange(self.width, dtype=np.float32) + 0.5) / self.height)[None, :]

    @property
    def y(self) -> Array:
        """Vertical position of the pixel centres, `(H, 1)` in [0, 1], downwards."""
        return ((np.arange(self.height, dtype=np.float32) + 0.5) / self.height)[:, None]

    def filled(self, colour: Array) -> Array:
        """Return a picture of one linear colour, `(H, W, 3)`."""
        return np.broadcast_to(colour, (self.height, self.width, 3)).astype(np.float32)


def linear(code: str) -> Array:
    """Return the linear light of an sRGB colour such as `"#7aa2c8"`, `(3,)` in [0, 1]."""
    values = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


def mix(a: Array, b: Array, amount: Array | float) -> Array:
    """Return `a` where `amount` is 0 and `b` where it is 1."""
    return np.asarray(a + (b - a) * amount, np.float32)


def smoothstep(low: float, high: float, values: Array) -> Array:
    """Return the cubic ramp from 0 at `low` to 1 at `high` (either may be the larger)."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def over(picture: Array, colour: Array, mask: Array) -> None:
    """Lay `colour`, `(3,)` or `(H, W, 3)`, on the picture in place where `mask` `(H, W)` is 1."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return
    # What the mask leaves alone need not be computed.
    part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    region = picture[part]
    change = np.broadcast_to(colour, picture.shape)[part] - region
    change *= mask[part][..., None]
    region += change


def resized(image: Array, width: int, height: int) -> Array:
    """Return `(h, w)` or `(h, w, 3)` floats resampled to another size in pixels, in floats."""
    if image.ndim == 3:
        return np.stack([resized(image[..., c], width, height) for c in range(3)], axis=-1)
    plane = Image.fromarray(np.ascontiguousarray(image))
    return np.asarray(plane.resize((width, height), Image.Resampling.BICUBIC))


def blurred(image: Array, sigma_px: float) -> Array:
    """Return a Gaussian blur that keeps floats and repeats the edges.

    Wide blurs are made on a smaller copy: what they remove is not missed.
    """
    if sigma_px < 0.2:
        return image
    height, width = image.shape[:2]
    factor = max(1, int(sigma_px / 2))
    if factor > 1:
        size = (max(2, round(width / factor)), max(2, round(height / factor)))
        # Resampling widens by about half a small pixel, which the kernel need not do again.
        return resized(blurred(resized(image, *size), sigma_px / factor * 0.92), width, height)
    reach = max(1, round(2.7 * sigma_px))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_px) ** 2)
    kernel = (kernel / kernel.sum()).astype(np.float32)
    for axis in (0, 1):
        pad = [(0, 0)] * image.ndim
        pad[axis] = (reach, reach)
        padded = np.pad(image, pad, mode="edge")
        length = image.shape[axis]
        image = np.zeros_like(image)
        for i, weight in enumerate(kernel):
            window = [slice(None)] * image.ndim
            window[axis] = slice(i, i + length)
            image += weight * padded[tuple(window)]
    return image


def noise(
    rng: np.random.Generator,
    shape: tuple[int, int],
    cells: tuple[float, float],
    *,
    octaves: int = 5,
    gain: float = 0.5,
    ridged: bool = False,
) -> Array:
    """Return fractal value noise that tiles, of mean 0 and standard deviation 1.

    Args:
        rng: the source of randomness.
        shape: rows and columns of the result.
        cells: bumps of the coarsest octave down and across.
        octaves: how many times the bumps are halved, though not below a pixel.
        gain: amplitude of each octave relative to the one before.
        ridged: fold each octave at zero, which turns bumps into crests (Musgrave's ridged
            multifractal, without its feedback).
    """
    quarter = (max(1, shape[0] // 4), max(1, shape[1] // 4))
    coarse, fine = np.zeros(quarter, np.float32), np.zeros(shape, np.float32)
    for octave in range(octaves):
        rows, columns = (
            min(size, max(1, round(n * 2**octave))) for n, size in zip(cells, shape, strict=True)
        )
        # Smooth octaves are added up on a small grid and enlarged together, which is quicker;
        # folded ones are not smooth.
        small = not ridged and rows * 3 <= quarter[0] and columns * 3 <= quarter[1]
        layer = _enlarged(
            rng.standard_normal((rows, columns), np.float32), quarter if small else shape
        )
        (coarse if small else fine)[...] += gain**octave * (-np.abs(layer) if ridged else layer)
    total = fine + _enlarged(coarse, shape) if coarse.any() else fine
    total -= total.mean()
    return np.asarray(total / max(float(total.std()), 1e-6), np.float32)


def _enlarged(grid: Array, shape: tuple[int, int]) -> Array:
    """Return a tiling grid interpolated to `shape`, tiling still."""
    rows, columns = grid.shape
    padded = Image.fromarray(np.pad(grid, 2, mode="wrap"))
    box = (2, 2, columns + 2, rows + 2)
    return np.asarray(padded.resize(shape[::-1], Image.Resampling.BICUBIC, box=box))


def curve(
    rng: np.random.Generator, length: int, cells: float, *, octaves: int = 5, gain: float = 0.5
) -> Array:
    """Return one-dimensional `noise`, `(length,)`."""
    return noise(rng, (1, length), (1, cells), octaves=octaves, gain=gain).ravel()


def sampled(image: Array, rows: Array, columns: Array, *, wrap: bool = False) -> Array:
    """Return `image` read between its pixels (bilinear) at positions in pixels.

    Args:
        image: `(h, w)` or `(h, w, C)`.
        rows: any shape; broadcast with `columns`.
        columns: any shape.
        wrap: whether the image tiles the plane; otherwise its edge is repeated.
    """
    height, width = image.shape[:2]
    rows, columns = np.broadcast_arrays(rows, columns)
    if not wrap:
        rows, columns = np.clip(rows, 0, height - 1.001), np.clip(columns, 0, width - 1.001)
    top, left = np.floor(rows), np.floor(columns)
    down, right = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    top_index, left_index = top.astype(np.int32), left.astype(np.int32)
    below, beside = (top_index + 1) % height, (left_index + 1) % width
    top_index, left_index = top_index % height, left_index % width
    flat = image.reshape(height * width, -1)
    if image.ndim == 2:
        flat = flat[:, 0]
    else:
        down, right = down[..., None], right[..., None]
    upper, lower = top_index * width, below * width
    above = flat[upper + left_index] * (1 - right) + flat[upper + beside] * right
    under = flat[lower + left_index] * (1 - right) + flat[lower + beside] * right
    return np.asarray(above + (under - above) * down, np.float32)


def ellipse(frame: Frame, centre: Point, radii: Point, *, soft: float = 0.0) -> Array:
    """Return the mask `(H, W)` of an ellipse; the edge is one pixel plus `soft` wide."""
    x, y = (frame.x - centre[0]) / radii[0], (frame.y - centre[1]) / radii[1]
    width = (1 / frame.height + soft) / min(radii)
    return smoothstep(1 + width / 2, 1 - width / 2, np.sqrt(x * x + y * y))


def shapes(
    frame: Frame,
    polygons: Iterable[Sequence[Point]] = (),
    *,
    strokes: Iterable[tuple[Point, Point, float]] = (),
) -> Array:
    """Return the antialiased mask `(H, W)` of filled polygons and round-ended strokes.

    Args:
        frame: the picture.
        polygons: corners.
        strokes: start, end and width.
    """
    scale = 3
    canvas = Image.new("L", (frame.width * scale, frame.height * scale))
    draw = ImageDraw.Draw(canvas)
    unit = frame.height * scale
    for polygon in polygons:
        draw.polygon([(x * unit, y * unit) for x, y in polygon], fill=255)
    for (x0, y0), (x1, y1), width in strokes:
        thick = width * unit
        draw.line((x0 * unit, y0 * unit, x1 * unit, y1 * unit), fill=255, width=round(thick) or 1)
        if thick > 4:
            radius = thick / 2
            for x, y in ((x0 * unit, y0 * unit), (x1 * unit, y1 * unit)):
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(canvas.reduce(scale), np.float32) / 255


def pick(rng: np.random.Generator, low: float, high: float) -> float:
    """Return one number between two."""
    return float(rng.uniform(low, high))
