"""Landscapes of solid ground: a height map under a low sun, seen in perspective."""

from dataclasses import dataclass

import numpy as np

from photoaesth.samples.paint import (
    Array,
    Frame,
    blurred,
    linear,
    mix,
    noise,
    over,
    pick,
    sampled,
    smoothstep,
)
from photoaesth.samples.sky import Hour, pines, sky, some_hour

_SIZE = 640  # texels along each side of a height map
_STEPS = 420  # depths at which each ray is compared with the ground


@dataclass(frozen=True)
class View:
    """Where the camera stands; lengths are in sides of the height map.

    Attributes:
        eye: height of the camera.
        horizon: height of the horizon in the picture.
        near: distance of the nearest ground considered.
        far: distance at which the map ends.
        width: how wide the view is at distance 1, per picture height.
    """

    eye: float
    horizon: float
    near: float = 0.06
    far: float = 0.97
    width: float = 0.55


@dataclass(frozen=True)
class Seen:
    """What each pixel of the picture sees of the ground.

    Attributes:
        cover: share of the pixel that is ground, `(H, W)`.
        depth: distance, `(H, W)`.
        row: row of the height map, in texels.
        column: column of the height map, in texels.
    """

    cover: Array
    depth: Array
    row: Array
    column: Array


def look(frame: Frame, heights: Array, view: View) -> Seen:
    """Trace all rays of the frame into a height map `(N, N)`, whose rows go into the distance.

    Each column of pixels meets the ground where the running maximum of the projected heights
    passes it, so that counting finds all hits without a search.
    """
    depths = np.geomspace(view.near, view.far, _STEPS).astype(np.float32)[:, None]
    columns = (0.5 + (frame.x - frame.aspect / 2) * view.width * depths) * _SIZE
    ground = sampled(heights, depths * _SIZE, columns, wrap=True)
    # Rows of pixels up from the bottom edge, so that farther means larger.
    level = ((view.eye - ground) / (depths * view.width) + view.horizon) * frame.height
    rise = frame.height - level
    highest = np.maximum.accumulate(rise, axis=0)
    bins = np.clip(np.ceil(highest - 0.5), 0, frame.height).astype(np.int64)
    flat = bins * frame.width + np.arange(frame.width)
    counts = np.bincount(flat.ravel(), minlength=(frame.height + 1) * frame.width)
    passed = counts.reshape(frame.height + 1, frame.width).cumsum(axis=0)[: frame.height]
    step = np.clip(passed[::-1], 1, _STEPS - 1)
    up = frame.height - (frame.y * frame.height)
    before, after = (np.take_along_axis(rise, s, axis=0) for s in (step - 1, step))
    part = np.clip(
        (up - before) / np.where(np.abs(after - before) < 1e-3, 1e-3, after - before), 0, 1
    )
    depth = depths[step - 1, 0] * (1 - part) + depths[step, 0] * part
    cover = np.clip(highest[-1][None, :] - up + 0.5, 0, 1)
    column = (0.5 + (frame.x - frame.aspect / 2) * view.width * depth) * _SIZE
    return Seen(cover, depth.astype(np.float32), depth * _SIZE, column)


def sunlight(heights: Array, *, side: float, elevation: float, softness: float = 0.004) -> Array:
    """Return the direct light on a height map, `(N, N)` in [0, 1]: Lambert times cast shadow.

    Args:
        heights: in sides of the map.
        side: −1 for a sun from the left, 1 from the right.
        elevation: tangent of the sun's altitude.
        softness: height over which a shadow's edge fades.
    """
    field = heights if side < 0 else heights[:, ::-1]
    slope_x = np.gradient(field, axis=1) * _SIZE
    slope_z = np.gradient(field, axis=0) * _SIZE
    normal = 1 / np.sqrt(1 + slope_x**2 + slope_z**2)
    # The sun stands a little behind the camera, so that faces turned to us are lit too.
    sun = np.array([-0.88, elevation, -0.47])
    sun /= np.linalg.norm(sun)
    lambert = np.clip((-slope_x * sun[0] + sun[1] - slope_z * sun[2]) * normal, 0, 1)
    along = np.arange(_SIZE, dtype=np.float32)[None, :] / _SIZE * elevation
    shadow_height = np.maximum.accumulate(field + along, axis=1) - along
    light = lambert * smoothstep(softness, 0, shadow_height - field)
    light = np.asarray(light, np.float32)
    return light if side < 0 else light[:, ::-1]


