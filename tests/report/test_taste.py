"""The page of a taste: every kind of section, nothing from elsewhere, nothing unescaped."""

import base64
import hashlib
import io
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoaesth.report.plots import Mark
from photoaesth.report.taste import taste_page
from photoaesth.report.taste_values import (
    Bar,
    Bars,
    Label,
    Labels,
    Pair,
    Pairs,
    Picture,
    Pictures,
    Section,
    Share,
    Spreads,
    TastePage,
    Timeline,
    Timelines,
)

HOSTILE = '<img src=x onerror=alert(1)>"&\n\u202e.jpg'
MARK = Mark(0.4, 0.1, 0.7, clear=True)
DOUBTED = Mark(-0.2, -0.5, 0.1, clear=False)


def jpeg(*, noise: bool = False) -> bytes:
    pixels = np.full((40, 60, 3), 120, np.uint8)
    if noise:
        pixels = np.random.default_rng(3).integers(0, 256, (512, 768, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def picture(name: str = "a.jpg", content: bytes | None = None) -> Picture:
    return Picture(Path("/photos") / name, content or jpeg(), 3000, 2000, "7.1 ± 0.4", "2026-05-01")


def page(text: str = "plain", **changes: object) -> TastePage:
    """A page with every kind of section and one text wherever there can be any."""
    tens = (0.1,) * 10
    photo = picture(text if text != "plain" else "a.jpg")
    return TastePage(
        title=changes.get("title", text),
        summary=text,
        counts=text,
        note=text,
        first=changes.get("first", Pictures((photo,))),
        first_words=text,
        sections=changes.get(
            "sections",
            (
                Section(text, text, Spreads((text, text), tens, tens)),
                Section(text, text, Bars(text, (Bar(text, text, MARK, DOUBTED, text),))),
                Section(
                    text,
                    text,
                    Labels(
                        (text, text), (Label(text, text, DOUBTED, Share(MARK, 0.5, text)),), (text,)
                    ),
                ),
                Section(
                    text,
                    text,
                    Timelines(
                        (text, text),
                        (Timeline(text, (text, text), (MARK, DOUBTED), text, changed=True),),
                    ),
                ),
                Section(text, text, Pictures((photo,))),
                Section(text, text, Pairs((Pair(photo, photo, (text, text), text),))),
            ),
        ),
    )


def test_the_page_loads_nothing_from_anywhere() -> None:
    """There is no address but in data, and the policy allows this page's own script only."""
    html = taste_page(page())
    assert not re.findall(r'(?:src|href)="(?!data:)', html)
    assert "http:" not in html
    assert "https:" not in html
    script = html.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html
    assert "default-src 'none'" in html


@pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids such names")
def test_texts_stand_as_text_everywhere() -> None:
    """No text of a name, a label, a title or a caption becomes markup or turns text around."""
    html = taste_page(page(HOSTILE))
    assert "<img src=x" not in html
    assert "\u202e" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;&quot;&amp;\\x0a") > 40
    assert "<section" in html


def test_names_of_any_bytes_are_shown() -> None:
    """A name that is not UTF-8 is shown by its bytes."""
    name = os.fsdecode(b"caf\xe9.jpg")
    html = taste_page(page(first=Pictures((picture(name),))))
    assert "caf\\xe9.jpg" in html


def test_every_plot_has_its_numbers_as_text() -> None:
    """What a plot shows stands beside it, or in its words."""
    html = taste_page(page())
    assert "+0.40" in html
    assert "+0.10 to +0.70" in html
    assert "−0.20" in html
    assert html.count('role="img"') == html.count("aria-label=") - html.count("<button") - 1
    assert html.count("<td>10.0%</td>") == 20
    assert "Too few to tell: plain." in html


def test_sections_are_named_by_their_titles() -> None:
    """Each section refers to its own heading."""
    html = taste_page(page())
    named = re.findall(r'<section aria-labelledby="([^"]+)">\s*<h2 id="([^"]+)">', html)
    assert len(named) == 6
    assert all(refers == heading for refers, heading in named)
    assert len({heading for _, heading in named}) == 6


def test_what_is_known_of_no_label_is_said_so() -> None:
    """Without rows there is no table, only who was left out."""
    html = taste_page(page(sections=(Section("S", "", Labels(("a", "b"), (), ("macro (3)",))),)))
    assert "Too few to tell: macro (3)." in html
    assert "<table" not in html


def test_many_pictures_stay_below_15_megabytes() -> None:
    """Large pictures are made smaller when there are many; a few are kept as they are."""
    noisy = jpeg(noise=True)
    many = Pictures(tuple(picture(f"{n}.jpg", noisy) for n in range(200)))
    assert len(taste_page(page(first=many)).encode()) < 15_000_000
    few = taste_page(page(first=Pictures((picture("1.jpg", noisy),))))
    assert base64.b64encode(noisy).decode() in few
