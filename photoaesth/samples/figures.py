"""People and trees against the light, and other pictures with little in them."""

import numpy as np

from photoaesth.samples.paint import (
    Array,
    Frame,
    Point,
    blurred,
    curve,
    linear,
    mix,
    noise,
    over,
    pick,
    shapes,
    smoothstep,
)
from photoaesth.samples.sky import ridge, sky, some_hour


def person(frame: Frame, rng: np.random.Generator, feet: Point, height: float) -> Array:
    """Return the mask `(H, W)` of somebody standing or walking, seen whole.

    Args:
        frame: the picture.
        rng: the source of randomness.
        feet: where they stand.
        height: of the person.
    """
    stride, lean, arm = pick(rng, 0.02, 0.12), pick(rng, -0.02, 0.02), pick(rng, -0.06, 0.06)
    side = 1 if rng.random() < 0.5 else -1

    def at(x: float, y: float) -> Point:
        return feet[0] + side * x * height, feet[1] - y * height

    hip, neck = (0.0, 0.49), (lean, 0.83)
    limbs: list[tuple[Point, Point, float]] = [
        (at(hip[0] - 0.02, hip[1]), at(-stride * 0.35, 0.26), 0.085),
        (at(-stride * 0.35, 0.26), at(-stride, 0.015), 0.06),
        (at(-stride, 0.012), at(-stride + 0.06, 0.012), 0.032),
        (at(hip[0] + 0.02, hip[1]), at(stride * 0.7, 0.27), 0.085),
        (at(stride * 0.7, 0.27), at(stride, 0.015), 0.06),
        (at(stride, 0.012), at(stride + 0.06, 0.012), 0.032),
        (at(neck[0] - 0.085, 0.785), at(-0.10 - arm, 0.62), 0.06),
        (at(-0.10 - arm, 0.62), at(-0.075 - arm * 2, 0.45), 0.045),
        (at(neck[0] + 0.085, 0.785), at(0.10 + arm, 0.62), 0.06),
        (at(0.10 + arm, 0.62), at(0.085 + arm * 2.2, 0.45), 0.045),
        (at(neck[0], 0.80), at(neck[0] + 0.005, 0.90), 0.062),
    ]
    torso = [
        at(-0.105, 0.79), at(-0.04, 0.835), at(0.04, 0.835), at(0.105, 0.79),
        at(0.075, 0.64), at(0.085, 0.46), at(-0.085, 0.46), at(-0.075, 0.64),
    ]  # fmt: skip
    if rng.random() < 0.4:  # a coat or a skirt
        torso[5:7] = [at(0.13, 0.32), at(-0.13, 0.32)]
    turn = np.linspace(0, 2 * np.pi, 24)
    head = [at(neck[0] + 0.01 + 0.054 * np.cos(a), 0.932 + 0.068 * np.sin(a)) for a in turn]
    strokes = [(a, b, width * height) for a, b, width in limbs]
    return shapes(frame, [torso, head], strokes=strokes)


