"""Pictures that are mostly sky: birds, balloons, the Milky Way and northern lights."""

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
from photoaesth.samples.sky import Hour, pines, ridge, sky, some_hour, stars


def birds_in_the_sky(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint a flock before a large, soft sky."""
    hour = some_hour(rng, "golden", "sunset", "dawn", "overcast", "dusk")
    sun = (pick(rng, 0.2, 0.8) * frame.aspect, pick(rng, 0.62, 0.82))
    picture = sky(frame, rng, hour, horizon=1.02, sun=sun, clouds=pick(rng, 0.1, 0.6))
    centre = (pick(rng, 0.35, 0.65) * frame.aspect, pick(rng, 0.25, 0.45))
    heading = pick(rng, -0.5, 0.5)
    flock = []
    for _ in range(int(rng.integers(1, 5)) ** 2 + 1):
        x, y = np.asarray(centre) + rng.normal(0, [0.22 * frame.aspect / 1.5, 0.10])
        flock.append(_bird((float(x), float(y)), pick(rng, 0.012, 0.03), heading, rng))
    dark = hour.shade * 0.12
    over(picture, dark, blurred(shapes(frame, flock), 0.5) * 0.95)
    return picture


def _bird(at: Point, size: float, heading: float, rng: np.random.Generator) -> list[Point]:
    """Return the outline of a bird in flight, `size` being half its span."""
    lift, sweep = pick(rng, -0.35, 0.9), pick(rng, 0.2, 0.5)
    t = np.linspace(-1, 1, 17)
    along = np.abs(t)
    front_y = -lift * np.sin(along * 2.2) * 0.75 + sweep * along**2
    chord = 0.24 * (1 - along) ** 0.6 + 0.02
    body = 0.22 * np.exp(-((t / 0.10) ** 2))
    front = np.stack([t, front_y - body * 0.6], axis=1)
    back = np.stack([t, front_y + chord + body * 1.3], axis=1)[::-1]
    outline = np.concatenate([front, back])
    cos, sin = np.cos(heading), np.sin(heading)
    turned = outline @ np.array([[cos, sin], [-sin, cos]]) * size + np.asarray(at)
    return [(float(x), float(y)) for x, y in turned]


def balloons(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint hot-air balloons drifting over hazy hills early in the day."""
    hour = some_hour(rng, "dawn", "golden", "noon", "noon")
    side = -1.0 if rng.random() < 0.5 else 1.0
    sun = (frame.aspect * (0.5 + 0.75 * side), 0.45)
    picture = sky(frame, rng, hour, horizon=0.85, sun=sun, clouds=pick(rng, 0.0, 0.3))
    for depth in (0.85, 0.6, 0.3):
        land = mix(linear("#3d4a3a") * 0.5, hour.horizon * 0.9, depth)
        over(picture, land, ridge(frame, rng, 0.94 - 0.16 * depth, 0.025, 2 + 4 * depth))
    picture = mix(picture, hour.horizon, (smoothstep(0.7, 0.9, frame.y) * 0.25)[..., None])
    radii = sorted(pick(rng, 0.02, 0.065) for _ in range(int(rng.integers(2, 8))))
    for radius in [*radii, pick(rng, 0.09, 0.17)]:
        at = (pick(rng, 0.1, 0.9) * frame.aspect, pick(rng, 0.15, 0.45) + 1.2 * (0.09 - radius))
        _balloon(picture, frame, rng, hour, at=at, radius=radius, side=side)
    return picture


def _balloon(
    picture: Array,
    frame: Frame,
    rng: np.random.Generator,
    hour: Hour,
    *,
    at: Point,
    radius: float,
    side: float,
) -> None:
    x, y = (frame.x - at[0]) / radius, (frame.y - at[1]) / radius
    taper = np.where(y > 0, np.clip(1 - (np.maximum(y, 0) / 1.42) ** 2.1, 0, 1), 1)
    half = np.where(y > 0, taper**0.8 + 0.10, np.sqrt(np.clip(1 - y * y, 0, 1)))
    pixel = 1 / (radius * frame.height)
    inside = smoothstep(pixel, -pixel, np.abs(x) - half) * smoothstep(1.36 + pixel, 1.36, y)
    inside *= smoothstep(-1 - pixel, -1, y)
    across = np.clip(x / np.maximum(half, 0.05), -1, 1)
    angle = np.arcsin(across)
    hue = [linear(c) for c in rng.permutation(["#c8372d", "#e8a33a", "#f2e3c6", "#2f5d8a"])]
    stripe = np.clip(0.5 + np.sin(angle * 12) / (12 * pixel), 0, 1)[..., None]
    band = smoothstep(0.22 + pixel, 0.22, np.abs(y - pick(rng, -0.3, 0.4)))[..., None]
    colour = mix(mix(hue[0], hue[1], stripe), hue[2], band)
    light = 0.42 + 0.75 * np.clip(0.35 * -y + 0.9 * across * side + 0.25, 0, 1)
    light *= 0.90 + 0.10 * np.abs(np.cos((angle / np.pi + 0.5) * 12 * np.pi)) ** 0.5
    light += 0.10 * np.clip(-across * side, 0, 1)  # the far sky lights the shadow side
    colour = mix(colour * light[..., None] * (0.4 + 0.6 * hour.glow), hour.horizon, 0.18)
    over(picture, colour, inside)
    left, right, low = at[0] - 0.10 * radius, at[0] + 0.10 * radius, at[1] + 1.72 * radius
    basket = [
        (left, low),
        (right, low),
        (right * 0.998, low + 0.16 * radius),
        (left, low + 0.16 * radius),
    ]
    ropes = [
        (
            (at[0] + s * 0.12 * radius, at[1] + 1.3 * radius),
            (at[0] + s * 0.09 * radius, low),
            0.008 * radius + 0.0004,
        )
        for s in (-1, 1)
    ]
    over(
        picture,
        mix(linear("#4a3524") * 0.6, hour.horizon, 0.2),
        shapes(frame, [basket], strokes=ropes),
    )


def milky_way(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint the Milky Way over a dark ridge, as a long exposure records it."""
    picture = mix(linear("#0a1020") * 0.45, linear("#2a3350") * 0.5, frame.y[..., None] ** 2)
    picture = np.repeat(picture, frame.width, axis=1)
    glow_at = pick(rng, 0.1, 0.9) * frame.aspect
    away = np.hypot((frame.x - glow_at) / 0.7, (frame.y - 0.95) / 0.25)
    picture += (0.11 * np.exp(-(away**1.2)))[..., None] * linear("#ffb070")
    tilt = pick(rng, 0.5, 1.1) * (1 if rng.random() < 0.5 else -1)
    size = (frame.height, frame.width)
    wobble = 0.03 * noise(rng, size, (2, 3), octaves=4)
    dx = frame.x - frame.aspect * pick(rng, 0.4, 0.6)
    across = dx * np.cos(tilt) + (frame.y - 0.4) * np.sin(tilt) * 0.9 + wobble
    clouds = noise(rng, size, (4, 6), octaves=7, gain=0.6)
    band = np.exp(-((across / 0.16) ** 2)) * (0.75 + 0.32 * clouds)
    lanes = smoothstep(
        0.1, 1.5, noise(rng, size, (4, 5), octaves=7, gain=0.62) - 16 * np.abs(across) + 0.7
    )
    light = np.clip(band, 0, None) * (1 - 0.8 * lanes)
    warm = np.exp(-((across / 0.09) ** 2))[..., None]
    picture += light[..., None] * mix(linear("#8fa4d8"), linear("#e8c4a4"), warm) * 0.16
    count = int(2600 * frame.aspect)
    picture += stars(frame, rng, count) * (0.5 + 1.4 * np.clip(light, 0, 1))[..., None]
    far = ridge(frame, rng, 0.86, 0.035, 2)
    over(picture, linear("#10141f") * 0.5, far)
    if rng.random() < 0.6:
        ground = 0.93 - 0.012 * curve(rng, frame.width, 3)
        over(picture, linear("#05070b") * 0.5, pines(frame, rng, ground, pick(rng, 0.08, 0.2)))
    return picture * 1.9


def aurora(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint curtains of northern lights over snow and conifers."""
    picture = mix(linear("#060d1c") * 0.8, linear("#16283a"), frame.y[..., None] ** 1.5)
    picture = np.repeat(picture, frame.width, axis=1) + stars(frame, rng, int(700 * frame.aspect))
    light: Array = np.zeros_like(picture)
    for _ in range(int(rng.integers(2, 5))):
        foot = pick(rng, 0.38, 0.66) - 0.10 * curve(rng, frame.width, 1.6, octaves=3, gain=0.4)
        foot += 0.02 * curve(rng, frame.width, 9, octaves=2)
        rays = np.exp(0.55 * curve(rng, frame.width, 7, octaves=6, gain=0.95) - 0.2)
        reach = 0.13 * np.exp(0.4 * curve(rng, frame.width, 6, octaves=6, gain=0.85))
        above = (foot[None, :] - frame.y) / reach[None, :]
        body = np.exp(np.where(above > 0, -above, above * 9)) * rays[None, :]
        high = smoothstep(0.5, 2.6, above)[..., None]
        light += body[..., None] * mix(linear("#3cf08c"), linear("#9a4ad8") * 0.8, high)
    light = blurred(light, 0.0025 * frame.height) * pick(rng, 0.16, 0.4)
    picture += light + 0.3 * blurred(light, 0.05 * frame.height)
    mean_light = light.mean(axis=(0, 1))
    snow = ridge(frame, rng, 0.88, 0.018, 1.5)
    drift = 1 + 0.10 * noise(rng, (frame.height, frame.width), (14, 4), octaves=5)
    ground = (linear("#24344a") * 0.7 + 0.9 * mean_light) * drift[..., None]
    line = 0.86 - 0.018 * curve(rng, frame.width, 2)
    over(picture, linear("#05090d") * 0.7, pines(frame, rng, line, pick(rng, 0.10, 0.24)))
    over(picture, ground, snow)
    return picture
