import functools
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from photoaesth import __version__
from photoaesth.enhance import naming
from photoaesth.enhance.copies import copy_of, enhance_image, output_path, write_copy
from photoaesth.enhance.edits import Edit
from photoaesth.enhance.operations import apply, to_vector
from photoaesth.enhance.origin import origin_of
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.imaging import decode_deep, encode_deep

SHARED = Path(__file__).parents[3] / "shared" / "data" / "camera-photos"
ORIENTATION, ARTIST = 0x0112, 0x013B
MODERATE = {"exposure": 0.4, "temperature": 0.1, "saturation": 0.15, "contrast": 0.1}
HIGHEST = {
    "temperature": 0.4,
    "tint": 0.2,
    "exposure": 1.0,
    "saturation": 0.4,
    "contrast": 0.4,
    "curve_shadows": 0.2,
    "curve_midtones": 0.2,
    "curve_highlights": 0.2,
}


def picture(width: int = 96, height: int = 64) -> Image.Image:
    """A smooth picture that holds greys, strong colours, black and white."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    channels = [x, 0.5 + 0.5 * np.sin(6 * y + 3 * x), (x + y) / 2]
    return Image.fromarray(np.uint8(np.round(255 * np.stack(channels, axis=-1))))


def exact(image: Image.Image, parameters: dict[str, float]) -> np.ndarray:
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None] / 255
    result = apply(pixels, to_vector(parameters)[None])[0].permute(1, 2, 0)
    return np.asarray((255 * result).round())


def exif(**tags: object) -> bytes:
    block = Image.Exif()
    for tag, value in tags.items():
        block[{"orientation": ORIENTATION, "artist": ARTIST}[tag]] = value
    return block.tobytes()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photos" / "IMG_1.jpg"
    path.parent.mkdir()
    picture().save(path, quality=95)
    return path


@pytest.mark.parametrize(
    ("source", "format_", "name"),
    [
        ("IMG_1.jpg", None, "IMG_1-enhanced.jpg"),
        ("IMG_1.JPG", None, "IMG_1-enhanced.JPG"),
        ("IMG_1.jpeg", "JPEG", "IMG_1-enhanced.jpeg"),
        ("IMG_1.png", None, "IMG_1-enhanced.png"),
        ("IMG_1.tif", None, "IMG_1-enhanced.tif"),
        ("IMG_1.webp", None, "IMG_1-enhanced.webp"),
        ("IMG_1.avif", None, "IMG_1-enhanced.jpg"),
        ("IMG_1.jpg", "PNG", "IMG_1-enhanced.png"),
        ("holiday.2024.edit.jpg", None, "holiday.2024.edit-enhanced.jpg"),
    ],
)
def test_copies_keep_stem_and_format(source: str, format_: str | None, name: str) -> None:
    """The stem stays, then the suffix, then the file suffix of a format that can be written."""
    out = Path("out")
    assert output_path(Path("album") / source, out, format=format_) == out / name


def test_folders_below_the_base_are_kept(tmp_path: Path) -> None:
    """The copy of base/a/b/IMG.jpg goes to out/a/b, that of a photo elsewhere to out."""
    out, base = tmp_path / "out", tmp_path / "base"
    nested = base / "a" / "b" / "IMG.jpg"
    assert output_path(nested, out, base, suffix="_x") == out / "a" / "b" / "IMG_x.jpg"
    assert output_path(nested, out) == out / "IMG-enhanced.jpg"
    assert output_path(tmp_path / "else" / "IMG.jpg", out, base) == out / "IMG-enhanced.jpg"


def test_no_path_leads_out_of_the_output_folder(tmp_path: Path) -> None:
    """A photo reached through `..` gets no copy outside the output folder."""
    base = tmp_path / "base"
    sneaky = base / ".." / "other" / "IMG.jpg"
    assert output_path(sneaky, tmp_path / "out", base).parent == tmp_path / "out"


@pytest.mark.parametrize("parameters", [MODERATE, {"saturation": -0.4, "exposure": -1.0}])
def test_the_color_table_is_accurate(parameters: dict[str, float]) -> None:
    """Looking colours up differs from computing them by 1/255 at most on a smooth picture."""
    image = picture(256, 192)
    result = np.asarray(enhance_image(image, to_vector(parameters)), dtype=float)
    assert np.abs(result - exact(image, parameters)).max() <= 1


def test_the_color_table_is_accurate_for_colors_no_photo_has() -> None:
    """On uniformly random colours at strong edits, errors above 1 are rare."""
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    error = np.abs(np.asarray(enhance_image(image, to_vector(HIGHEST))) - exact(image, HIGHEST))
    assert (error > 1).mean() < 1e-3
    assert error.max() <= 4


def test_identity_parameters_leave_every_pixel(tmp_path: Path) -> None:
    """Without parameters a lossless copy has the original's pixels."""
    noise = np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)
    source, target = tmp_path / "a.png", tmp_path / "b.png"
    Image.fromarray(noise).save(source)
    write_copy(source, target, {})
    np.testing.assert_array_equal(np.asarray(Image.open(target)), noise)


