"""`xmp write`: what is written where, what is left alone, and what a second write does."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.library.filters import PhotoFilter
from photoaesth.workflows import xmp
from photoaesth.workflows.albums import save_album
from photoaesth.workflows.query import Query
from photoaesth.workflows.xmp import places


def test_stars_for_every_photo_once(desk: Any) -> None:
    """Every photo gets a sidecar with stars and its score; a second write changes nothing."""
    plan, report = desk.write(stars=())
    assert plan.photos == len(report.written) == 6
    assert sum(plan.stars.values()) == 6
    marks = [desk.marks(f"IMG_{number}.xmp") for number in range(1, 7)]
    best = max(marks, key=lambda found: found.score)
    assert best.rating == 5
    assert all(found.rating == found.own_rating for found in marks)
    before = desk.sidecars()
    plan, report = desk.write(stars=())
    assert (plan.writes, plan.unchanged, report.run) == ([], 6, None)
    assert desk.sidecars() == before
    assert desk.runs() == 1


def test_a_plan_writes_nothing(desk: Any) -> None:
    """Planning, which is all that a dry run does, leaves folder and journal as they are."""
    assert len(desk.plan(stars=()).writes) == 6
    assert desk.sidecars() == {}
    assert desk.runs() == 0


def test_scores_alone_touch_no_stars(desk: Any) -> None:
    """Without being asked for stars, a write gives the score and nothing else."""
    desk.give("IMG_1.xmp", rating=0)
    desk.write()
    for name in ("IMG_1.xmp", "IMG_2.xmp"):
        marks = desk.marks(name)
        assert 1 <= marks.score <= 10
        assert marks.rating in {None, 0}
        assert marks.label is marks.pick is None
        assert marks.keywords == marks.hierarchical == ()


@pytest.mark.parametrize("name", ["IMG_1.xmp", "IMG_1.jpg.xmp", "IMG_1.XMP"])
def test_somebodys_stars_stay(desk: Any, name: str) -> None:
    """Stars in a sidecar of either kind keep ours out, and are replaced only with overwrite."""
    desk.give(name, rating=4)
    plan, _ = desk.write(stars=(10, 10, 10, 10))
    assert plan.kept == 1
    assert plan.stars == {1: 5}
    assert desk.marks(name).rating == 4
    assert len(desk.sidecars()) == 6  # and no second one beside it
    plan, _ = desk.write(stars=(10, 10, 10, 10), overwrite=True)
    assert desk.marks(name).rating == 1
    assert b'crs:Exposure2012="+0.50"' in desk.sidecars()[name]


def test_both_sidecars_of_a_photo(desk: Any) -> None:
    """Where both kinds are there both say the same; stars in one keep ours out of both."""
    desk.give("IMG_1.xmp")
    desk.give("IMG_1.jpg.xmp", rating=3)
    desk.give("IMG_2.xmp")
    desk.give("IMG_2.jpg.xmp", rating=0)
    desk.write(stars=(10, 10, 10, 10))
    assert desk.marks("IMG_1.xmp").rating is None
    assert desk.marks("IMG_1.xmp").score == desk.marks("IMG_1.jpg.xmp").score is not None
    assert desk.marks("IMG_2.xmp").rating == desk.marks("IMG_2.jpg.xmp").rating == 1


def test_stars_in_the_photo_itself_stay(desk: Any, place: Any) -> None:
    """A photo that carries its stars inside is rated, though it has no sidecar."""
    exiftool = shutil.which("exiftool") or pytest.skip("exiftool is not installed")
    command = [exiftool, "-q", "-overwrite_original", "-XMP-xmp:Rating=2"]
    subprocess.run([*command, str(desk.root / "IMG_1.jpg")], check=True)
    place.index()
    plan, _ = desk.write(stars=())
    assert plan.kept == 1
    assert desk.marks("IMG_1.xmp").rating is None
    assert desk.marks("IMG_1.xmp").score is not None


def test_our_own_stars_follow_the_scores(desk: Any) -> None:
    """Stars that we wrote are nobody's: other thresholds replace them without overwrite; once
    somebody changes them, they stay."""
    desk.write(stars=(10, 10, 10, 10))
    plan, _ = desk.write(stars=(1, 1, 1, 1))
    assert plan.stars == {5: 6}
    changed = desk.sidecars()["IMG_1.xmp"].replace(b"<xmp:Rating>5<", b"<xmp:Rating>3<")
    (desk.root / "IMG_1.xmp").write_bytes(changed)
    plan, _ = desk.write(stars=(10, 10, 10, 10))
    assert plan.stars == {1: 5}
    assert desk.marks("IMG_1.xmp").rating == 3


def test_our_stars_copied_by_another_program_are_still_ours(desk: Any) -> None:
    """digiKam writes into its own sidecar what it read in Adobe's: that rates nothing."""
    desk.write(stars=(10, 10, 10, 10))
    desk.give("IMG_1.jpg.xmp", rating=1)
    plan, _ = desk.write(stars=(1, 1, 1, 1))
    assert plan.kept == 0
    assert desk.marks("IMG_1.jpg.xmp").rating == 5


