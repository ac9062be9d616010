import io
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import exifread
import numpy as np
import pytest
from PIL import ExifTags, Image

from photoaesth.imaging import decode
from photoaesth.samples import album
from photoaesth.samples.album import Sample, draw_album
from photoaesth.samples.camera import Look
from photoaesth.samples.exif import CAMERAS, expose
from photoaesth.samples.paint import Frame
from photoaesth.samples.scenes import SCENES
from photoaesth.samples.traits import TRAITS, measure

COUNT = 24


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """A small album; 24 is enough for bursts, a square, a panorama, a PNG and a WebP."""
    return draw_album(tmp_path_factory.mktemp("album"), count=COUNT, seed=7)


def _tags(path: Path) -> dict:
    # The block alone: exifread looks for it six bytes too far in a WebP.
    return exifread.process_file(io.BytesIO(decode(path).exif), details=False)


def _taken_at(path: Path) -> datetime:
    tags = _tags(path)
    text = f"{tags['EXIF DateTimeOriginal']}.{tags['EXIF SubSecTimeOriginal']}"
    return datetime.strptime(text, "%Y:%m:%d %H:%M:%S.%f")  # noqa: DTZ007 - as cameras write it


def test_the_same_seed_draws_the_same_bytes(tmp_path: Path) -> None:
    """Two runs write identical files under identical names; another seed does not."""
    runs = [draw_album(tmp_path / str(i), count=3, seed=seed) for i, seed in enumerate((5, 5, 6))]

    first, again, other = (
        {sample.path.relative_to(tmp_path / str(i)): sample.path.read_bytes() for sample in run}
        for i, run in enumerate(runs)
    )
    assert first == again
    assert set(first.values()).isdisjoint(other.values())


def test_the_album_is_what_was_asked_for(drawn: list[Sample]) -> None:
    """As many distinct files as asked, in several journeys, with many kinds of scenes."""
    assert len({sample.path for sample in drawn}) == COUNT
    assert all(sample.path.is_file() for sample in drawn)
    assert 4 <= len({sample.path.parent for sample in drawn}) <= 6
    assert len({sample.scene for sample in drawn}) >= 12
    assert {sample.path.suffix.lower() for sample in drawn} == {".jpg", ".png", ".webp"}


def test_sizes_are_varied_and_small(drawn: list[Sample]) -> None:
    """There are landscapes, portraits, 4:3, one square and one panorama, none over 1400 px."""
    sizes = Counter(decode(sample.path).image.size for sample in drawn)

    assert sizes[760, 760] == 1
    assert sizes[1400, 480] == 1
    assert {(960, 640), (880, 660)} < set(sizes)
    assert any(width < height for width, height in sizes)
    assert max(max(size) for size in sizes) == 1400


def test_exifread_finds_what_the_camera_wrote(drawn: list[Sample]) -> None:
    """Every file says when and with what it was taken; exactly the phone's say where."""
    by_model = {camera.model: camera for camera in CAMERAS}
    positions = 0
    for sample in drawn:
        tags = _tags(sample.path)
        camera = by_model[str(tags["Image Model"])]
        assert str(tags["Image Make"]) == camera.make
        assert str(tags["EXIF LensModel"]) == camera.lens
        low, high = camera.focal_mm
        assert low <= float(tags["EXIF FocalLength"].values[0]) <= high
        assert float(tags["EXIF FNumber"].values[0]) >= camera.widest_f
        assert 0 < float(tags["EXIF ExposureTime"].values[0]) <= 30
        assert 100 <= tags["EXIF ISOSpeedRatings"].values[0] <= 6400
        assert sample.path.parent.name[:7] == f"{_taken_at(sample.path):%Y-%m}"
        assert ("GPS GPSLatitude" in tags) is camera.gps
        positions += camera.gps
    assert 0 < positions < COUNT


def test_positions_are_near_the_place_of_the_journey(drawn: list[Sample]) -> None:
    """Degrees, minutes and seconds with their N, S, E or W add up to where the folder says."""
    for sample in drawn:
        tags = _tags(sample.path)
        if "GPS GPSLatitude" not in tags:
            continue
        north, east = exifread.utils.get_gps_coords(tags)
        expected = album._PLACES[sample.path.parent.name[:7]]
        assert (north, east) == pytest.approx(expected, abs=0.2)


def test_rotated_files_are_upright_once_the_orientation_is_applied(tmp_path: Path) -> None:
    """A file stored on its side carries orientation 6 or 8 and shows the same upright picture."""
    shot = album._plan(COUNT, seed=7)[0]
    picture = SCENES["silhouettes"].paint(
        Frame(240 + 2 * album._MARGIN_PX, 360 + 2 * album._MARGIN_PX),
        np.random.default_rng(0),
    )
    decoded = {}
    for orientation in (1, 6, 8):
        turned = replace(
            shot, size=(240, 360), orientation=orientation, frame=0, suffix=None, look=Look()
        )
        path = tmp_path / f"{orientation}.jpg"
        path.write_bytes(album._file(turned, picture, np.random.default_rng(1)))
        with Image.open(path) as stored:
            assert stored.getexif()[ExifTags.Base.Orientation] == orientation
            assert stored.size == ((240, 360) if orientation == 1 else (360, 240))
        decoded[orientation] = np.asarray(decode(path).image, np.float32)

    for orientation in (6, 8):
        assert np.abs(decoded[orientation] - decoded[1]).mean() < 3


def test_some_of_the_album_is_stored_on_its_side() -> None:
    """The full album holds both rotated orientations."""
    turned = Counter(shot.orientation for shot in album._plan(60, seed=7))

    assert turned[6] >= 2
    assert turned[8] >= 2


def test_two_bursts_of_three_frames_within_two_seconds(drawn: list[Sample]) -> None:
    """Frames of a burst follow each other, look alike, and are not the same file."""
    times = [_taken_at(sample.path) for sample in drawn]
    assert times == sorted(times)

    close = [i for i in range(1, COUNT) if (times[i] - times[i - 1]).total_seconds() < 2]
    assert len(close) == 4
    for index in close:
        before, after = drawn[index - 1], drawn[index]
        assert before.scene == after.scene
        assert before.path.read_bytes() != after.path.read_bytes()
        assert after.traits["brightness"] == pytest.approx(before.traits["brightness"], abs=0.06)


def test_traits_are_those_of_the_written_file(drawn: list[Sample]) -> None:
    """Measuring the file again gives the numbers handed back, and the album varies in all."""
    for sample in drawn[:3]:
        assert measure(decode(sample.path).image) == pytest.approx(dict(sample.traits))
    for trait in TRAITS:
        assert np.std([sample.traits[trait] for sample in drawn]) > 0.02


def test_progress_counts_every_picture(tmp_path: Path) -> None:
    """The caller hears of each picture once, in order."""
    calls: list[tuple[int, int]] = []

    draw_album(
        tmp_path, count=2, seed=1, on_progress=lambda done, total: calls.append((done, total))
    )

    assert calls == [(1, 2), (2, 2)]


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.model)
@pytest.mark.parametrize("light_ev", [-6, 4, 7, 13])
def test_exposures_fit_the_light(camera, light_ev: int) -> None:
    """N² / t at ISO 100 is the light's exposure value, to the half stop that shutters step in."""
    exposure = expose(camera, light_ev, np.random.default_rng(0))

    settings_ev = np.log2(exposure.aperture_f**2 / exposure.time_s / (exposure.iso / 100))
    assert settings_ev == pytest.approx(light_ev, abs=1.05 if light_ev < 0 else 0.6)
