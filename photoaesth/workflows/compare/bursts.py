"""Bursts and near-duplicates: which is the keeper?"""

import contextlib
from collections import deque
from collections.abc import Sequence

from photoaesth.domain import Source
from photoaesth.library import asking, groups
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter
from photoaesth.workflows.compare.questions import Drawn, Rated
from photoaesth.workflows.compare.taste import LiveTaste
from photoaesth.workflows.evidence import Statement

AT_ONCE = 9  # photos in one question; larger bursts go on with the keeper and the rest


class BurstAsker:
    """Asks for the keeper of each burst, the latest first. See `asker.Asker`."""

    ahead = 2

    def __init__(
        self,
        library: Library,
        profile: int,
        taste: LiveTaste,
        sitting: str,
        *,
        chosen: PhotoFilter,
    ) -> None:
        self._library = library
        self._profile = profile
        self._taste = taste
        self._sitting = sitting
        self._chosen = chosen
        self._waiting = deque(groups.groups_to_cull(library))
        self._group_of: dict[tuple[int, ...], int] = {}
        self._unshowable = set[int]()
        self._found: int | None = None

    def draw(self) -> Drawn | None:
        """Return the next burst of which more than one photo may be the keeper."""
        while self._waiting:
            group = self._waiting.popleft()
            left = groups.contenders(self._library, self._profile, group, self._chosen)
            photos = tuple(photo for photo in left if photo not in self._unshowable)[:AT_ONCE]
            if len(photos) > 1 and asking.claim(
                self._library, self._profile, photos[:2], self._sitting, again=True
            ):
                self._group_of[photos] = group
                return Drawn(photos, Source.BURST)
        return None

    def refuse(self, photo: int) -> None:
        """Leave a photo out that cannot be shown."""
        self._unshowable.add(photo)
        for photos, group in self._group_of.items():
            if photo in photos:
                self._waiting.appendleft(group)

    def tell(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Take note of a keeper; in a large burst it meets the photos that were not shown yet."""
        self._taste.add(statements)
        self._waiting.appendleft(self._group_of[drawn.photos])
        asking.release(self._library, self._sitting, drawn.photos[:2])

    def forget(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Take an answer back; its question is asked again."""
        self._taste.remove(statements)
        with contextlib.suppress(ValueError):  # it may have been looked at again already
            self._waiting.remove(self._group_of[drawn.photos])

    def think(self) -> None:
        """Learn from what was told since the last time."""
        self._taste.learn()

    def rated(self, photos: Sequence[int]) -> dict[int, Rated]:
        """Return what the model says of photos."""
        return self._taste.rated(photos)

    def sentence(self) -> str:
        """Return how many bursts there were to look at."""
        if self._found is None:
            self._found = groups.count_to_cull(self._library, self._profile, self._chosen)
        return f"{self._found:,} without a keeper when you began"
