"""The contact sheet that `rank` writes, in a real browser."""

import html
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

_HOSTILE = "<img src=x onerror=alert(1)>.jpg"
_PLAIN = "Zürich & Köln.jpg"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids such names")


class _Images(HTMLParser):
    """Collects the attributes of every `<img>`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


@pytest.fixture(scope="session")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[str, str]]:
    """Open a page in headless Chromium; return what it prints to stdout and to stderr."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("Chromium is not installed")
    profile = tmp_path_factory.mktemp("browser")
    options = (
        "--headless",
        "--no-sandbox",  # the page is ours, and root cannot have the sandbox
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--window-size=1000,700",
        "--enable-logging=stderr",
        "--v=0",
        f"--user-data-dir={profile}",
    )

    def open_page(page: Path, *more: str) -> tuple[str, str]:
        command = [browser, *options, *more, page.as_uri()]
        result = subprocess.run(command, capture_output=True, timeout=60, check=True)
        return result.stdout.decode(), result.stderr.decode(errors="replace")

    return open_page


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory, draw_photo: Callable[..., Path]) -> Path:
    """A contact sheet of two photos, written by the program."""
    home = tmp_path_factory.mktemp("home")
    draw_photo(home / "photos" / _HOSTILE, 1, size=(480, 320))
    draw_photo(home / "photos" / _PLAIN, 2, size=(480, 320))
    page = home / "best.html"
    environment = os.environ | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PHOTOAESTH_LIBRARY": str(home / "library.db"),
    }
    for words in (["index", home / "photos"], ["rank", "--contact-sheet", page]):
        command = [sys.executable, "-m", "photoaesth", *map(str, words)]
        subprocess.run(
            command, env=environment, cwd=home, check=True, capture_output=True, timeout=120
        )
    return page


def test_the_sheet_shows_names_as_text(sheet: Path, browse: Callable[..., tuple[str, str]]) -> None:
    """In the page as the browser built it, names are text, and no element came out of one."""
    dom, _ = browse(sheet, "--dump-dom")
    for name in (_HOSTILE, _PLAIN):
        assert f">{html.escape(name, quote=False)}</p>" in dom
    images = _Images()
    images.feed(dom)
    assert [image for image in images.found if "onerror" in image] == []
    pictures = [image for image in images.found if image.get("loading") == "lazy"]
    assert sorted(str(image["alt"]) for image in pictures) == [_HOSTILE, _PLAIN]
    assert all(str(image["src"]).startswith("data:image/jpeg;base64,") for image in pictures)


def test_the_sheet_opens_without_complaint(
    sheet: Path, browse: Callable[..., tuple[str, str]], tmp_path: Path
) -> None:
    """The browser's console stays empty, its own script and style included."""
    _, log = browse(sheet, "--dump-dom")
    assert [line for line in log.splitlines() if "CONSOLE" in line] == []
    broken = tmp_path / "broken.html"  # so that an empty console means something
    broken.write_text(sheet.read_text("utf-8").replace("</body>", "<script>x</script></body>"))
    _, log = browse(broken, "--dump-dom")
    assert "CONSOLE" in log


def test_the_sheet_shows_its_pictures(
    sheet: Path, browse: Callable[..., tuple[str, str]], tmp_path: Path
) -> None:
    """A screenshot has the colours of the photos in it, and many of them."""
    picture = tmp_path / "screen.png"
    browse(sheet, f"--screenshot={picture}")
    with Image.open(picture) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    assert len(np.unique(pixels, axis=0)) > 1000
    saturation = pixels.max(axis=1).astype(int) - pixels.min(axis=1)
    assert (saturation > 40).mean() > 0.02
