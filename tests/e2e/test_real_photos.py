"""The main path on photographs: one person's choices, and files straight from cameras."""

import csv
import itertools
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

_DATA = Path(__file__).parents[2].parent / "shared" / "data"
_RATER, _RATED, _CHOICES = "r007", 40, 60
_CAMERA_PHOTOS = (
    "exif-samples-canon_hdr_YES.jpg",  # stored on its side
    "exif-samples-87_OSError.jpg",  # with a position
    "metadata-extractor-images-Nexus_4.jpg",  # with a position, and no orientation
    "metadata-extractor-images-Issue_266.jpg",  # 22 megapixels, with an ICC profile
    "metadata-extractor-images-Nikon_D100.jpg",
)

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not _DATA.is_dir(), reason="the development photos are not there"),
]


@pytest.fixture(scope="module")
def real(
    tmp_path_factory: pytest.TempPathFactory,
    make_program: Callable[[Path], Any],
    fingerprint: Callable[[Path], dict[str, Any]],
    write_choices: Callable[..., Path],
) -> dict[str, Any]:
    """Index and train on real photos, enhance those from cameras; what was said, by command."""
    program = make_program(tmp_path_factory.mktemp("real"))
    scores = _scores()
    camera = program.photos / "camera"
    camera.mkdir(parents=True)
    for name in scores:
        shutil.copy2(_DATA / "oasis-beauty" / "photos" / name, program.photos)
    for name in _CAMERA_PHOTOS:
        shutil.copy2(_DATA / "camera-photos" / name, camera)
    before = fingerprint(program.photos)
    choices = write_choices(program.home / "choices.csv", _choices(program.photos, scores))
    return {
        "program": program,
        "index": program.json("index", program.photos),
        "import": program.json("comparisons", "import", choices),
        "train": program.json("train"),
        "enhance": program.json("enhance", camera, "--output", program.home / "enhanced"),
        "untouched": fingerprint(program.photos) == before,
    }


def _scores() -> dict[str, float]:
    """Return how much one person liked some photos, by name."""
    with (_DATA / "oasis-beauty" / "ratings.csv").open(encoding="utf-8") as file:
        rated = [row for row in csv.DictReader(file) if row["rater"] == _RATER]
    return {row["photo"]: float(row["score"]) for row in rated[:_RATED]}


def _choices(folder: Path, scores: dict[str, float]) -> list[tuple[object, ...]]:
    """Return what the scores say about random pairs; equal scores say nothing."""
    pairs = [p for p in itertools.combinations(scores, 2) if scores[p[0]] != scores[p[1]]]
    chosen = random.Random(3).sample(pairs, _CHOICES)  # noqa: S311  # chance, not cryptography
    return [
        (folder / left, folder / right, "left" if scores[left] > scores[right] else "right")
        for left, right in chosen
    ]


def test_real_photos_are_indexed_and_learned_from(real: dict[str, Any]) -> None:
    """All photos enter the library, and all choices the training."""
    assert real["index"]["indexed"] == _RATED + len(_CAMERA_PHOTOS)
    assert real["index"]["skipped"] == []
    assert real["import"] == {"kind": "choices", "imported": _CHOICES, "known": 0, "skipped": []}
    assert real["train"]["direct"] == _CHOICES
    heldout = real["train"]["heldout"]
    better = heldout["personal_log_loss"] < heldout["generic_log_loss"]
    assert real["train"]["kept"] == ("personal" if better else "generic")


def test_originals_of_real_photos_are_untouched(real: dict[str, Any]) -> None:
    """Content, time and permissions stay as they are."""
    assert real["untouched"]


def test_camera_photos_are_enhanced_at_full_size(real: dict[str, Any]) -> None:
    """Every camera file has a copy, as large as the original seen upright."""
    written = real["enhance"]["written"]
    assert sorted(Path(copy["source"]).name for copy in written) == sorted(_CAMERA_PHOTOS)
    for copy in written:
        with Image.open(copy["source"]) as original, Image.open(copy["output"]) as output:
            assert output.size == ImageOps.exif_transpose(original).size


def test_copies_of_camera_photos_keep_their_metadata(
    real: dict[str, Any], exiftool: Callable[[Path], dict[str, Any]]
) -> None:
    """ExifTool finds camera, time, position and profile as they were, and the copy upright."""
    kept = (
        "IFD0:Make",
        "IFD0:Model",
        "ExifIFD:DateTimeOriginal",
        "ExifIFD:ExposureTime",
        "ExifIFD:FNumber",
        "ExifIFD:ISO",
        "GPS:GPSLatitude",
        "GPS:GPSLongitude",
        "ICC_Profile:ProfileDescription",
    )
    seen = set()
    for copy in real["enhance"]["written"]:
        before, after = exiftool(Path(copy["source"])), exiftool(Path(copy["output"]))
        for tag in kept:
            if tag in before:
                seen.add(tag)
                assert after.get(tag) == before[tag], (copy["output"], tag)
        assert after.get("IFD0:Orientation", 1) == 1
    assert seen == set(kept)


def test_copies_of_real_photos_are_not_indexed(real: dict[str, Any]) -> None:
    """Indexing the folder above both finds no new photo."""
    program = real["program"]
    again = program.json("index", program.home)
    assert (again["indexed"], again["unchanged"]) == (0, _RATED + len(_CAMERA_PHOTOS))
