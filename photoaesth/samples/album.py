"""The demonstration album: a year of pictures in folders, as a photographer keeps them."""

import io
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image

from photoaesth.files import atomic_write
from photoaesth.imaging import decode
from photoaesth.samples.camera import Look, develop
from photoaesth.samples.exif import CAMERAS, Camera, exif_of, expose
from photoaesth.samples.paint import Array, Frame
from photoaesth.samples.scenes import SCENES, Scene
from photoaesth.samples.traits import measure

_QUALITY = 90
_MARGIN_PX = 10  # painted around each picture, so that the frames of a burst can shift
_BURSTS, _BURST_FRAMES = 2, 3
_TRIP_DAYS = 12

# Where each journey's pictures were taken: degrees north and east.
_PLACES = {
    "2024-02": (68.4, 22.1),
    "2024-04": (47.4, 8.5),
    "2024-06": (46.5, 11.9),
    "2024-08": (43.4, -2.9),
    "2024-10": (41.2, -8.6),
    "2024-12": (31.1, -4.0),
}

# What goes wrong in about a quarter of all pictures.
_FAULTS: tuple[dict[str, tuple[float, float]], ...] = (
    {"exposure_ev": (-2.6, -1.7)},
    {"exposure_ev": (1.3, 2.0)},
    {"blur_px": (2.5, 5.0)},
    {"motion_px": (9.0, 22.0)},
    {"tilt_deg": (-8.0, -4.0)},
    {"tilt_deg": (3.5, 7.0)},
    {"grain": (12.0, 22.0), "saturation": (0.6, 0.9)},
    {"warmth": (0.8, 1.2)},
    {"green": (0.7, 1.1)},
)


@dataclass(frozen=True)
class Sample:
    """A picture of the album.

    Attributes:
        path: the file.
        scene: what it shows, a key of `SCENES`.
        traits: what `measure` finds in the file as it was written.
    """

    path: Path
    scene: str
    traits: Mapping[str, float]


@dataclass(frozen=True)
class _Shot:
    """A picture decided on but not painted: all but the pixels.

    Attributes:
        number: counts the subjects; frames of a burst share it.
        frame: counts the frames of a burst, from 0.
        scene: a key of `SCENES`.
        size: upright width and height in pixels.
        look: how it is taken.
        camera: by what.
        taken_at: when, local time.
        trip: the folder.
        orientation: EXIF orientation as stored.
        suffix: of the file, lower case; None leaves it to the camera.
    """

    number: int
    frame: int
    scene: str
    size: tuple[int, int]
    look: Look
    camera: Camera
    taken_at: datetime
    trip: str
    orientation: int
    suffix: str | None


def draw_album(
    folder: Path,
    *,
    count: int = 60,
    seed: int = 7,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Sample]:
    """Draw an album into subfolders of `folder`, the same files for the same `count` and `seed`.

    Files of the same names are replaced, others left alone.

    Args:
        folder: made if it does not exist.
        count: how many pictures, at least 1; from 20 on there are two bursts among them.
        seed: of all chance.
        on_progress: called with the pictures written so far and `count` after each.

    Returns:
        The pictures in the order they were taken.

    Raises:
        PhotoaesthError: a file cannot be written.
        OSError: a folder cannot be made.
    """
    shots = sorted(_plan(count, seed), key=lambda shot: shot.taken_at)
    names = _names(shots, np.random.default_rng([seed, 1]))
    samples = []
    picture, painted = np.zeros((0, 0, 3), np.float32), -1
    for done, (shot, name) in enumerate(zip(shots, names, strict=True), start=1):
        if shot.number != painted:
            width, height = (side + 2 * _MARGIN_PX for side in shot.size)
            rng = np.random.default_rng([seed, 2, shot.number])
            picture, painted = SCENES[shot.scene].paint(Frame(width, height), rng), shot.number
        data = _file(shot, picture, np.random.default_rng([seed, 3, shot.number, shot.frame]))
        path = folder / shot.trip / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path, overwrite=True) as file:
            file.write(data)
        samples.append(Sample(path, shot.scene, measure(decode(data).image)))
        if on_progress is not None:
            on_progress(done, count)
    return samples


