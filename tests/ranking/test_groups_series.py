"""Series out of one drawn scene that a virtual camera photographs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photoaesth.domain import GroupKind
from photoaesth.perceptual import perceptual_hash
from photoaesth.ranking.groups import Frame, Group, series
from photoaesth.ranking.groups.overlap import find_shift

NOON = datetime(2024, 5, 1, 12)  # noqa: DTZ001  # what a camera writes has no time zone
WIDTH, HEIGHT = 480, 320


def scene(seed: int = 0) -> Image.Image:
    """Light and detail at three scales, four frames wide."""
    rng = np.random.default_rng(seed)
    size = (4 * WIDTH, 2 * HEIGHT)
    layers = [
        Image.fromarray(rng.integers(40, 216, (cells, 3 * cells), np.uint8)).resize(
            size, Image.Resampling.BICUBIC
        )
        for cells in (6, 18, 54)
    ]
    mixed = np.mean([np.asarray(layer, np.float64) for layer in layers], axis=0)
    return Image.fromarray(np.clip((mixed - 128) * 2 + 128, 0, 255).astype(np.uint8))


class Camera:
    """Photographs a scene and keeps what it took."""

    def __init__(self, seed: int = 0, name: str | None = "X") -> None:
        self.scene = scene(seed)
        self.name = name
        self.pictures: dict[int, Image.Image] = {}
        self.asked: list[int] = []

    def shoot(
        self,
        photo: int,
        seconds: float,
        *,
        right: float = 1.0,
        down: float = 0.5,
        light_ev: float = 0.0,
        bias_ev: float | None = None,
        focal_length_mm: float = 35.0,
    ) -> Frame:
        """Return a frame whose corner lies so many frames right and down in the scene."""
        left, top = round(right * WIDTH), round(down * HEIGHT)
        picture = self.scene.crop((left, top, left + WIDTH, top + HEIGHT))
        picture = Image.eval(picture, lambda v: min(255, round(v * 2 ** (light_ev / 2.2))))
        return self.keep(
            Frame(
                photo=photo,
                camera=self.name,
                taken_at=NOON + timedelta(seconds=seconds),
                exposure_time_s=0.01 * 2**light_ev,
                aperture_f=8.0,
                iso=100,
                exposure_bias_ev=bias_ev,
                focal_length_mm=focal_length_mm,
                width=6000,
                height=4000,
                perceptual_hash=0,
                look=np.zeros(1),
            ),
            picture,
        )

    def keep(self, frame: Frame, picture: Image.Image) -> Frame:
        """Return a frame with the hash and the look of its picture."""
        self.pictures[frame.photo] = picture
        small = np.asarray(picture.resize((24, 16), Image.Resampling.BOX), np.float32)
        return replace(
            frame, perceptual_hash=perceptual_hash(picture), look=(small - small.mean()).ravel()
        )

    def grey_of(self, photo: int) -> NDArray[np.uint8]:
        self.asked.append(photo)
        return np.asarray(self.pictures[photo].resize((64, 43), Image.Resampling.BOX))


def test_frames_in_quick_succession_that_look_alike_are_a_burst() -> None:
    """Frames at 0, 1.5 and 3 s are one burst in order of time; the one at 6 s is alone."""
    camera = Camera()
    times = {13: 3.0, 11: 0.0, 12: 1.5, 14: 6.0}
    frames = [camera.shoot(photo, seconds) for photo, seconds in times.items()]
    assert series(frames, camera.grey_of) == [Group(GroupKind.BURST, (11, 12, 13))]


@pytest.mark.parametrize(("gap", "together"), [(2.0, True), (2.001, False)])
def test_the_longest_gap_still_belongs_to_the_burst(gap: float, together: bool) -> None:
    """Two frames exactly two seconds apart share a burst, a millisecond more parts them."""
    camera = Camera()
    frames = [camera.shoot(1, 0), camera.shoot(2, gap)]
    assert bool(series(frames, camera.grey_of)) == together


def test_another_subject_within_the_gap_is_no_burst() -> None:
    """A camera without fractions of a second that is turned elsewhere begins something new."""
    camera = Camera()
    frames = [camera.shoot(1, 0, right=0), camera.shoot(2, 0, right=2), camera.shoot(3, 1, right=2)]
    assert series(frames, camera.grey_of) == [Group(GroupKind.BURST, (2, 3))]


def test_two_cameras_never_share_a_series() -> None:
    """What two cameras took in the same second of the same scene is no burst."""
    frames = [Camera(name="X").shoot(1, 0), Camera(name="Y").shoot(2, 0)]
    assert series(frames, Camera().grey_of) == []


def test_mixed_time_zones_do_not_fail() -> None:
    """A frame with a time zone compares by the clock time it shows."""
    camera = Camera()
    frame = camera.shoot(2, 1)
    frames = [camera.shoot(1, 0), replace(frame, taken_at=frame.taken_at.replace(tzinfo=UTC))]
    assert series(frames, camera.grey_of) == [Group(GroupKind.BURST, (1, 2))]


@pytest.mark.parametrize("levels", [(0, -2, 2), (-1, 0, 1), (2, 0, -2), (0, -1, 1, -2, 2)])
@pytest.mark.parametrize("writes_bias", [True, False])
def test_equal_steps_of_exposure_are_a_bracket(levels: tuple[int, ...], writes_bias: bool) -> None:
    """Three or five frames in steps, in any order, are one bracket, by their bias or exposure."""
    camera = Camera()
    frames = [
        camera.shoot(n, n, light_ev=level, bias_ev=level if writes_bias else 0)
        for n, level in enumerate(levels)
    ]
    assert series(frames, camera.grey_of) == [Group(GroupKind.BRACKET, tuple(range(len(levels))))]


def test_two_brackets_in_a_row_stay_apart() -> None:
    """Six frames of two brackets of three are two groups, also within one burst's gaps."""
    camera = Camera()
    frames = [camera.shoot(n, n / 4, light_ev=(0, -1, 1)[n % 3]) for n in range(6)]
    assert series(frames, camera.grey_of) == [
        Group(GroupKind.BRACKET, (0, 1, 2)),
        Group(GroupKind.BRACKET, (3, 4, 5)),
    ]


