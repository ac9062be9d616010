"""Looks: stored while indexing, measured from thumbnails where they were not."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photoaesth.attributes import ATTRIBUTES, CONTENTS, LABELS
from photoaesth.config import cache_folder
from photoaesth.library.attributes import attributes_of
from photoaesth.library.database import open_library
from photoaesth.workflows.index import IndexOptions, index
from photoaesth.workflows.looks import LAYOUT, measured


def forget(library: Path) -> None:
    """Make a library one that was indexed before there were attributes."""
    with open_library(library) as opened, opened.transaction() as connection:
        connection.execute("DELETE FROM attributes")


def test_indexing_stores_them(album: Any) -> None:
    """Every indexed photo has all attributes that any picture has, and labels within the list."""
    with open_library(album.library) as library:
        table = attributes_of(library, LAYOUT)
    assert table.values.shape == (len(album.traits), len(ATTRIBUTES))
    unknown = {
        each.name for each, v in zip(ATTRIBUTES, table.values.T, strict=True) if np.isnan(v).any()
    }
    assert unknown <= {"hue_variety", "sharpness", "horizon_height", "horizon_tilt"}
    assert (table.labels >> len(LABELS) == 0).all()


def test_an_older_library_is_measured_from_its_thumbnails(album: Any) -> None:
    """Measured attributes are then the same to the last bit, contents within .05 on average."""
    with open_library(album.library) as library:
        before = attributes_of(library, LAYOUT)
    forget(album.library)
    calls: list[tuple[int, int]] = []
    with open_library(album.library) as library:
        after = measured(library, on_progress=lambda done, total: calls.append((done, total)))
        again = measured(library, on_progress=lambda *_: pytest.fail("nothing is left to measure"))
    own = len(ATTRIBUTES) - len(CONTENTS)
    np.testing.assert_array_equal(after.values[:, :own], before.values[:, :own])
    assert np.abs(after.values[:, own:] - before.values[:, own:]).mean() < 0.05
    assert calls[-1] == (len(album.traits), len(album.traits))
    np.testing.assert_array_equal(again.values, after.values)
    np.testing.assert_array_equal(again.labels, after.labels)


def test_photos_whose_pictures_are_gone_stay_unknown(
    home: Path,
    tmp_path: Path,
    draw_photo: Callable[..., Path],
    cheap_embedder: object,
) -> None:
    """A photo with neither thumbnail nor file has no attributes; they come when it is back."""
    path, other = draw_photo(tmp_path / "a" / "1.png", 1), draw_photo(tmp_path / "a" / "2.png", 2)
    index(home / "library.db", [tmp_path / "a"], IndexOptions(device="cpu"))
    forget(home / "library.db")
    shutil.rmtree(cache_folder() / "thumbnails")
    path.rename(tmp_path / "away.png")
    with open_library(home / "library.db") as library:
        gone = measured(library)
        (tmp_path / "away.png").rename(path)
        back = measured(library)
    assert sorted(np.isnan(gone.values[:, 0]).tolist()) == [False, True]
    assert gone.labels[np.isnan(gone.values[:, 0])].tolist() == [0]
    assert not np.isnan(back.values[:, 0]).any()
    assert other.exists()


def test_changed_content_is_measured_anew(
    home: Path,
    tmp_path: Path,
    draw_photo: Callable[..., Path],
    cheap_embedder: object,
) -> None:
    """A file that was edited in place gets the attributes of what it shows now."""
    path = draw_photo(tmp_path / "a" / "1.png", 1)
    index(home / "library.db", [tmp_path / "a"], IndexOptions(device="cpu"))
    with Image.open(path) as image:
        dark = image.point(lambda code: code // 8)
    dark.save(path)
    with open_library(home / "library.db") as library:
        before = attributes_of(library, LAYOUT)
    index(home / "library.db", [tmp_path / "a"], IndexOptions(device="cpu"))
    with open_library(home / "library.db") as library:
        after = attributes_of(library, LAYOUT)
    assert before.photos.tolist() == after.photos.tolist()
    assert after.values[0, 0] < before.values[0, 0] / 2  # brightness
