"""Ask which photos are better; every answer is on disk before the next question."""

import contextlib
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from photoaesth.library import comparisons
from photoaesth.library.database import Library, open_library
from photoaesth.library.filters import PhotoFilter
from photoaesth.workflows.among import as_indexed
from photoaesth.workflows.compare.ahead import Ahead
from photoaesth.workflows.compare.asker import Asker
from photoaesth.workflows.compare.bursts import BurstAsker
from photoaesth.workflows.compare.pairs import PairAsker
from photoaesth.workflows.compare.questions import REPLIES, Progress, Question, Reply, Side
from photoaesth.workflows.compare.review import ReviewAsker
from photoaesth.workflows.compare.session import CompareSession
from photoaesth.workflows.compare.taste import LiveTaste

__all__ = [
    "REPLIES",
    "CompareOptions",
    "CompareSession",
    "PhotoFilter",
    "Progress",
    "Question",
    "Reply",
    "Side",
    "compare_session",
]


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """What a sitting is about.

    Attributes:
        about: any pairs of photos, the keepers of bursts, or choices that contradict others.
        among: which photos; a review is about all that were compared.
        repeat: ask about some pairs again, sides swapped, to hear whether the answer is the same.
        pairs: how many questions; None goes on until the user stops.
        seed: makes the choice of questions repeatable, as long as they are answered in step.
        in_step: draw no question before the last answer was learned from: slower, repeatable.
    """

    about: Literal["pairs", "bursts", "review"] = "pairs"
    among: PhotoFilter = field(default_factory=PhotoFilter)
    repeat: bool = False
    pairs: int | None = None
    seed: int | None = None
    in_step: bool = False


@contextlib.contextmanager
def compare_session(
    library_path: Path, profile: str, options: CompareOptions | None = None
) -> Iterator[CompareSession]:
    """Open a sitting.

    Args:
        library_path: the library.
        profile: whose taste is asked for.
        options: what about; any pairs, without an end, when None.

    Raises:
        PhotoaesthError: there are fewer than two photos to show, or no folder as asked for.
    """
    options = options or CompareOptions()
    sitting = uuid.uuid4().hex
    with open_library(library_path) as library:
        number = comparisons.profile_id(library, profile)

        def make(own: Library) -> Asker:
            return _asker(own, profile, number, sitting, options)

        with Ahead(library_path, make, sitting, in_step=options.in_step) as ahead:
            yield CompareSession(library, number, ahead, pairs=options.pairs)


def _asker(
    library: Library, profile: str, number: int, sitting: str, options: CompareOptions
) -> Asker:
    taste = LiveTaste(library, profile, number)
    if options.about == "review":
        return ReviewAsker(library, profile, number, taste, sitting)
    chosen = as_indexed(library, options.among, number)
    if options.about == "bursts":
        return BurstAsker(library, number, taste, sitting, chosen=chosen)
    return PairAsker(
        library,
        number,
        taste,
        sitting,
        chosen=chosen,
        repeat=options.repeat,
        rng=random.Random(options.seed),  # noqa: S311  # chance, not cryptography
    )
