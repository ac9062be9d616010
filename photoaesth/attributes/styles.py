"""Photographic styles: which a photo shows, from its attributes and EXIF.

`styles.tsv` holds a linear rule for each style: weights of few terms, the intercept among them. A
style holds where its sum is positive. `benchmarks/styles.py` fits them and tells how well they do.
Long exposure is what EXIF says.
"""

import math
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes.vocabulary import ATTRIBUTES, STYLES
from photoaesth.domain import Exif

RULES_FILE = Path(__file__).with_name("styles.tsv")
INTERCEPT = "1"
LONG_EXPOSURE = "long exposure"
"""The one style that only EXIF tells: water and lights have moved by then."""

WEAK_STYLES = (
    "silhouette",
    "duotone",
    "complementary colours",
    "motion blur",
    "macro",
    "soft focus",
    "vanishing point",
    "minimal",
    "symmetric",
)
"""Styles that were told wrongly of every third real photo or more, or that too few real ones show.

Their rules have to be sure: by a factor of e in the odds.
"""

_LONG_EXPOSURE_S = 1.0
_PLACE = {each.name: place for place, each in enumerate(ATTRIBUTES)}


def styles(values: NDArray[np.float32], exif: Exif) -> tuple[str, ...]:
    """Return the styles that a photo shows.

    Args:
        values: `(A,)` in the order of `ATTRIBUTES`.
        exif: of the photo.
    """
    terms = rule_terms(values)
    shown = {
        style
        for style, rule in load_rules().items()
        if sum(weight * terms[term] for term, weight in rule.items()) > 0
    }
    if (exif.exposure_time_s or 0) >= _LONG_EXPOSURE_S:
        shown.add(LONG_EXPOSURE)
    return tuple(style for style in STYLES if style in shown)


def rule_terms(values: NDArray[np.float32]) -> dict[str, float]:
    """Return what rules weigh: attributes, 0 where unknown, and a few terms made of them."""
    terms = {name: float(values[place]) for name, place in _PLACE.items()}
    terms = {name: 0.0 if np.isnan(value) else value for name, value in terms.items()}
    # Photos differ in these by factors, not by steps.
    for name in ("colour_freedom", "saturation", "blurred_share"):
        terms[f"log {name}"] = math.log(terms[name] + 0.02)
    terms["blackness"] = math.exp(-terms["darker_tone"] / 8)
    terms["empty surroundings"] = terms["emptiness"] * terms["backdrop_evenness"]
    terms["facing hues"] = max(
        min(terms["blues"], terms["reds"] + terms["yellows"]),
        min(terms["greens"], terms["reds"] + terms["purples"]),
    )
    terms[INTERCEPT] = 1.0
    return terms


@cache
def load_rules() -> dict[str, dict[str, float]]:
    """Return the weights of each style's terms."""
    rules: dict[str, dict[str, float]] = {}
    for line in RULES_FILE.read_text("utf-8").splitlines():
        style, term, weight = line.split("\t")
        rules.setdefault(style, {})[term] = float(weight)
    return rules
