from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from photoaesth.ranking.bursts import BURST_GAP, group_bursts

NOON = datetime(2024, 5, 1, 12)  # noqa: DTZ001  # what a camera writes has no time zone


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_neighbours_in_time_chain() -> None:
    """Frames at 0, 1.5 and 3 s are one burst, named after the first; the one at 9 s is alone."""
    frames = [(13, "X", at(3)), (11, "X", at(0)), (12, "X", at(1.5)), (14, "X", at(9))]
    assert group_bursts(frames) == {11: 11, 12: 11, 13: 11}


def test_the_gap_itself_still_belongs_to_the_burst() -> None:
    """Two photos exactly `BURST_GAP` apart share a burst, a millisecond more parts them."""
    assert group_bursts([(1, "X", NOON), (2, "X", NOON + BURST_GAP)]) == {1: 1, 2: 1}
    later = NOON + BURST_GAP + timedelta(milliseconds=1)
    assert group_bursts([(1, "X", NOON), (2, "X", later)]) == {}


def test_two_cameras_never_share_a_burst() -> None:
    """What two cameras took in the same second is no burst."""
    assert group_bursts([(1, "X", at(0)), (2, "Y", at(0)), (3, None, at(0))]) == {}


def test_photos_without_a_time_stand_alone() -> None:
    """A photo of which nobody knows when it was taken is in no burst."""
    assert group_bursts([(1, "X", None), (2, "X", None), (3, "X", at(0))]) == {}


def test_mixed_time_zones_do_not_fail() -> None:
    """A camera that writes its zone compares by the clock time it shows."""
    assert group_bursts([(1, "X", at(0)), (2, "X", at(1).replace(tzinfo=UTC))]) == {1: 1, 2: 1}


@given(
    st.dictionaries(
        st.integers(1, 30),
        st.tuples(st.sampled_from(["X", "Y", None]), st.none() | st.integers(0, 40)),
        max_size=14,
    )
)
def test_bursts_are_what_short_gaps_connect(moments: dict[int, tuple[str | None, int]]) -> None:
    """Two photos share a burst exactly when short gaps of one camera lead from one to the other."""
    photos = [(i, camera, None if t is None else at(t)) for i, (camera, t) in moments.items()]
    bursts = group_bursts(photos)

    def reachable(start: int) -> set[int]:
        reached, frontier = {start}, [start]
        while frontier:
            camera, time = moments[frontier.pop()]
            for other, (other_camera, other_time) in moments.items():
                near = None not in (time, other_time) and abs(time - other_time) <= 2
                if other not in reached and near and camera == other_camera:
                    reached.add(other)
                    frontier.append(other)
        return reached

    for photo in moments:
        together = reachable(photo)
        assert (photo in bursts) == (len(together) > 1)
        if photo in bursts:
            assert {other for other in bursts if bursts[other] == bursts[photo]} == together
            assert bursts[photo] == min(together, key=lambda other: (moments[other][1], other))
