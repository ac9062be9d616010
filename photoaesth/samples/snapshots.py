"""The pictures every album also holds: papers, whiteboards and desks, kept for what they say."""

import itertools

import numpy as np

from photoaesth.samples.paint import (
    Array,
    Frame,
    Point,
    blurred,
    ellipse,
    linear,
    mix,
    noise,
    over,
    pick,
    shapes,
    smoothstep,
)


def _rectangle(centre: Point, size: Point, angle: float) -> list[Point]:
    """Return the corners of a turned rectangle."""
    cos, sin = np.cos(angle), np.sin(angle)
    corners = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
    return [
        (
            float(centre[0] + x * size[0] * cos - y * size[1] * sin),
            float(centre[1] + x * size[0] * sin + y * size[1] * cos),
        )
        for x, y in corners
    ]


def _lay(picture: Array, frame: Frame, polygon: list[Point], colour: Array, lift: float) -> None:
    """Put a flat thing on the table with the soft shadow of its thickness, `lift` heights."""
    mask = shapes(frame, [polygon])
    shadow = blurred(shapes(frame, [[(x + lift, y + lift * 1.3) for x, y in polygon]]), 4)
    picture *= (1 - 0.5 * shadow * (1 - mask))[..., None]
    over(picture, colour, mask)


def _print(
    rng: np.random.Generator, centre: Point, size: Point, angle: float, lines: int
) -> list[tuple[Point, Point, float]]:
    """Return the strokes of printed lines on a sheet: words too small to read."""
    strokes: list[tuple[Point, Point, float]] = []
    cos, sin = float(np.cos(angle)), float(np.sin(angle))

    def at(x: float, y: float) -> Point:
        return centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos

    for line in range(lines):
        y = (-0.42 + 0.84 * line / lines) * size[1]
        x, end = -0.40 * size[0], pick(rng, 0.15, 0.4) * size[0]
        while x < end and line % 7 != 6:
            word = pick(rng, 0.02, 0.09) * size[0]
            strokes.append((at(x, y), at(x + word, y), 0.28 * size[1] / lines))
            x += word + 0.015 * size[0]
    return strokes


