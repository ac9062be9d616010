"""How hues go together: how many, opposite or not, on a template of harmony or not."""

import numpy as np

from photoaesth.attributes.picture import Picture, Plane

_BINS = 72
_COLOURLESS = 0.01  # of a pure colour all over: below, hues are noise
_APART = np.arange(_BINS, dtype=np.float32) * np.float32(360 / _BINS)
_OPPOSITE_WIDTH = 60.0  # degrees
# Cohen-Or et al. (2006), figure 2: centres and widths of the sectors, degrees.
_TEMPLATES = {
    "i": ((0, 18.0),),
    "V": ((0, 93.6),),
    "L": ((0, 18.0), (90, 79.2)),
    "mirrored L": ((0, 18.0), (-90, 79.2)),
    "I": ((0, 18.0), (180, 18.0)),
    "T": ((0, 180.0),),
    "Y": ((0, 93.6), (180, 18.0)),
    "X": ((0, 93.6), (180, 93.6)),
}
# The painters' wheel, where red faces green and orange faces blue: hue of HSV to its angle.
_HSV_DEGREES = (0.0, 60.0, 120.0, 240.0, 300.0, 360.0)
_WHEEL_DEGREES = (0.0, 120.0, 180.0, 240.0, 310.0, 360.0)


def hue_variety(picture: Picture) -> float:
    """Return how many hues there are, out of 72: the exponential of their entropy.

    After the hue count of Y. Ke, X. Tang and F. Jing, "The design of high-level features for photo
    quality assessment" (2006), without its threshold. NaN for a picture without colour.
    """
    shares = _shares(picture)
    if shares is None:
        return float("nan")
    present = shares[shares > 0]
    return float(np.exp(-(present * np.log(present)).sum()))


def complementarity(picture: Picture) -> float:
    """Return how evenly colour is divided between two opposite hues, 0 to 1.

    Twice the smaller of the shares of colour within 30 degrees of a hue and of the hue that faces
    it on the painters' wheel (J. Itten, "Kunst der Farbe", 1961), for the best such pair. 0 for a
    picture without colour.
    """
    shares = _shares(picture)
    if shares is None:
        return 0.0
    on_wheel = shares @ _TO_WHEEL
    near = _NEAR @ on_wheel
    return float(2 * np.minimum(near, np.roll(near, _BINS // 2)).max())


def harmony(picture: Picture) -> float:
    """Return how near the hues are to a template of harmony: 1 on one, 0 like a rainbow.

    D. Cohen-Or, O. Sorkine, R. Gal, T. Leyvand and Y.-Q. Xu, "Color harmonization" (2006), eq. 1
    and 2: the mean distance of hues from the sectors of the best of their templates, turned as
    fits best, weighted by how much colour has the hue. 1 for a picture without colour.
    """
    shares = _shares(picture)
    if shares is None:
        return 1.0
    return float(1 - (_DISTANCES @ shares).min() / _RAINBOW)


def _shares(picture: Picture) -> Plane | None:
    total = picture.hues.sum()
    return picture.hues / total if total > _COLOURLESS else None


def _circular(difference: Plane) -> Plane:
    return np.abs((difference + 180) % 360 - 180)


def _to_wheel() -> Plane:
    places = np.interp(_APART, _HSV_DEGREES, _WHEEL_DEGREES) / 360 * _BINS
    matrix = np.zeros((_BINS, _BINS), np.float32)
    matrix[np.arange(_BINS), np.rint(places).astype(int) % _BINS] = 1
    return matrix


def _distances() -> Plane:
    """Return `(8 · 72, 72)`: degrees of every hue from every template in every turn."""
    rows = []
    for sectors in _TEMPLATES.values():
        away = [
            np.maximum(_circular(_APART[None] - _APART[:, None] - centre) - width / 2, 0)
            for centre, width in sectors
        ]
        rows.append(np.min(away, axis=0))
    return np.concatenate(rows).astype(np.float32)


_TO_WHEEL = _to_wheel()
_NEAR = (_circular(_APART[None] - _APART[:, None]) <= _OPPOSITE_WIDTH / 2).astype(np.float32)
_DISTANCES = _distances()
_RAINBOW = float(_DISTANCES.mean(1).min())
