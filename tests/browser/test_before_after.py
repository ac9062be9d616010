"""The page of `enhance --preview-sheet`, in a real browser."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photoaesth.enhance.parameters import write_parameters

_HOSTILE = "<img src=x onerror=alert(1)>.jpg"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids such names")


@pytest.fixture
def sheet(tmp_path: Path, draw_photo: Callable[..., Path]) -> Path:
    """A page of two photos, written by the program."""
    draw_photo(tmp_path / "photos" / _HOSTILE, 1, size=(480, 320))
    draw_photo(tmp_path / "photos" / "b.jpg", 2, size=(320, 480))
    write_parameters(tmp_path / "look.json", {"exposure": 1.0})
    page = tmp_path / "sheet.html"
    words = ["enhance", "photos", "--preview-sheet", page, "--apply", "look.json", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "photoaesth", *map(str, words)],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return page


def test_the_page_shows_both_sides_and_enlarges_them(chromium: Any, sheet: Path) -> None:
    """All pictures are shown, names are text, a key changes sides, and nothing complains."""
    complaints: list[str] = []
    requests: list[str] = []
    tab = chromium.new_page(viewport={"width": 1200, "height": 900})
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(sheet.as_uri())
    assert tab.locator(".card .name").all_inner_texts() == [_HOSTILE, "b.jpg"]
    widths = tab.locator(".card img").evaluate_all(
        "images => Promise.all(images.map(async (i) => (await i.decode(), i.naturalWidth)))"
    )
    assert widths == [480, 480, 320, 320]

    dialog, said = tab.locator("dialog"), tab.locator("dialog .said")
    tab.locator(".frames").first.click()
    shown = dialog.locator("img")
    small = tab.locator(".card img")
    assert said.inner_text().startswith(f"after {_HOSTILE}")
    assert shown.get_attribute("src") == small.nth(1).get_attribute("src")
    tab.keyboard.press("Space")
    assert said.inner_text().startswith("before")
    assert shown.get_attribute("src") == small.nth(0).get_attribute("src")
    tab.keyboard.press("ArrowRight")
    assert said.inner_text().startswith("after b.jpg")
    assert shown.get_attribute("src") == small.nth(3).get_attribute("src")
    tab.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    tab.close()
