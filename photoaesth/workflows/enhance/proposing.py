"""Which parameters a profile would like for a photo."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from photoaesth.enhance.search import confirm, find_parameters
from photoaesth.learning.scoring import ImageScorer
from photoaesth.library.database import Library
from photoaesth.workflows.profile_model import profile_model

Task = Literal["auto", "exposure", "color", "dehaze"]
Method = Literal["auto", "search", "policy"]

_SEARCH_SCALE = 0.5  # of the indexing size: four times as fast, with most of the gain


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit that a profile should like.

    Attributes:
        parameters: values of the image operations by name.
        score_before: the profile's score of the photo as it is, on the small copy.
        score_after: the same of the edit.
    """

    parameters: Mapping[str, float]
    score_before: float
    score_after: float


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
        device: str = "auto",
    ) -> None:
        """Load the profile's model.

        Args:
            library: where the profile is.
            profile: whose taste.
            task: what may be changed.
            method: `search` moves parameters from the identity to where the score is best,
                `policy` takes those of a policy, `auto` what serves the profile best.
            strength: share of the edit that is made, in [0, 1].
            device: where scores are computed.
        """
        model = profile_model(library, profile)
        self.note = model.note
        self._scorer = ImageScorer(model.crowd, model.head, device)

    def propose(self, image: Image.Image) -> Proposal:
        """Return an edit for a photo.

        Args:
            image: mode RGB, upright, as `imaging.decode` returns it for `imaging.DECODED_SIDE`.
        """
        scorer = self._scorer
        small = find_parameters(scorer.tensor(image, scale=_SEARCH_SCALE), scorer)
        found = confirm(small, scorer.tensor(image), scorer)
        return Proposal(found.parameters, found.score_before, found.score_after)
