"""A contact sheet: ranked photos on one self-contained HTML page."""

import base64
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from PIL import Image

from photoaesth.files import display_path

_PAGE_BYTES = 10_000_000  # for all pictures together, before base64 adds a third
_MIN_THUMBNAIL_BYTES = 20_000
_ENCODINGS = ((480, 75), (480, 60), (400, 55), (320, 50), (240, 40))  # longer side, JPEG quality

_BAR_WIDTH, _BAR_STEP, _BAR_HEIGHT = 8, 10, 24

_CARD = Template("""\
<li class="card">
<button type="button" class="frame" aria-label="$label">
<img src="data:image/jpeg;base64,$thumbnail" width="$width" height="$height" alt="$name" \
loading="lazy" decoding="async">
</button>
<div class="facts">
<p class="figures"><span class="rank">$rank</span>\
<span class="score">$score <small>± $sd</small></span>\
<span class="generic">generic $generic</span>$histogram</p>
<p class="name" title="$path">$name</p>
<p class="caption">$caption</p>
</div>
</li>
""")


@dataclass(frozen=True, slots=True)
class SheetPhoto:
    """A photo as it stands on the sheet.

    Attributes:
        path: the file.
        thumbnail: an upright sRGB JPEG.
        width: upright width of the photo in pixels.
        height: upright height of the photo in pixels.
        score: the profile's mean score, in [1, 10].
        sd: standard deviation of the score.
        generic: mean score by the generic model, in [1, 10].
        rank: 1 for the first.
        caption: when and with what it was taken.
        distribution: probabilities of the scores 1 to 10.
    """

    path: Path
    thumbnail: bytes
    width: int
    height: int
    score: float
    sd: float
    generic: float
    rank: int
    caption: str
    distribution: tuple[float, ...]


def contact_sheet(photos: Sequence[SheetPhoto], *, title: str) -> str:
    """Return the sheet as an HTML page that loads nothing from anywhere.

    The pictures are kept as they are while they fit into 10 MB together, and made smaller
    when they do not; 500 photos make a page of less than 15 MB.

    Args:
        photos: in the order to show them.
        title: of the page.
    """
    template = resources.files("photoaesth.report").joinpath("contact_sheet.html")
    page = template.read_text("utf-8")
    script = page.partition("<script>")[2].partition("</script>")[0]
    limit = max(_MIN_THUMBNAIL_BYTES, _PAGE_BYTES // max(1, len(photos)))
    return Template(page).substitute(
        title=_text(title),
        count="1 photo" if len(photos) == 1 else f"{len(photos)} photos",
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        cards="".join(_card(photo, limit) for photo in photos),
    )


def _card(photo: SheetPhoto, limit: int) -> str:
    name = escape(display_path(Path(photo.path.name)))
    return _CARD.substitute(
        label=f"Enlarge photo {photo.rank}, {name}, score {photo.score:.1f}",
        thumbnail=base64.b64encode(_fitted(photo.thumbnail, limit)).decode(),
        width=photo.width,
        height=photo.height,
        name=name,
        path=escape(display_path(photo.path)),
        rank=photo.rank,
        score=f"{photo.score:.1f}",
        sd=f"{photo.sd:.1f}",
        generic=f"{photo.generic:.1f}",
        histogram=_histogram(photo.distribution),
        caption=_text(photo.caption),
    )


def _text(text: str) -> str:
    """Return text for HTML, unprintable characters made visible as in names of files."""
    return escape(display_path(text.encode("utf-8", "surrogatepass")))


def _fitted(jpeg: bytes, limit: int) -> bytes:
    """Return the JPEG re-encoded to at most `limit` bytes, or the smallest we would show."""
    if len(jpeg) <= limit:
        return jpeg
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    smaller = jpeg
    for side, quality in _ENCODINGS:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True)
        smaller = file.getvalue()
        if len(smaller) <= limit:
            break
    return smaller


def _histogram(distribution: Sequence[float]) -> str:
    """Return the distribution as bars, the likeliest score as high as the box."""
    tallest = max(distribution, default=0.0) or 1.0
    bars = []
    for i, probability in enumerate(distribution):
        height = max(0.5, _BAR_HEIGHT * probability / tallest)
        bars.append(
            f'<rect x="{i * _BAR_STEP}" y="{_BAR_HEIGHT - height:.1f}" '
            f'width="{_BAR_WIDTH}" height="{height:.1f}"/>'
        )
    percents = ", ".join(f"{s}: {p:.0%}" for s, p in enumerate(distribution, start=1))
    return (
        f'<svg viewBox="0 0 {_BAR_STEP * len(distribution)} {_BAR_HEIGHT}" role="img" '
        f'aria-label="Score distribution"><title>{percents}</title>{"".join(bars)}</svg>'
    )
