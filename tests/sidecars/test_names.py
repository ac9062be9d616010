"""Which sidecars are whose, by both conventions, and where new ones go."""

import os
from pathlib import Path

import pytest

from photoaesth.sidecars import SidecarFolder, Style

from .dialects import CRS, PHOTOSHOP, described, unwrapped

FOLDER = Path("/photos")


def named(folder: SidecarFolder, photo: str) -> tuple[str, ...]:
    """Return the names of a photo's sidecars."""
    return tuple(path.name for path in folder.sidecars(FOLDER / photo))


def aimed(names: list[str], photo: str, style: Style) -> tuple[str, ...]:
    """Return the names of the sidecars that would be written for a photo."""
    folder = SidecarFolder(FOLDER, names)
    return tuple(path.name for path in folder.targets(FOLDER / photo, style))


@pytest.mark.parametrize("sidecar", ["IMG.xmp", "IMG.XMP", "IMG.CR2.xmp", "img.cr2.Xmp"])
def test_both_conventions_are_found_in_any_case(sidecar):
    """A photo's sidecar is found by its stem and by its whole name, however it is capitalised."""
    assert named(SidecarFolder(FOLDER, ["IMG.CR2", sidecar]), "IMG.CR2") == (sidecar,)


def test_where_both_are_there_both_are_the_photos():
    """A photo may have a sidecar of either convention; Adobe's comes first."""
    folder = SidecarFolder(FOLDER, ["IMG.CR2.xmp", "IMG.CR2", "IMG.xmp", "IMG2.xmp", "IM.xmp"])

    assert named(folder, "IMG.CR2") == ("IMG.xmp", "IMG.CR2.xmp")


def test_versions_of_darktable_are_left_alone():
    """`IMG_01.CR2.xmp` is a version of `IMG.CR2` with edits of its own, and no photo's sidecar."""
    folder = SidecarFolder(FOLDER, ["IMG.CR2", "IMG.CR2.xmp", "IMG_01.CR2.xmp"])

    assert named(folder, "IMG.CR2") == ("IMG.CR2.xmp",)


@pytest.mark.parametrize(
    ("photos", "owner"),
    [
        (["IMG.JPG"], "IMG.JPG"),
        (["IMG.CR2", "IMG.JPG"], "IMG.CR2"),
        (["IMG.CR2", "IMG.DNG"], "IMG.CR2"),
        (["IMG.DNG", "IMG.JPG", "IMG.TIF"], "IMG.DNG"),
        (["IMG.CR2", "IMG.NEF"], None),
        (["IMG.JPG", "IMG.PNG"], None),
        (["IMG.CR2", "IMG.DNG", "IMG.JPG", "IMG.heic"], "IMG.CR2"),
        (["IMG.jpg", "img.CR2"], "img.CR2"),
    ],
)
def test_one_photo_of_a_stem_owns_its_sidecar(photos, owner):
    """`IMG.xmp` is the RAW file's, else the DNG's, else the only photo's; in doubt nobody's."""
    folder = SidecarFolder(FOLDER, [*photos, "IMG.xmp"])

    assert [photo for photo in photos if named(folder, photo)] == ([owner] if owner else [])


@pytest.mark.parametrize(
    ("attributes", "owner"),
    [
        (f'{PHOTOSHOP} photoshop:SidecarForExtension="DNG"', "IMG.DNG"),
        (f'{PHOTOSHOP} photoshop:SidecarForExtension="nef"', "IMG.NEF"),
        (f'{CRS} crs:RawFileName="IMG.DNG"', "IMG.DNG"),
        (f'{PHOTOSHOP} photoshop:SidecarForExtension="ARW"', None),
        (f'{CRS} crs:RawFileName="IMG.ARW"', None),
        (f'{CRS} crs:RawFileName="before-it-was-renamed.DNG"', "IMG.NEF"),
        (CRS, "IMG.NEF"),
    ],
)
def test_a_sidecar_says_itself_whose_it_is(tmp_path, attributes, owner):
    """What Camera Raw notes comes before any guess; a photo that is not there owns nothing here."""
    (tmp_path / "IMG.xmp").write_text(unwrapped(described(attributes)))
    for suffix in ("NEF", "DNG", "jpg"):
        (tmp_path / f"IMG.{suffix}").touch()
    folder = SidecarFolder(tmp_path)

    owners = [path.name for path in tmp_path.glob("IMG.*") if folder.sidecars(path)]

    assert owners == ([owner] if owner else [])


def test_a_malformed_sidecar_keeps_its_likely_owner(tmp_path):
    """A sidecar that cannot be read is still the RAW file's, so that somebody hears of it."""
    (tmp_path / "IMG.xmp").write_text("nothing")
    for suffix in ("NEF", "JPG"):
        (tmp_path / f"IMG.{suffix}").touch()

    assert SidecarFolder(tmp_path).sidecars(tmp_path / "IMG.NEF") == (tmp_path / "IMG.xmp",)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Style.ADOBE, ("IMG.xmp",)),
        (Style.DARKTABLE, ("IMG.CR2.xmp",)),
        (Style.BOTH, ("IMG.xmp", "IMG.CR2.xmp")),
    ],
)
def test_new_sidecars_are_named_by_style(style, expected):
    """Where there is no sidecar, the style says which are made."""
    assert aimed(["IMG.CR2", "IMG.JPG"], "IMG.CR2", style) == expected