def test_rejecting(desk: Any) -> None:
    """The lowest share is rejected, for digiKam by its pick label; the others get no stars."""
    desk.write(rejects=20)
    marks = {name: desk.marks(name) for name in desk.sidecars()}
    worst = min(marks, key=lambda name: marks[name].score)
    rejected = [name for name, found in marks.items() if found.rating == -1]
    assert rejected == [worst]
    assert marks[worst].pick == "rejected"
    assert {found.rating for found in marks.values()} == {-1, None}


def test_labels(desk: Any) -> None:
    """A label is written where there is none; another one stays."""
    desk.give("IMG_1.xmp", label="Rot")
    plan, _ = desk.write(label="Green")
    assert plan.kept == 1
    assert desk.marks("IMG_1.xmp").label == "Rot"
    assert desk.marks("IMG_2.xmp").label == "Green"


def test_keywords(desk: Any) -> None:
    """Keywords stand below our own, replace each other, and leave those of others alone."""
    desk.give("IMG_1.xmp", keywords=("sea",), hierarchical=("places|sea",))
    desk.write(keywords=frozenset({"stars"}), stars=(10, 10, 10, 10))
    assert desk.marks("IMG_1.xmp").hierarchical == ("places|sea", "photoaesth|stars|1 star")
    desk.write(keywords=frozenset({"stars"}), stars=(1, 1, 1, 1))
    marks = desk.marks("IMG_1.xmp")
    assert marks.hierarchical == ("places|sea", "photoaesth|stars|5 stars")
    assert marks.keywords == ("sea", "5 stars")


def test_albums_as_keywords(desk: Any) -> None:
    """A photo names the saved albums that it is in now, and no others."""
    query = Query(PhotoFilter(), count=1)
    save_album(desk.library, "me", "The best | of all", query)
    desk.write(keywords=frozenset({"albums"}))
    marks = [desk.marks(name) for name in desk.sidecars()]
    best = max(marks, key=lambda found: found.score)
    assert best.hierarchical == ("photoaesth|album|The best / of all",)
    assert sum(bool(found.hierarchical) for found in marks) == 1


def test_what_is_asked_for_alone(desk: Any) -> None:
    """Paths and filters say which photos are written; what is no photo is refused by name."""
    plan, _ = desk.write(paths=(desk.root / "IMG_2.jpg",))
    assert [item.path.name for item in plan.writes] == ["IMG_2.xmp"]
    plan = desk.plan(chosen=PhotoFilter(since=date(2100, 1, 1)))
    assert (plan.photos, plan.writes) == (0, [])
    assert len(desk.plan(paths=(desk.root,)).writes) == 5  # one says it already
    with pytest.raises(PhotoaesthError, match=r"IMG_9\.jpg is no indexed photo"):
        desk.plan(paths=(desk.root / "IMG_9.jpg",))


def test_stars_are_those_of_the_library(desk: Any) -> None:
    """One photo asked for alone gets the stars of its place among all."""
    together = {item.path.name: item.wanted.rating for item in desk.plan(stars=()).writes}
    alone = desk.plan(stars=(), paths=(desk.root / "IMG_2.jpg",)).writes[0]
    assert alone.wanted.rating == together["IMG_2.xmp"]
    worst = min(together, key=lambda name: together[name] or 0)
    photo = (desk.root / worst).with_suffix(".jpg")
    (only,) = desk.plan(stars=(), paths=(photo,)).writes
    assert only.wanted.rating == together[worst] < 5