@pytest.mark.parametrize(
    "levels",
    [(0, 0, 0), (0, 1), (0, 1, 1), (0, 1, 3), (0, 0.33, 0.67)],
    ids=["steady", "two", "repeated", "uneven", "automatic exposure"],
)
def test_other_exposures_are_no_bracket(levels: tuple[float, ...]) -> None:
    """Steady, repeated, uneven or hardly different exposures leave a burst, as do only two."""
    camera = Camera()
    frames = [camera.shoot(n, n, light_ev=level) for n, level in enumerate(levels)]
    assert [group.kind for group in series(frames, camera.grey_of)] == [GroupKind.BURST]


def test_zooming_between_exposures_is_no_bracket() -> None:
    """Equal steps of exposure at another focal length or size are not to be merged."""
    camera = Camera()
    frames = [camera.shoot(n, n, light_ev=level) for n, level in enumerate((0, -1, 1))]
    for other in (replace(frames[2], focal_length_mm=50.0), replace(frames[2], width=3000)):
        kinds = [group.kind for group in series([*frames[:2], other], camera.grey_of)]
        assert kinds == [GroupKind.BURST]


def test_a_bracket_waits_for_its_long_exposures() -> None:
    """Frames of 32, 8 and 2 s, each followed by a dark frame as long, are one bracket."""
    camera = Camera()
    exposures = {1: (0.0, 32.0), 2: (66.0, 8.0), 3: (84.0, 2.0)}
    frames = [
        replace(camera.shoot(photo, at), exposure_time_s=seconds)
        for photo, (at, seconds) in exposures.items()
    ]
    assert series(frames, camera.grey_of) == [Group(GroupKind.BRACKET, (1, 2, 3))]


@pytest.mark.parametrize("step", [(0.3, 0.0), (-0.6, 0.0), (0.7, 0.05), (0.0, 0.3)])
def test_a_turning_camera_makes_a_panorama(step: tuple[float, float]) -> None:
    """Frames that move on by 30 to 70 % of a frame, to either side or down, are one panorama."""
    camera = Camera()
    across, down = step
    begin = 2.9 if across < 0 else 0.1
    frames = [
        camera.shoot(n, 3 * n, right=begin + n * across, down=0.1 + n * down) for n in range(4)
    ]
    assert series(frames, camera.grey_of) == [Group(GroupKind.PANORAMA, (0, 1, 2, 3))]