@pytest.mark.parametrize("style", list(Style))
def test_what_is_there_is_written_whatever_the_style(style):
    """An existing sidecar is updated, and none is made beside it."""
    assert aimed(["IMG.CR2", "IMG.CR2.XMP"], "IMG.CR2", style) == ("IMG.CR2.XMP",)


@pytest.mark.parametrize("style", list(Style))
def test_photos_that_share_a_stem_are_kept_apart(style):
    """Of CR2, DNG and JPEG of one name, only the CR2 gets `IMG.xmp`: the others keep their own."""
    names = ["IMG.CR2", "IMG.DNG", "IMG.JPG"]

    targets = [aimed(names, name, style) for name in names]

    assert targets[1:] == [("IMG.DNG.xmp",), ("IMG.JPG.xmp",)]
    assert len({name for target in targets for name in target}) == sum(map(len, targets))


def test_a_whole_name_comes_before_a_stem():
    """`IMG.CR2.xmp` beside `IMG.CR2` and `IMG.CR2.jpg` is the former's alone."""
    folder = SidecarFolder(FOLDER, ["IMG.CR2", "IMG.CR2.jpg", "IMG.CR2.xmp"])

    assert named(folder, "IMG.CR2") == ("IMG.CR2.xmp",)
    assert named(folder, "IMG.CR2.jpg") == ()
    names = ["IMG.CR2", "IMG.CR2.jpg"]
    assert aimed(names, "IMG.CR2.jpg", Style.ADOBE) == ("IMG.CR2.jpg.xmp",)


def test_of_names_that_differ_in_case_alone_the_very_same_is_taken():
    """Where a file system tells `a.xmp` from `A.xmp`, each photo has its own."""
    names = ["a.jpg.xmp", "A.jpg.xmp", "a.jpg", "A.jpg"]
    folder = SidecarFolder(FOLDER, names)

    assert named(folder, "a.jpg") == ("a.jpg.xmp",)
    assert named(folder, "A.jpg") == ("A.jpg.xmp",)


def test_a_photo_takes_no_sidecar_of_one_whose_name_differs_in_case_alone():
    """`IMG.jpg.xmp` is not the sidecar of `IMG.JPG` too, nor is one that fits neither of them."""
    names = ["IMG.JPG", "IMG.jpg", "IMG.jpg.xmp", "img.jpg.xmp"]
    folder = SidecarFolder(FOLDER, names)

    assert named(folder, "IMG.jpg") == ("IMG.jpg.xmp",)
    assert named(folder, "IMG.JPG") == ()
    assert aimed(names, "IMG.JPG", Style.ADOBE) == ("IMG.JPG.xmp",)


def test_a_sidecar_that_names_two_photos_is_neithers(tmp_path):
    """`IMG.xmp` for `jpg`, beside `IMG.JPG` and `IMG.jpg`, is in doubt; `img.jpg` has its own."""
    said = unwrapped(described(f'{PHOTOSHOP} photoshop:SidecarForExtension="JPG"'))
    (tmp_path / "IMG.xmp").write_text(said)
    names = ["IMG.JPG", "IMG.jpg", "IMG.xmp"]
    folder = SidecarFolder(tmp_path, names)

    for name in ("IMG.JPG", "IMG.jpg"):
        assert folder.sidecars(tmp_path / name) == ()
        assert folder.targets(tmp_path / name, Style.ADOBE) == (tmp_path / f"{name}.xmp",)
    one_each = SidecarFolder(tmp_path, ["IMG.jpg", "img.jpg", "IMG.xmp"])
    assert one_each.sidecars(tmp_path / "IMG.jpg") == (tmp_path / "IMG.xmp",)
    assert one_each.sidecars(tmp_path / "img.jpg") == ()


def test_accents_match_however_they_are_composed():
    """A name that macOS took apart is the same name."""
    folder = SidecarFolder(FOLDER, ["cafe\u0301.CR2", "caf\u00e9.xmp"])

    assert named(folder, "cafe\u0301.CR2") == ("caf\u00e9.xmp",)


def test_hostile_names_are_names(tmp_path):
    """Names of newlines, markup and bytes that are not UTF-8 have sidecars like any other."""
    for stem in (b"a\nb", b"<img onerror=x>", b"caf\xe9", b"%s{}", b" .x"):
        photo = Path(os.fsdecode(bytes(tmp_path) + b"/" + stem + b".jpg"))
        photo.touch()
        target = SidecarFolder(tmp_path).targets(photo, Style.ADOBE)[0]
        target.touch()

        assert target.parent == tmp_path
        assert os.fsencode(target.name) == stem + b".xmp"
        assert SidecarFolder(tmp_path).sidecars(photo) == (target,)
