"""Which photo a file is after it was moved, copied, swapped or changed: choices must follow."""

import itertools
import os
import shutil
from pathlib import Path

import pytest

from photoaesth.library.database import open_library
from photoaesth.library.photos import count
from photoaesth.workflows import index_run


@pytest.fixture
def three(place) -> list[Path]:
    """Three indexed photos, of which the first was preferred to the second."""
    paths = place.add("a.jpg", "b.jpg", "c.jpg")
    place.index()
    place.choose(paths[0], paths[1])
    place.decoded.clear()
    return paths


def swap(one: Path, other: Path) -> None:
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def test_renamed_and_moved_photos_keep_their_choices(place, three: list[Path]) -> None:
    """Another name or folder is not another photo: nothing is decoded, no id changes."""
    a, b, c = three
    ids = [place.photo(path) for path in three]
    (place.root / "sub").mkdir()
    moved = [a.rename(place.root / "sub" / "x.jpg"), b.rename(place.root / "sub" / "b.jpg")]
    report = place.index()
    assert (report.moved, report.unchanged, report.missing, place.decoded) == (2, 1, 0, [])
    assert [place.photo(path) for path in (*moved, c)] == ids
    assert place.choices() == [("sub/x.jpg", "sub/b.jpg")]
    assert place.known() == {"sub/x.jpg": False, "sub/b.jpg": False, "c.jpg": False}


def test_renamed_root_keeps_everything(place, three: list[Path]) -> None:
    """A folder that was renamed and indexed under its new name brings the same photos."""
    ids = [place.photo(path) for path in three]
    new = place.root.with_name("renamed")
    place.root.rename(new)
    report = place.index(new)
    assert (report.indexed, report.copies, place.decoded) == (0, 3, [])
    assert [place.photo(new / path.name) for path in three] == ids


def test_photo_that_vanished_before_it_was_moved(place, three: list[Path]) -> None:
    """A photo missing in one run and elsewhere in the next has moved; its old name is dropped."""
    a, _, _ = three
    number = place.photo(a)
    aside = a.rename(place.root.parent / "aside.jpg")
    assert place.index().missing == 1
    aside.rename(place.root / "back.jpg")
    report = place.index()
    assert (report.moved, report.copies, report.missing) == (1, 0, 0)
    assert place.photo(place.root / "back.jpg") == number
    assert "a.jpg" not in place.known()


def test_copies_are_one_photo_with_several_files(place, three: list[Path]) -> None:
    """Copies of a known photo are counted as copies and decoded by nobody."""
    a, b, _ = three
    shutil.copyfile(a, place.root / "a2.jpg")
    report = place.index()
    assert (report.copies, report.indexed, place.decoded) == (1, 0, [])
    assert place.photo(place.root / "a2.jpg") == place.photo(a) != place.photo(b)


def test_copies_that_are_new_together_are_one_photo(place) -> None:
    """Of several new files with one content, one is the photo and the others are its copies."""
    (a,) = place.add("a.jpg")
    for name in ("b.jpg", "c.jpg"):
        shutil.copyfile(a, place.root / name)
    report = place.index()
    assert (report.indexed, report.copies) == (1, 2)
    with open_library(place.library) as library:
        counts = count(library, "any")
    assert (counts.photos, counts.files) == (1, 3)


def test_photo_changed_in_place_keeps_its_choices(place, three: list[Path]) -> None:
    """A file written anew (a rating put into it, say) is the same photo with a new hash."""
    a, _, _ = three
    number = place.photo(a)
    a.write_bytes(a.read_bytes() + b"\0rating")
    assert place.index().indexed == 1
    assert place.photo(a) == number
    assert place.choices() == [("a.jpg", "b.jpg")]


@pytest.mark.parametrize("same_time", [False, True])
def test_swapped_names_keep_their_choices(place, three: list[Path], same_time: bool) -> None:
    """Two files that exchanged their names keep their own photos."""
    a, b, _ = three
    if same_time:
        for path in three:
            os.utime(path, (1_000_000, 1_000_000))
        place.index()
        place.decoded.clear()
    before = place.photo(a), place.photo(b)
    swap(a, b)
    report = place.index()
    assert (place.photo(b), place.photo(a)) == before
    assert (report.moved, report.unchanged, report.missing, place.decoded) == (2, 1, 0, [])
    assert place.choices() == [("b.jpg", "a.jpg")]


