"""Adding rated photos to retrieve from."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photoaesth.config import references_folder
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.learning import backbones
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.reference import load_reference
from photoaesth.workflows import reference as module
from photoaesth.workflows.reference import add_reference, list_references


class _Net:
    name = "mean-colour-00000000"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Measure mean colours instead of loading a backbone; the sizes of the batches measured."""
    batches: list[int] = []

    def features(
        net: object, inputs: Sequence[NDArray[np.uint8]], device: str
    ) -> NDArray[np.float32]:
        batches.append(len(inputs))
        return np.array([image.mean((0, 1)) for image in inputs], np.float32)

    monkeypatch.setattr(backbones, "load_named_backbone", lambda *args, **kwargs: _Net())
    monkeypatch.setattr(backbones, "backbone_features", features)
    return batches


@pytest.fixture
def rated(tmp_path: Path, draw_photo: Callable[..., Path]) -> Path:
    """A folder of five photos with a CSV beside it; c is missing and d is broken."""
    folder = tmp_path.resolve() / "rated"
    for seed, name in enumerate(["a.jpg", "b.png", "sub/e.jpg", "f.jpg"]):
        draw_photo(folder / name, seed=seed)
    (folder / "d.jpg").write_bytes(b"\xff\xd8broken")
    rows = ["a.jpg,1", "b.png,2", "c.jpg,3", "d.jpg,4", "sub/e.jpg,7"]
    (tmp_path / "ratings.csv").write_text("\n".join(["photo,score", *rows]))
    return folder


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    return tmp_path / "ratings.csv"


def test_what_is_kept(measured: list[int], rated: Path, ratings: Path) -> None:
    """Readable rated photos are kept in the order of the file, the others named with a reason."""
    steps: list[tuple[int, int]] = []
    report = add_reference(
        "mine", rated, ratings=ratings, on_progress=lambda done, total: steps.append((done, total))
    )
    assert (report.photos, report.backbone) == (3, _Net.name)
    assert {s.path.name: s.reason for s in report.skipped} == {
        "c.jpg": "no such file",
        "d.jpg": "not an image, or its beginning is damaged",
    }
    kept = load_reference("mine")
    assert kept.photos == ("a.jpg", "b.png", str(Path("sub/e.jpg")))
    assert kept.folder == rated
    assert kept.features.shape == (3, 3)
    assert len({tuple(row) for row in kept.features.tolist()}) == 3
    assert kept.distributions[[0, 2]].argmax(1).tolist() == [0, 9]
    assert steps[0] == (0, 4)
    assert steps[-1] == (4, 4)
    assert [p.name for p in references_folder().iterdir()] == ["mine.safetensors"]
    assert [info.name for info in list_references()] == ["shipped", "mine"]


def test_ava_s_photos_are_called_by_number(
    measured: list[int], tmp_path: Path, draw_photo: Callable[..., Path]
) -> None:
    """Image ids stand for files with any photo's suffix; other files are not taken for them."""
    folder = tmp_path.resolve() / "images"
    draw_photo(folder / "953619.jpg")
    draw_photo(folder / "953958.png", seed=1)
    (folder / "954184.txt").write_text("no photo")
    counts = "0 1 5 17 38 36 15 6 5 1 1 22 1396"
    ids = ("953619", "953958", "954184")
    lines = [f"{number} {image} {counts}" for number, image in enumerate(ids, start=1)]
    (tmp_path / "AVA.txt").write_text("\n".join(lines))
    report = add_reference("ava", folder, ava=tmp_path / "AVA.txt")
    assert load_reference("ava").photos == ("953619.jpg", "953958.png")
    assert [(s.path.name, s.reason) for s in report.skipped] == [("954184", "no such file")]
    # (2·1 + 3·5 + 4·17 + 5·38 + 6·36 + 7·15 + 8·6 + 9·5 + 10·1) / 124
    assert mean_score(load_reference("ava").distributions)[0] == pytest.approx(699 / 124)


def test_an_interrupted_run_carries_on(
    measured: list[int], rated: Path, ratings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches that were measured are not measured again, and the result is the same."""
    monkeypatch.setattr(module, "_BATCH", 2)

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_reference("mine", rated, ratings=ratings, on_progress=stop)
    assert [info.name for info in list_references()] == ["shipped"]
    assert measured == [2]
    add_reference("mine", rated, ratings=ratings)
    assert measured == [2, 1]
    add_reference("whole", rated, ratings=ratings)
    np.testing.assert_array_equal(load_reference("mine").features, load_reference("whole").features)


def test_a_photo_that_changed_in_between_is_measured_again(
    measured: list[int], rated: Path, ratings: Path, draw_photo: Callable[..., Path]
) -> None:
    """What was kept of an interrupted run counts for unchanged files only."""

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_reference("mine", rated, ratings=ratings, on_progress=stop)
    draw_photo(rated / "a.jpg", seed=99)
    os.utime(rated / "a.jpg", ns=(1, 1))
    add_reference("mine", rated, ratings=ratings)
    assert measured == [3, 1]


def test_refusals(measured: list[int], rated: Path, ratings: Path, tmp_path: Path) -> None:
    """An existing set, a missing folder, no readable photo or no ratings are each one line."""
    with pytest.raises(UsageError, match="either --ratings or --ava"):
        add_reference("mine", rated)
    with pytest.raises(PhotoaesthError, match=r"cannot read the folder .*nowhere: no such file"):
        add_reference("mine", tmp_path / "nowhere", ratings=ratings)
    (tmp_path / "empty").mkdir()
    with pytest.raises(PhotoaesthError, match=r"none of the rated photos in .*empty"):
        add_reference("mine", tmp_path / "empty", ratings=ratings)
    add_reference("mine", rated, ratings=ratings)
    before = load_reference("mine").features
    with pytest.raises(PhotoaesthError, match=r"a reference set 'mine' already.*delete .*mine\."):
        add_reference("mine", rated, ratings=ratings)
    np.testing.assert_array_equal(load_reference("mine").features, before)


def test_with_the_default_backbone(rated: Path, ratings: Path) -> None:
    """Without stand-ins, the features are those of the default backbone under its full name."""
    report = add_reference("mine", rated, ratings=ratings, device="cpu")
    assert report.backbone == backbones.load_named_backbone().name
    features = load_reference("mine").features
    assert features.shape[0] == 3
    assert features.shape[1] > 1000
    assert np.isfinite(features).all()
