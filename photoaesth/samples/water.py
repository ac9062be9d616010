"""Pictures of water: it mirrors what stands above its horizon, broken by waves."""

import numpy as np

from photoaesth.samples.figures import person
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
    sampled,
    shapes,
    smoothstep,
)
from photoaesth.samples.sky import pines, ridge, sky, some_hour
from photoaesth.samples.terrain import mountain_view


def flood(
    picture: Array,
    frame: Frame,
    rng: np.random.Generator,
    *,
    horizon: float,
    roughness: float,
    deep: Array,
) -> None:
    """Fill everything below the horizon with water, in place.

    Each pixel reads the picture where its ray lands after leaving a wave of the local slope;
    how much of it shows follows the shape of Fresnel's law for a surface seen at a grazing angle.

    Args:
        picture: what stands above the horizon is mirrored.
        frame: the picture.
        rng: the source of randomness.
        horizon: where the water ends.
        roughness: slope of the waves; 0.01 is a pond, 0.3 a windy sea.
        deep: colour of the water looked into.
    """
    start = min(int(horizon * frame.height) + 1, frame.height - 2)
    below = frame.y[start:] - horizon
    distance = 1 / (below + 0.015)
    along, across = distance * 260, (frame.x - frame.aspect / 2) * distance * 90
    tile = noise(rng, (512, 512), (10, 12), octaves=7, gain=0.6)
    crests = noise(rng, (512, 512), (14, 12), octaves=6, gain=0.62, ridged=True)
    swell = sampled(tile, along * 0.8, across * 0.8, wrap=True)
    chop = sampled(crests, along * 2.3, across * 2.3, wrap=True)
    # Far waves are finer than pixels: what is left of them is a spread, not a shape.
    fine = smoothstep(28, 4, distance)
    spread = rng.standard_normal((frame.height - start, frame.width), np.float32)
    wave = (0.45 + 0.55 * fine) * swell * 0.7 + 0.6 * chop * fine + 0.4 * spread * (1 - fine)
    rise = np.abs(below + roughness * wave * (0.25 + 0.5 * below))
    rows = (horizon - rise) * frame.height
    sideways = roughness * 0.14 * (chop + 0.5 * swell)
    mirrored = sampled(picture[:start], rows, (frame.x + sideways) * frame.height)
    if roughness < 0.05:  # a sheltered lake seen from its shore
        reflectance = 0.35 + 0.5 * np.exp(-2.0 * below)
    else:
        # The mean over a rough surface; faces turned to us mirror less than their backs.
        reflectance = (0.08 + 0.62 * np.exp(-4.5 * below)) * (1 - 0.55 * wave).clip(0.15, 2.2)
    light = np.clip(reflectance, 0, 0.97)[..., None]
    picture[start:] = mix(deep * (1 - 0.25 * wave)[..., None].clip(0.4, 2), mirrored, light)


