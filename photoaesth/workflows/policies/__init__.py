"""The two policies of a profile: one edits photos, one ranks them; they are trained in turn."""

from typing import TYPE_CHECKING

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.library import comparisons, policies
from photoaesth.library.database import Library

if TYPE_CHECKING:  # it loads torch
    from photoaesth.enhance.policy import EnhancementPolicy


def enhancement_policy(library: Library, profile: str) -> "EnhancementPolicy | None":
    """Return the enhancement policy in use for a profile, if there is one that can be read."""
    number, space = comparisons.profile_id(library, profile), load_crowd_model().embedding_name
    stored = policies.enhancement_policy(library, number, space)
    if stored is None:
        return None
    from photoaesth.enhance.policy import EnhancementPolicy

    try:
        return EnhancementPolicy.from_bytes(stored)
    except PhotoaesthError:  # of another version; `enhance` has to go on without it
        return None