def test_another_photo_takes_the_name_of_a_moved_one(place, three: list[Path]) -> None:
    """The photo that moved keeps its choices; the one that took its name starts without any."""
    a, b, _ = three
    number = place.photo(a)
    moved = a.rename(place.root / "z.jpg")
    place.draw(a, seed=99)
    report = place.index()
    assert (report.moved, report.indexed, report.missing) == (1, 1, 0)
    assert place.photo(moved) == number
    assert place.photo(a) not in (number, place.photo(b))
    assert place.choices() == [("z.jpg", "b.jpg")]


@pytest.mark.parametrize("batch", [1, 2, 32])
def test_a_shifted_sequence_keeps_its_choices(
    place, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Photos renumbered to make room for new ones are found by content, in any batch.

    Every name of before is taken by another photo, and new content stands at known names.
    """
    monkeypatch.setattr(index_run, "_BATCH", batch)
    count_old, count_new = 6, 3
    names = [f"{number:02}.jpg" for number in range(count_old + count_new)]
    old = [place.draw(place.root / name, seed=n) for n, name in enumerate(names[:count_old])]
    place.index()
    ids = [place.photo(path) for path in old]
    for one, other in itertools.pairwise(old):
        place.choose(one, other)
    for number in reversed(range(count_old)):
        old[number].rename(place.root / names[number + count_new])
    for number in range(count_new):
        place.draw(place.root / names[number], seed=100 + number)
    place.index()
    assert [place.photo(place.root / name) for name in names[count_new:]] == ids
    assert not {place.photo(place.root / name) for name in names[:count_new]} & set(ids)
    assert place.choices() == list(itertools.pairwise(names[count_new:]))


def test_edited_while_the_old_content_lives_on(place, three: list[Path]) -> None:
    """The original kept aside is the photo that was judged; the edit at its name is a new one."""
    a, b, _ = three
    number = place.photo(a)
    shutil.copyfile(a, place.root / "original.jpg")
    a.write_bytes(a.read_bytes() + b"\0edited")
    place.index()
    assert place.photo(place.root / "original.jpg") == number
    assert place.choices() == [("original.jpg", "b.jpg")]
    assert place.photo(a) not in (number, place.photo(b))


def test_vanished_files_are_marked_and_come_back(place, three: list[Path]) -> None:
    """A file that is gone is missing, with its choices; when it is back, all is as before."""
    a, _, _ = three
    number = place.photo(a)
    aside = a.rename(place.root.parent / "aside.jpg")
    assert place.index().missing == 1
    assert place.known() == {"a.jpg": True, "b.jpg": False, "c.jpg": False}
    assert place.choices() == [("a.jpg", "b.jpg")]
    assert place.index().missing == 0  # told once
    aside.rename(a)
    report = place.index()
    assert (report.unchanged, report.indexed, place.decoded) == (3, 0, [])
    assert place.known() == {"a.jpg": False, "b.jpg": False, "c.jpg": False}
    assert place.photo(a) == number


@pytest.mark.skipif(os.name == "nt", reason="Windows names are Unicode")
def test_names_of_any_bytes_are_kept(place) -> None:
    """Names that are not UTF-8, or hold line breaks, are stored and moved byte by byte."""
    (source,) = place.add("a.jpg")
    raw = [b"caf\xe9.jpg", b"two\nlines.jpg", b"\xff\xfe.jpg"]
    odd = [place.root / os.fsdecode(name) for name in raw]
    try:
        for number, path in enumerate(odd):
            place.draw(path, seed=number)
    except OSError:
        pytest.skip("this file system refuses such names")
    assert place.index().indexed == 4
    ids = [place.photo(path) for path in odd]
    assert len({place.photo(source), *ids} - {None}) == 4
    moved = odd[0].rename(place.root / os.fsdecode(b"th\xe9.jpg"))
    assert place.index().moved == 1
    assert place.photo(moved) == ids[0]
