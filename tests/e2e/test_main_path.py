"""From a folder of photos to a ranking and enhanced copies, as a user goes the path."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from photoaesth.samples.album import Sample, draw_album
from photoaesth.samples.photographer import DEMO_PHOTOGRAPHER, standardise

_PHOTOS = 20
_CHOICES = 60
_ENHANCED = 2


@dataclass(frozen=True)
class Journey:
    """What the program said on its way, and what the originals were before and after."""

    program: Any
    album: Path
    said: dict[str, Any]
    originals_before: dict[str, Any]
    originals_after: dict[str, Any]

    @property
    def copies(self) -> Path:
        return Path(self.program.home, "enhanced")


@pytest.fixture(scope="module")
def journey(
    tmp_path_factory: pytest.TempPathFactory,
    make_program: Callable[[Path], Any],
    fingerprint: Callable[[Path], dict[str, Any]],
    write_choices: Callable[..., Path],
) -> Journey:
    """Index, choose, train, enhance; once, because it takes a while."""
    program = make_program(tmp_path_factory.mktemp("journey"))
    samples = draw_album(program.photos, count=_PHOTOS)
    before = fingerprint(program.photos)
    said = {"index": program.json("index", program.photos)}
    said["index again"] = program.json("index")
    choices = write_choices(program.home / "choices.csv", _choices(samples))
    said["import"] = program.json("comparisons", "import", choices)
    said["import again"] = program.json("comparisons", "import", choices)
    said["generic ranking"] = program.json("rank", "--top", _PHOTOS)
    said["train"] = program.json("train")
    copies = program.home / "enhanced"
    said["enhance"] = program.json("enhance", "--top", _ENHANCED, "--output", copies)
    return Journey(program, program.photos, said, before, fingerprint(program.photos))


def _choices(samples: list[Sample]) -> list[tuple[object, ...]]:
    """Let the simulated photographer choose between random pairs."""
    rng = np.random.default_rng(5)
    traits = standardise([sample.traits for sample in samples])
    rows: list[tuple[object, ...]] = []
    for _ in range(_CHOICES):
        left, right = rng.choice(len(samples), 2, replace=False)
        outcome = DEMO_PHOTOGRAPHER.choose(traits[left], traits[right], rng)
        rows.append((samples[left].path, samples[right].path, outcome))
    return rows


def test_indexing_takes_every_photo_once(journey: Journey) -> None:
    """The first index reads all photos; the second finds nothing to do and reads none."""
    first, second = journey.said["index"], journey.said["index again"]
    assert (first["indexed"], first["unchanged"], first["skipped"]) == (_PHOTOS, 0, [])
    assert (second["indexed"], second["unchanged"], second["skipped"]) == (0, _PHOTOS, [])


def test_choices_are_taken_over_once(journey: Journey) -> None:
    """Importing the same file again adds nothing."""
    first, second = journey.said["import"], journey.said["import again"]
    assert (first["imported"], first["known"]) == (_CHOICES, 0)
    assert (second["imported"], second["known"]) == (0, _CHOICES)


def test_training_keeps_what_predicts_held_out_choices_better(journey: Journey) -> None:
    """The model in use is the one whose held-out log loss is the smaller."""
    trained = journey.said["train"]
    heldout = trained["heldout"]
    better = heldout["personal_log_loss"] < heldout["generic_log_loss"]
    assert trained["kept"] == ("personal" if better else "generic")
    assert trained["direct"] == _CHOICES
    assert trained["scored"] == _PHOTOS
    assert heldout["pairs"] <= _CHOICES
    low, high = heldout["interval"]
    assert 0 <= low <= heldout["personal"] <= high <= 1


def test_training_moves_the_ranking_toward_the_photographer(journey: Journey) -> None:
    """After training, scores agree with more of the choices than the generic ones do."""
    scores = {p["path"]: p for p in journey.program.json("rank", "--top", _PHOTOS)["photos"]}
    rows = journey.program.json("comparisons", "list")["comparisons"]
    agreed = {"score": 0, "generic": 0}
    for row in rows:
        if row["outcome"] in ("left", "right"):
            sign = 1 if row["outcome"] == "left" else -1
            for kind in agreed:
                left, right = scores[row["left"]][kind], scores[row["right"]][kind]
                agreed[kind] += (left - right) * sign > 0
    assert agreed["score"] > agreed["generic"]


def test_best_and_worst_are_two_ends_of_one_ranking(journey: Journey) -> None:
    """`--bottom` lists from the worst what `--top` lists from the best."""
    best = journey.program.json("rank", "--top", _PHOTOS)["photos"]
    worst = journey.program.json("rank", "--bottom", _PHOTOS)["photos"]
    assert [p["path"] for p in best] == [p["path"] for p in worst][::-1]
    assert [p["rank"] for p in best] == [p["rank"] for p in worst] == list(range(1, _PHOTOS + 1))
    assert [p["score"] for p in best] == sorted((p["score"] for p in best), reverse=True)


def test_every_format_lists_the_same_photos(journey: Journey) -> None:
    """Table, JSON, NDJSON, CSV, paths and NUL-separated paths agree on photos and order."""

    def listed(*options: str) -> str:
        return str(journey.program("rank", "--top", "5", *options).stdout.decode())

    paths = [photo["path"] for photo in json.loads(listed("--json"))["photos"]]
    assert len(paths) == 5
    assert [json.loads(line)["path"] for line in listed("--format", "ndjson").splitlines()] == paths
    rows = list(csv.DictReader(io.StringIO(listed("--format", "csv"))))
    assert [row["path"] for row in rows] == paths
    assert listed("--format", "paths").splitlines() == paths
    assert listed("-0") == "".join(f"{path}\0" for path in paths)
    table = listed("--format", "table").splitlines()
    assert [line.rstrip().endswith(path) for line, path in zip(table[1:], paths, strict=True)]


def test_scoring_a_file_agrees_with_its_rank(journey: Journey, tmp_path: Path) -> None:
    """A photo scores the same indexed, and as a stranger at another place."""
    (best,) = journey.program.json("rank", "--top", 1)["photos"]
    stranger = tmp_path / "stranger.jpg"
    stranger.write_bytes(Path(best["path"]).read_bytes())
    scored = journey.program.json("score", best["path"], stranger)["photos"]
    assert [photo["path"] for photo in scored] == [best["path"], str(stranger)]
    for photo in scored:
        assert photo["score"] == pytest.approx(best["score"], abs=0.02)


def test_copies_are_full_size_pictures_of_their_originals(journey: Journey) -> None:
    """Every copy exists, is as large as its original seen upright, and is named after it."""
    report = journey.said["enhance"]
    assert report["skipped"] == []
    best = journey.program.json("rank", "--top", _ENHANCED)["photos"]
    assert [copy["source"] for copy in report["written"]] == [photo["path"] for photo in best]
    for copy in report["written"]:
        source, output = Path(copy["source"]), Path(copy["output"])
        assert output.stem == f"{source.stem}-enhanced"
        assert output.is_relative_to(journey.copies)
        assert copy["parameters"]
        assert all(isinstance(value, float) for value in copy["parameters"].values())
        with Image.open(source) as original, Image.open(output) as written:
            assert written.size == ImageOps.exif_transpose(original).size
            written.load()
        # What the starter policy mends may cost a little that scores do not see.
        assert copy["score_after"] > copy["score_before"] - 0.2


def test_copies_keep_what_the_camera_wrote(
    journey: Journey, exiftool: Callable[[Path], dict[str, Any]]
) -> None:
    """ExifTool finds the original's EXIF data in the copy, and the copy upright."""
    for copy in journey.said["enhance"]["written"]:
        before, after = exiftool(Path(copy["source"])), exiftool(Path(copy["output"]))
        kept = {
            tag: value
            for tag, value in before.items()
            if tag.startswith(("IFD0:", "ExifIFD:", "GPS:")) and tag != "IFD0:Orientation"
        }
        assert kept["IFD0:Model"]
        assert {tag: after.get(tag) for tag in kept} == kept
        assert after.get("IFD0:Orientation", 1) == 1


def test_what_the_program_writes_is_never_indexed(journey: Journey) -> None:
    """Copies and thumbnails in an indexed folder, also renamed, do not enter the library."""
    program = journey.program
    assert list(program.cache.rglob("*.jpg"))
    for number, copy in enumerate(sorted(journey.copies.rglob("*-enhanced*"))):
        (journey.copies / f"renamed-{number}{copy.suffix}").write_bytes(copy.read_bytes())
    assert program.json("index", program.home)["indexed"] == 0
    assert program.json("status")["photos"] == _PHOTOS


def test_originals_are_untouched(journey: Journey) -> None:
    """Content, time and permissions of every original are as they were before the journey."""
    assert len(journey.originals_before) == _PHOTOS
    assert journey.originals_after == journey.originals_before
