"""`xmp undo`: byte for byte where nobody else wrote, our words alone where somebody did."""

from pathlib import Path
from typing import Any

import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.workflows import xmp
from photoaesth.workflows.xmp import places
from photoaesth.workflows.xmp.places import Sidecars


def test_back_byte_for_byte(desk: Any) -> None:
    """What was there is as it was, what we made is gone, and there is nothing left to undo."""
    before = {"IMG_1.xmp": desk.give("IMG_1.xmp"), "IMG_2.jpg.xmp": desk.give("IMG_2.jpg.xmp")}
    desk.write(stars=(), label="Red", keywords=frozenset({"stars"}))
    assert len(desk.sidecars()) == 6
    report = desk.undo()
    assert desk.sidecars() == before
    assert (len(report.restored), len(report.removed), report.merged) == (2, 4, [])
    assert xmp.last_write(desk.library, "me") is None


def test_one_run_after_the_other(desk: Any) -> None:
    """Each undo takes back one write, the last first; what a first left a second restores."""
    states = [desk.sidecars()]
    for words in ({"stars": (10,) * 4}, {"stars": (1,) * 4}, {"label": "Red"}):
        desk.write(**words)
        states.append(desk.sidecars())
    states.pop()
    assert len({str(state) for state in states}) == len(states)
    while states:
        desk.undo()
        assert desk.sidecars() == states.pop()


def test_what_others_wrote_since_stays(desk: Any) -> None:
    """Of a sidecar changed since only our words go, and stars that somebody changed stay."""
    desk.give("IMG_1.xmp", rating=0, keywords=("sea",))
    desk.give("IMG_2.xmp")
    desk.write(stars=(1, 1, 1, 1), label="Green", keywords=frozenset({"stars"}))
    one = desk.sidecars()["IMG_1.xmp"].replace(b'"+0.50"', b'"+1.25"')
    (desk.root / "IMG_1.xmp").write_bytes(one)
    two = desk.sidecars()["IMG_2.xmp"].replace(b"<xmp:Rating>5<", b"<xmp:Rating>2<")
    (desk.root / "IMG_2.xmp").write_bytes(two)
    three = desk.sidecars()["IMG_3.xmp"].replace(b"</rdf:RDF>", b"<!-- theirs --></rdf:RDF>")
    (desk.root / "IMG_3.xmp").write_bytes(three)
    report = desk.undo()
    assert {path.name for path in report.merged} == {"IMG_1.xmp", "IMG_2.xmp", "IMG_3.xmp"}
    marks = desk.marks("IMG_1.xmp")
    assert (marks.rating, marks.label, marks.keywords) == (0, None, ("sea",))
    assert marks.score is marks.own_rating is None
    assert b'"+1.25"' in desk.sidecars()["IMG_1.xmp"]
    assert desk.marks("IMG_2.xmp").rating == 2
    assert desk.marks("IMG_3.xmp").rating is None
    assert b"<!-- theirs -->" in desk.sidecars()["IMG_3.xmp"]


def test_what_is_gone_or_broken_is_named(desk: Any) -> None:
    """Sidecars that were deleted or are no XMP any more are given up; the rest goes back."""
    desk.give("IMG_1.xmp")
    desk.give("IMG_2.xmp")
    desk.write(stars=())
    (desk.root / "IMG_1.xmp").unlink()
    (desk.root / "IMG_2.xmp").write_bytes(b"<broken")
    (desk.root / "IMG_3.xmp").unlink()  # we made it: gone is what it was
    report = desk.undo()
    assert {skipped.path.name for skipped in report.skipped} == {"IMG_1.xmp", "IMG_2.xmp"}
    assert report.untouched == 1
    assert report.complete
    assert desk.sidecars() == {"IMG_2.xmp": b"<broken"}
    assert xmp.last_write(desk.library, "me") is None


