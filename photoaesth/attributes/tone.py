"""Light and dark: brightness, key, contrast, dynamic range."""

import numpy as np

from photoaesth.attributes.picture import Picture

_SHADOW, _HIGHLIGHT = 20.0, 85.0  # L*
_DARKEST = 1e-3  # luminance that 8 bits still tell from black


def brightness(picture: Picture) -> float:
    """Return the mean CIE lightness L*, 0 to 100."""
    return float(picture.lightness.mean())


def shadows(picture: Picture) -> float:
    """Return the share of pixels darker than L* 20: a low key has many."""
    return float((picture.lightness < _SHADOW).mean())


def highlights(picture: Picture) -> float:
    """Return the share of pixels brighter than L* 85: a high key has many."""
    return float((picture.lightness > _HIGHLIGHT).mean())


def contrast(picture: Picture) -> float:
    """Return the standard deviation of L*: root-mean-square contrast.

    E. Peli, "Contrast in complex images" (1990), eq. 4, on a scale of even steps to the eye.
    """
    return float(picture.lightness.std())


def two_tones(picture: Picture) -> tuple[float, float]:
    """Return how far lightness falls into two tones, 0 to 1, and how light the darker is, L*.

    The share of the variance of L* that lies between the two classes of the best threshold
    (N. Otsu, "A threshold selection method from gray-level histograms", 1979, η), and the mean of
    the class below: near 0 in silhouettes.
    """
    counts, edges = np.histogram(picture.lightness, bins=64, range=(0, 100))
    shares = counts / max(int(counts.sum()), 1)
    middle = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(shares)[:-1]
    first = np.cumsum(shares * middle)
    mean = first[-1]
    between = (mean * below - first[:-1]) ** 2 / np.maximum(below * (1 - below), 1e-9)
    variance = float(shares @ (middle - mean) ** 2)
    best = int(between.argmax())
    return float(between[best]) / (variance + 1), float(first[best] / max(below[best], 1e-9))


def dynamic_range(picture: Picture) -> float:
    """Return how many times light doubles from the 1st to the 99th percentile of luminance, EV."""
    low, high = np.percentile(picture.luminance, (1, 99))
    return float(np.log2((high + _DARKEST) / (low + _DARKEST)))