def test_turning_back_ends_a_panorama() -> None:
    """Frames that go right and then left again are no panorama of all of them."""
    camera = Camera()
    places = (0.2, 0.7, 1.2, 0.7, 0.2)
    frames = [camera.shoot(n, 3 * n, right=right) for n, right in enumerate(places)]
    assert Group(GroupKind.PANORAMA, (0, 1, 2)) in series(frames, camera.grey_of)


@pytest.mark.parametrize(
    "change",
    [{"focal_length_mm": 50.0}, {"exposure_time_s": 0.04}, {"focal_length_mm": None}],
    ids=["zoomed", "exposed otherwise", "no focal length"],
)
def test_pixels_are_asked_for_only_where_the_rest_fits(change: dict[str, float | None]) -> None:
    """One frame of three with other settings makes no panorama, and no pixels are looked at."""
    camera = Camera()
    frames = [camera.shoot(n, 3 * n, right=0.1 + n * 0.5) for n in range(3)]
    assert series(frames, camera.grey_of)
    assert camera.asked
    camera.asked.clear()
    frames[1] = replace(frames[1], **change)
    assert series(frames, camera.grey_of) == []
    assert camera.asked == []


def test_a_burst_that_follows_its_subject_is_no_panorama() -> None:
    """Frames that move on by 20 % of a frame, ten a second, are no panorama."""
    camera = Camera()
    frames = [camera.shoot(n, n / 10, right=0.1 + n * 0.2) for n in range(6)]
    assert GroupKind.PANORAMA not in {g.kind for g in series(frames, camera.grey_of)}


@pytest.mark.parametrize("step", [(0.12, 0.0), (0.4, 0.3)], ids=["hardly turned", "turned askew"])
def test_other_moves_are_no_panorama(step: tuple[float, float]) -> None:
    """Frames that move on by an eighth of a frame, or both right and down, are no panorama."""
    camera = Camera()
    across, down = step
    frames = [camera.shoot(n, 5 * n, right=0.1 + n * across, down=n * down) for n in range(4)]
    assert series(frames, camera.grey_of) == []
    assert camera.asked


def test_a_still_camera_is_not_looked_at() -> None:
    """Frames of one view every five seconds, as of a time lapse, are told by their hashes."""
    camera = Camera()
    assert series([camera.shoot(n, 5 * n) for n in range(6)], camera.grey_of) == []
    assert camera.asked == []


def test_without_focal_lengths_there_is_no_panorama() -> None:
    """Frames that overlap but say nothing of their focal length are left alone."""
    camera = Camera()
    frames = [
        replace(camera.shoot(n, 3 * n, right=0.1 + n * 0.5), focal_length_mm=None) for n in range(3)
    ]
    assert series(frames, camera.grey_of) == []


def test_unrelated_pictures_make_no_panorama() -> None:
    """Thirty different scenes with one camera's settings are no series."""
    camera = Camera()
    frames = [
        camera.keep(camera.shoot(n, 5 * n), Camera(n + 1).scene.crop((0, 0, WIDTH, HEIGHT)))
        for n in range(30)
    ]
    assert series(frames, camera.grey_of) == []
    assert camera.asked


def test_a_panorama_of_brackets_is_brackets() -> None:
    """Where each view was bracketed, each bracket is a group: it is merged before stitching."""
    camera = Camera()
    frames = [
        camera.shoot(3 * view + n, 5 * view + n, right=0.1 + view / 2, light_ev=level)
        for view in range(3)
        for n, level in enumerate((0, -1, 1))
    ]
    kinds = [group.kind for group in series(frames, camera.grey_of)]
    assert kinds == [GroupKind.BRACKET] * 3


def test_an_export_belongs_to_the_series_of_its_original() -> None:
    """A smaller copy of a bracket's frame that kept its EXIF data does not break the bracket."""
    camera = Camera()
    frames = [camera.shoot(n, n, light_ev=level) for n, level in enumerate((0, -1, 1))]
    small = camera.pictures[1].resize((240, 160))
    copy = camera.keep(replace(frames[1], photo=9, width=1500, height=1000), small)
    groups = series([*frames, copy], camera.grey_of)
    assert groups == [Group(GroupKind.BRACKET, (0, 1, 9, 2))]