@pytest.mark.parametrize(
    ("style", "names"),
    [
        ("adobe", {"IMG_1.xmp"}),
        ("darktable", {"IMG_1.CR2.xmp", "IMG_1.jpg.xmp"}),
        ("both", {"IMG_1.xmp", "IMG_1.CR2.xmp", "IMG_1.jpg.xmp"}),
    ],
)
def test_a_raw_file_beside_a_jpeg(desk: Any, place: Any, style: str, names: set[str]) -> None:
    """The two are one photo: Adobe's one sidecar speaks for both, the others have one each."""
    (desk.root / "IMG_1.CR2").write_bytes(b"never opened by indexing")
    place.index()
    plan, report = desk.write(paths=(desk.root / "IMG_1.jpg", desk.root / "IMG_1.CR2"), style=style)
    assert {path.name for path in report.written} == names, plan.skipped


def test_one_bad_sidecar_does_not_stop_the_others(desk: Any) -> None:
    """What is no XMP stays as it is, byte for byte, and is named with the reason."""
    bad = {"IMG_1.xmp": b"<x:xmpmeta", "IMG_2.xmp": b"", "IMG_3.xmp": b"<a>no XMP</a>"}
    for name, data in bad.items():
        (desk.root / name).write_bytes(data)
    _, report = desk.write(stars=())
    assert {skipped.path.name for skipped in report.skipped} == set(bad)
    assert all(skipped.reason for skipped in report.skipped)
    assert len(report.written) == 3
    assert {name: desk.sidecars()[name] for name in bad} == bad


def test_a_photo_that_is_gone_gets_no_sidecar(desk: Any) -> None:
    """A photo that vanished since it was indexed is named, and no sidecar stands alone."""
    (desk.root / "IMG_1.jpg").unlink()
    _, report = desk.write()
    assert [skipped.path.name for skipped in report.skipped] == ["IMG_1.jpg"]
    assert "IMG_1.xmp" not in desk.sidecars()


def test_what_changed_since_the_plan_is_left_alone(desk: Any) -> None:
    """Somebody may rate a photo while we ask: their word stays, and a second write keeps it."""
    desk.give("IMG_1.xmp")
    plan = desk.plan(stars=())
    theirs = desk.give("IMG_1.xmp", rating=4)
    made = desk.give("IMG_2.xmp", rating=3)
    report = xmp.write(desk.library, plan)
    assert {skipped.path.name for skipped in report.skipped} == {"IMG_1.xmp", "IMG_2.xmp"}
    assert len(report.written) == 4
    assert desk.sidecars()["IMG_1.xmp"] == theirs
    assert desk.sidecars()["IMG_2.xmp"] == made
    plan, _ = desk.write(stars=())
    assert plan.kept == 2
    assert desk.undo().skipped == []


