"""Photos before and after their edits, on one self-contained HTML page."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from photoaesth.files import display_path
from photoaesth.report.page import fitted, html_text, page, picture_bytes

_CARD = Template("""\
<li class="card">
<button type="button" class="frames" aria-label="Enlarge $name">
<img src="data:image/jpeg;base64,$before" alt="$name before" loading="lazy" decoding="async">
<img src="data:image/jpeg;base64,$after" alt="$name after" loading="lazy" decoding="async">
</button>
<div class="facts">
<p class="figures">$scores</p>
<p class="name" title="$path">$name</p>
<p class="changes">$changes</p>
</div>
</li>
""")


@dataclass(frozen=True, slots=True)
class SheetEdit:
    """A photo and its edit as they stand on the page.

    Attributes:
        path: the photo.
        before: an upright sRGB JPEG.
        after: the same of the edit.
        score_before: the profile's score of the photo, in [1, 10]; None where nobody asked.
        score_after: the same of the edit.
        changes: what was done, in words.
    """

    path: Path
    before: bytes
    after: bytes
    score_before: float | None
    score_after: float | None
    changes: str


def before_after_sheet(edits: Sequence[SheetEdit], *, title: str) -> str:
    """Return the page; it loads nothing from anywhere.

    Pictures are kept as they are while they fit into 10 MB together, and made smaller when they
    do not.

    Args:
        edits: in the order to show them.
        title: of the page.
    """
    limit = picture_bytes(2 * len(edits))
    return page(
        "before_after.html",
        title=html_text(title),
        count="1 photo" if len(edits) == 1 else f"{len(edits)} photos",
        cards="".join(_card(edit, limit) for edit in edits),
    )


def _card(edit: SheetEdit, limit: int) -> str:
    before, after = (
        base64.b64encode(fitted(jpeg, limit)).decode() for jpeg in (edit.before, edit.after)
    )
    return _CARD.substitute(
        before=before,
        after=after,
        scores=_scores(edit),
        name=escape(display_path(Path(edit.path.name))),
        path=escape(display_path(edit.path)),
        changes=html_text(edit.changes),
    )


def _scores(edit: SheetEdit) -> str:
    if edit.score_before is None or edit.score_after is None:
        return "<span>before</span><span>after</span>"
    gain = edit.score_after - edit.score_before
    return (
        f"<span>before <b>{edit.score_before:.2f}</b></span>"
        f"<span>after <b>{edit.score_after:.2f}</b> <small>{gain:+.2f}</small></span>"
    )
