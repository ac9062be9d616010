"""Skies and what stands before them: the light of the hour, clouds, stars, ridges, conifers."""

from dataclasses import dataclass

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
    resized,
    sampled,
    smoothstep,
)


@dataclass(frozen=True)
class Hour:
    """The light of one time of day, in linear colours.

    Attributes:
        zenith: the sky overhead.
        horizon: the sky at the horizon, which is also the colour of haze.
        glow: the light around the sun and on what it strikes.
        shade: the underside of clouds and what lies in shadow.
        strength: how bright the sun's glow is beside the sky.
    """

    zenith: Array
    horizon: Array
    glow: Array
    shade: Array
    strength: float


HOURS = {
    "noon": Hour(
        linear("#2f6bb3"), linear("#b9d4e8"), linear("#fff4e0") * 1.3, linear("#8a9bb0"), 0.5
    ),
    "golden": Hour(
        linear("#4f7dae"), linear("#edd0a8"), linear("#ffc88a") * 1.4, linear("#8b7480"), 1.2
    ),
    "sunset": Hour(
        linear("#3f5682"), linear("#e3a680"), linear("#ff9a58") * 1.5, linear("#5b4560"), 1.6
    ),
    "dusk": Hour(
        linear("#24426b") * 0.6,
        linear("#b9a6a2") * 0.7,
        linear("#e0a08a"),
        linear("#3f4a62") * 0.6,
        0.4,
    ),
    "dawn": Hour(
        linear("#668cba"), linear("#ebd5ca"), linear("#ffc6a4") * 1.2, linear("#8d8ba6"), 0.8
    ),
    "overcast": Hour(
        linear("#9aa6b2"), linear("#c6ccd0"), linear("#d6dadc"), linear("#6f7983"), 0.12
    ),
}


def some_hour(rng: np.random.Generator, *names: str) -> Hour:
    """Return one of the named hours, or of all."""
    return HOURS[str(rng.choice(names or tuple(HOURS)))]


def sky(
    frame: Frame,
    rng: np.random.Generator,
    hour: Hour,
    *,
    horizon: float,
    sun: Point | None = None,
    clouds: float = 0.0,
) -> Array:
    """Paint the whole frame as sky, `(H, W, 3)`.

    Args:
        frame: the picture.
        rng: the source of randomness.
        hour: its light.
        horizon: height of the horizon; below it the horizon's colour goes on.
        sun: where the sun's disc stands; None for a sun outside the frame.
        clouds: share of the sky they cover, about, in [0, 1].
    """
    altitude = np.maximum(horizon - frame.y, 0)
    falloff = 1 - np.exp(-altitude / 0.22)
    picture = mix(hour.horizon, hour.zenith, falloff[..., None])
    picture = np.repeat(picture, frame.width, axis=1)
    glow = np.zeros((frame.height, frame.width), np.float32)
    if sun is not None:
        distance = np.hypot(frame.x - sun[0], (frame.y - sun[1]) * 1.15).astype(np.float32)
        glow = (0.5 * np.exp(-distance / 0.30) + 1.1 * np.exp(-distance / 0.09)) * hour.strength
        picture += glow[..., None] * hour.glow
        disc = smoothstep(0.022, 0.012, distance) + 0.25 * np.exp(-((distance / 0.03) ** 2))
        picture += (disc * 14 * hour.strength)[..., None] * mix(hour.glow, linear("#ffffff"), 0.5)
    if clouds > 0:
        _clouds(picture, frame, rng, hour, horizon=horizon, sun=sun, cover=clouds, glow=glow)
    return picture