@pytest.mark.parametrize("survived", range(6))
def test_an_interrupted_write_can_be_undone(
    desk: Any, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    """Stopped after any of its files, a write has journalled all that it did: undo and another
    write both work."""
    before = {"IMG_4.xmp": desk.give("IMG_4.xmp")}
    _stop_after(monkeypatch, survived)
    with pytest.raises(KeyboardInterrupt):
        desk.write(stars=())
    monkeypatch.undo()
    assert sum(b"photoaesth" in data for data in desk.sidecars().values()) == survived
    desk.undo()
    assert desk.sidecars() == before
    assert len(desk.write(stars=())[1].written) == 6


@pytest.mark.parametrize("survived", range(6))
def test_an_interrupted_undo_carries_on(
    desk: Any, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    """Stopped anywhere, the same undo does what is left, and not the one before it."""
    before = {"IMG_4.xmp": desk.give("IMG_4.xmp")}
    desk.write(stars=())
    first = xmp.last_write(desk.library, "me")
    _stop_after(monkeypatch, survived)
    with pytest.raises(KeyboardInterrupt):
        desk.undo()
    monkeypatch.undo()
    assert xmp.last_write(desk.library, "me") == first
    assert desk.undo().untouched == survived
    assert desk.sidecars() == before


def test_another_profile_has_its_own_writes(desk: Any) -> None:
    """What one profile wrote is not undone for another."""
    desk.write(stars=())
    assert xmp.last_write(desk.library, "other") is None


def test_a_drive_that_is_unplugged(desk: Any) -> None:
    """A folder that is away is named once and uses up no undo: back again, all goes back."""
    before = {"IMG_1.xmp": desk.give("IMG_1.xmp")}
    desk.write(stars=())
    away = desk.root.rename(desk.root.with_name("elsewhere"))
    report = desk.undo()
    assert [(skipped.path, skipped.reason) for skipped in report.skipped] == [
        (
            desk.root,
            "it is not there; connect its drive, or move it back; files left as they are: 6",
        )
    ]
    assert (report.untouched, report.complete) == (0, False)
    away.rename(desk.root)
    assert desk.undo().complete
    assert desk.sidecars() == before


def test_a_link_into_an_unplugged_drive(desk: Any, tmp_path: Path) -> None:
    """A sidecar that is a link to nothing now is named as one, and can be undone later."""
    theirs = desk.give("IMG_1.xmp")
    drive = tmp_path / "drive"
    drive.mkdir()
    (desk.root / "IMG_1.xmp").rename(drive / "one.xmp")
    (desk.root / "IMG_1.xmp").symlink_to(drive / "one.xmp")
    desk.write(stars=())
    away = drive.rename(tmp_path / "away")
    report = desk.undo()
    assert [skipped.reason for skipped in report.skipped] == [
        "it is a link to a file that is not there"
    ]
    away.rename(drive)
    desk.undo()
    assert (drive / "one.xmp").read_bytes() == theirs


def test_two_profiles_on_the_same_files(desk: Any) -> None:
    """The earlier write waits for the later one of the other profile; then nothing is left."""
    before = {"IMG_1.xmp": desk.give("IMG_1.xmp")}
    desk.write("noor", stars=(10,) * 4)
    desk.write("the other", stars=(1,) * 4, paths=(desk.root / "IMG_1.jpg",))
    with pytest.raises(PhotoaesthError) as refused:
        desk.undo("noor")
    assert str(refused.value) == (
        "profile 'the other' wrote into 1 of these files later; first take that back: "
        "photoaesth --profile 'the other' xmp undo"
    )
    desk.undo("the other")
    desk.undo("noor")
    assert desk.sidecars() == before


def test_two_profiles_on_different_files(desk: Any) -> None:
    """A later write of another profile into other files keeps nobody waiting."""
    desk.write("noor", paths=(desk.root / "IMG_1.jpg",))
    desk.write("other", paths=(desk.root / "IMG_2.jpg",))
    desk.undo("noor")
    assert list(desk.sidecars()) == ["IMG_2.xmp"]


def _stop_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let somebody press Ctrl-C when so many sidecars were replaced."""
    real = Sidecars.replace
    done: list[object] = []

    def replace(self: Sidecars, *arguments: Any) -> None:
        if len(done) == count:
            raise KeyboardInterrupt
        done.append(arguments)
        real(self, *arguments)

    monkeypatch.setattr(places.Sidecars, "replace", replace)
