"""Choices that do not agree with the others, asked about once more."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from photoaesth.domain import Comparison, Outcome, Source
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.heldout import split_by_time
from photoaesth.library import asking, comparisons
from photoaesth.library.database import Library
from photoaesth.ranking.closure import transitive_closure
from photoaesth.workflows.compare.questions import Drawn, Rated
from photoaesth.workflows.compare.taste import LiveTaste
from photoaesth.workflows.evidence import Statement, gather
from photoaesth.workflows.personal import PersonalLearner

_SURPRISING = 0.2  # a choice that all others make less likely than this is asked about


class ReviewAsker:
    """Asks about contradictions, then about surprising choices. See `asker.Asker`.

    A contradiction is a pair that was chosen both ways, or that follows both ways from other
    choices. A surprising choice is one that the model which learned from the others did not expect.
    """

    ahead = 0  # an answer may resolve other contradictions

    def __init__(
        self, library: Library, profile: str, number: int, taste: LiveTaste, sitting: str
    ) -> None:
        self._library = library
        self._profile = profile
        self._number = number
        self._taste = taste
        self._sitting = sitting
        self._seen = set[frozenset[int]]()
        self._surprises: Iterator[tuple[tuple[int, int], str]] | None = None

    def draw(self) -> Drawn | None:
        """Return the pair that most choices contradict, or else the most surprising one."""
        answers = [
            answer
            for answer in comparisons.comparisons(self._library, self._number)
            if answer.outcome is not Outcome.SKIP
        ]
        for pair, remark in (*_contradictions(answers), *self._surprising()):
            if frozenset(pair) in self._seen:
                continue
            self._seen.add(frozenset(pair))
            if asking.claim(self._library, self._number, pair, self._sitting, again=True):
                same = tuple(a.id for a in answers if {a.left, a.right} == set(pair))
                return Drawn(pair, Source.REVIEW, remark, supersedes=same)
        return None

    def refuse(self, photo: int) -> None:
        """Pass over a photo that cannot be shown; each pair is drawn but once."""

    def tell(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Take note of an answer."""

    def forget(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Take an answer back; its question is asked again."""

    def think(self) -> None:
        """Learn nothing: what is shown of the photos may stay what it was."""

    def rated(self, photos: Sequence[int]) -> dict[int, Rated]:
        """Return what the model says of photos."""
        return self._taste.rated(photos)

    def sentence(self) -> str:
        """Return nothing: how much is left is not known before it is looked at."""
        return ""

    def _surprising(self) -> Iterator[tuple[tuple[int, int], str]]:
        if self._surprises is None:  # not before all contradictions are resolved: it takes seconds
            self._surprises = self._find_surprises()
        return self._surprises

    def _find_surprises(self) -> Iterator[tuple[tuple[int, int], str]]:
        try:
            said = gather(self._library, self._profile, self._taste.crowd)
        except PhotoaesthError:  # nothing was said yet
            return
        folds = split_by_time(
            [statement.pair for statement in said.judged],
            said.taken_at,
            said.groups,
            new_photos=False,
        )
        if not folds:
            return
        held_out = PersonalLearner(self._taste.crowd, said).hold_out(folds, seed=0)
        places = [place for fold in folds for place in fold.held_out]
        expected = dict(zip(places, held_out.personal[-1].tolist(), strict=True))
        chances = {
            place: chance if said.judged[place].outcome == 1 else 1 - chance
            for place, chance in expected.items()
            if said.judged[place].outcome != 0.5
        }
        for place in sorted(chances, key=chances.__getitem__):
            if chances[place] < _SURPRISING:
                chosen = said.judged[place]
                likely = f"{1 - chances[place]:.0%}"
                sides = ("left", "right") if chosen.outcome == 1 else ("right", "left")
                remark = (
                    f"you chose the {sides[0]} one; by your other choices the {sides[1]} one is "
                    f"{likely} likely"
                )
                yield chosen.pair, remark


def _contradictions(answers: Sequence[Comparison]) -> list[tuple[tuple[int, int], str]]:
    """Return the pairs that choices disagree about, those with the most choices first."""
    preferences = [answer.preference for answer in answers if answer.preference]
    closure = transitive_closure(preferences)
    beaten: dict[int, set[int]] = defaultdict(set)
    for winner, loser in preferences:
        beaten[winner].add(loser)

    def speaking_for(winner: int, loser: int) -> int:
        direct = preferences.count((winner, loser))
        return direct + sum(loser in beaten.get(middle, ()) for middle in beaten.get(winner, ()))

    found = []
    for pair in {(min(pair), max(pair)) for pair in (*closure.contested, *closure.contradicted)}:
        left, right = speaking_for(*pair), speaking_for(*pair[::-1])
        remark = f"your choices disagree: {left} for the left one, {right} for the right one"
        found.append((-left - right, pair, remark))
    return [(pair, remark) for _, pair, remark in sorted(found)]