def render(
    picture: Array,
    seen: Seen,
    *,
    albedo: Array,
    light: Array,
    hour: Hour,
    haze: float,
    sun_power: float = 2.2,
) -> None:
    """Lay the lit ground on a sky, with the air between.

    Args:
        picture: the sky, changed in place.
        seen: where the rays meet the ground.
        albedo: colour of the height map, `(N, N, 3)`.
        light: direct light of the height map, `(N, N)`.
        hour: the light.
        haze: extinction per side of the map.
        sun_power: direct light relative to the hour's colours.
    """
    ambient = 0.4 * hour.zenith + 0.15 * hour.horizon
    # What the sky scatters reddens the glow around the sun more than the light on the ground.
    sunlit = mix(hour.glow, np.full(3, hour.glow.mean(), np.float32), 0.45)
    lit = albedo * (ambient + light[..., None] * sunlit * sun_power)
    start = int(np.argmax(seen.cover.max(axis=1) > 0))
    ground = sampled(lit, seen.row[start:], seen.column[start:], wrap=True)
    through = np.exp(-haze * seen.depth[start:] ** 1.25)[..., None]
    air = picture[start:] * 0.35 + hour.horizon * 0.65
    over(picture[start:], air + (ground - air) * through, seen.cover[start:])


def _massif(rng: np.random.Generator, *, relief: float) -> Array:
    """Return a mountain range, `(N, N)` heights: crests far off, a valley towards the camera."""
    size = (_SIZE, _SIZE)
    crests = noise(rng, size, (3, 4), octaves=8, gain=0.47, ridged=True)
    swell = noise(rng, size, (2, 2), octaves=2)
    far = np.linspace(0, 1, _SIZE, dtype=np.float32)[:, None]
    envelope = smoothstep(0.12, 0.75, far) * 0.9 + 0.08
    heights = np.maximum(1.05 + 0.55 * crests + 0.35 * swell, 0.02) ** 1.35
    # Talus slopes and gullies, finer and rougher the higher they lie.
    detail = noise(rng, size, (24, 24), octaves=5, gain=0.62, ridged=True)
    return np.asarray(relief * (envelope * heights + 0.035 * detail * envelope), np.float32)


def _alpine(rng: np.random.Generator, heights: Array, *, snow_line: float) -> Array:
    """Return the colours of a range, `(N, N, 3)`: woods, meadows, rock, and snow where it stays."""
    size = (_SIZE, _SIZE)
    slope = np.hypot(*np.gradient(heights)) * _SIZE
    speckle = noise(rng, size, (40, 40), octaves=4, gain=0.8)
    patches = noise(rng, size, (8, 8), octaves=5)
    strata = 0.5 + 0.5 * np.sin(heights * 260 + 3 * patches)
    rock = mix(linear("#5f564e"), linear("#928a84"), (0.3 * strata + 0.3 * speckle)[..., None])
    meadow = mix(linear("#4f5a2c"), linear("#6f6c3e"), smoothstep(-1, 1, patches)[..., None])
    wood = linear("#1f2a1a") * (1 + 0.35 * speckle)[..., None]
    colour = mix(meadow, wood, smoothstep(-0.2, 0.3, patches + 0.2 * speckle)[..., None])
    bare = smoothstep(0.45, 0.62, heights / snow_line + 0.25 * slope + 0.05 * speckle)
    colour = mix(colour, np.clip(rock, 0.02, 1), bare[..., None])
    lies = heights / snow_line - 0.32 * slope + 0.10 * patches + 0.05 * speckle
    return mix(colour, linear("#eef2f6"), smoothstep(0.62, 0.85, lies)[..., None])


