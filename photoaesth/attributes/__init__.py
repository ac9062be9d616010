"""What can be measured of a photo's look: attributes, styles and coarse content."""

from photoaesth.attributes.attribute import Attribute
from photoaesth.attributes.describe import Look, looks
from photoaesth.attributes.measure import measure
from photoaesth.attributes.vocabulary import (
    ATTRIBUTES,
    CONTENTS,
    LABELS,
    MEASURED,
    STYLES,
    VERSION,
    labels_of,
    mask_of,
)

__all__ = [
    "ATTRIBUTES",
    "CONTENTS",
    "LABELS",
    "MEASURED",
    "STYLES",
    "VERSION",
    "Attribute",
    "Look",
    "labels_of",
    "looks",
    "mask_of",
    "measure",
]