@pytest.mark.parametrize(
    ("suffix", "format_"), [("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("tiff", "TIFF")]
)
def test_copies_are_written_in_the_format_of_their_suffix(
    photo: Path, tmp_path: Path, suffix: str, format_: str
) -> None:
    """Every format opens again, at full size and with the enhanced colours."""
    target = tmp_path / "new" / "folder" / f"copy.{suffix}"
    assert write_copy(photo, target, MODERATE) == target
    with Image.open(target) as copy:
        assert copy.format == format_
        assert copy.size == (96, 64)
        expected = exact(Image.open(photo), MODERATE)
        assert np.abs(np.asarray(copy.convert("RGB")) - expected).mean() < 3


def test_the_original_is_untouched(photo: Path, tmp_path: Path) -> None:
    """Writing a copy changes no byte of the photo and leaves nothing else beside it."""
    before = photo.read_bytes()
    write_copy(photo, tmp_path / "copy.jpg", MODERATE)
    assert photo.read_bytes() == before
    assert list(photo.parent.iterdir()) == [photo]


def test_exif_is_kept_and_orientation_applied(tmp_path: Path) -> None:
    """A rotated photo's copy is upright in its pixels and says so; other tags stay."""
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    picture().save(source, exif=exif(orientation=6, artist="Ansel"))
    write_copy(source, target, MODERATE)
    with Image.open(target) as copy:
        assert copy.size == (64, 96)
        assert copy.getexif()[ARTIST] == "Ansel"
        assert copy.getexif().get(ORIENTATION, 1) == 1


def test_the_color_profile_is_kept(tmp_path: Path) -> None:
    """A photo with an embedded profile gets a copy with one."""
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture().save(source, icc_profile=profile)
    write_copy(source, target, MODERATE)
    with Image.open(target) as copy:
        assert ImageCms.ImageCmsProfile(io.BytesIO(copy.info["icc_profile"]))


def test_existing_files_are_replaced_only_when_asked(photo: Path, tmp_path: Path) -> None:
    """An existing target stays as it is, unless overwriting was asked for."""
    target = tmp_path / "copy.jpg"
    target.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=r"copy\.jpg"):
        write_copy(photo, target, MODERATE)
    assert target.read_bytes() == b"precious"
    write_copy(photo, target, MODERATE, overwrite=True)
    assert Image.open(target).size == (96, 64)


def test_the_photo_itself_is_never_overwritten(photo: Path, tmp_path: Path) -> None:
    """Not even overwriting writes to the original, by its own name or by another."""
    before = photo.read_bytes()
    alias = tmp_path / "alias.jpg"
    alias.hardlink_to(photo)
    for target in (photo, alias):
        with pytest.raises(PhotoaesthError, match="the photo itself"):
            write_copy(photo, target, MODERATE, overwrite=True)
    assert photo.read_bytes() == before


def test_what_cannot_be_done_is_refused_before_anything_is_written(
    photo: Path, tmp_path: Path
) -> None:
    """An unknown format, a wrong parameter and a broken photo raise and leave no file."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    out = tmp_path / "out"
    with pytest.raises(PhotoaesthError, match="JPEG, PNG, WEBP, TIFF"):
        write_copy(photo, out / "copy.gif", MODERATE)
    with pytest.raises(ValueError, match="exposure is 9"):
        write_copy(photo, out / "copy.jpg", {"exposure": 9})
    with pytest.raises(UnreadableImageError):
        write_copy(broken, out / "copy.jpg", MODERATE)
    with pytest.raises(UnreadableImageError):
        write_copy(tmp_path / "gone.jpg", out / "copy.jpg", MODERATE)
    assert not out.exists()


def test_a_folder_that_cannot_be_made_is_one_line(photo: Path, tmp_path: Path) -> None:
    """A file where the output folder should be is reported as our own error."""
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(PhotoaesthError, match="cannot write"):
        write_copy(photo, tmp_path / "out" / "copy.jpg", MODERATE)


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the development photos are not there")
def test_camera_photos_are_copied_accurately(tmp_path: Path) -> None:
    """On photos from cameras the colour table is exact to 1/255, and EXIF and size are kept."""
    for source in sorted(SHARED.glob("*.jpg"))[::11]:
        target = write_copy(source, output_path(source, tmp_path), MODERATE)
        with Image.open(source) as before, Image.open(target) as after:
            assert sorted(after.size) == sorted(before.size)
            assert after.getexif().get(0x0110) == before.getexif().get(0x0110)
            before.thumbnail((400, 400))
            small = before.convert("RGB")
        result = np.asarray(enhance_image(small, to_vector(MODERATE)), dtype=float)
        assert np.abs(result - exact(small, MODERATE)).max() <= 1


def gradient() -> np.ndarray:
    """A ramp through all 65,536 levels, `(64, 1024, 3)`."""
    return np.arange(65_536, dtype=np.uint16).reshape(64, 1024, 1).repeat(3, axis=2)


@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_16_bits_stay_16_bits(tmp_path: Path, suffix: str) -> None:
    """A smooth gradient keeps more than 4,000 levels, where 8 bits have 256."""
    source, target = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    source.write_bytes(encode_deep(gradient(), format={".tif": "TIFF", ".png": "PNG"}[suffix]))
    write_copy(source, target, MODERATE)
    copy = decode_deep(target)
    assert len(np.unique(copy.values[..., 0])) > 4_000
    small = Image.fromarray((gradient() >> 8).astype(np.uint8))
    assert np.abs(copy.values / 257 - exact(small, MODERATE)).max() < 3
    write_copy(source, tmp_path / "c.jpg", MODERATE)
    assert Image.open(tmp_path / "c.jpg").size == (1024, 64)


def test_without_parameters_every_deep_value_stays(tmp_path: Path) -> None:
    """The identity leaves all 16 bits of each value."""
    source = tmp_path / "a.tif"
    source.write_bytes(encode_deep(gradient(), format="TIFF"))
    target = write_copy(source, tmp_path / "b.tif", {})
    np.testing.assert_array_equal(decode_deep(target).values, gradient())


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not there")
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_exiftool_finds_what_was_there_and_the_note(tmp_path: Path, suffix: str) -> None:
    """Place, time, words and colour space stay; program and edit are noted; all is upright."""
    source, target = tmp_path / "a.jpg", tmp_path / f"b.{suffix}"
    picture().save(source)
    written = [
        "-Orientation#=6", "-XMP-tiff:Orientation#=6", "-Artist=Ansel", "-ImageDescription=Mine",
        "-UserComment=My words", "-XMP-dc:Description=Mine too", "-Software=Firmware 1.0",
        "-DateTimeOriginal=2024:05:06 07:08:09", "-GPSLatitude=48.5", "-GPSLatitudeRef=N",
    ]  # fmt: skip
    run = functools.partial(subprocess.run, check=True, capture_output=True, text=True)
    run(["exiftool", "-q", "-overwrite_original", *written, str(source)])
    write_copy(source, target, MODERATE)
    tags = [
        "Artist", "IFD0:ImageDescription", "UserComment", "XMP-dc:Description", "IFD0:Software",
        "DateTimeOriginal", "GPSLatitude", "Orientation", "XMP-tiff:Orientation",
        "HistorySoftwareAgent", "HistoryParameters",
    ]  # fmt: skip
    found = run(["exiftool", "-n", "-j", "-G1", *(f"-{tag}" for tag in tags), str(target)]).stdout
    values = {key.split(":")[-1]: value for key, value in json.loads(found)[0].items()}
    ours = f"photoaesth {__version__}"
    assert values | {"SourceFile": ""} == {
        "SourceFile": "",
        "Artist": "Ansel",
        "ImageDescription": "Mine",
        "UserComment": "My words",
        "Description": "Mine too",
        "Software": ours,
        "DateTimeOriginal": "2024:05:06 07:08:09",
        "GPSLatitude": 48.5,
        "Orientation": 1,
        "HistorySoftwareAgent": ours,
        "HistoryParameters": "temperature +0.1 100 mired, exposure +0.4 EV, "
        "saturation +0.15 relative chroma, contrast +0.1 relative slope",
    }


def test_a_copy_without_an_edit_has_no_note(tmp_path: Path) -> None:
    """Where nothing was changed, the metadata is the photo's own."""
    source = tmp_path / "a.jpg"
    picture().save(source, exif=exif(artist="Ansel"))
    with Image.open(write_copy(source, tmp_path / "b.jpg", {})) as copy:
        assert dict(copy.getexif()) == {ARTIST: "Ansel"}
        assert "xmp" not in copy.info


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_a_smaller_copy_says_its_size(tmp_path: Path, suffix: str) -> None:
    """Pixels, EXIF and XMP agree on the size, also of a photo that is turned upright."""
    source = tmp_path / "a.jpg"
    block = Image.Exif()
    block[ORIENTATION] = 6
    block[0x8769] = {0xA002: 96, 0xA003: 64}
    packet = b"<x:xmpmeta><rdf:RDF><rdf:Description tiff:ImageWidth='96'/></rdf:RDF></x:xmpmeta>"
    picture().save(source, exif=block.tobytes(), xmp=packet)
    content = copy_of(
        source, Edit(MODERATE, longer_side=48), format=naming.format_of(Path(f"b.{suffix}"))
    )
    with Image.open(io.BytesIO(content)) as copy:
        assert copy.size == (32, 48)
        inner = copy.getexif().get_ifd(0x8769)
        assert (inner[0xA002], inner[0xA003]) == (32, 48)
    assert b"tiff:ImageWidth='32'" in content


def test_a_smaller_copy_shows_the_same_picture(tmp_path: Path) -> None:
    """Made smaller before the edit or after it, the picture is the same; none is enlarged."""
    source = tmp_path / "a.png"
    picture(960, 640).save(source)

    def made(edit: Edit) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(copy_of(source, edit, format="PNG"))), float)

    small = made(Edit(MODERATE, longer_side=240))
    full = Image.fromarray(made(Edit(MODERATE)).astype(np.uint8))
    expected = np.asarray(full.resize((240, 160), Image.Resampling.BOX), float)
    assert np.abs(small - expected).mean() < 1
    assert made(Edit(MODERATE, longer_side=5000)).shape == (640, 960, 3)