def document(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint a printed page photographed under a dull lamp, not quite straight."""
    size = (frame.height, frame.width)
    desk = linear(str(rng.choice(["#8d8a84", "#6f6252", "#a39c90", "#5a5c60"])))
    picture = (
        frame.filled(desk * 0.6) * (1 + 0.05 * noise(rng, size, (3, 30), octaves=4))[..., None]
    )
    angle, tall = pick(rng, -0.09, 0.09), pick(rng, 0.95, 1.15)
    centre = (frame.aspect * 0.5 + pick(rng, -0.08, 0.08), 0.5 + pick(rng, -0.04, 0.04))
    page = (tall * 0.72, tall)
    _lay(picture, frame, _rectangle(centre, page, angle), linear("#d9d7d0"), 0.008)
    ink = blurred(
        shapes(frame, strokes=_print(rng, centre, page, angle, int(rng.integers(26, 44)))), 0.7
    )
    text = ink * (0.75 + 0.1 * noise(rng, size, (90, 90), octaves=2))
    over(picture, linear("#3c3c40"), np.clip(text, 0, 1))
    return picture * _dull_light(frame, rng)[..., None]


def whiteboard(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint a whiteboard after a meeting, a window mirrored in it."""
    picture = frame.filled(linear("#cfd3d3"))
    for _ in range(int(rng.integers(4, 8))):
        colour = linear(str(rng.choice(["#22427a", "#a3332e", "#2c6b45", "#2b2b30"])))
        at = (pick(rng, 0.08, 0.8) * frame.aspect, pick(rng, 0.12, 0.8))
        strokes = _scrawl(rng, at, pick(rng, 0.018, 0.03))
        if rng.random() < 0.5:
            turn = np.linspace(0, 2 * np.pi, 40) + rng.normal(0, 0.03, 40)
            ring = [(at[0] + 0.1 + 0.17 * np.cos(t), at[1] + 0.08 * np.sin(t)) for t in turn]
            strokes += [(a, b, 0.006) for a, b in itertools.pairwise(ring)]
        over(picture, colour, blurred(shapes(frame, strokes=strokes), 0.6) * 0.85)
    smear = noise(rng, (frame.height, frame.width), (3, 6), octaves=4)
    over(picture, linear("#b4b9bd"), smoothstep(0.8, 2.2, smear) * 0.4)
    glare = blurred(ellipse(frame, (pick(rng, 0.2, 0.8) * frame.aspect, 0.25), (0.22, 0.16)), 40)
    return (picture + glare[..., None] * 0.7) * _dull_light(frame, rng)[..., None]


def _scrawl(rng: np.random.Generator, at: Point, size: float) -> list[tuple[Point, Point, float]]:
    """Return a few lines of handwriting nobody can read."""
    strokes: list[tuple[Point, Point, float]] = []
    for line in range(int(rng.integers(1, 4))):
        length = int(rng.integers(30, 90))
        t = np.arange(length)
        x = at[0] + t * size * 0.09 + 0.3 * size * np.sin(t * 1.3)
        tall = 0.35 + 0.5 * (rng.random(length // 3 + 1) ** 2).repeat(3)[:length]
        y = at[1] + line * size * 2 + size * tall * np.sin(t * 1.7 + rng.normal(0, 0.25, length))
        gaps = np.convolve(rng.random(length) < 0.10, np.ones(3), "same") > 0
        points = list(zip(x.tolist(), y.tolist(), strict=True))
        pairs = zip(points, points[1:], gaps[1:], strict=False)
        strokes += [(a, b, size * 0.16) for a, b, gap in pairs if not gap]
    return strokes


def desk(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint a cluttered desk from above: papers, notes, pens, a keyboard and a mug."""
    size = (frame.height, frame.width)
    wood = mix(linear("#7a5a3c"), linear("#a98a64"), 0.5)
    picture = frame.filled(wood) * (1 + 0.12 * noise(rng, size, (40, 2), octaves=5))[..., None]
    for _ in range(int(rng.integers(5, 9))):
        at = (pick(rng, 0, frame.aspect), pick(rng, 0, 1))
        paper, angle = (pick(rng, 0.25, 0.45), pick(rng, 0.35, 0.6)), pick(rng, -0.7, 0.7)
        tint = linear(str(rng.choice(["#e2dfd8", "#d8d4c4", "#cfd8de", "#e8e0c0"])))
        _lay(picture, frame, _rectangle(at, paper, angle), tint, 0.004)
        over(
            picture,
            linear("#55555a"),
            shapes(frame, strokes=_print(rng, at, paper, angle, 18)) * 0.8,
        )
    _keyboard(picture, frame, rng)
    for _ in range(int(rng.integers(3, 8))):
        at = (pick(rng, 0, frame.aspect), pick(rng, 0, 1))
        colour = linear(str(rng.choice(["#f0d84a", "#ef8fb0", "#8fd0e8", "#b8e07a"])))
        _lay(picture, frame, _rectangle(at, (0.11, 0.11), pick(rng, -0.5, 0.5)), colour, 0.003)
    for _ in range(int(rng.integers(3, 7))):
        at = (pick(rng, 0, frame.aspect), pick(rng, 0, 1))
        colour = linear(str(rng.choice(["#1d3f8a", "#b02a2a", "#202024", "#2f7a4a", "#d0a020"])))
        _lay(picture, frame, _rectangle(at, (0.26, 0.017), pick(rng, 0, 3.1)), colour, 0.007)
    _mug(picture, frame, rng)
    return picture * _dull_light(frame, rng)[..., None]


def _keyboard(picture: Array, frame: Frame, rng: np.random.Generator) -> None:
    centre, angle = (
        (frame.aspect * pick(rng, 0.3, 0.7), pick(rng, 0.3, 0.7)),
        pick(rng, -0.25, 0.25),
    )
    _lay(picture, frame, _rectangle(centre, (0.72, 0.25), angle), linear("#3a3a3e"), 0.012)
    cos, sin = np.cos(angle), np.sin(angle)
    keys = []
    for row in range(5):
        for column in range(15):
            x, y = (column - 7) * 0.046, (row - 2) * 0.046
            at = (centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos)
            keys.append(_rectangle(at, (0.038, 0.038), angle))
    over(picture, linear("#6c6c70"), shapes(frame, keys))


def _mug(picture: Array, frame: Frame, rng: np.random.Generator) -> None:
    x, y = pick(rng, 0.1, 0.9) * frame.aspect, pick(rng, 0.15, 0.85)
    shadow = blurred(ellipse(frame, (x + 0.03, y + 0.04), (0.1, 0.1)), 9)
    picture *= (1 - 0.6 * shadow)[..., None]
    glaze = linear(str(rng.choice(["#e8e6e0", "#3a5a7a", "#a8442f"])))
    over(picture, glaze, ellipse(frame, (x, y), (0.092, 0.092)))
    over(picture, glaze * 0.45, ellipse(frame, (x, y), (0.080, 0.080)))
    over(picture, linear("#2a170c"), ellipse(frame, (x + 0.004, y + 0.006), (0.073, 0.073)))
    over(
        picture,
        linear("#8a7a6c"),
        ellipse(frame, (x - 0.03, y - 0.03), (0.018, 0.010), soft=0.01) * 0.5,
    )


def _dull_light(frame: Frame, rng: np.random.Generator) -> Array:
    """Return the uneven light of a ceiling lamp, `(H, W)`, the photographer's shadow in it."""
    lamp = (frame.aspect * pick(rng, 0, 1), pick(rng, -0.3, 0.4))
    away = np.hypot(frame.x - lamp[0], frame.y - lamp[1])
    shadow = np.hypot((frame.x - frame.aspect * pick(rng, 0.3, 0.7)) / 0.5, (frame.y - 1.1) / 0.6)
    light = 0.75 / (1 + 0.5 * away**2) * (1 - 0.35 * np.exp(-(shadow**4)))
    return np.asarray(light, np.float32)
