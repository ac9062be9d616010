"""What the library holds, how good the model is, what to do next."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photoaesth.domain import Skipped
from photoaesth.library import comparisons, excluded, locations, models, photos, policies, ratings
from photoaesth.library.database import open_library
from photoaesth.library.models import StoredModel
from photoaesth.library.photos import LibraryCounts
from photoaesth.workflows.profile_model import ENOUGH_CHOICES, ProfileModel, profile_model

_GONE = "its file has vanished; its choices are kept"


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The state of a library for one profile.

    Attributes:
        library: the SQLite file.
        profile: whose taste.
        roots: indexed folders, and whether each can be reached now.
        counts: photos and files.
        other_profiles: names of the other profiles that have made choices.
        choices: choices and ties of the profile.
        new_choices: those made since the last training.
        ratings: photos that the profile rated.
        new_ratings: those rated, or no longer rated, since the last training.
        model: what scores photos now: `personal`, `policies` (the ranking policy) or `generic`.
        enhancement_policy: whether `enhance` follows a policy learned from retouches.
        heldout: agreement the last training measured, as `train --json` has it; or None.
        next_step: what to do next, one line.
        lost: the photos that are missing or unreadable, by the reason; only where names were asked
            for.
    """

    library: Path
    profile: str
    roots: dict[Path, bool]
    counts: LibraryCounts
    other_profiles: tuple[str, ...]
    choices: int
    new_choices: int
    ratings: int
    new_ratings: int
    model: str
    enhancement_policy: bool
    heldout: dict[str, Any] | None
    next_step: str
    lost: tuple[Skipped, ...] = ()


def status(library_path: Path, profile: str, *, names: bool = False) -> StatusReport:
    """Report the state of a library.

    Args:
        library_path: the library.
        profile: whose choices and model.
        names: whether every photo that is missing or unreadable is named.

    Raises:
        PhotoaesthError: there is no library.
    """
    with open_library(library_path) as library:
        profile_id = comparisons.profile_id(library, profile)
        model = profile_model(library, profile)
        trained = models.latest_model(library, profile_id)
        # One that showed no photos when it was indexed last may be the place of an absent drive.
        roots = locations.reachable_roots(library)
        offline = [root for root, reachable in roots.items() if not reachable]
        counts = photos.count(library, model.crowd.embedding_name, offline)
        since = trained.created_at if trained else ""
        others = tuple(comparisons.profiles_with_choices(library, without=profile))
        choices, new_choices = comparisons.count(library, profile_id, since=since)
        rated, new_ratings = ratings.count(library, profile_id, since=since)
        policy = policies.enhancement_policy(library, profile_id, model.crowd.embedding_name)
        gone = [Skipped(path, _GONE) for path in locations.vanished_files(library)] if names else []
        lost = (*gone, *excluded.unreadable_files(library)) if names else ()
        # A model of an older generic one speaks no longer, whatever it knew.
        fresh = trained is not None and trained.crowd == model.crowd.name
    return StatusReport(
        library=library_path,
        profile=profile,
        roots=roots,
        counts=counts,
        other_profiles=others,
        choices=choices,
        new_choices=new_choices,
        ratings=rated,
        new_ratings=new_ratings,
        model=_speaker(model, trained),
        enhancement_policy=policy is not None,
        heldout=trained.report.get("heldout") if trained and fresh else None,
        next_step=_next_step(counts, choices, new_choices, rated, new_ratings, trained=fresh),
        lost=lost,
    )


def _speaker(model: ProfileModel, trained: StoredModel | None) -> str:
    if not model.personal:
        return "generic"
    return "policies" if trained and trained.kept == "policies" else "personal"


def _next_step(
    counts: LibraryCounts,
    choices: int,
    new_choices: int,
    rated: int,
    new_ratings: int,
    *,
    trained: bool,
) -> str:
    if not counts.photos:
        return "photoaesth index DIR"
    if (choices or rated) < ENOUGH_CHOICES:  # ratings judge a model where there are no choices
        missing = ENOUGH_CHOICES - (choices or rated)
        return f"photoaesth compare ({missing} choices to a first judgement)"
    if not trained:
        return f"photoaesth train ({_said(choices, rated)})"
    if new_choices or new_ratings:
        return f"photoaesth train ({_said(new_choices, new_ratings, 'new ')})"
    return "photoaesth rank --top 20, or more choices with photoaesth compare"


def _said(choices: int, rated: int, new: str = "") -> str:
    parts = ((choices, "choices"), (rated, "ratings"))
    return ", ".join(f"{count} {new}{noun}" for count, noun in parts if count)