def _clouds(
    picture: Array,
    frame: Frame,
    rng: np.random.Generator,
    hour: Hour,
    *,
    horizon: float,
    sun: Point | None,
    cover: float,
    glow: Array,
) -> None:
    """Lay a layer of clouds, seen in perspective and lit from the sun's side, on the sky."""
    tile = noise(rng, (512, 512), (4, 4), octaves=8, gain=0.56)
    half = Frame(frame.width // 2, frame.height // 2)
    rows = max(2, min(half.height, int(half.height * horizon)))
    altitude = np.maximum(horizon - half.y[:rows], 0.0)
    depth = 1 / (altitude + 0.10)
    across = (half.x - half.aspect / 2) * depth
    u, v = across * 52, depth * 78
    density = sampled(tile, v, u, wrap=True)
    towards = (0.5 if sun is None else sun[0]) - half.x
    lit = sampled(tile, v + 7, u + np.clip(towards * 14, -6, 6), wrap=True)
    threshold = 1.6 - 2.8 * cover
    amount = smoothstep(threshold, threshold + 1.3, density)
    amount *= smoothstep(0.0, 0.10, altitude) * 0.92
    relief = np.clip(
        0.55 + 0.55 * (density - lit) - 0.28 * np.maximum(density - threshold, 0), 0, 1
    )
    amount, relief = (np.clip(resized(a, frame.width, 2 * rows), 0, 1) for a in (amount, relief))
    rows *= 2
    near = np.clip(glow[:rows], 0, 1.5)[..., None]
    bright = hour.glow * (0.75 + 1.1 * near)
    colour = mix(hour.shade * (1 + near), bright, relief[..., None])
    haze = np.exp(-np.maximum(horizon - frame.y[:rows], 0) / 0.12)[..., None]
    over(picture[:rows], mix(colour, picture[:rows], haze * 0.7), amount)


def stars(frame: Frame, rng: np.random.Generator, count: int) -> Array:
    """Return points of starlight, `(H, W, 3)`: many faint, few bright, white to blue and amber."""
    light = np.zeros((frame.height, frame.width, 3), np.float32)
    rows, columns = rng.integers(0, frame.height, count), rng.integers(0, frame.width, count)
    brightness = 0.05 * rng.pareto(1.5, count).clip(0.2, 60)
    tint = mix(linear("#ffd9b0"), linear("#b8d0ff"), rng.random((count, 1), np.float32))
    np.add.at(light, (rows, columns), (brightness[:, None] * tint).astype(np.float32))
    return blurred(light, 0.7) * 2.2 + blurred(light, 2.5) * 1.5


def ridge(
    frame: Frame, rng: np.random.Generator, level: float, relief: float, cells: float = 3
) -> Array:
    """Return the mask `(H, W)` of hills below a fractal line about `level`."""
    line = level - relief * curve(rng, frame.width, cells * frame.aspect, octaves=7)
    return np.clip((frame.y - line[None, :]) * frame.height + 0.5, 0, 1)


def pines(
    frame: Frame, rng: np.random.Generator, ground: Array, size: float, *, density: float = 1.0
) -> Array:
    """Return the mask `(H, W)` of conifers standing on a line.

    Args:
        frame: the picture.
        rng: the source of randomness.
        ground: the line they stand on, `(W,)`.
        size: height of a tall one.
        density: trees per tree width.
    """
    fine = 3
    x = np.arange(frame.width * fine, dtype=np.float32) / (frame.height * fine)
    base = np.repeat(ground, fine)
    top = base.copy()
    for position in rng.uniform(-0.05, frame.aspect + 0.05, int(density * 5 * frame.aspect / size)):
        tall = size * float(rng.uniform(0.35, 1.0) ** 0.8)
        wide = tall * pick(rng, 0.10, 0.17)
        low, high = np.searchsorted(x, [position - wide, position + wide])
        if high <= low:
            continue
        off = np.abs(x[low:high] - position) / wide
        # Whorls of branches hang below the straight cone, each as long as it likes.
        whorls = pick(rng, 8, 13)
        reach = 1 + 0.28 * (rng.random(16)[(off * whorls).astype(np.int64).clip(0, 15)] - 0.5)
        drop = off * reach - 0.6 * (off * whorls % 1) / whorls
        ragged = 0.07 * rng.standard_normal(high - low)
        outline = base[low:high] - tall * (1 - np.maximum(drop, 0) ** 0.9 + ragged * off).clip(0, 1)
        top[low:high] = np.minimum(top[low:high], outline)
    coverage = np.clip((frame.y - top[None, :]) * frame.height + 0.5, 0, 1)
    return np.asarray(coverage.reshape(frame.height, frame.width, fine).mean(axis=2), np.float32)