def sea(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint the open sea under any sky, the sun's path on it when there is a sun."""
    hour = some_hour(rng)
    horizon = pick(rng, 0.38, 0.62)
    sun = None
    if hour.strength > 0.3 and rng.random() < 0.75:
        sun = (pick(rng, 0.2, 0.8) * frame.aspect, horizon - pick(rng, 0.05, 0.22))
    picture = sky(frame, rng, hour, horizon=horizon, sun=sun, clouds=pick(rng, 0.1, 0.75))
    if rng.random() < 0.5:
        land = ridge(frame, rng, horizon - pick(rng, -0.02, 0.03), 0.022, 1.2)
        over(picture, mix(hour.shade * 0.7, hour.horizon, 0.5), land)
    deep = mix(linear("#0d3440"), hour.zenith * 0.5, 0.5) * 0.6
    flood(picture, frame, rng, horizon=horizon, roughness=pick(rng, 0.12, 0.36), deep=deep)
    if rng.random() < 0.5:
        _boat(picture, frame, rng, horizon)
    return picture


def _boat(picture: Array, frame: Frame, rng: np.random.Generator, horizon: float) -> None:
    x, y, size = pick(rng, 0.25, 0.75) * frame.aspect, horizon + 0.012, pick(rng, 0.03, 0.07)

    def at(points: list[Point]) -> list[Point]:
        return [(x + px * size, y + py * size) for px, py in points]

    hull = at([(-0.5, -0.08), (0.55, -0.12), (0.42, 0.06), (-0.4, 0.06)])
    main = at([(-0.02, -1.6), (-0.03, -0.16), (-0.5, -0.16), (-0.28, -0.7)])
    jib = at([(0.02, -1.45), (0.50, -0.18), (0.03, -0.2), (0.10, -0.7)])
    around = picture[max(0, int(horizon * frame.height) - 40) : int(horizon * frame.height)]
    light = around.mean(axis=(0, 1))
    over(picture, light * 0.35, shapes(frame, [main, jib]))
    over(picture, light * 0.06, shapes(frame, [hull]))
    shadow = blurred(shapes(frame, [at([(-0.4, 0.08), (0.4, 0.08), (0.2, 0.6), (-0.3, 0.6)])]), 2)
    over(picture, light * 0.15, shadow * 0.5)


def lake(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint mountains doubled in a still lake."""
    hour = some_hour(rng, "noon", "golden", "dawn", "dusk", "overcast")
    horizon = pick(rng, 0.48, 0.60)
    picture = mountain_view(frame, rng, hour, horizon=horizon, valley=False)
    if rng.random() < 0.7:
        shore = horizon - 0.004 - 0.012 * np.abs(curve(rng, frame.width, 2))
        trees = pines(frame, rng, shore.astype(np.float32), pick(rng, 0.03, 0.07), density=2)
        over(picture, mix(linear("#16201a"), hour.horizon, 0.10), trees)
    calm = pick(rng, 0.006, 0.04)
    flood(picture, frame, rng, horizon=horizon, roughness=calm, deep=linear("#12302e") * 0.6)
    return picture


def beach(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint surf running up a beach, sometimes with somebody walking there."""
    hour = some_hour(rng, "noon", "noon", "golden", "sunset", "overcast", "dusk")
    horizon = pick(rng, 0.30, 0.42)
    sun = (pick(rng, 0.1, 0.9) * frame.aspect, horizon - 0.14) if hour.strength > 1 else None
    picture = sky(frame, rng, hour, horizon=horizon, sun=sun, clouds=pick(rng, 0.1, 0.6))
    turquoise = linear("#2b7076") * (0.7 if hour.strength < 1 else 0.3)
    flood(picture, frame, rng, horizon=horizon, roughness=pick(rng, 0.12, 0.25), deep=turquoise)
    # Wet sand is a blunt mirror: of the sun it shows a wide patch, not a disc.
    mirror = blurred(np.minimum(picture[: int(horizon * frame.height)][::-1], 1.5), 16)
    x = frame.x[0] / frame.aspect
    slant, start = pick(rng, -0.22, 0.22), pick(rng, 0.60, 0.72)
    size = (frame.height, frame.width)
    for wave in range(int(rng.integers(2, 4))):
        line = horizon + (start - horizon) * (0.32 + 0.26 * wave) + slant * (x - 0.5) * 0.35
        _breaker(picture, frame, rng, line + 0.007 * curve(rng, frame.width, 4), hour.glow)
    edge = start + slant * (x - 0.5) + 0.014 * curve(rng, frame.width, 2.4, octaves=4)
    depth = frame.y - edge[None, :]
    grain = noise(rng, size, (90, 90), octaves=3, gain=0.9)
    lumps = noise(rng, size, (22, 9), octaves=4)
    daylight = 0.35 * hour.zenith + 0.35 * hour.horizon + 0.4 * hour.glow * min(1, hour.strength)
    sand = linear("#c9bba4") * daylight * (1 + 0.05 * grain + 0.07 * lumps)[..., None]
    wet = smoothstep(0.26, 0.06, depth + 0.012 * lumps)[..., None]
    rows = np.clip((frame.y - horizon - 0.18) * frame.height, 0, mirror.shape[0] - 1).astype(int)
    shine = mirror[np.broadcast_to(rows, size), np.arange(frame.width)]
    shore = mix(sand, sand * 0.38 + 0.42 * shine, wet)
    over(picture, shore, smoothstep(-0.002, 0.03, depth))
    lace = noise(rng, size, (26, 14), octaves=5, gain=0.65, ridged=True)
    foam = smoothstep(
        0.2, 1.1, lace + 2.2 * np.exp(-((depth / 0.012) ** 2)) - 6 * np.abs(depth + 0.02)
    )
    foam *= smoothstep(0.014, 0.0, depth) * smoothstep(-0.16, -0.02, depth)
    over(picture, daylight * 1.15, foam * 0.9)
    if rng.random() < 0.5:
        feet = (pick(rng, 0.25, 0.75) * frame.aspect, start + 0.06)
        over(picture, daylight * 0.05, person(frame, rng, feet, pick(rng, 0.10, 0.16)))
    return picture


def _breaker(
    picture: Array, frame: Frame, rng: np.random.Generator, line: Array, light: Array
) -> None:
    """Draw a broken wave along a line `(W,)`: a dark face and a white crest that comes and goes."""
    depth = frame.y - line[None, :]
    strength = smoothstep(-0.6, 0.9, curve(rng, frame.width, 2.2))[None, :]
    face = np.exp(-((np.maximum(depth, 0) / 0.014) ** 2)) * (depth > -0.004) * strength
    over(picture, picture * 0.55, face * 0.6)
    size = (frame.height, frame.width)
    torn = noise(rng, size, (60, 26), octaves=4, gain=0.7)
    crest = smoothstep(
        0.25, 0.9, np.exp(-(((depth + 0.007) / 0.008) ** 2)) * strength + 0.16 * torn
    )
    over(picture, light * 0.5 + 0.25, crest * strength * 0.9)
