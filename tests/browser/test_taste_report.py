"""The page of a taste, as the program writes it, in a real browser."""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_HOSTILE = "<img src=x onerror=alert(1)>.jpg"
_PHOTOS = 40
_CHOICES = 70

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids such names")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, draw_photo: Callable[..., Path]) -> Path:
    """The page of somebody who likes photos by their names, written by the program."""
    home = tmp_path_factory.mktemp("home")
    names = [_HOSTILE, *(f"{number:02}.jpg" for number in range(1, _PHOTOS))]
    for seed, name in enumerate(names):
        draw_photo(home / "photos" / name, seed, size=(480, 320) if seed % 3 else (320, 480))
    rng = random.Random(4)  # noqa: S311 - chance, not cryptography
    rows = [sorted(rng.sample(range(_PHOTOS), 2)) for _ in range(_CHOICES)]
    lines = ["winner,loser", *(f'"photos/{names[a]}","photos/{names[b]}"' for a, b in rows)]
    (home / "choices.csv").write_text("\n".join(lines), "utf-8")
    page = home / "taste.html"
    environment = os.environ | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PHOTOAESTH_LIBRARY": str(home / "library.db"),
        "OMP_NUM_THREADS": "1",
    }
    for words in (
        ["index", home / "photos"],
        ["comparisons", "import", home / "choices.csv"],
        ["train"],
        ["taste", "--html", page],
    ):
        command = [sys.executable, "-m", "photoaesth", *map(str, words)]
        subprocess.run(
            command, env=environment, cwd=home, check=True, capture_output=True, timeout=240
        )
    return page


@pytest.fixture
def look(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page as somebody does who has no network; returns the tab and its complaints."""
    contexts = []

    def at(page: Path, width: int = 1280, height: int = 900) -> tuple[Any, list[str]]:
        context = chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        context.set_offline(True)
        tab = context.new_page()
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(page.as_uri())
        return tab, complaints

    yield at
    for context in contexts:
        context.close()


def test_the_page_is_valid_html(report: Path, html_problems: Callable[..., list[str]]) -> None:
    """The W3C's checker finds nothing wrong."""
    assert html_problems(report) == []


def test_nobody_complains_and_nothing_is_asked_for(report: Path, look: Callable[..., Any]) -> None:
    """The console stays empty and every picture is there without a network."""
    tab, complaints = look(report)
    widths = tab.locator(".frame img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert len(widths) > 10
    assert min(widths) > 100
    assert complaints == []


def test_names_are_text(report: Path, look: Callable[..., Any]) -> None:
    """No element came out of a name."""
    tab, _ = look(report)
    assert tab.locator("[onerror]").count() == 0
    assert _HOSTILE in tab.locator(".name").all_inner_texts()


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_the_page_fits_any_screen(report: Path, look: Callable[..., Any], width: int) -> None:
    """Nothing sticks out to the side, on a phone or on a large screen."""
    tab, _ = look(report, width)
    widest = tab.evaluate("document.documentElement.scrollWidth")
    assert widest <= width


def test_every_section_shows_something(report: Path, look: Callable[..., Any]) -> None:
    """Distributions, drivers, labels, time and pictures are there, with plots that have words."""
    tab, _ = look(report)
    titles = tab.locator("h2").all_inner_texts()
    for title in ("How scores are spread", "What raises and lowers scores", "How it moved"):
        assert title in titles
    assert len(titles) >= 6
    plots = tab.locator("svg")
    assert plots.count() > 20
    boxes = plots.evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert min(boxes) > 50
    words = plots.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert all(words)


def test_pictures_open_and_turn_by_keys(report: Path, look: Callable[..., Any]) -> None:
    """Enter enlarges, arrows go on and back, Escape returns to the picture."""
    tab, complaints = look(report)
    frames = tab.locator(".frame")
    frames.nth(0).focus()
    tab.keyboard.press("Enter")
    large = tab.locator("dialog img")
    assert large.is_visible()
    first = large.get_attribute("src")
    assert first == frames.nth(0).locator("img").get_attribute("src")
    tab.keyboard.press("ArrowRight")
    assert large.get_attribute("src") == frames.nth(1).locator("img").get_attribute("src")
    tab.keyboard.press("ArrowLeft")
    assert large.get_attribute("src") == first
    tab.keyboard.press("Escape")
    assert not large.is_visible()
    assert frames.nth(0).evaluate("one => one === document.activeElement")
    assert complaints == []


def test_the_page_prints_dark_on_light(report: Path, look: Callable[..., Any]) -> None:
    """On paper the ground is white and the text black."""
    tab, _ = look(report)
    tab.emulate_media(media="print")
    ground, text = tab.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert ground == "rgb(255, 255, 255)"
    assert text == "rgb(0, 0, 0)"
    assert tab.pdf(format="A4").startswith(b"%PDF")