def mountains(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint a mountain range in clear or hazy air."""
    hour = some_hour(rng, "noon", "noon", "golden", "sunset", "dawn", "overcast")
    return mountain_view(frame, rng, hour, horizon=pick(rng, 0.42, 0.55))


def mountain_view(
    frame: Frame, rng: np.random.Generator, hour: Hour, *, horizon: float, valley: bool = True
) -> Array:
    """Paint mountains under a sky of the given hour; without `valley` they end at the horizon."""
    side = -1.0 if rng.random() < 0.5 else 1.0
    picture = sky(
        frame,
        rng,
        hour,
        horizon=horizon,
        sun=(frame.aspect * (0.5 + side * 0.8), horizon - 0.25),
        clouds=pick(rng, 0.05, 0.6),
    )
    relief = pick(rng, 0.06, 0.095)
    heights = _massif(rng, relief=relief)
    light = sunlight(heights, side=side, elevation=pick(rng, 0.3, 0.6))
    albedo = _alpine(rng, heights, snow_line=relief * pick(rng, 0.9, 2.4))
    eye = float(heights[: _SIZE // 8].max()) + 0.035 if valley else 0.012
    seen = look(frame, heights, View(eye=eye, horizon=horizon))
    power = 0.5 if hour.strength < 0.2 else 2.0
    render(
        picture,
        seen,
        albedo=albedo,
        light=light,
        hour=hour,
        haze=pick(rng, 0.15, 1.1),
        sun_power=power,
    )
    return picture


def dunes(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint sand dunes under a low sun, one side of every crest in shadow."""
    hour = some_hour(rng, "golden", "sunset", "noon", "dawn")
    horizon = pick(rng, 0.25, 0.40)
    side = -1.0 if rng.random() < 0.5 else 1.0
    picture = sky(
        frame, rng, hour, horizon=horizon, sun=(frame.aspect * (0.5 + side), 0.1), clouds=0.08
    )
    size = (_SIZE, _SIZE)
    grid = np.linspace(0, 1, _SIZE, endpoint=False, dtype=np.float32)
    warp = 0.55 * noise(rng, size, (3, 2), octaves=3, gain=0.35)
    phase = (grid[None, :] * 2 * side + grid[:, None] * 3 + warp) % 1
    # A long windward slope and a short slip face that meet in a sharp crest.
    crest = np.where(phase < 0.68, phase / 0.68, (1 - phase) / 0.32)
    crest = crest**1.25 * (0.65 + 0.35 * np.clip(noise(rng, size, (3, 3), octaves=2), -1, 1.5))
    heights = np.asarray(0.055 * crest + 0.006 * noise(rng, size, (4, 4), octaves=3), np.float32)
    heights = blurred(heights, 1.0)
    light = sunlight(heights, side=side, elevation=pick(rng, 0.22, 0.42), softness=0.002)
    grain = 1 + 0.03 * noise(rng, size, (160, 160), octaves=2)
    sand = np.repeat((linear("#c69a6e") * 0.8)[None, None], _SIZE, axis=0) * grain[..., None]
    seen = look(frame, heights, View(eye=0.105, horizon=horizon, near=0.10))
    render(
        picture, seen, albedo=sand, light=light, hour=hour, haze=pick(rng, 0.15, 0.8), sun_power=2.6
    )
    _ripples(picture, rng, seen)
    return picture


def _ripples(picture: Array, rng: np.random.Generator, seen: Seen) -> None:
    """Draw the wind's ripples on near sand, fading before they get finer than a pixel."""
    warp = sampled(
        noise(rng, (256, 256), (6, 6), octaves=3), seen.row * 1.6, seen.column * 1.6, wrap=True
    )
    wave = np.sin(seen.row * 3.6 + seen.column * 1.1 + 2.2 * warp)
    fade = smoothstep(0.42, 0.12, seen.depth) * seen.cover
    picture *= (1 + 0.10 * wave * fade)[..., None]


def misty_forest(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint wooded hills that fade into fog, layer after layer."""
    hour = some_hour(rng, "overcast", "dawn", "golden", "dusk", "overcast")
    sun = (pick(rng, 0.15, 0.85) * frame.aspect, 0.12) if hour.strength > 0.2 else None
    picture = sky(frame, rng, hour, horizon=0.45, sun=sun, clouds=0.2)
    fog = hour.horizon * 0.85
    layers = int(rng.integers(4, 7))
    size = (frame.height, frame.width)
    drift = noise(rng, size, (5, 3), octaves=5)
    for layer in range(layers):
        near = layer / (layers - 1)
        x = np.linspace(0, 1, frame.width, dtype=np.float32)
        swing = np.sin(2 * np.pi * (x * pick(rng, 0.4, 0.9) + rng.random()))
        line = (0.36 + 0.56 * near - 0.07 * swing * (1.1 - 0.5 * near)).astype(np.float32)
        trees = pines(frame, rng, line, 0.04 + 0.17 * near**1.4, density=2.2 - 1.0 * near)
        dark = mix(fog, linear("#131c18") * 0.7, 0.16 + 0.8 * near**1.1)
        depth = np.clip(frame.y - line[None, :], 0, None)
        settled = smoothstep(0.0, 0.22, depth + 0.02 * drift) * (0.92 - 0.25 * near)
        over(picture, mix(dark, fog, settled[..., None]), trees)
    return picture