def _plan(count: int, seed: int) -> list[_Shot]:
    """Decide on everything but the pixels."""
    rng = np.random.default_rng([seed, 0])
    subjects = count - _BURSTS * (_BURST_FRAMES - 1) if count >= 20 else count
    names = list(SCENES)
    order = [
        str(name) for _ in range(-(-subjects // len(names))) for name in rng.permutation(names)
    ]
    shots = [_shot(number, order[number], rng) for number in range(subjects)]
    _reshape(shots, (1400, 480), wide=True)
    _reshape(shots, (760, 760), wide=False)
    _turn(shots)
    if subjects < count:
        for shot in [shots[int(i)] for i in rng.choice(subjects, _BURSTS, replace=False)]:
            shots += _rest_of_burst(shot, rng)
    return shots


def _shot(number: int, name: str, rng: np.random.Generator) -> _Shot:
    scene = SCENES[name]
    fitting = [c for c in CAMERAS if c.gps or c.focal_mm[1] >= scene.focal_mm[0]]
    camera = fitting[int(rng.integers(len(fitting)))]
    trip = str(rng.choice(scene.trips))
    size = (880, 660) if camera.gps else (960, 640)
    if scene.upright and rng.random() < 0.3:
        size = (size[1], size[0])
    moment = datetime.strptime(trip[:7], "%Y-%m") + timedelta(  # noqa: DTZ007 - cameras keep local time
        days=int(rng.integers(2, 2 + _TRIP_DAYS)),
        hours=int(rng.integers(scene.hours[0], scene.hours[1] + 1)),
        seconds=float(rng.integers(0, 3600)),
        milliseconds=float(rng.integers(0, 300)),
    )
    suffix = {9: ".png", 19: ".webp"}.get(number % 20)
    return _Shot(number, 0, name, size, _look(rng), camera, moment, trip, 1, suffix)


def _look(rng: np.random.Generator) -> Look:
    """Return how a picture is taken and developed: mostly well, now and then badly."""
    look = Look(
        exposure_ev=float(rng.normal(-0.1, 0.25)),
        warmth=float(rng.normal(0, 0.22)),
        contrast=float(rng.uniform(0.95, 1.4)),
        saturation=float(rng.uniform(0.65, 1.2)) if rng.random() > 0.04 else 0.0,
        vignette=float(rng.uniform(0, 0.8)),
        grain=float(rng.uniform(0.8, 3.5)),
    )
    if rng.random() < 0.25:
        fault = _FAULTS[int(rng.integers(len(_FAULTS)))]
        look = replace(look, **{name: float(rng.uniform(*span)) for name, span in fault.items()})
    return look


def _reshape(shots: list[_Shot], size: tuple[int, int], *, wide: bool) -> None:
    """Give the first scene that makes a panorama, or does not, another shape."""
    for index, shot in enumerate(shots):
        if SCENES[shot.scene].wide is wide:
            shots[index] = replace(shot, size=size)
            return


def _turn(shots: list[_Shot]) -> None:
    """Store two portraits of three on their side, as cameras do, and one upright."""
    portraits = [i for i, shot in enumerate(shots) if shot.size[0] < shot.size[1]]
    for index, orientation in zip(portraits, itertools.cycle((6, 8, 1)), strict=False):
        shots[index] = replace(shots[index], orientation=orientation)


def _rest_of_burst(shot: _Shot, rng: np.random.Generator) -> list[_Shot]:
    """Return the frames that follow within two seconds, hardly different."""
    return [
        replace(
            shot,
            frame=frame,
            taken_at=shot.taken_at + timedelta(milliseconds=620 * frame),
            look=replace(shot.look, exposure_ev=shot.look.exposure_ev + float(rng.normal(0, 0.06))),
        )
        for frame in range(1, _BURST_FRAMES)
    ]


def _names(shots: list[_Shot], rng: np.random.Generator) -> list[str]:
    """Return file names as the cameras number them: in order, with gaps for what was deleted."""
    numbers = {camera.model: int(rng.integers(100, 4000)) for camera in CAMERAS}
    names = []
    for shot in shots:
        numbers[shot.camera.model] += 1 if shot.frame else int(rng.integers(1, 30))
        name = Path(shot.camera.name.format(numbers[shot.camera.model]))
        names.append(str(name.with_suffix(shot.suffix) if shot.suffix else name))
    return names


def _file(shot: _Shot, picture: Array, rng: np.random.Generator) -> bytes:
    """Return the bytes of the file: the picture developed, turned as stored, with its EXIF."""
    scene, (width, height) = SCENES[shot.scene], shot.size
    top, left = rng.integers(0, 2 * _MARGIN_PX + 1, 2) if shot.frame else (_MARGIN_PX, _MARGIN_PX)
    pixels = develop(picture[top : top + height, left : left + width], shot.look, rng)
    image = Image.fromarray(pixels)
    if shot.orientation == 6:  # the reader is to turn it clockwise
        image = image.transpose(Image.Transpose.ROTATE_90)
    elif shot.orientation == 8:
        image = image.transpose(Image.Transpose.ROTATE_270)
    buffer = io.BytesIO()
    exif = _exif(shot, scene)
    if shot.suffix == ".png":
        image.save(buffer, "PNG", exif=exif, compress_level=2)
    elif shot.suffix == ".webp":
        image.save(buffer, "WEBP", exif=exif, quality=_QUALITY, method=2)
    else:
        image.save(buffer, "JPEG", exif=exif, quality=_QUALITY)
    return buffer.getvalue()


def _exif(shot: _Shot, scene: Scene) -> Image.Exif:
    """Return the EXIF of a shot; the settings are those of the subject, the same in a burst."""
    rng = np.random.default_rng(shot.number)
    low = max(shot.camera.focal_mm[0], min(scene.focal_mm[0], shot.camera.focal_mm[1]))
    high = max(low, min(scene.focal_mm[1], shot.camera.focal_mm[1]))
    north, east = _PLACES[shot.trip[:7]]
    return exif_of(
        shot.camera,
        expose(shot.camera, scene.light_ev, rng),
        taken_at=shot.taken_at,
        focal_mm=int(rng.integers(low, high + 1)),
        orientation=shot.orientation,
        position=(
            (north + float(rng.normal(0, 0.03)), east + float(rng.normal(0, 0.03)))
            if shot.camera.gps
            else None
        ),
    )
