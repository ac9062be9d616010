"""Pictures of things near by: fruit in window light and flowers before a soft background."""

import itertools
import math

import numpy as np

from photoaesth.samples.paint import (
    Array,
    Frame,
    Point,
    blurred,
    linear,
    mix,
    noise,
    over,
    pick,
    resized,
    sampled,
    shapes,
    smoothstep,
)

_FRUIT = {
    "orange": ("#e8871e", "#f2a53a"),
    "apple": ("#a8201c", "#d9a441"),
    "lime": ("#5d8a2a", "#9fb648"),
    "plum": ("#3a1f3d", "#6a3a5a"),
    "lemon": ("#e6c229", "#f4df6a"),
}


def fruit(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint fruit on a table by a window: one soft light from the side, and its shadows."""
    side = -1.0 if rng.random() < 0.5 else 1.0
    edge = pick(rng, 0.48, 0.60)
    picture = _room(frame, rng, side=side, edge=edge)
    kinds = rng.choice(list(_FRUIT), int(rng.integers(1, 4)), replace=False)
    count = int(rng.integers(1, 6))
    radius = pick(rng, 0.10, 0.14) * (1.2 if count < 3 else 1.0)
    middle, gap = frame.aspect * pick(rng, 0.4, 0.6), radius * 1.75
    balls = []
    for number in range(count):
        size = radius * pick(rng, 0.85, 1.1)
        foot = edge + pick(rng, 0.10, 0.24) + 0.05 * (number % 2)
        x = middle + (number - (count - 1) / 2) * gap + pick(rng, -0.02, 0.02)
        balls.append((foot, x, size, str(rng.choice(kinds))))
    balls.sort()
    for foot, x, size, _ in balls:
        _shadow(picture, frame, (x, foot), size, side)
    for foot, x, size, kind in balls:
        _ball(picture, frame, rng, at=(x, foot - size * 0.93), radius=size, kind=kind, side=side)
    return picture


def _room(frame: Frame, rng: np.random.Generator, *, side: float, edge: float) -> Array:
    """Return an empty table before a wall, the light falling off away from the window."""
    wall = linear(str(rng.choice(["#4a4a46", "#6f7470", "#2d3236", "#8a7a66", "#3c4a4e"])))
    board = linear(str(rng.choice(["#6b4a30", "#8a6a4a", "#3a2a20", "#a8a29a"])))
    size = (frame.height, frame.width)
    across = (frame.x / frame.aspect - 0.5) * side + 0.5
    fall = 0.22 + 1.1 * smoothstep(-0.1, 1.15, across)
    plaster = 1 + 0.05 * noise(rng, size, (4, 4), octaves=5)
    window = np.exp(-(((across - 0.62 - 0.35 * (frame.y - 0.2)) / 0.28) ** 2)) * 0.5
    picture = (fall * plaster * (0.55 + window))[..., None] * wall
    depth = np.maximum(frame.y - edge, 0)
    rows = 260 / (depth + 0.35)
    columns = (frame.x - frame.aspect / 2) / (depth + 0.35) * 260
    grain = noise(rng, (512, 512), (60, 4), octaves=5, gain=0.7)
    planks = np.abs((rows / 130) % 1 - 0.5) > 0.49
    wood = 1 + 0.13 * sampled(grain, rows * 1.5, columns * 0.8, wrap=True) - 0.45 * planks
    table = (fall * wood * (0.75 + 0.35 * depth))[..., None] * board
    sheen = np.exp(-depth / 0.10) * 0.35 * fall
    table = table + sheen[..., None] * wall
    blur = blurred(np.asarray(table, np.float32), 3)
    table = mix(blur, np.asarray(table, np.float32), smoothstep(0.04, 0.14, depth)[..., None])
    over(picture, table, np.repeat(smoothstep(-0.006, 0.006, frame.y - edge), frame.width, 1))
    return np.asarray(picture, np.float32)


def _shadow(picture: Array, frame: Frame, foot: Point, radius: float, side: float) -> None:
    """Darken the table where a ball hides the window: hard at the foot, soft far from it."""
    x, y = (frame.x - foot[0]) * -side, frame.y - foot[1]
    along = np.clip(x / radius, -1, 4)
    spread = 0.24 + 0.10 * np.maximum(along, 0)
    body = np.exp(-(((y + 0.02 * along) / (radius * spread)) ** 2))
    cast = body * smoothstep(-1.1, 0.2, along) * smoothstep(3.2, 0.3, along)
    contact = np.exp(-((x / (0.55 * radius)) ** 2) - (y / (0.13 * radius)) ** 2)
    dark = np.clip(0.85 * cast + 0.6 * contact, 0, 0.95)
    picture *= (1 - dark)[..., None]


def _ball(
    picture: Array,
    frame: Frame,
    rng: np.random.Generator,
    *,
    at: Point,
    radius: float,
    kind: str,
    side: float,
) -> None:
    """Paint one fruit as a lit sphere: window light, bounce from the table, skin and stalk."""
    left, right = (
        int(np.clip((at[0] + s * radius * 1.3) * frame.height, 0, frame.width)) for s in (-1, 1)
    )
    top, bottom = (
        int(np.clip((at[1] + s * radius * 1.2) * frame.height, 0, frame.height)) for s in (-1, 1)
    )
    wide = 1.22 if kind == "lemon" else pick(rng, 0.98, 1.05)
    x = (frame.x[:, left:right] - at[0]) / (radius * wide)
    y = (frame.y[top:bottom] - at[1]) / (radius * (0.95 if kind == "apple" else 1.0))
    if kind == "apple":  # a dip where the stalk grows
        y = y - 0.20 * np.exp(-((x / 0.32) ** 2)) * np.clip(-y, 0, 1)
    away = np.hypot(x, y)
    inside = smoothstep(1 + 1 / (radius * frame.height), 1 - 1 / (radius * frame.height), away)
    z = np.sqrt(np.clip(1 - away**2, 0, 1))
    size = z.shape
    bumps = noise(rng, size, (26, 26), octaves=2) * (
        0.09 if kind in {"orange", "lemon", "lime"} else 0.015
    )
    nx, ny = x + np.gradient(bumps, axis=1), y + np.gradient(bumps, axis=0)
    light = np.array([0.74 * side, -0.52, 0.43])
    facing = nx * light[0] + ny * light[1] + z * light[2]
    direct = smoothstep(-0.28, 1.05, facing) * 1.5
    bounce = np.clip(0.35 * ny + 0.1, 0, 1) * 0.22
    deep, pale = (linear(c) for c in _FRUIT[kind])
    skin = noise(rng, size, (3, 3), octaves=4) * 0.5
    if kind == "apple":
        streaks = noise(rng, (1, 512), (1, 40), octaves=3)[0]
        angle = np.arctan2(x, z + 0.4) * 160 + 256
        skin = 0.6 * skin + 0.22 * streaks[angle.astype(np.int64) % 512] - 0.5
    base = mix(deep, pale, np.clip(0.35 + 0.35 * skin, 0, 1)[..., None])
    colour = base * (0.045 + direct + bounce)[..., None]
    half = facing * 2 * z - light[2]  # the mirrored light, seen along the line of sight
    gloss = {"apple": 1.0, "plum": 0.35}.get(kind, 0.45)
    colour += (gloss * (smoothstep(0.78, 0.99, half) * 0.5 + 0.06 * (1 - z) ** 3))[..., None]
    colour *= (0.55 + 0.45 * smoothstep(1.0, 0.35, y))[..., None]
    over(picture[top:bottom, left:right], np.asarray(colour, np.float32), inside)
    if kind in {"apple", "plum"}:
        tip = (at[0] + 0.1 * radius, at[1] - 1.10 * radius)
        stalk = [((at[0], at[1] - 0.80 * radius), tip, 0.055 * radius)]
        over(picture, linear("#3a2a18") * 0.5, shapes(frame, strokes=stalk))


def flower(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint one flower, petal by petal, before leaves far out of focus."""
    picture = _foliage(frame, rng)
    if rng.random() < 0.5:
        small = (frame.aspect * pick(rng, 0.1, 0.9), pick(rng, 0.2, 0.8))
        _blossom(picture, frame, rng, small, pick(rng, 0.12, 0.2))
        picture = blurred(picture, pick(rng, 0.012, 0.022) * frame.height)
    centre = (frame.aspect * pick(rng, 0.35, 0.65), pick(rng, 0.36, 0.5))
    radius = pick(rng, 0.22, 0.36) * min(1.0, frame.aspect)
    bend = centre[0] + pick(rng, -0.12, 0.12)
    turn = np.linspace(0, 1, 12)
    stem = [
        (bend * t**2 + centre[0] * (1 - t**2), centre[1] + (1.05 - centre[1]) * t) for t in turn
    ]
    strokes = [(a, b, 0.02) for a, b in itertools.pairwise(stem)]
    mask = shapes(frame, strokes=strokes)
    round_light = 0.6 + 0.5 * np.clip(blurred(mask, 4) * 1.4 - 0.4, 0, 1)
    over(picture, round_light[..., None] * linear("#4f6b2c"), blurred(mask, 1.5))
    _blossom(picture, frame, rng, centre, radius)
    return picture


def _foliage(frame: Frame, rng: np.random.Generator) -> Array:
    """Return a background of leaves and sky seen through them, far out of focus."""
    full, frame = frame, Frame(frame.width // 2, frame.height // 2)  # it is blurred anyway
    size = (frame.height, frame.width)
    deep = linear(str(rng.choice(["#1c2a16", "#2a3320", "#15211c", "#3a3a2a"])))
    bright = linear(str(rng.choice(["#7f9a4a", "#9aa860", "#5f8a6a", "#b0a070"])))
    tone = noise(rng, size, (2, 3), octaves=3)
    light = smoothstep(-1.4, 1.9, tone + 0.8 * (0.5 - frame.y))
    picture = mix(deep, bright, light[..., None])
    for _ in range(int(rng.integers(8, 30))):
        at = (pick(rng, 0, frame.aspect), pick(rng, 0, 0.85))
        radius = pick(rng, 0.02, 0.06)
        away = np.hypot(frame.x - at[0], frame.y - at[1]) / radius
        disc = smoothstep(1.1, 0.85, away) * (0.8 + 0.2 * np.minimum(away, 1) ** 3)
        picture += (disc * pick(rng, 0.04, 0.3))[..., None] * mix(bright, linear("#fff6d8"), 0.4)
    soft = blurred(np.asarray(picture, np.float32), 0.008 * frame.height)
    return resized(soft, full.width, full.height)


def _blossom(
    picture: Array, frame: Frame, rng: np.random.Generator, centre: Point, radius: float
) -> None:
    """Lay two or three rings of petals and a heart of florets, each shading the one below."""
    inner, outer = (
        linear(c)
        for c in (
            ("#f3c9d2", "#d46a8c"), ("#fdfaf0", "#f4f0e6"), ("#f7d24a", "#eda21c"),
            ("#c9a0dc", "#7a4aa8"), ("#f2836b", "#c83a2e"), ("#f6efe2", "#e8c8b8"),
        )[int(rng.integers(6))]
    )  # fmt: skip
    petals, squash = int(rng.integers(9, 22)), pick(rng, 0.72, 1.0)
    slim = min(0.42, 3.6 / petals)
    fibre = noise(rng, (64, 1024), (3, 90), octaves=3)
    for ring in range(3):
        for petal in map(int, rng.permutation(petals)):
            turn = 2 * np.pi * (petal + 0.5 * ring) / petals + pick(rng, -0.07, 0.07)
            length = (1.0 - 0.17 * ring) * pick(rng, 0.9, 1.06)
            cos, sin = math.cos(turn), math.sin(turn)
            tip = np.array([cos, sin]) * length
            wide = 1.5 * slim * length
            corners = [np.clip((0, 0), None, tip) - wide, np.clip((0, 0), tip, None) + wide]
            left, right, top, bottom = (
                int(np.clip((middle + corner[axis] * size) * frame.height, 0, limit))
                for axis, middle, size, limit in (
                    (0, centre[0], radius, frame.width),
                    (1, centre[1], radius * squash, frame.height),
                )
                for corner in corners
            )
            x = (frame.x[:, left:right] - centre[0]) / (radius * length)
            y = (frame.y[top:bottom] - centre[1]) / (radius * squash * length)
            along = x * cos + y * sin
            across = y * cos - x * sin + 0.05 * np.sin(along * 3 + petal)
            part = np.clip(along, 0, 1)
            width = slim * part**0.65 * np.sqrt(1 - part**5) + 1e-3
            edge = np.abs(across) / width
            pixel = 1.5 / (radius * length * frame.height * np.maximum(width, 0.02))
            inside = np.clip((1 - edge) / pixel + 0.5, 0, 1) * (along > 0.02) * (along < 1)
            veins = sampled(fibre, part * 60, across / slim * 110 + 97 * petal + 512, wrap=True)
            tone = mix(inner, outer, smoothstep(0.15, 0.95, part + 0.06 * veins)[..., None])
            lit = 0.72 - 0.26 * math.sin(turn + 2.2) + 0.16 * across / width
            lit = lit * (0.35 + 0.65 * smoothstep(0.1, 0.75, part)) * (1 + 0.06 * veins)
            fold = 1 - 0.18 * np.exp(-((across / width / 0.16) ** 2))
            shade = np.exp(-np.maximum(edge - 1, 0) / 0.22) * (along > 0.05) * (along < 1.04)
            region = picture[top:bottom, left:right]
            region *= (1 - 0.28 * shade)[..., None]
            over(region, tone * (lit * fold).clip(0.05, 1.6)[..., None], inside)
    _heart(picture, frame, rng, centre, radius=radius * pick(rng, 0.2, 0.3), squash=squash)


def _heart(
    picture: Array,
    frame: Frame,
    rng: np.random.Generator,
    centre: Point,
    *,
    radius: float,
    squash: float,
) -> None:
    """Paint the florets in the middle along Vogel's spiral (1979)."""
    x = (frame.x - centre[0]) / radius
    y = (frame.y - centre[1]) / (radius * squash)
    away = np.hypot(x, y)
    picture *= (1 - 0.55 * np.exp(-np.maximum(away - 1, 0) / 0.16))[..., None]
    dark, pale = linear("#6a3d10"), linear("#e9b32c")
    over(picture, dark * 0.5, smoothstep(1.03, 0.97, away))
    count = 170
    order = np.arange(count, dtype=np.float32)
    spread, turn = np.sqrt((order + 0.5) / count), order * np.float32(2.39996323)
    seen = away < 1.1
    rows, columns = np.nonzero(seen)
    distance = np.full(rows.size, 9.0, np.float32)
    light = np.zeros(rows.size, np.float32)
    px, py = x[0, columns], y[rows, 0]
    for s, t in zip(spread, turn, strict=True):
        dx, dy = px - s * np.cos(t), py - s * np.sin(t)
        closer = dx * dx + dy * dy < distance
        distance = np.where(closer, dx * dx + dy * dy, distance)
        light = np.where(closer, 0.75 - 3.2 * (dx + dy), light)
    dot = smoothstep(0.075, 0.045, np.sqrt(distance)) * smoothstep(1.06, 0.98, away[seen])
    level = (light * (0.5 + 0.5 * np.minimum(away[seen], 1))).clip(0.15, 1.4)
    colour = mix(dark, pale, (0.35 + 0.65 * np.minimum(away[seen], 1))[:, None]) * level[:, None]
    picture[rows, columns] += (colour - picture[rows, columns]) * dot[:, None]
