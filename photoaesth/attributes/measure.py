"""All that is measured of a picture's pixels."""

import math

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes import colour, composition, detail, harmony, lines, tone
from photoaesth.attributes.picture import picture
from photoaesth.attributes.vocabulary import MEASURED


def measure(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.float32]:
    """Return the measured attributes, the first of `ATTRIBUTES`.

    Args:
        pixels: `(H, W, 3)` sRGB, about 384 × 288 pixels whatever the photo's size and no side
            below 128, so that all are measured alike; slightly squeezed is no harm.
        width: the photo's own, upright; for its orientation alone.
        height: the photo's own, upright.

    Returns:
        `(MEASURED,)` float32; NaN where there is nothing to measure.
    """
    shown = picture(pixels)
    details = detail.detail(shown.grey)
    subject = composition.subject(shown)
    separation, darker_tone = tone.two_tones(shown)
    horizon = lines.horizon(shown)
    values = {
        "brightness": tone.brightness(shown),
        "shadows": tone.shadows(shown),
        "highlights": tone.highlights(shown),
        "contrast": tone.contrast(shown),
        "two_tones": separation,
        "darker_tone": darker_tone,
        "dynamic_range": tone.dynamic_range(shown),
        "warmth": colour.warmth(shown),
        "colourfulness": colour.colourfulness(shown),
        "saturation": colour.saturation(shown),
        "colour_freedom": colour.colour_freedom(shown),
        **colour.hue_shares(shown),
        "hue_variety": harmony.hue_variety(shown),
        "complementarity": harmony.complementarity(shown),
        "harmony": harmony.harmony(shown),
        "sharpness": detail.sharpness(details),
        "softness": detail.softness(details),
        "blurred_share": detail.blurred_share(details),
        "focus_contrast": detail.focus_contrast(details),
        "motion": detail.motion(shown.grey),
        "noise": detail.noise(shown.grey),
        "simplicity": composition.simplicity(details),
        "emptiness": composition.emptiness(details),
        "backdrop": composition.backdrop(shown),
        "backdrop_evenness": composition.backdrop_evenness(details),
        "subject_size": subject.size,
        "thirds": composition.thirds(subject),
        "symmetry": composition.symmetry(shown),
        "horizon": horizon.clarity,
        "horizon_height": horizon.height,
        "horizon_tilt": horizon.tilt_degrees,
        "vanishing_point": lines.vanishing_point(shown),
        "orientation": math.log2(width / height),
    }
    return np.array([values[each.name] for each in MEASURED], np.float32)
