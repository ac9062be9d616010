import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoaesth.report.before_after import SheetEdit, before_after_sheet

HOSTILE = [
    "<img src=x onerror=alert(1)>.jpg",
    "</script><script>alert(1)</script>",
    '" autofocus onfocus="alert(1)',
    "&lt;b&gt; & $title ${cards} $$.jpg",
    "two\nlines\x1b[2J\u202egpj.exe",
]


class Page(HTMLParser):
    """Every element with the names of its attributes, and the text of every class."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, frozenset[str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._class = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, frozenset(name for name, _ in attrs)))
        self._class = dict(attrs).get("class") or tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._class, []).append(data.strip())


def jpeg(level: int, *, noise: bool = False) -> bytes:
    pixels = np.full((400, 600, 3), level, np.uint8)
    if noise:
        pixels = np.random.default_rng(level).integers(0, 256, pixels.shape, np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def edit(path: Path = Path("/photos/a.jpg"), **changes: object) -> SheetEdit:
    values: dict[str, object] = {
        "before": jpeg(60),
        "after": jpeg(160),
        "score_before": 5.5,
        "score_after": 6.25,
        "changes": "exposure +0.50",
    }
    return SheetEdit(path, **(values | changes))  # type: ignore[arg-type]


def pictures(html: str) -> list[bytes]:
    return [base64.b64decode(found) for found in re.findall(r'jpeg;base64,([^"]+)"', html)]


def test_a_card_tells_what_was_done_and_gained() -> None:
    """Scores, gain, name and changes stand on it; the photo comes before its edit."""
    page = before_after_sheet([edit()], title="Mine")
    texts = Page(page).texts
    assert [text for text in texts["b"] if text] == ["5.50", "6.25"]
    assert "+0.75" in texts["small"]
    assert "a.jpg" in texts["name"]
    assert "exposure +0.50" in texts["changes"]
    assert pictures(page) == [jpeg(60), jpeg(160)]


def test_without_scores_only_the_sides_are_named() -> None:
    """An edit that was given has no gain, and none is made up."""
    texts = Page(before_after_sheet([edit(score_before=None, score_after=None)], title="t")).texts
    assert "small" not in texts
    assert [text for text in texts["span"] if text in {"before", "after"}] == ["before", "after"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """Names, changes and titles add no element and no attribute to the page."""
    harmless = Page(before_after_sheet([edit()], title="t"))
    name = text.replace("/", "∕")  # a name cannot hold a slash; its look-alike can
    page = Page(before_after_sheet([edit(Path("/photos") / name, changes=text)], title=text))
    assert page.elements == harmless.elements


def test_the_page_loads_nothing() -> None:
    """No address leaves the file."""
    page = before_after_sheet([edit()], title="t")
    assert "http://" not in page
    assert "https://" not in page


def test_many_photos_make_a_page_that_can_be_opened() -> None:
    """The pictures of 200 photos, as hard to compress as can be, share 10 MB."""
    hard = edit(before=jpeg(1, noise=True), after=jpeg(2, noise=True))
    page = before_after_sheet([hard] * 200, title="t")
    assert len(page) < 20_000_000
    assert len(pictures(page)) == 400
