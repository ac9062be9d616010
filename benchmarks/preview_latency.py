"""How long `retouch` takes from a slider to the new picture, at 1,200 pixels.

    python benchmarks/preview_latency.py

Needs Chromium and Playwright, no photos: it draws a small album and enlarges it to 24 megapixels.
The real program serves its page to a headless browser whose window is large enough for pictures of
1,200 pixels. Each slider is moved to six places, alone and with five others off their rest, each
time from the change to the frame in which the browser has the new picture: the first one, which may
have half the pixels, and the one with all of them.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from photoaesth.samples.album import draw_album

_SIDES = (6000, 4000)
_PHOTOS = 4
_WINDOW = {"width": 2900, "height": 1700}
_PLACES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.3)  # of the way from rest to the greatest value
_OTHERS = {
    "exposure": 0.3,
    "saturation": 0.1,
    "contrast": 0.1,
    "clarity": 0.2,
    "vignette": 0.3,
}
_PATIENCE_MS = 30_000

# Moves a slider; resolves to the milliseconds until there was a picture of the new value, and one
# at full size, each for a frame. Where full size takes long, the page shows half of it first.
_MOVE = """([name, share]) => new Promise((done) => {
  const input = document.querySelector(`input[name=${name}]`);
  const rest = Number(input.dataset.rest ??= input.value);
  const edit = document.getElementById("edit");
  const start = performance.now();
  let first = 0;
  input.value = rest + share * (Number(input.max) - rest);
  const wanted = `&${name}=${input.valueAsNumber}&`;
  const shown = () => requestAnimationFrame(() => setTimeout(() => {
    const time = performance.now() - start;
    first ||= time;
    if (edit.querySelector("img:not(.original)").src.includes("pixels=1200&")) done([first, time]);
  }));
  const watch = new MutationObserver(() => {
    if (`${edit.querySelector("img:not(.original)").src}&`.includes(wanted)) shown();
  });
  watch.observe(edit, { childList: true });
  input.dispatchEvent(new Event("input", { bubbles: true }));
})"""


def main() -> None:
    """Measure and print the table: medians, of the first picture and of that at full size."""
    with tempfile.TemporaryDirectory() as folder, _page(Path(folder)) as page:
        names = page.eval_on_selector_all("input[type=range]", "all => all.map((one) => one.name)")
        print("| slider | alone, ms | with five others |\n| --- | --: | --: |", flush=True)
        for name in names:
            page.keyboard.press("r")
            alone = _medians_ms(page, name)
            for other, value in _OTHERS.items():
                if other != name:
                    page.locator(f"input[name={other}]").fill(str(value))
            print(f"| {name} | {alone} | {_medians_ms(page, name)} |", flush=True)


def _medians_ms(page: Any, name: str) -> str:
    page.evaluate(_MOVE, [name, 0.1])  # not counted: it may begin from afar
    times = [page.evaluate(_MOVE, [name, share]) for share in _PLACES]
    return " / ".join(f"{statistics.median(column):.0f}" for column in zip(*times, strict=True))


@contextmanager
def _page(folder: Path) -> Iterator[Any]:
    """Yield a tab with the page of a round about large photos."""
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    album = folder / "album"
    for sample in draw_album(album, count=_PHOTOS):
        with Image.open(sample.path) as image:
            large = image.convert("RGB").resize(_SIDES, Image.Resampling.BICUBIC)
        sample.path.unlink()
        large.save(sample.path.with_suffix(".jpg"), quality=92)
    program = [sys.executable, "-m", "photoaesth", "--library", str(folder / "library.db")]
    subprocess.run([*program, "-q", "index", str(album)], check=True)
    process = subprocess.Popen(
        [*program, "retouch", "--photos", "1"],
        env=os.environ | {"BROWSER": "true"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        address = re.search(r"http://\S+", process.stderr.readline())
        assert address, process.stderr.read()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
                args=["--no-sandbox"],  # the page is ours, and root cannot have the sandbox
            )
            page = browser.new_page(viewport=_WINDOW)
            page.set_default_timeout(_PATIENCE_MS)
            page.goto(address[0])
            page.locator("#table:not([aria-busy])").wait_for()
            yield page
            browser.close()
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    main()
