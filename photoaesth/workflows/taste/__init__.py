"""A profile's aesthetic distribution, what drives it, and how it differs from others'.

The second stage of DRL (user-guided personalized image aesthetic assessment): photos are labelled
with attributes, and the taste is how the profile's scores are spread over these.
"""

from pathlib import Path

import numpy as np

from photoaesth.attributes import CONTENTS, STYLES
from photoaesth.library import comparisons
from photoaesth.library.database import open_library
from photoaesth.workflows.evidence import statements_of
from photoaesth.workflows.profile_model import profile_model
from photoaesth.workflows.taste.driving import driving
from photoaesth.workflows.taste.ground import Progress, survey
from photoaesth.workflows.taste.labels import in_order, label_tastes, spread
from photoaesth.workflows.taste.over_time import over_time
from photoaesth.workflows.taste.pairs import decided_pairs
from photoaesth.workflows.taste.report import TasteReport
from photoaesth.workflows.taste.telling import Telling

__all__ = ["TasteReport", "taste"]


def taste(
    library_path: Path,
    profile: str,
    *,
    on_progress: Progress = lambda task, done, total: None,
) -> TasteReport:
    """Describe a profile's taste; until it is trained, that of the generic model.

    Args:
        library_path: the library.
        profile: whose taste.
        on_progress: told how far measuring and scoring are.

    Raises:
        PhotoaesthError: there is no library, or no photo in it.
    """
    with open_library(library_path) as library:
        model = profile_model(library, profile)
        ground, (opinion,) = survey(library, [model], on_progress)
        number = comparisons.profile_id(library, profile)
        said = statements_of(library, number, model.crowd)
        pairs = decided_pairs(library, number, model.crowd.embedding_name)
        drives = driving(ground, opinion, pairs)
        strongest = [driver.name for driver in drives.attributes] if drives else []
        tastes = label_tastes(ground, opinion, pairs)
        telling = Telling(library, ground, opinion)
        return TasteReport(
            profile=profile,
            personal=model.personal,
            note=model.note,
            photos=len(ground),
            sample=len(ground.sample),
            choices=len(said.choices),
            ratings=said.rated,
            distributions=spread(ground, opinion, ground.sample, np.arange(len(ground))),
            styles=in_order([tastes[label] for label in STYLES]),
            contents=in_order([tastes[label] for label in CONTENTS]),
            driving=drives,
            over_time=over_time(pairs, ground.scale, strongest),
            typical=telling.typical(),
            surprising=telling.surprising(said),
            above_crowd=telling.above_crowd() if model.personal else (),
            below_crowd=telling.below_crowd() if model.personal else (),
        )