def test_a_change_in_the_last_moment_is_seen(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sidecar is compared once more just before it is replaced."""
    desk.give("IMG_1.xmp")
    real = places.read_packet
    reads: list[Path] = []

    def read_then_change(path: Path, *, embedded: bool) -> bytes | None:
        reads.append(path)
        if reads.count(path) == 2 and path.name == "IMG_1.xmp":
            desk.give("IMG_1.xmp", rating=4)
        return real(path, embedded=embedded)

    plan = desk.plan(stars=())
    monkeypatch.setattr(places, "read_packet", read_then_change)
    report = xmp.write(desk.library, plan)
    assert [skipped.path.name for skipped in report.skipped] == ["IMG_1.xmp"]
    assert desk.marks("IMG_1.xmp").rating == 4


def test_a_write_that_fails_late_can_be_undone(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong after a sidecar was replaced takes its entry out of no journal; what goes
    wrong before does."""
    before = {"IMG_1.xmp": desk.give("IMG_1.xmp"), "IMG_2.xmp": desk.give("IMG_2.xmp")}
    real = places.Sidecars.replace

    def fail(self: Any, path: Path, *packets: Any) -> None:
        if path.name == "IMG_1.xmp":
            real(self, path, *packets)
        raise PhotoaesthError("the light went out")

    monkeypatch.setattr(places.Sidecars, "replace", fail)
    _, report = desk.write(stars=())
    monkeypatch.undo()
    assert (report.written, len(report.skipped)) == ([], 6)
    last = xmp.last_write(desk.library, "me")
    assert last is not None
    assert last.files == 1
    desk.undo()
    assert desk.sidecars() == before


def test_a_file_planned_twice_stays_in_the_journal(desk: Any) -> None:
    """The second write of one file is refused, and the first can be undone none the less."""
    before = {"IMG_1.xmp": desk.give("IMG_1.xmp")}
    plan = desk.plan(paths=(desk.root / "IMG_1.jpg",))
    plan.writes *= 2
    report = xmp.write(desk.library, plan)
    assert (len(report.written), len(report.skipped)) == (1, 1)
    desk.undo()
    assert desk.sidecars() == before


def test_photos_whose_names_differ_in_case_alone(desk: Any, place: Any) -> None:
    """The sidecar of one is written once, as its own; stars in it are not the other's."""
    place.draw(desk.root / "img_1.JPG", seed=99)
    if len(list(desk.root.glob("[iI][mM][gG]_1.*"))) == 1:
        pytest.skip("the file system does not tell case apart")
    place.index()
    desk.give("IMG_1.jpg.xmp", rating=4)
    desk.read()
    assert desk.ratings() == {"IMG_1.jpg": 0.8}
    before = desk.sidecars()
    plan, report = desk.write(paths=(desk.root / "IMG_1.jpg", desk.root / "img_1.JPG"))
    assert [item.path.name for item in plan.writes] == ["IMG_1.jpg.xmp", "img_1.JPG.xmp"]
    assert report.skipped == []
    desk.undo()
    assert desk.sidecars() == before


def test_a_link_to_nothing_is_named_as_one(desk: Any) -> None:
    """A sidecar that is a link to a file that is gone is no sidecar that is gone."""
    (desk.root / "IMG_1.xmp").symlink_to("nowhere.xmp")
    _, report = desk.write()
    assert [(skipped.path.name, skipped.reason) for skipped in report.skipped] == [
        ("IMG_1.xmp", "it is a link to a file that is not there")
    ]


def test_permissions_and_links_are_kept(desk: Any, tmp_path: Path) -> None:
    """A sidecar keeps its mode; one that is a link stays one, and what it leads to is written."""
    desk.give("IMG_1.xmp")
    (desk.root / "IMG_1.xmp").chmod(0o640)
    elsewhere = tmp_path / "elsewhere.xmp"
    elsewhere.write_bytes(desk.give("IMG_2.xmp"))
    (desk.root / "IMG_2.xmp").unlink()
    (desk.root / "IMG_2.xmp").symlink_to(elsewhere)
    desk.write(stars=())
    assert (desk.root / "IMG_1.xmp").stat().st_mode & 0o777 == 0o640
    assert (desk.root / "IMG_2.xmp").is_symlink()
    assert b"photoaesth:Score" in elsewhere.read_bytes()
    desk.undo()
    assert b"photoaesth" not in elsewhere.read_bytes()


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def read_only(desk: Any) -> Iterator[Path]:
    """The folder of the photos, on a file system that takes no writes."""
    folder = str(desk.root)
    steps = (["--bind", folder, folder], ["-o", "remount,bind,ro", folder])
    for step in steps:
        if shutil.which("mount") is None or not _succeeds(["mount", *step]):
            pytest.skip("only root may mount, and not everywhere")
    try:
        yield desk.root
    finally:
        subprocess.run(["umount", str(desk.root)], check=True)


def test_a_read_only_folder_is_named_once(desk: Any, read_only: Path) -> None:
    """However many photos are in it, one line says so; the journal has nothing to undo."""
    _, report = desk.write(stars=())
    assert report.written == []
    (skipped,) = report.skipped
    assert skipped.path == read_only
    assert skipped.reason == "read-only file system; files left as they are: 6"
    assert xmp.last_write(desk.library, "me") is None


HOSTILE = [
    "<img src=x onerror=alert(1)>.jpg",
    "two\nlines.jpg",
    "\u202egpj.exe.jpg",
    "=HYPERLINK().jpg",
    "-rating=5.jpg",
    "a" * 251 + ".jpg",  # with .xmp behind it longer than a name may be
    os.fsdecode(b"latin-1 \xe9.jpg"),
]


@pytest.mark.skipif(os.name == "nt", reason="such names do not exist there")
@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_hostile_names(place: Any, desk: Any, name: str) -> None:
    """Whatever a photo is called, its sidecar is written beside it and taken back."""
    photo = place.draw(desk.root / name, seed=99)
    place.index()
    before = set(desk.root.iterdir())
    _, report = desk.write(stars=(), paths=(photo,))
    assert [path.parent for path in report.written] == [desk.root]
    assert report.skipped == []
    desk.undo()
    assert set(desk.root.iterdir()) == before
