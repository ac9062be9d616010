"""What the tests share: a home of their own, photos, a cheap embedder, an album, a browser."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray
from PIL import Image

settings.register_profile("patient", parent=settings(), deadline=None)  # nothing here is timed
settings.load_profile("patient")

ALBUM_SIZE = 20  # photos, two bursts of three among them


def _point_at(home: Path, patch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "USERPROFILE"):
        patch.setenv(variable, str(home))
    for variable in ("LOCALAPPDATA", "APPDATA"):  # Windows; platformdirs asks the shell first
        patch.setenv(variable, str(home / "AppData"))
    patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    patch.setenv("XDG_DATA_HOME", str(home / "data"))
    patch.setenv("PHOTOAESTH_LIBRARY", str(home / "library.db"))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, so that no test touches the user's files; not in `tmp_path`."""
    folder = tmp_path_factory.mktemp("home")
    _point_at(folder, monkeypatch)
    return folder


@pytest.fixture(scope="session")
def draw_photo() -> Callable[..., Path]:
    """Write a small photo of smooth colours; another seed gives another picture."""

    def draw(
        path: Path, seed: int = 0, *, size: tuple[int, int] = (96, 64), exif: bytes = b""
    ) -> Path:
        rng = np.random.default_rng(seed)
        coarse = Image.fromarray(rng.integers(0, 256, (3, 4, 3), np.uint8))
        path.parent.mkdir(parents=True, exist_ok=True)
        options = {"exif": exif} if exif else {}
        coarse.resize(size, Image.Resampling.BICUBIC).save(path, **options)
        return path

    return draw


class FakeEmbedder:
    """Stands in for the backbone where pixels do not matter: the mean colour, then zeros."""

    def __init__(self, device: str = "auto", *, threads: int | None = None) -> None:
        self.device = device
        self.threads = threads

    def embed(self, inputs: Sequence[NDArray[np.uint8]]) -> NDArray[np.float16]:
        vectors = np.zeros((len(inputs), 256), np.float16)
        for row, image in zip(vectors, inputs, strict=True):
            row[:3] = image.mean(axis=(0, 1)) / 128 - 1
        return vectors

    def embed_and_classify(
        self, inputs: Sequence[NDArray[np.uint8]]
    ) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
        return self.embed(inputs), np.zeros((len(inputs), 1000), np.float32)


@pytest.fixture
def cheap_embedder(monkeypatch: pytest.MonkeyPatch) -> type[FakeEmbedder]:
    """Index without the backbone, whose loading costs seconds."""
    import photoaesth.learning.scoring  # noqa: F401 - it binds the real one when first imported

    monkeypatch.setattr("photoaesth.learning.embedder.Embedder", FakeEmbedder)
    return FakeEmbedder


@dataclass(frozen=True)
class Album:
    """A drawn album, indexed with the real backbone.

    Attributes:
        folder: the photos; tests only read them.
        library: the library file, a test's own.
        traits: what was measured of each photo, standardised, by path.
    """

    folder: Path
    library: Path
    traits: dict[Path, dict[str, float]]


@pytest.fixture(scope="session")
def _indexed_album(tmp_path_factory: pytest.TempPathFactory) -> tuple[Album, Path]:
    from photoaesth.samples.album import draw_album
    from photoaesth.samples.photographer import standardise
    from photoaesth.workflows.index import IndexOptions, index

    place = tmp_path_factory.mktemp("album").resolve()
    with pytest.MonkeyPatch.context() as patch:
        _point_at(place, patch)
        samples = draw_album(place / "photos", count=ALBUM_SIZE)
        index(place / "library.db", [place / "photos"], IndexOptions(device="cpu"))
    paths = [sample.path for sample in samples]
    traits = standardise([sample.traits for sample in samples])
    by_path = dict(zip(paths, traits, strict=True))
    return Album(place / "photos", place / "library.db", by_path), place


@pytest.fixture
def album(_indexed_album: tuple[Album, Path], home: Path) -> Album:
    """The indexed album with a library and thumbnails of the test's own."""
    shared, place = _indexed_album
    library = home / "library.db"
    shutil.copyfile(shared.library, library)  # closed, and so all of it is in this file
    shutil.copytree(place / "cache", home / "cache")
    return Album(shared.folder, library, shared.traits)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Headless Chromium, driven by Playwright."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox"],  # the page is ours, and root cannot have the sandbox
        )
        api.expect.set_options(timeout=30_000)  # for what a busy machine does late
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def html_problems() -> Callable[..., list[str]]:
    """What the W3C's Nu Html Checker finds wrong with HTML files: its errors and warnings."""
    checker = shutil.which("vnu")
    if checker is None:
        pytest.skip("the Nu Html Checker is not installed (npm install --global vnu-jar, and Java)")

    def check(*pages: Path) -> list[str]:
        words = [checker, "--stdout", "--exit-zero-always", "--format", "json", *map(str, pages)]
        result = subprocess.run(words, capture_output=True, timeout=240, check=True)
        return [
            f"{message['url']}:{message.get('lastLine')}: {message['message']}"
            for message in json.loads(result.stdout)["messages"]
            # It knows neither hashes nor data: in a policy; an empty console shows that both work.
            if "violates Content Security Policy" not in message["message"]
        ]

    return check
