"""iTerm2's inline pictures: iTerm2, WezTerm, mintty, VS Code.

https://iterm2.com/documentation-images.html
"""

import base64
import io

from PIL import Image

from photoaesth.graphics.picture import Picture

_MAX_BASE64 = 1_000_000  # iTerm2 drops sequences of more than 1,048,576 bytes
_QUALITIES = (95, 85, 70, 40)


def inline(image: Image.Image, columns: int, rows: int) -> Picture:
    """Return a picture that the terminal draws into a rectangle of cells.

    It is sent as JPEG without chroma subsampling, of the best quality that the sequence has room
    for.

    Args:
        image: RGB; it is scaled into the rectangle, its aspect kept.
        columns: >= 1.
        rows: >= 1.
    """
    data = _jpeg(image)
    arguments = f"inline=1;size={len(data)};width={columns};height={rows};preserveAspectRatio=1"
    overlay = f"\x1b]1337;File={arguments}:{base64.b64encode(data).decode()}\x07"
    return Picture(columns, (" " * columns,) * rows, overlay)


def _jpeg(image: Image.Image) -> bytes:
    data = b""
    for quality in _QUALITIES:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, subsampling=0)
        data = file.getvalue()
        if len(data) * 4 / 3 <= _MAX_BASE64:
            break
    return data
