"""A contact sheet: ranked photos on one self-contained HTML page."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from photoaesth.files import display_path
from photoaesth.report.page import fitted, html_text, page, picture_bytes

_BAR_WIDTH, _BAR_STEP, _BAR_HEIGHT = 8, 10, 24

_LEGEND = " · + raises it, − lowers it"

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
<p class="name" dir="auto" title="$path">$name</p>
<p class="caption">$caption</p>$why
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
        why: what raises and lowers the score, in a few words; "" where nothing stands out.
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
    why: str = ""


def contact_sheet(photos: Sequence[SheetPhoto], *, title: str) -> str:
    """Return the sheet as an HTML page that loads nothing from anywhere.

    The pictures are kept as they are while they fit into 10 MB together, and made smaller
    when they do not; 500 photos make a page of less than 15 MB.

    Args:
        photos: in the order to show them.
        title: of the page.
    """
    limit = picture_bytes(len(photos))
    return page(
        "contact_sheet.html",
        title=html_text(title),
        count="1 photo" if len(photos) == 1 else f"{len(photos)} photos",
        legend=_LEGEND if any(photo.why for photo in photos) else "",
        cards="".join(_card(photo, limit) for photo in photos),
    )


def _card(photo: SheetPhoto, limit: int) -> str:
    name = escape(display_path(Path(photo.path.name)))
    return _CARD.substitute(
        label=f"Enlarge photo {photo.rank}, {name}, score {photo.score:.1f}",
        thumbnail=base64.b64encode(fitted(photo.thumbnail, limit)).decode(),
        width=photo.width,
        height=photo.height,
        name=name,
        path=escape(display_path(photo.path)),
        rank=photo.rank,
        score=f"{photo.score:.1f}",
        sd=f"{photo.sd:.1f}",
        generic=f"{photo.generic:.1f}",
        histogram=_histogram(photo.distribution),
        caption=html_text(photo.caption),
        why=f'\n<p class="why">{html_text(photo.why)}</p>' if photo.why else "",
    )


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
