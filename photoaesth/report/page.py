"""Self-contained HTML pages with pictures: what they have in common."""

import base64
import hashlib
import io
from html import escape
from importlib import resources
from string import Template

from PIL import Image

from photoaesth.files import display_path

_PAGE_BYTES = 10_000_000  # for all pictures together, before base64 adds a third
_MIN_PICTURE_BYTES = 20_000
_SMALL_SIDE = 480
# Longer side and JPEG quality. What is small already may only lose quality.
_ENCODINGS = (
    *((1600, 70), (1280, 75), (960, 75), (720, 75)),
    *((_SMALL_SIDE, 75), (_SMALL_SIDE, 60), (400, 55), (320, 50), (240, 40)),
)


def page(template: str, *, title: str, **parts: str) -> str:
    """Return a page that loads nothing from anywhere and runs no script but its own.

    Args:
        template: name of the file beside this one; it begins with `$head`, whose style sheet is
            open, and has one script.
        title: of the page, HTML.
        parts: HTML for its other places.
    """
    text = _file(template)
    script = text.partition("<script>")[2].partition("</script>")[0]
    script_hash = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    head = Template(_file("sheet_head.html")).substitute(title=title, script_hash=script_hash)
    return Template(text).substitute(parts, head=head, title=title)


def html_text(text: str) -> str:
    """Return text for HTML, unprintable characters made visible as in names of files."""
    return escape(display_path(text.encode("utf-8", "surrogatepass")))


def picture_bytes(pictures: int) -> int:
    """Return how many bytes each picture of a page may have: 10 MB in all, if possible."""
    return max(_MIN_PICTURE_BYTES, _PAGE_BYTES // max(1, pictures))


def fitted(jpeg: bytes, limit: int) -> bytes:
    """Return the JPEG re-encoded to at most `limit` bytes, or the smallest we would show."""
    if len(jpeg) <= limit:
        return jpeg
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    smaller = jpeg
    most = max(*image.size, _SMALL_SIDE)
    for side, quality in _ENCODINGS:
        if side > most:
            continue
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True)
        smaller = file.getvalue()
        if len(smaller) <= limit:
            break
    return smaller


def _file(name: str) -> str:
    return resources.files("photoaesth.report").joinpath(name).read_text("utf-8")
