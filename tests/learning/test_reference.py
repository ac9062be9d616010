"""Reference sets on disk."""

import os
from pathlib import Path

import numpy as np
import pytest

from photoaesth.config import references_folder
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.reference import (
    MeasuredParts,
    ReferenceSet,
    list_references,
    load_reference,
    reference_path,
    save_reference,
)

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(3, 5)).astype(np.float16)


def reference(name: str = "mine", folder: Path | None = None) -> ReferenceSet:
    return ReferenceSet(
        name=name,
        backbone="vgg16-12345678",
        folder=folder,
        photos=("a.jpg", "süß/b.jpg", os.fsdecode(b"\xff.jpg")) if folder else (),
        features=FEATURES,
        distributions=RNG.dirichlet(np.ones(10), 3).astype(np.float32),
    )


@pytest.mark.parametrize("folder", [None, Path(os.fsdecode(b"/photos/\xe9t\xe9"))])
def test_what_is_saved_is_loaded(folder: Path | None) -> None:
    """Numbers, names (UTF-8 or not) and folder come back as they were."""
    saved = reference(folder=folder)
    path = save_reference(saved)
    loaded = load_reference("mine")
    assert (loaded.name, loaded.backbone, loaded.folder) == ("mine", "vgg16-12345678", folder)
    assert loaded.photos == saved.photos
    np.testing.assert_array_equal(loaded.features, saved.features)
    np.testing.assert_array_equal(loaded.distributions, saved.distributions)
    info = list_references()[1]
    assert (info.name, info.photos, info.folder, info.path) == ("mine", 3, folder, path)


def test_the_shipped_set() -> None:
    """It is what the crowd model was learned from: its landmarks and what people said of them."""
    shipped, crowd = load_reference("shipped"), load_crowd_model()
    assert [info.name for info in list_references()] == ["shipped"]
    assert list_references()[0].photos == len(shipped.features) == len(crowd.head.landmarks) > 100
    assert shipped.backbone == crowd.embedding_name
    np.testing.assert_allclose(shipped.distributions.sum(1), 1, atol=2e-3)  # half precision
    assert shipped.photos == ()


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "shipped", "x" * 65, "né"])
def test_impossible_names(name: str) -> None:
    """A name that would leave the folder, hide the file or pass for the shipped set is refused."""
    with pytest.raises(UsageError, match="cannot be called"):
        reference_path(name)


def test_dots_in_names() -> None:
    """`ava.v1` and `ava.v2` are two sets, with parts of their own."""
    for name in ("ava.v1", "ava.v2"):
        save_reference(reference(name))
        MeasuredParts(name, "b", Path("/p")).add([("a", 1, 1)], FEATURES[:1])
    assert sorted(p.name for p in references_folder().iterdir()) == [
        "ava.v1.parts",
        "ava.v1.safetensors",
        "ava.v2.parts",
        "ava.v2.safetensors",
    ]
    assert [info.name for info in list_references()] == ["shipped", "ava.v1", "ava.v2"]


def test_what_is_not_there_or_damaged() -> None:
    """A missing set says what there is; a damaged one is named with its file."""
    with pytest.raises(PhotoaesthError, match="no reference set 'mine'; photoaesth reference list"):
        load_reference("mine")
    path = save_reference(reference())
    path.write_bytes(path.read_bytes()[:50])
    for read in (list_references, lambda: load_reference("mine")):
        with pytest.raises(PhotoaesthError, match=r"mine\.safetensors is damaged; delete"):
            read()


STAMPS = [("a.jpg", 10, 1), ("b.jpg", 20, 2), ("c.jpg", 30, 3)]


def parts(backbone: str = "b", folder: str = "/photos") -> MeasuredParts:
    return MeasuredParts("mine", backbone, Path(folder))


def test_parts_survive() -> None:
    """What was added in batches is there again later, in any order, and gone when dropped."""
    first = parts()
    first.add(STAMPS[:2], FEATURES[:2])
    first.add(STAMPS[2:], FEATURES[2:])
    later = parts()
    assert [stamp in later for stamp in STAMPS] == [True, True, True]
    np.testing.assert_array_equal(later.features(STAMPS[::-1]), FEATURES[::-1])
    later.drop()
    assert STAMPS[0] not in parts()
    assert list(references_folder().iterdir()) == []


@pytest.mark.parametrize(("backbone", "folder"), [("other", "/photos"), ("b", "/other")])
def test_parts_of_another_kind_are_dropped(backbone: str, folder: str) -> None:
    """Features of another backbone or folder are not mixed in; a changed file is new."""
    parts().add(STAMPS, FEATURES)
    assert ("a.jpg", 11, 1) not in parts()
    assert STAMPS[0] not in parts(backbone, folder)


def test_a_damaged_part_costs_only_itself() -> None:
    """The others stay, and what is added next does not replace them."""
    first = parts()
    for stamp, row in zip(STAMPS[:2], FEATURES[:2], strict=True):
        first.add([stamp], row[None])
    damaged = min((references_folder() / "mine.parts").iterdir())
    damaged.write_bytes(b"cut")
    later = parts()
    assert [stamp in later for stamp in STAMPS] == [False, True, False]
    later.add([STAMPS[2]], FEATURES[2:])
    assert [stamp in parts() for stamp in STAMPS] == [False, True, True]


def test_features_too_large_for_half_precision_stay_finite() -> None:
    """float16 ends at 65,504."""
    parts().add(STAMPS[:1], np.array([[1e6, -1e6]]))
    assert parts().features(STAMPS[:1]).tolist() == [[65504.0, -65504.0]]
