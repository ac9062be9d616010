"""The contact sheet that `rank` writes, in a real browser."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

_HOSTILE = "<img src=x onerror=alert(1)>.jpg"
_PLAIN = "Zürich & Köln.jpg"
_COUNT = 11  # with these two

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids such names")


@dataclass
class Look:
    """The page in a tab.

    Attributes:
        tab: Playwright's page.
        complaints: what the page wrote to the console, and its errors.
        requests: the addresses of all that it asked for.
    """

    tab: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def focused(self) -> int:
        """The place of the frame that has the focus."""
        return self.tab.locator(".frame").evaluate_all(
            "frames => frames.indexOf(document.activeElement)"
        )

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory, draw_photo: Callable[..., Path]) -> Path:
    """A contact sheet, written by the program."""
    home = tmp_path_factory.mktemp("home")
    names = [_HOSTILE, _PLAIN, *(f"{number}.jpg" for number in range(_COUNT - 2))]
    for seed, name in enumerate(names):
        draw_photo(home / "photos" / name, seed, size=(480, 320))
    page = home / "best.html"
    environment = os.environ | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PHOTOAESTH_LIBRARY": str(home / "library.db"),
        "OMP_NUM_THREADS": "1",
    }
    for words in (["index", home / "photos"], ["rank", "--contact-sheet", page]):
        command = [sys.executable, "-m", "photoaesth", *map(str, words)]
        subprocess.run(
            command, env=environment, cwd=home, check=True, capture_output=True, timeout=240
        )
    return page


@pytest.fixture
def look(chromium: Any) -> Iterator[Callable[..., Look]]:
    """Opens a page as somebody does who has no network."""
    contexts = []

    def at(page: Path, **window: Any) -> Look:
        context = chromium.new_context(**({"viewport": {"width": 1000, "height": 700}} | window))
        contexts.append(context)
        context.set_offline(True)
        shown = Look(context.new_page())
        shown.tab.on("console", lambda message: shown.complaints.append(message.text))
        shown.tab.on("pageerror", lambda error: shown.complaints.append(str(error)))
        shown.tab.on("request", lambda request: shown.requests.append(request.url))
        shown.tab.goto(page.as_uri())
        return shown

    yield at
    for context in contexts:
        context.close()


def test_the_sheet_shows_names_as_text(sheet: Path, look: Callable[..., Look]) -> None:
    """In the page as the browser built it, names are text, and no element came out of one."""
    page = look(sheet)
    names = page.tab.locator(".card .name").all_inner_texts()
    assert len(names) == _COUNT
    assert {_HOSTILE, _PLAIN} <= set(names)
    assert page.tab.locator("[onerror]").count() == 0
    pictures = page.tab.locator("ol img")
    assert pictures.evaluate_all("images => images.map((image) => image.alt)") == names
    sources = pictures.evaluate_all("images => images.map((image) => image.src)")
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)


def test_the_sheet_opens_offline_and_without_complaint(
    sheet: Path, look: Callable[..., Look], tmp_path: Path
) -> None:
    """It asks for nothing but itself, and the console stays empty while it is used."""
    page = look(sheet)
    page.tab.locator(".frame").first.click()
    page.press("z", "ArrowRight", "Escape")
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith("data:")] == [sheet.as_uri()]
    broken = tmp_path / "broken.html"  # so that an empty console means something
    broken.write_text(sheet.read_text("utf-8").replace("</body>", "<script>x</script></body>"))
    assert look(broken).complaints != []


def test_the_sheet_shows_its_pictures(
    sheet: Path, look: Callable[..., Look], tmp_path: Path
) -> None:
    """A screenshot has the colours of the photos in it, and many of them."""
    page = look(sheet)
    page.tab.locator(".card img").first.evaluate("image => image.decode()")
    page.tab.screenshot(path=tmp_path / "screen.png")
    with Image.open(tmp_path / "screen.png") as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    assert len(np.unique(pixels, axis=0)) > 1000
    saturation = pixels.max(axis=1).astype(int) - pixels.min(axis=1)
    assert (saturation > 40).mean() > 0.02


def test_the_grid_is_walked_by_keys(sheet: Path, look: Callable[..., Look]) -> None:
    """Arrows move by one photo or one row, Home and End to either end, and stop there."""
    page = look(sheet)
    page.press("Tab")
    assert page.focused() == 0
    tops = page.tab.locator(".frame").evaluate_all(
        "frames => frames.map((frame) => frame.getBoundingClientRect().top)"
    )
    columns = tops.count(tops[0])
    assert 1 < columns < _COUNT
    walked = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowUp", "End", "ArrowRight"):
        page.press(key)
        walked.append(page.focused())
    assert walked == [1, columns + 1, columns, 0, 0, _COUNT - 1, _COUNT - 1]
    page.press("Home")
    assert page.focused() == 0


def test_a_photo_is_enlarged_and_left_by_keys(sheet: Path, look: Callable[..., Look]) -> None:
    """Enter, arrows around the end, Home and End; Esc leaves the focus on the photo shown."""
    page = look(sheet)
    dialog, names = page.tab.locator("dialog"), page.tab.locator(".card .name").all_inner_texts()
    shown = []
    page.press("Tab", "ArrowRight", "Enter")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "End", "Home", "ArrowRight"):
        page.press(key)
        shown.append(names.index(dialog.locator(".name").inner_text()))
    assert shown == [0, _COUNT - 1, 0, _COUNT - 1, 0, 1]
    assert dialog.locator(".score").is_visible()
    assert dialog.locator(".generic").is_visible()
    page.press("Escape")
    assert not dialog.is_visible()
    assert page.focused() == 1


def test_z_and_a_click_zoom_to_the_pixels_of_the_picture(
    sheet: Path, look: Callable[..., Look]
) -> None:
    """At first the picture fills the window; then one of its pixels is one of the screen."""
    page = look(sheet)
    page.tab.locator(".frame").first.click()
    picture, zoom = page.tab.locator("dialog img"), page.tab.locator("dialog .zoom")
    picture.evaluate("image => image.decode()")

    def box() -> tuple[float, float]:
        size = picture.bounding_box()
        return size["width"], size["height"]

    assert box()[0] > 800
    page.tab.wait_for_function("document.querySelector('.zoom').textContent.endsWith('fits')")
    page.press("z")
    assert box() == (480, 320)
    assert zoom.inner_text() == "100 % of 480 × 320"
    page.press("ArrowRight")  # the next photo is seen as closely
    assert box() == (480, 320)
    picture.click()
    assert box()[0] > 800
    page.press("Enter")
    assert not page.tab.locator("dialog").is_visible()


def test_a_zoomed_picture_larger_than_the_window_can_be_moved(
    sheet: Path, look: Callable[..., Look]
) -> None:
    """On a phone the picture is cut off around its middle, and scrolls."""
    page = look(sheet, viewport={"width": 320, "height": 480}, has_touch=True)
    page.tab.locator(".frame").first.click()
    page.press("z")
    stage = page.tab.locator(".stage")
    hidden, scrolled = stage.evaluate("s => [s.scrollWidth - s.clientWidth, s.scrollLeft]")
    assert hidden > 100
    assert scrolled == pytest.approx(hidden / 2, abs=1)
