"""What the demo adds to the real commands: drawn photos and somebody to judge them."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photoaesth.domain import Outcome
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.samples.album import Sample, draw_album
from photoaesth.samples.photographer import DEMO_PHOTOGRAPHER, standardise
from photoaesth.workflows.compare import REPLIES, CompareOptions, compare_session
from photoaesth.workflows.score import score

QUESTIONS = 60
_MARKER = ".photoaesth-demo"
_UNSEEN_PAIRS = 400
_SEED = 7


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Where the demo keeps everything.

    Attributes:
        album: the drawn photos.
        simulated_library: library of the drawn photos, made anew by every demo.
        own_library: library of a real folder; its choices are the user's and stay.
        enhanced: enhanced copies.
        contact_sheet: the best photos as a page.
    """

    album: Path
    simulated_library: Path
    own_library: Path
    enhanced: Path
    contact_sheet: Path


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often scores agree with the simulated photographer on pairs never asked.

    Attributes:
        pairs: how many pairs.
        generic: share on which the generic model agrees.
        personal: share on which the profile's model agrees.
    """

    pairs: int
    generic: float
    personal: float


def prepare_folder(folder: Path) -> DemoFolder:
    """Make or reuse the demo's folder.

    Raises:
        PhotoaesthError: the folder holds something else.
    """
    folder = folder.expanduser().resolve()
    marker = folder / _MARKER
    try:
        foreign = not marker.exists() and folder.exists()
        if foreign and (not folder.is_dir() or any(folder.iterdir())):
            raise PhotoaesthError(
                f"{display_path(folder)} holds other things; choose a new folder with --output"
            )
        folder.mkdir(parents=True, exist_ok=True)
        marker.touch()
    except OSError as error:
        raise PhotoaesthError(
            f"cannot write to {display_path(folder)}: {error.strerror}; choose another --output"
        ) from error
    return DemoFolder(
        album=folder / "album",
        simulated_library=folder / "simulated.db",
        own_library=folder / "library.db",
        enhanced=folder / "enhanced",
        contact_sheet=folder / "best.html",
    )


def draw(folder: DemoFolder, *, on_progress: Callable[[int, int], None]) -> list[Sample]:
    """Draw the album and forget the library of an earlier demo of it."""
    for suffix in ("", "-wal", "-shm"):
        name = folder.simulated_library.name + suffix
        folder.simulated_library.with_name(name).unlink(missing_ok=True)
    return draw_album(folder.album, on_progress=on_progress)


def answer_questions(library_path: Path, profile: str, album: Sequence[Sample]) -> int:
    """Let the simulated photographer answer; return how many questions they were asked."""
    traits = _traits_by_path(album)
    rng = np.random.default_rng(_SEED)
    options = CompareOptions(pairs=QUESTIONS, seed=_SEED, in_step=True)
    with compare_session(library_path, profile, options) as session:
        while (question := session.next()) is not None:
            left, right = (side.photo.path for side in question.sides)
            outcome = DEMO_PHOTOGRAPHER.choose(traits[left], traits[right], rng)
            session.answer(question, REPLIES[outcome])
        return session.answered


def unseen_agreement(library_path: Path, profile: str, album: Sequence[Sample]) -> Agreement:
    """Compare both models with the photographer on pairs that were not among the questions."""
    from photoaesth.workflows.comparisons import list_comparisons

    asked = {frozenset((c.left, c.right)) for c in list_comparisons(library_path, profile)}
    scored = {photo.path: photo for photo in score(library_path, profile, []).photos}
    traits = _traits_by_path(album)
    rng = np.random.default_rng(_SEED + 1)
    pairs = [
        pair for pair in itertools.combinations(sorted(scored), 2) if frozenset(pair) not in asked
    ]
    random.Random(_SEED).shuffle(pairs)  # noqa: S311  # chance, not cryptography
    agreed = {"generic": 0.0, "personal": 0.0}
    decided = 0
    for left, right in pairs:
        outcome = DEMO_PHOTOGRAPHER.choose(traits[left], traits[right], rng)
        if outcome not in (Outcome.LEFT, Outcome.RIGHT):
            continue
        decided += 1
        wish = 1 if outcome is Outcome.LEFT else -1
        agreed["generic"] += (scored[left].generic - scored[right].generic) * wish > 0
        agreed["personal"] += (scored[left].score - scored[right].score) * wish > 0
        if decided == _UNSEEN_PAIRS:
            break
    return Agreement(decided, agreed["generic"] / decided, agreed["personal"] / decided)


def _traits_by_path(album: Sequence[Sample]) -> dict[Path, dict[str, float]]:
    standardised = standardise([sample.traits for sample in album])
    return {
        sample.path.resolve(): traits for sample, traits in zip(album, standardised, strict=True)
    }
