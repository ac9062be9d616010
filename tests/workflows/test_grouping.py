"""Grouping at index time, with the real backbone."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image

from photoaesth.domain import GroupKind
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.library.database import open_library
from photoaesth.library.photos import photo_by_path
from photoaesth.workflows import index_run
from photoaesth.workflows.index import IndexOptions, IndexReport, index

CPU = IndexOptions(device="cpu")


def groups(library_path: Path) -> dict[frozenset[str], GroupKind]:
    """The kind of every group by the names of its photos."""
    with open_library(library_path) as library:
        rows = library.connection.execute(
            "SELECT g.id, g.kind, f.path FROM groups g JOIN photos p ON p.group_id = g.id "
            "JOIN files f ON f.photo_id = p.id"
        ).fetchall()
    members: dict[int, set[str]] = {}
    for number, _, path in rows:
        members.setdefault(number, set()).add(Path(path.decode()).name)
    return {frozenset(members[number]): GroupKind(kind) for number, kind, _ in rows}


def save_again(paths: Iterable[Path], folder: Path) -> list[Path]:
    """Copies without EXIF, smaller and of lower quality."""
    folder.mkdir(exist_ok=True)
    copies = []
    for path in paths:
        with Image.open(path) as image:
            smaller = image.convert("RGB").resize((image.width * 2 // 3, image.height * 2 // 3))
        copies.append(folder / f"copy-{path.stem}.jpg")
        smaller.save(copies[-1], quality=70)
    return copies


def bursts_of(album) -> set[frozenset[str]]:
    return {names for names, kind in groups(album.library).items() if kind is GroupKind.BURST}


def test_bursts_are_grouped(album) -> None:
    """The album's two bursts of three are groups, and no other photos are."""
    assert sorted(map(len, groups(album.library))) == [3, 3]
    assert len(bursts_of(album)) == 2


def test_copies_join_their_originals(album, tmp_path: Path) -> None:
    """Saved again, smaller and without EXIF, a photo is with its original; others are not."""
    bursts = bursts_of(album)
    in_burst = frozenset.union(*bursts)
    singles = [path for path in album.traits if path.name not in in_burst][:4]
    copies = save_again(singles, tmp_path / "copies")
    index(album.library, [tmp_path / "copies"], CPU)
    pairs = {frozenset({a.name, b.name}) for a, b in zip(singles, copies, strict=True)}
    found = groups(album.library)
    copied = {names for names, kind in found.items() if kind is GroupKind.NEAR_DUPLICATES}
    assert copied <= pairs
    assert len(copied) >= 3  # a drawing without edges has no telling hash
    assert set(found) == bursts | copied


def test_copy_of_a_burst_frame_joins_the_burst(album, tmp_path: Path) -> None:
    """What copies a photo that is in a group already is in that group."""
    burst = min(bursts_of(album), key=min)
    (frame,) = (path for path in album.traits if path.name == min(burst))
    (copy,) = save_again([frame], tmp_path / "copies")
    index(album.library, [tmp_path / "copies"], CPU)
    assert groups(album.library)[burst | {copy.name}] is GroupKind.BURST


def test_grouping_again_changes_nothing(album) -> None:
    """With all photos taken for new, the same groups are found."""
    before = groups(album.library)
    with open_library(album.library) as library:
        with library.transaction():
            library.connection.execute("UPDATE photos SET grouped = 0")
        index_run.group_new_photos(library, load_crowd_model())
    assert groups(album.library) == before


def test_interrupted_grouping_is_done_by_the_next_run(
    album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Photos stored by a run that ended before grouping are grouped by the next one."""
    path = min(path for path in album.traits if not any(path.name in b for b in bursts_of(album)))
    (copy,) = save_again([path], tmp_path / "copies")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def run() -> IndexReport:
        return index(album.library, [tmp_path / "copies"], CPU)

    with monkeypatch.context() as patch:
        patch.setattr(index_run, "group_new_photos", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert len(groups(album.library)) == 2
    assert run().unchanged == 1
    assert frozenset({path.name, copy.name}) in groups(album.library)


def test_changed_photo_leaves_its_group(album) -> None:
    """A frame whose pixels and time are others now is in the burst no more."""
    burst = min(bursts_of(album), key=min)
    (path,) = (path for path in album.traits if path.name == max(burst))
    with open_library(album.library) as library:
        photo = photo_by_path(library, path)
        with library.transaction():
            library.connection.execute(
                "UPDATE photos SET taken_at = '2001-01-01T01:00:00', group_id = NULL, "
                "grouped = 0, perceptual_hash = 1 WHERE id = ?",
                (photo.id,),
            )
        index_run.group_new_photos(library, load_crowd_model())
    assert not any(path.name in names for names in groups(album.library))