def silhouettes(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint one, two or three people on a hill against a low sun."""
    hour = some_hour(rng, "sunset", "golden", "dusk", "dawn")
    x = pick(rng, 0.3, 0.7) * frame.aspect
    ground = pick(rng, 0.78, 0.88)
    sun = (x + pick(rng, -0.12, 0.12), ground - pick(rng, 0.04, 0.22))
    picture = sky(frame, rng, hour, horizon=0.86, sun=sun, clouds=pick(rng, 0.1, 0.7))
    for depth in (0.75, 0.5):
        land = mix(hour.shade * 0.5, hour.horizon, depth)
        over(picture, land, ridge(frame, rng, ground - 0.05 + 0.04 * (1 - depth), 0.018, 2))
    line = ground + 0.05 * ((frame.x[0] - x) / frame.aspect * 2) ** 2
    line = line + 0.004 * curve(rng, frame.width, 14, octaves=5, gain=0.7)
    dark = hour.shade * 0.05
    rim = np.exp(-np.maximum(frame.y - line[None, :], 0) / 0.02) * 0.10
    over(
        picture,
        dark + rim[..., None] * hour.glow * hour.strength,
        np.clip((frame.y - line[None, :]) * frame.height + 0.5, 0, 1),
    )
    size = pick(rng, 0.20, 0.36)
    for number in range(int(rng.integers(1, 4))):
        height = size * (0.62 if number == 2 else pick(rng, 0.92, 1.03))
        at = x + (0.0, 0.34, 0.62)[number] * size
        over(picture, dark, person(frame, rng, (at, ground + 0.012), height))
    return picture


def bare_tree(frame: Frame, rng: np.random.Generator, root: Point, height: float) -> Array:
    """Return the mask `(H, W)` of a leafless tree, branch by branch."""
    strokes: list[tuple[Point, Point, float]] = []
    pending = [(root, -np.pi / 2, height * 0.26, height * 0.042)]
    while pending:
        (x, y), angle, length, width = pending.pop()
        for _ in range(3):  # a branch bends a little on its way up
            tip = (x + np.cos(angle) * length / 3, y + np.sin(angle) * length / 3)
            strokes.append(((x, y), tip, width))
            x, y = tip
            angle += pick(rng, -0.16, 0.16) - 0.05 * np.cos(angle)
            width *= 0.92
        if length < height * 0.022:
            continue
        spread = pick(rng, 0.25, 0.5)
        for turn in (-spread, pick(rng, -0.12, 0.12), pick(rng, 0.25, 0.55)):
            if turn in (-spread,) or rng.random() < 0.86:
                share = pick(rng, 0.62, 0.84)
                pending.append(((x, y), angle + turn, length * share, width * 0.66))
    return shapes(frame, strokes=strokes)


def snow_tree(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint a single tree, a fence perhaps, in a field of snow with hardly a horizon."""
    hour = some_hour(rng, "overcast", "dawn", "dusk", "overcast", "golden")
    horizon = pick(rng, 0.62, 0.78)
    fog = mix(hour.horizon, hour.zenith, 0.25)
    size = (frame.height, frame.width)
    soft = noise(rng, size, (2, 2), octaves=4)
    picture = mix(hour.zenith * 0.4 + 0.6 * fog, fog, smoothstep(0.1, horizon, frame.y)[..., None])
    picture = np.repeat(picture, frame.width, axis=1) * (1 + 0.035 * soft)[..., None]
    far = ridge(frame, rng, horizon - 0.02, 0.02, 1.5) * 0.25
    over(picture, fog * 0.75, blurred(far, 2))
    line = horizon + 0.018 * curve(rng, frame.width, 1.3, octaves=3, gain=0.3)
    depth = frame.y - line[None, :]
    drifts = noise(rng, size, (16, 3), octaves=5, gain=0.45)
    shade = 1 + 0.06 * drifts * smoothstep(0, 0.3, depth) - 0.25 * np.clip(depth, 0, 1)
    snow = mix(linear("#f4f6f8"), linear("#dfe6ee"), 0.5) * (0.55 * fog + 0.45 * hour.zenith)
    over(picture, snow * 1.12 * shade[..., None], smoothstep(-0.012, 0.03, depth))
    x = pick(rng, 0.25, 0.75) * frame.aspect
    root = float(line[int(x * frame.height)]) + 0.015
    height = pick(rng, 0.22, 0.5) if rng.random() < 0.8 else 0.62
    bark = mix(linear("#1b1a1c"), fog, pick(rng, 0.05, 0.3))
    _cast_shadow(picture, frame, (x, root), height)
    over(picture, bark, bare_tree(frame, rng, (x, root), height))
    if rng.random() < 0.4:
        _fence(picture, frame, rng, line, bark)
    return picture


def _cast_shadow(picture: Array, frame: Frame, root: Point, height: float) -> None:
    away = np.hypot((frame.x - root[0]) / (0.35 * height), (frame.y - root[1]) / (0.035 * height))
    over(picture, picture * 0.8, np.exp(-(away**2)) * (frame.y > root[1] - 0.01))


def _fence(
    picture: Array, frame: Frame, rng: np.random.Generator, line: Array, colour: Array
) -> None:
    strokes: list[tuple[Point, Point, float]] = []
    x, y, step = pick(rng, -0.02, 0.05), float(line[0]) + 0.16, 0.10
    size, last = 0.075, None
    while x < frame.aspect and size > 0.012:
        top = (x + pick(rng, -0.004, 0.004), y - size)
        strokes.append(((x, y), top, size * 0.09))
        if last is not None:
            strokes.append((last, top, size * 0.025))
        last = top
        x, y, step, size = x + step, y - step * 0.13, step * 0.9, size * 0.9
    over(picture, colour, shapes(frame, strokes=strokes))
