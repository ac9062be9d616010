"""`xmp undo`: byte for byte where nobody else wrote, our words alone where somebody did."""

from typing import Any

import pytest

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