def test_an_export_of_a_single_photo_is_a_near_duplicate() -> None:
    """A copy of the same moment is no burst of two; without fractions its size has to differ."""
    camera = Camera()
    frame = camera.shoot(1, 0)
    smaller = replace(frame, photo=2, width=1500, height=1000)
    assert series([frame, smaller], camera.grey_of) == [Group(GroupKind.NEAR_DUPLICATES, (1, 2))]
    twin = replace(frame, photo=2)
    assert series([frame, twin], camera.grey_of) == [Group(GroupKind.BURST, (1, 2))]
    exact = camera.shoot(1, 0.25)
    assert series([exact, replace(exact, photo=2)], camera.grey_of) == [
        Group(GroupKind.NEAR_DUPLICATES, (1, 2))
    ]


def test_a_smaller_photo_of_the_same_second_has_to_look_alike() -> None:
    """A camera that saved two subjects at two sizes within a second made no copy."""
    camera = Camera()
    other = replace(camera.shoot(2, 0, right=3), width=1500, height=1000)
    assert series([camera.shoot(1, 0, right=0), other], camera.grey_of) == []


@pytest.mark.parametrize("change", [{"exposure_time_s": 0.02}, {"exposure_bias_ev": 1.0}])
def test_another_exposure_is_another_shot(change: dict[str, float]) -> None:
    """Two frames of one moment whose exposures differ are no copies of each other."""
    camera = Camera()
    frame = camera.shoot(1, 0.25)
    other = replace(frame, photo=2, **change)
    assert series([frame, other], camera.grey_of) == [Group(GroupKind.BURST, (1, 2))]


def test_every_photo_is_in_at_most_one_group() -> None:
    """A day of all kinds of series is parted: no photo is in two groups, none is invented."""
    camera = Camera()
    rng = np.random.default_rng(3)
    frames, seconds = [], 0.0
    for photo in range(60):
        seconds += float(rng.choice([0, 0.5, 1, 4, 30]))
        frames.append(
            camera.shoot(
                photo,
                seconds,
                right=float(rng.choice([0.1, 0.6, 1.1, 1.6])),
                light_ev=float(rng.choice([-1, 0, 1])),
            )
        )
    groups = series(frames, camera.grey_of)
    grouped = [photo for group in groups for photo in group.photos]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= set(range(60))
    assert groups == series(frames[::-1], camera.grey_of)
    assert len({group.kind for group in groups}) > 1


@pytest.mark.parametrize("shift", [(20, 3), (-45, 0), (0, 15), (8, -8)])
def test_the_shift_between_two_crops_is_found(shift: tuple[int, int]) -> None:
    """The second of two crops lies as far right and down of the first as it was taken."""
    whole = np.asarray(scene().resize((240, 100)))
    right, down = shift
    first, second = whole[30:70, 80:144], whole[30 + down : 70 + down, 80 + right : 144 + right]
    found = find_shift(first, second)
    assert (found.right * 64, found.down * 40) == pytest.approx(shift)
    assert found.correlation > 0.99


def test_the_correlation_of_an_overlap_is_that_of_its_pixels() -> None:
    """At the best shift, the correlation is what NumPy finds over the overlapping pixels."""
    rng = np.random.default_rng(0)
    whole = np.asarray(scene().resize((240, 100))).astype(np.int16)
    noisy = np.clip(whole + rng.normal(0, 30, whole.shape), 0, 255).astype(np.uint8)
    first, second = whole[30:70, 80:144].astype(np.uint8), noisy[30:70, 100:164]
    expected = np.corrcoef(first[:, 20:].ravel(), second[:, :-20].ravel())[0, 1]
    assert find_shift(first, second).correlation == pytest.approx(expected)


def test_flat_or_unequal_pictures_have_no_shift() -> None:
    """Of a black picture, or of a portrait and a landscape, nothing is found and nothing fails."""
    flat, picture = np.zeros((40, 64), np.uint8), np.asarray(scene().resize((64, 40)))
    for first, second in ((flat, picture), (picture, flat), (picture, picture.T)):
        assert find_shift(first, second).correlation == 0
