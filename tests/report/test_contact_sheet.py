import base64
import hashlib
import io
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoaesth.report.contact_sheet import SheetPhoto, contact_sheet

VOID = {"meta", "img", "rect"}
OASIS = Path(__file__).parents[2].parent / "shared" / "data" / "oasis-beauty" / "photos"


class Page(HTMLParser):
    """The parsed sheet; parsing fails when tags do not nest."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self._open.append((tag, attributes.get("class", "")))

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        if self._open:
            tag, class_ = self._open[-1]
            self.texts.setdefault(class_ or tag, []).append(data)

    def pictures(self) -> list[bytes]:
        sources = [attributes.get("src", "") for tag, attributes in self.tags if tag == "img"]
        return [base64.b64decode(source.partition(",")[2]) for source in sources if source]


def jpeg(width: int = 60, height: int = 40, *, noise: bool = False) -> bytes:
    pixels = np.full((height, width, 3), 120, np.uint8)
    if noise:
        pixels = np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def sheet_photo(path: Path = Path("/photos/a.jpg"), **changes) -> SheetPhoto:
    values = {
        "thumbnail": jpeg(),
        "width": 6000,
        "height": 4000,
        "score": 7.42,
        "sd": 0.61,
        "generic": 6.78,
        "rank": 1,
        "caption": "2019-07-04 12:30 · Canon PowerShot G2",
        "distribution": (0.0, 0.0, 0.0, 0.05, 0.1, 0.2, 0.4, 0.2, 0.05, 0.0),
    }
    return SheetPhoto(path=path, **(values | changes))


def test_a_card_tells_what_is_known_about_its_photo():
    """Rank, score with its doubt, generic score, name and caption stand on the card."""
    page = Page(contact_sheet([sheet_photo(rank=3)], title="Best of 2019"))

    assert page.texts["h1"] == ["Best of 2019"]
    assert page.texts["rank"] == ["3"]
    assert page.texts["score"] == ["7.4 "]
    assert "± 0.6" in page.texts["small"]
    assert page.texts["generic"] == ["generic 6.8"]
    assert page.texts["name"] == ["a.jpg"]
    assert page.texts["caption"] == ["2019-07-04 12:30 · Canon PowerShot G2"]


def test_photos_stand_in_the_order_given():
    """The sheet ranks nothing itself."""
    photos = [sheet_photo(Path(f"/p/{name}.jpg")) for name in "cab"]

    assert Page(contact_sheet(photos, title="t")).texts["name"] == ["c.jpg", "a.jpg", "b.jpg"]


def test_the_distribution_is_drawn_as_ten_bars():
    """The likeliest score fills the height of 24 and half its probability half of it."""
    page = Page(contact_sheet([sheet_photo()], title="t"))

    heights = [float(attributes["height"]) for tag, attributes in page.tags if tag == "rect"]
    # 0.4 is the largest: 24 * (0.05, 0.1, 0.2) / 0.4; 0.5 is the line that marks an empty bin
    assert heights == [0.5, 0.5, 0.5, 3.0, 6.0, 12.0, 24.0, 12.0, 3.0, 0.5]


def test_the_browser_knows_the_aspect_before_it_decodes():
    """Width and height are those of the upright photo."""
    page = Page(contact_sheet([sheet_photo(width=4000, height=6000)], title="t"))

    image = next(attributes for tag, attributes in page.tags if tag == "img")
    assert (image["width"], image["height"], image["alt"]) == ("4000", "6000", "a.jpg")


HOSTILE = [
    "<img src=x onerror=alert(1)>.jpg",
    "</script><script>alert(1)</script>",
    '" autofocus onfocus="alert(1)',
    "' onclick='alert(1)",
    "&lt;b&gt; & $title ${cards} $$.jpg",
    "two\nlines\x1b[2J\u202egpj.exe",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    """Names, captions and titles add no element and no attribute to the page."""
    harmless = Page(contact_sheet([sheet_photo(caption="c")], title="t"))
    name = text.replace("/", "∕")  # a name cannot hold a slash; its look-alike can
    photo = sheet_photo(Path("/photos") / name, caption=text)

    html = contact_sheet([photo], title=text)

    page = Page(html)
    assert [(tag, set(attributes)) for tag, attributes in page.tags] == [
        (tag, set(attributes)) for tag, attributes in harmless.tags
    ]
    shown = (
        text.replace("\n", "\\x0a").replace("\x1b", "\\x1b").replace("\u202e", "\\xe2\\x80\\xae")
    )
    assert page.texts["h1"] == page.texts["caption"] == [shown]
    assert page.texts["name"] == [shown.replace("/", "∕")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no names of arbitrary bytes")
def test_a_name_that_is_not_utf8_can_be_saved():
    """Its bytes are written out, so the page encodes as UTF-8."""
    photo = sheet_photo(Path(os.fsdecode(b"/photos/caf\xe9.jpg")), caption="lone \ud800")

    page = Page(contact_sheet([photo], title="t").encode("utf-8").decode("utf-8"))

    assert page.texts["name"] == ["caf\\xe9.jpg"]


def test_the_page_loads_nothing():
    """No address leaves the file, and the policy forbids all but its own script and pictures."""
    html = contact_sheet([sheet_photo()], title="t")

    assert "http://" not in html
    assert "https://" not in html
    page = Page(html)
    assert not {"link", "iframe", "object", "base"} & {tag for tag, _ in page.tags}
    (policy,) = [
        attributes["content"]
        for _, attributes in page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    (script,) = re.findall("<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert rules["script-src"] == f"'sha256-{digest}'"


def test_few_thumbnails_are_kept_byte_for_byte():
    """While the page has room nothing is encoded a second time."""
    thumbnail = jpeg(640, 480, noise=True)

    page = Page(contact_sheet([sheet_photo(thumbnail=thumbnail)] * 3, title="t"))

    assert page.pictures() == [thumbnail] * 3


def test_500_photos_of_noise_would_make_less_than_15_mb():
    """Many photos get small pictures: noise, the worst there is, is cut to 20 kB as well."""
    noise = sheet_photo(thumbnail=jpeg(640, 480, noise=True))
    photos = [noise] * 5 + [sheet_photo()] * 495  # the room depends on how many there are

    html = contact_sheet(photos, title="t")

    pictures = Page(html).pictures()
    largest = max(map(len, pictures))
    markup = len(html.encode()) - sum(map(len, pictures)) * 4 // 3
    assert largest < len(noise.thumbnail) / 5
    assert markup + 500 * largest * 4 / 3 < 15_000_000
    assert max(Image.open(io.BytesIO(pictures[0])).size) <= 480


def test_a_large_picture_that_is_too_much_loses_no_more_than_it_must():
    """Of 20 photos each may have 500 kB, which is more pixels than a thumbnail, even of noise."""
    noise = sheet_photo(thumbnail=jpeg(1600, 1200, noise=True))

    page = Page(contact_sheet([noise] + [sheet_photo()] * 19, title="t"))

    picture = page.pictures()[0]
    assert len(noise.thumbnail) > 500_000 >= len(picture)
    assert max(Image.open(io.BytesIO(picture)).size) > 512


def test_why_a_photo_stands_there_is_said_where_it_is_known():
    """The line is on its card, what its signs mean in the header; without one, neither is."""
    known = contact_sheet([sheet_photo(why="+ warm; − <noisy>"), sheet_photo()], title="t")

    page = Page(known)
    assert page.texts["why"] == ["+ warm; − <noisy>"]
    assert any("+ raises it, − lowers it" in text for text in page.texts["p"])
    unknown = contact_sheet([sheet_photo()], title="t")
    assert 'class="why"' not in unknown
    assert "raises it" not in unknown


@pytest.mark.shared_data
@pytest.mark.skipif(not OASIS.is_dir(), reason="needs the development photos beside the checkout")
def test_200_real_photos_fill_their_share_and_stay_sharp():
    """Real photos need no picture below 400 pixels to stay within 10 MB."""
    photos = [sheet_photo(p, thumbnail=p.read_bytes()) for p in sorted(OASIS.iterdir())[:200]]

    html = contact_sheet(photos, title="OASIS")

    pictures = Page(html).pictures()
    assert sum(map(len, pictures)) < 10_000_000
    assert min(max(Image.open(io.BytesIO(p)).size) for p in pictures) >= 400


def test_an_empty_sheet_is_still_a_page():
    """A filter that matches nothing gives a page that says so."""
    page = Page(contact_sheet([], title="t"))

    assert any("0 photos" in text for text in page.texts["p"])
