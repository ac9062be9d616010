"""Everything that is said of a photo's look: attributes, styles, contents, in stored order."""

from collections.abc import Iterable

from photoaesth.attributes.attribute import Attribute

VERSION = "1"
"""Changes with any formula, threshold or order: what another version stored is measured anew."""

_CIELAB = "CIE 15:2004"
_NAYAR = "Nayar & Nakagawa 1994"
_HOUGH = "Duda & Hart 1972"

MEASURED = (
    Attribute("brightness", "Brightness", "dark", "bright", "L*", _CIELAB),
    Attribute("shadows", "Shadows", "open", "deep: low key", "share", _CIELAB),
    Attribute("highlights", "Highlights", "few", "many: high key", "share", _CIELAB),
    Attribute("contrast", "Contrast", "flat", "contrasty", "L*", "Peli 1990"),
    Attribute("two_tones", "Two tones", "graded", "two tones", "share", "Otsu 1979"),
    Attribute("darker_tone", "Darker tone", "black", "light", "L*", "Otsu 1979"),
    Attribute("dynamic_range", "Dynamic range", "narrow", "wide", "EV", ""),
    Attribute("warmth", "Warmth", "cool", "warm", "", "Ou et al. 2004"),
    Attribute(
        "colourfulness", "Colourfulness", "muted", "colourful", "", "Hasler & Süsstrunk 2003"
    ),
    Attribute("saturation", "Saturation", "pale", "saturated", "", "Lübbe 2010"),
    Attribute("colour_freedom", "Colour freedom", "toned", "colours of their own", "", ""),
    Attribute("reds", "Reds", "without red", "red", "share", _CIELAB),
    Attribute("yellows", "Yellows", "without yellow", "yellow", "share", _CIELAB),
    Attribute("greens", "Greens", "without green", "green", "share", _CIELAB),
    Attribute("blues", "Blues", "without blue", "blue", "share", _CIELAB),
    Attribute("purples", "Purples", "without purple", "purple", "share", _CIELAB),
    Attribute("hue_variety", "Hue variety", "one hue", "many hues", "hues", "Ke et al. 2006"),
    Attribute("complementarity", "Opposite hues", "related", "opposite", "", "Itten 1961"),
    Attribute("harmony", "Colour harmony", "discordant", "harmonious", "", "Cohen-Or et al. 2006"),
    Attribute("sharpness", "Sharpness", "soft", "sharp", "", _NAYAR),
    Attribute("softness", "Soft edges", "crisp", "soft", "", ""),
    Attribute("blurred_share", "Out of focus", "sharp throughout", "blurred", "share", _NAYAR),
    Attribute("focus_contrast", "Focus contrast", "all alike", "one sharp place", "", _NAYAR),
    Attribute("motion", "Directed blur", "still", "streaked", "doublings", ""),
    Attribute("noise", "Noise", "clean", "noisy", "levels of 255", "Immerkær 1996"),
    Attribute("simplicity", "Simplicity", "spread out", "simple", "share", "Ke et al. 2006"),
    Attribute("emptiness", "Empty space", "full", "empty", "share", ""),
    Attribute("backdrop", "Border", "dark", "bright", "L*", _CIELAB),
    Attribute("backdrop_evenness", "Evenness of the border", "busy", "even", "share", ""),
    Attribute("subject_size", "Subject size", "small", "large", "share", "Achanta et al. 2009"),
    Attribute("thirds", "Rule of thirds", "off", "on the thirds", "", "Datta et al. 2006"),
    Attribute("symmetry", "Symmetry", "one-sided", "symmetric", "", ""),
    Attribute("horizon", "Horizon", "none", "clear", "", _HOUGH),
    Attribute("horizon_height", "Horizon height", "low", "high", "share", _HOUGH),
    Attribute("horizon_tilt", "Horizon tilt", "right end up", "right end down", "°", _HOUGH),
    Attribute("vanishing_point", "Vanishing point", "none", "clear", "", "Tuytelaars et al. 1998"),
    Attribute("orientation", "Orientation", "upright", "wide", "octaves", ""),
)
"""What is measured of a picture's pixels."""

STYLES = (
    "high key",
    "low key",
    "silhouette",
    "monochrome",
    "duotone",
    "complementary colours",
    "long exposure",
    "motion blur",
    "macro",
    "shallow focus",
    "soft focus",
    "vanishing point",
    "minimal",
    "symmetric",
    "light on white",
)
"""What kinds of photos there are, after the photographic styles of AVA (Murray et al. 2012)."""

CONTENTS = (
    "people",
    "animals",
    "birds",
    "cats",
    "dogs",
    "plants",
    "food",
    "water",
    "sky and mountains",
    "streets and buildings",
    "vehicles",
    "interiors",
)
"""What photos show."""

LABELS = STYLES + CONTENTS
"""Bit i of a photo's mask says that `LABELS[i]` holds."""

ATTRIBUTES = MEASURED + tuple(
    Attribute(
        name.replace(" ", "_"), name.capitalize(), "without", "with", "probability", "ImageNet"
    )
    for name in CONTENTS
)
"""The numbers of a photo in the order in which they are stored: measured ones, then contents."""


def labels_of(mask: int) -> tuple[str, ...]:
    """Return the labels of a mask, in the order of `LABELS`."""
    return tuple(label for bit, label in enumerate(LABELS) if mask >> bit & 1)


def mask_of(labels: Iterable[str]) -> int:
    """Return the mask of labels.

    Raises:
        ValueError: there is no such label.
    """
    return sum({1 << LABELS.index(label) for label in labels})
