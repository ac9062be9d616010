"""Which parameters a profile would like for a photo."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoaesth.enhance.operations import PARAMETERS, apply, to_mapping, to_vector
from photoaesth.enhance.policy import EnhancementPolicy, load_starter
from photoaesth.enhance.search import COLOR_REACH, HAZE_REACH, LIGHT_REACH, find_parameters
from photoaesth.learning.personal import PersonalHead
from photoaesth.learning.scoring import ImageScorer
from photoaesth.library.database import Library
from photoaesth.workflows.policies import enhancement_policy
from photoaesth.workflows.profile_model import profile_model

Task = Literal["auto", "exposure", "color", "dehaze"]
Method = Literal["auto", "search", "policy"]

REACH: Mapping[Task, Mapping[str, float]] = {
    # Vibrance does much what saturation does, and every parameter costs time.
    "auto": {name: by for name, by in (LIGHT_REACH | COLOR_REACH).items() if name != "vibrance"},
    "exposure": LIGHT_REACH,
    "color": COLOR_REACH,
    "dehaze": HAZE_REACH,
}
"""What a search moves for each task."""

RESTRAINT = 0.03
"""Points that pushing one slider to its end has to be worth."""

CROWD_RESTRAINT = 0.06
"""The same while the generic model speaks: nobody's taste is no reason to go far."""

MENDING = 0.2
"""Points of the crowd's score that mending what it does not see may cost at the most."""

DOUBT = 0.1
"""How many standard deviations of the gain are taken off it."""

_MAY_CHANGE: Mapping[Task, Collection[str]] = {
    "auto": {parameter.name for parameter in PARAMETERS},
    "exposure": {*LIGHT_REACH, "curve_shadows", "curve_midtones", "curve_highlights"},
    "color": COLOR_REACH.keys(),
    "dehaze": HAZE_REACH.keys(),
}
_SEARCH_SCALE = 0.5  # of the indexing size: four times as fast, with most of the gain

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit that a profile should like.

    Attributes:
        parameters: values of the image operations by name.
        score_before: the profile's score of the photo as it is, on the small copy.
        score_after: the same of the edit.
        gain_sd: standard deviation of what the edit gains, in points of utility.
    """

    parameters: Mapping[str, float]
    score_before: float
    score_after: float
    gain_sd: float


class Proposer:
    """Finds parameters for photos, one after the other.

    Attributes:
        note: one line for the user when the generic model speaks; empty otherwise.
    """

    def __init__(
        self,
        library: Library,
        profile: str,
        *,
        task: Task = "auto",
        method: Method = "auto",
        strength: float = 1.0,
        policy: EnhancementPolicy | None = None,
        head: PersonalHead | None = None,
        device: str = "auto",
    ) -> None:
        """Load the profile's model.

        Args:
            library: where the profile is.
            profile: whose taste.
            task: what may be changed.
            method: `search` moves parameters from the identity to where the score is best,
                `policy` takes those of a policy. `auto` takes those of the profile's own policy,
                which knows its edits; without one it searches on from the starter's.
            strength: share of the edit that is made, in [0, 1].
            policy: in place of the profile's own and of the starter.
            head: scores in place of the profile's own.
            device: where scores are computed.
        """
        model = profile_model(library, profile)
        self.note = model.note
        self._scorer = ImageScorer(model.crowd, head or model.head, device)
        own = None if policy or method == "search" else enhancement_policy(library, profile)
        self._policy = None if method == "search" else policy or own or load_starter()
        self._refines = method == "search" or (method == "auto" and own is None)
        self._reach, self._may_change = REACH[task], _MAY_CHANGE[task]
        self._personal = model.personal or head is not None
        self._restraint = RESTRAINT if self._personal else CROWD_RESTRAINT
        self._strength = strength

    def propose(self, image: Image.Image) -> Proposal:
        """Return an edit for a photo.

        Args:
            image: mode RGB, upright, as `imaging.decode` returns it for `imaging.DECODED_SIDE`.
        """
        full = self._scorer.tensor(image).unsqueeze(0)
        original = self._scorer.embed(full)
        rest = to_vector({})
        # Where the starter's way is not liked, there may be one from the photo as it is.
        for policy in (self._policy, None) if self._refines and self._policy else (self._policy,):
            found = to_vector(self._find(image, original[0], policy))
            parameters = rest + self._strength * (found - rest)
            edited = self._scorer.embed(apply(full, parameters.unsqueeze(0)))
            before, after = self._scorer.scores(np.concatenate([original, edited])).tolist()
            gain_sd = float(self._scorer.gains(edited, original[0]).sd[0])
            # What a small copy promises does not always hold. What a policy mends may cost some of
            # the crowd's score, which does not see all damage, but nothing of one's own.
            allowed = min(gain_sd, MENDING) if policy and not self._personal else 0.0
            if not self._refines or after > before - allowed:
                return Proposal(to_mapping(parameters), before, after, gain_sd)
        return Proposal(to_mapping(rest), before, before, 0.0)

    def _find(
        self, image: Image.Image, embedding: Floats, policy: EnhancementPolicy | None
    ) -> Mapping[str, float]:
        """Return the whole edit of a photo, found on a small copy, by name.

        Args:
            image: as for `propose`.
            embedding: `(D,)`, of the photo.
            policy: where a search begins; None for the photo as it is.
        """
        small = self._scorer.tensor(image, scale=_SEARCH_SCALE)
        start: Mapping[str, float] = {}
        if policy is not None:
            proposed = policy.propose(small, embedding)
            start = {name: proposed[name] for name in self._may_change}
        if not self._refines:
            return start
        scorer, begun = self._scorer, self._scorer.embed(small.unsqueeze(0))[0]
        found = find_parameters(
            small,
            lambda images: scorer.gains(scorer.embed(images), begun).in_doubt(DOUBT),
            reach=self._reach,
            restraint=self._restraint,
            start=to_vector(start),
        )
        return to_mapping(found)
