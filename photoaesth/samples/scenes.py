"""What an album shows: every painter with the light, the lens and the journeys that suit it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from photoaesth.samples import aloft, city, figures, snapshots, still_life, terrain, water
from photoaesth.samples.paint import Array, Frame

Painter = Callable[[Frame, np.random.Generator], Array]


@dataclass(frozen=True)
class Scene:
    """A kind of picture.

    Attributes:
        paint: draws one of its kind, `(H, W, 3)` scene-referred linear light.
        light_ev: how bright the place is, as the exposure value at ISO 100.
        hours: hours of the day at which it is taken, first and last.
        trips: folders in which it may lie.
        focal_mm: shortest and longest focal length that suits it.
        upright: whether it is also taken with the camera turned.
        wide: whether it makes a panorama.
    """

    paint: Painter
    light_ev: float
    hours: tuple[int, int]
    trips: tuple[str, ...]
    focal_mm: tuple[int, int] = (24, 70)
    upright: bool = True
    wide: bool = False


LAPLAND = "2024-02 Lapland"
HOME = "2024-04 At home"
DOLOMITES = "2024-06 Dolomites"
COAST = "2024-08 Coast"
CITY = "2024-10 City weekend"
DESERT = "2024-12 Desert"

SCENES: dict[str, Scene] = {
    "mountains": Scene(terrain.mountains, 13, (7, 19), (DOLOMITES,), wide=True),
    "dunes": Scene(terrain.dunes, 13, (8, 17), (DESERT,)),
    "misty forest": Scene(terrain.misty_forest, 11, (6, 9), (DOLOMITES, LAPLAND), (50, 135)),
    "lake": Scene(water.lake, 12, (7, 20), (DOLOMITES,), upright=False),
    "sea": Scene(water.sea, 12, (6, 21), (COAST,), upright=False, wide=True),
    "beach": Scene(water.beach, 13, (8, 20), (COAST,), upright=False),
    "silhouettes": Scene(figures.silhouettes, 11, (19, 21), (COAST, DESERT), (50, 135)),
    "birds": Scene(aloft.birds_in_the_sky, 12, (6, 20), (COAST, LAPLAND), (100, 135)),
    "balloons": Scene(aloft.balloons, 13, (6, 8), (DESERT,), (35, 135)),
    "snow tree": Scene(figures.snow_tree, 12, (9, 14), (LAPLAND,), (35, 85)),
    "aurora": Scene(aloft.aurora, -4, (21, 23), (LAPLAND,), (18, 24)),
    "milky way": Scene(aloft.milky_way, -6, (22, 23), (DESERT, DOLOMITES), (18, 24)),
    "skyline": Scene(city.skyline, 4, (18, 22), (CITY,), upright=False, wide=True),
    "street lamps": Scene(city.bokeh, 4, (19, 23), (CITY,), (50, 85)),
    "façade": Scene(city.facade, 13, (9, 18), (CITY,), (18, 35)),
    "hall": Scene(city.hall, 8, (9, 16), (CITY,), (18, 35)),
    "fruit": Scene(still_life.fruit, 7, (10, 17), (HOME,), (50, 85)),
    "flower": Scene(still_life.flower, 12, (10, 18), (HOME,), (85, 135)),
    "desk": Scene(snapshots.desk, 6, (9, 18), (HOME,), (24, 35), upright=False),
    "document": Scene(snapshots.document, 6, (9, 18), (HOME,), (24, 35)),
    "whiteboard": Scene(snapshots.whiteboard, 6, (9, 18), (HOME,), (24, 35), upright=False),
}