@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_16_bits_are_kept_when_a_copy_is_made_smaller(tmp_path: Path, suffix: str) -> None:
    """A ramp at a quarter of its size still has more levels than 8 bits."""
    source = tmp_path / f"a{suffix}"
    format_ = naming.format_of(source)
    ramp = np.linspace(0, 65_535, 2_000).round().astype(np.uint16)
    source.write_bytes(encode_deep(np.tile(ramp[None, :, None], (8, 1, 3)), format=format_))
    target = tmp_path / f"b{suffix}"
    target.write_bytes(copy_of(source, Edit(MODERATE, longer_side=500), format=format_))
    values = decode_deep(target).values
    assert values.shape == (2, 500, 3)
    assert len(np.unique(values)) > 450


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_copy_names_the_photo_it_is_of(photo: Path, tmp_path: Path, format_: str) -> None:
    """The hash can be read back, also of an unchanged copy; a copy of a copy names the last."""
    first, second = tmp_path / "first.jpg", tmp_path / "second.jpg"
    first.write_bytes(copy_of(photo, Edit({}), format=format_, origin="aa01"))
    assert origin_of(first) == "aa01"
    second.write_bytes(copy_of(first, Edit(MODERATE), format=format_, origin="bb02"))
    assert origin_of(second) == "bb02"
    assert origin_of(photo) == ""
