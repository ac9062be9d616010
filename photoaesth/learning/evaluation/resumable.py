"""Every method on every rater, carrying on where an interrupted evaluation stopped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from photoaesth.learning.evaluation import workers
from photoaesth.learning.evaluation.bench import Setting
from photoaesth.learning.evaluation.journal import Journal, Key, RaterResult, journal_file
from photoaesth.learning.evaluation.method import Ratings
from photoaesth.learning.evaluation.protocol import RaterUnderTest, rater_under_test
from photoaesth.learning.evaluation.rating_files import Study
from photoaesth.learning.evaluation.splits import Split


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of everybody.

    Attributes:
        results: by split, method and rater.
        resumed: how many of them were kept from before.
    """

    results: dict[Key, RaterResult]
    resumed: int


def run_resumably(
    setting: Setting,
    study: Study,
    splits: Sequence[Split],
    methods: Sequence[str],
    *,
    jobs: int,
    fresh: bool,
    on_progress: Callable[[int, int], None],
) -> Finished:
    """Test every method on every rater of every split.

    Each result is kept at once. It is used again for as long as ratings, photos, protocol and
    code are the same; other methods and more raters may be added meanwhile.

    Args:
        setting: what the processes need.
        study: the ratings.
        splits: the splits, in the order of `setting.crowds`.
        methods: names.
        jobs: processes.
        fresh: forget what is kept.
        on_progress: told how many results there are, of how many.

    Raises:
        PhotoaesthError: a method cannot be learned, or the cache cannot be written.
    """
    wanted: dict[Key, tuple[int, RaterUnderTest]] = {}
    for place, split in enumerate(splits):
        people = [rater_under_test(study, int(rater), split.photos) for rater in split.raters]
        for method in methods:
            wanted |= {(split.name, method, rater.name): (place, rater) for rater in people}
    with Journal(journal_file(_identity(setting, study, splits)), fresh=fresh) as journal:
        done = {key: journal.done[key] for key in wanted if key in journal.done}
        resumed = len(done)
        waiting: dict[workers.Group, list[RaterUnderTest]] = {}
        for key, (place, rater) in wanted.items():
            if key not in done:
                waiting.setdefault((place, key[1]), []).append(rater)
        on_progress(resumed, len(wanted))
        for (place, method), rater, result in workers.run(setting, jobs, waiting):
            key = (splits[place].name, method, rater.name)
            journal.add(key, result)
            done[key] = result
            on_progress(len(done), len(wanted))
    return Finished({key: done[key] for key in wanted}, resumed)


def _identity(setting: Setting, study: Study, splits: Sequence[Split]) -> Iterator[bytes]:
    """Yield everything a rater's result depends on, apart from the code."""
    # The last rounding differs between processors, so results of another one are another's.
    yield repr((setting.protocol, setting.device, study.raters, study.photos)).encode(
        "utf-8", "surrogatepass"
    )
    yield setting.features.tobytes()
    for ratings in (study.train, study.test):
        yield from _bytes_of(ratings)
    for split in splits:
        yield split.name.encode("utf-8", "surrogatepass")
        yield split.photos.tobytes()
        if split.crowd is not None:
            yield from _bytes_of(split.crowd)


def _bytes_of(ratings: Ratings) -> Iterator[bytes]:
    yield from (ratings.rater.tobytes(), ratings.photo.tobytes(), ratings.score.tobytes())
