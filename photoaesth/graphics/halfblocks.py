"""Pictures in the terminal, two pixels to a character cell."""

from collections.abc import Sequence

from PIL import Image

from photoaesth.graphics.picture import Picture

_RESET = "\x1b[0m"
_UPPER_HALF = "▀"
_RAMP = " .:-=+*#%@"  # dark to light on a dark terminal
_TERMINAL_DEFAULT = b""  # stands for "no pixel here": the terminal's own colour


def halfblocks(image: Image.Image, columns: int, rows: int, *, color: bool = True) -> Picture:
    """Draw a picture with half blocks, as large as it fits, its aspect kept.

    A cell is about twice as high as wide, so each of its halves is a square pixel: the upper
    one is the foreground of U+2580, the lower one its background. Codes are written only where
    a colour changes, and every line ends in a reset.

    Args:
        image: the picture, sRGB.
        columns: the most cells a line may take, >= 1.
        rows: the most lines, >= 1.
        color: 24-bit colour codes; False gives ASCII characters by lightness and no codes.
    """
    scale = min(columns / image.width, 2 * rows / image.height)
    width = max(1, round(image.width * scale))
    height = max(1, round(image.height * scale))
    if not color:
        return Picture(width, _ascii_lines(image, width, (height + 1) // 2))

    pixels = _pixel_rows(image.convert("RGB"), width, height)
    if height % 2:
        pixels.append([_TERMINAL_DEFAULT] * width)
    lines = map(_color_line, pixels[::2], pixels[1::2])
    return Picture(width, tuple(lines))


def _pixel_rows(image: Image.Image, width: int, height: int) -> list[list[bytes]]:
    """Return the resized picture as rows of pixels, one bytes object of its channels each."""
    channels = len(image.getbands())
    data = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0).tobytes()
    pixels = [data[i : i + channels] for i in range(0, len(data), channels)]
    return [pixels[i : i + width] for i in range(0, len(pixels), width)]


def _color_line(upper: Sequence[bytes], lower: Sequence[bytes]) -> str:
    parts = []
    foreground = background = _TERMINAL_DEFAULT
    for top, bottom in zip(upper, lower, strict=True):
        codes = []
        if top != foreground:
            codes.append("38;2;" + ";".join(map(str, top)))
        if bottom != background:
            codes.append("48;2;" + ";".join(map(str, bottom)))
        if codes:
            parts.append(f"\x1b[{';'.join(codes)}m")
        parts.append(_UPPER_HALF)
        foreground, background = top, bottom
    return "".join(parts) + _RESET


def _ascii_lines(image: Image.Image, width: int, height: int) -> tuple[str, ...]:
    return tuple(
        "".join(_RAMP[lightness[0] * len(_RAMP) // 256] for lightness in row)
        for row in _pixel_rows(image.convert("L"), width, height)
    )
