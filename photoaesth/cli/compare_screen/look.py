"""How the user looks at a question."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown of a question besides the photos, and how.

    Attributes:
        notice: one line to say below the photos.
        zoomed: the sharpest details instead of whole photos.
        details: EXIF and scores are shown.
        help: the keys are explained instead of anything else.
    """

    notice: str = ""
    zoomed: bool = False
    details: bool = False
    help: bool = False
