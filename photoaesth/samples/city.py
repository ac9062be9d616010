"""Pictures of the city: towers at dusk, lamps out of focus, façades and halls."""

import numpy as np

from photoaesth.samples.figures import person
from photoaesth.samples.paint import (
    Array,
    Frame,
    blurred,
    linear,
    mix,
    noise,
    over,
    pick,
    resized,
    smoothstep,
)
from photoaesth.samples.sky import HOURS, Hour, sky, some_hour
from photoaesth.samples.water import flood

_LAMPS = ("#ffb45e", "#ffd9a0", "#ff9440", "#ff5a3c", "#fff0d8", "#7fb8ff", "#6fe0a0")


def skyline(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint towers with lit windows over a river at dusk or by night."""
    night = rng.random() < 0.4
    hour = HOURS["dusk"] if rng.random() < 0.7 else HOURS["sunset"]
    if night:
        dark = np.float32(0.22)
        hour = Hour(
            hour.zenith * dark, hour.horizon * dark, hour.glow * dark, hour.shade * dark, 0.3
        )
    horizon = pick(rng, 0.60, 0.74)
    sun = (pick(rng, 0.1, 0.9) * frame.aspect, horizon + 0.02)
    picture = sky(frame, rng, hour, horizon=horizon, sun=sun, clouds=pick(rng, 0.1, 0.55))
    picture[int(horizon * frame.height) :] = hour.horizon * 0.5
    for depth in (0.75, 0.45, 0.1):
        x = pick(rng, -0.08, 0.0)
        while x < frame.aspect:
            width = pick(rng, 0.035, 0.10) * (1.15 - 0.4 * depth)
            centre = np.exp(-(((x - 0.5 * frame.aspect) / (0.35 * frame.aspect)) ** 2))
            height = pick(rng, 0.05, 0.22) + 0.28 * centre * float(rng.random()) ** 2.2
            height *= 0.75 + 0.5 * depth
            _tower(
                picture,
                frame,
                rng,
                hour,
                x=x,
                width=width,
                base=horizon,
                height=height,
                depth=depth,
            )
            x += width * pick(rng, 0.75, 1.5)
    wet = pick(rng, 0.06, 0.2)
    flood(picture, frame, rng, horizon=horizon, roughness=wet, deep=hour.zenith * 0.12)
    return picture


def _tower(
    picture: Array,
    frame: Frame,
    rng: np.random.Generator,
    hour: Hour,
    *,
    x: float,
    width: float,
    base: float,
    height: float,
    depth: float,
) -> None:
    left, right = (int(np.clip(v * frame.height, 0, frame.width)) for v in (x, x + width))
    top, bottom = int((base - height) * frame.height), int(base * frame.height)
    if right - left < 4 or bottom - top < 6:
        return
    wall = mix(hour.shade * 0.12, hour.horizon * 0.8, depth * 0.8)
    block = np.ones((bottom - top, right - left, 1), np.float32) * wall
    block *= np.linspace(0.85, 1.15, right - left, dtype=np.float32)[None, :, None]
    floor, bay = int(rng.integers(6, 10)), int(rng.integers(5, 9))
    floors, bays = (bottom - top) // floor + 1, (right - left) // bay + 1
    lit = rng.random((floors, bays)) < pick(rng, 0.15, 0.6) * (1 - 0.5 * depth)
    lit &= (rng.random((floors, 1)) < 0.85) | (rng.random((floors, bays)) < 0.3)
    strength = rng.gamma(1.5, 0.5, (floors, bays)).astype(np.float32) * lit
    lamp = np.stack([linear(c) for c in ("#ffc27a", "#ffdcae", "#fff0dc", "#cfe0ff")])
    colour = lamp[rng.choice(4, (floors, bays), p=[0.45, 0.3, 0.17, 0.08])] * strength[..., None]
    pane = np.zeros((floor, bay), np.float32)
    pane[2 : floor - 1, 1 : bay - 1] = 1
    windows = np.kron(colour, pane[..., None])[: bottom - top, : right - left]
    glass = np.kron(np.ones((floors, bays), np.float32), pane)[: bottom - top, : right - left]
    block += glass[..., None] * hour.zenith * 0.12 + windows * 0.9 * (1 - 0.55 * depth)
    picture[top:bottom, left:right] = block
    if rng.random() < 0.3 and right - left > 12:
        middle, mast = (left + right) // 2, int(frame.height * pick(rng, 0.02, 0.07))
        picture[max(0, top - mast) : top, middle : middle + 1] = wall
        picture[max(0, top - mast), middle] = linear("#ff4030") * 6


def bokeh(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint a street by night, out of focus but for somebody in front, or for nobody."""
    top, low = linear("#0a1226") * 0.6, linear("#1c1a22")
    picture = mix(top, low, frame.y[..., None])
    picture = np.repeat(picture, frame.width, axis=1)
    haze = noise(rng, (frame.height, frame.width), (2, 3), octaves=3)
    picture *= (1 + 0.25 * haze)[..., None]
    road, vanish = pick(rng, 0.62, 0.72), pick(rng, 0.3, 0.7) * frame.aspect
    palette = [linear(c) for c in rng.choice(_LAMPS, 4, replace=False)]
    for _ in range(int(rng.integers(35, 80))):
        z = pick(rng, 0.05, 1.0) ** 1.3
        side = 1 if rng.random() < 0.5 else -1
        x = vanish + side * (0.08 + 0.85 * z * pick(rng, 0.4, 1.2))
        y = road - pick(rng, 0.02, 0.75) * z
        colour = palette[int(rng.integers(4))] * pick(rng, 0.12, 0.9)
        _disc(picture, frame, (x, y), pick(rng, 0.016, 0.026) + 0.035 * z, colour)
    picture += 0.35 * blurred(picture, 0.09 * frame.height)
    start = int(road * frame.height)
    mirror = picture[:start][::-1][: frame.height - start]
    mirror = resized(resized(mirror, frame.width, 12), frame.width, frame.height - start)
    wet = 0.5 + 0.2 * noise(rng, (frame.height - start, frame.width), (14, 5), octaves=5)
    fade = smoothstep(0, 0.02, frame.y[start:] - road)[..., None]
    street = linear("#14151a") * 0.5 + np.maximum(mirror, 0) * wet[..., None].clip(0.1, 1)
    picture[start:] = mix(picture[start:], street, fade)
    if rng.random() < 0.45:
        feet = (pick(rng, 0.3, 0.7) * frame.aspect, 0.97)
        body = person(frame, rng, feet, pick(rng, 0.5, 0.7))
        over(picture, linear("#0b0b0f") * 0.6, body)
    return picture


def _disc(
    picture: Array, frame: Frame, at: tuple[float, float], radius: float, colour: Array
) -> None:
    """Add the disc that a lens makes of a lamp out of focus: a little brighter at the rim."""
    x0, x1 = (int((at[0] + s * radius * 1.1) * frame.height) for s in (-1, 1))
    y0, y1 = (int((at[1] + s * radius * 1.1) * frame.height) for s in (-1, 1))
    x0, y0 = max(x0, 0), max(y0, 0)
    x1, y1 = min(x1 + 1, frame.width), min(y1 + 1, frame.height)
    if x1 <= x0 or y1 <= y0:
        return
    x, y = (frame.x[:, x0:x1] - at[0]) / radius, (frame.y[y0:y1] - at[1]) / radius
    away = np.hypot(x, y)
    # Towards the corners the barrel of the lens cuts the disc into a cat's eye.
    off_x, off_y = (at[0] - frame.aspect / 2) * 0.45, (at[1] - 0.5) * 0.45
    barrel = smoothstep(1.10, 1.02, np.hypot(x + off_x, y + off_y))
    disc = smoothstep(1.03, 0.95, away) * (0.72 + 0.28 * away**4) * barrel
    picture[y0:y1, x0:x1] += disc[..., None] * colour


def facade(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint a tower block from the pavement: two walls whose lines converge in the sky."""
    hour = some_hour(rng, "noon", "overcast", "golden", "dusk")
    picture = sky(frame, rng, hour, horizon=1.1, clouds=pick(rng, 0.2, 0.7))
    reflection = blurred(picture[::-1, ::-1], 2)
    corner, vanish = pick(rng, 0.35, 0.65) * frame.aspect, pick(rng, -1.4, -0.6)
    top = pick(rng, 0.05, 0.25)
    size = (frame.height, frame.width)
    ripple = noise(rng, size, (4, 4), octaves=4)
    depth = 1 / np.maximum(frame.y - vanish, 0.05)
    for side in (-1, 1):
        away = (frame.x - corner) * depth * side
        # Horizontal edges fall away from the corner: the wall recedes.
        recede = pick(rng, 0.5, 0.9)
        level = depth * (1 + recede * away) / (1 + 0.35 * away)
        across = away / (1 + 0.35 * away)
        column, floor = across * pick(rng, 18, 30), level * pick(rng, 26, 40)
        pane = _stripe(column, 0.12) * _stripe(floor, 0.2)
        lit = max(0.25, 1.0 if side > 0 else 0.5)
        daylight = 0.4 * hour.zenith + 0.3 * hour.horizon + 0.3 * float(hour.glow.mean()) * lit
        wall = linear("#b5aea6") * daylight
        cell = np.floor(column) * 12.9898 + np.floor(floor) * 78.233
        random = np.modf(np.abs(np.sin(cell)) * 43758.5453)[0].astype(np.float32)
        glass = reflection * (0.55 + 0.25 * random + 0.1 * ripple)[..., None] * lit * 0.8
        glow = ((random > 0.93) & (hour.strength < 0.6))[..., None] * linear("#ffd9a0") * 0.5
        roof = 1 / (top - vanish)
        inside = np.where(frame.x * side >= corner * side, 1, 0) * smoothstep(
            roof * 1.004, roof * 0.998, level
        )
        over(picture, mix(wall, glass + glow * hour.horizon, pane[..., None]), inside)
    return picture


def _stripe(phase: Array, gap: float) -> Array:
    """Return 1 between the lines of a ruled phase and 0 on them, softened by their slope."""
    part = np.abs(phase % 1 - 0.5) * 2
    pixel = np.maximum(np.hypot(*np.gradient(phase)) * 2, 1e-3)
    sharp = np.clip((1 - gap - part) / pixel + 0.5, 0, 1)
    # Where a period is finer than two pixels only its mean is left.
    return np.asarray(
        mix(sharp, np.full_like(sharp, 1 - gap), smoothstep(0.7, 1.6, pixel)), np.float32
    )


def hall(frame: Frame, rng: np.random.Generator) -> Array:
    """Paint a long hall whose windows throw their light across the floor."""
    warm = rng.random() < 0.5
    stone = linear("#cbbfae") if warm else linear("#aeb4ba")
    sunlight = linear("#ffdfae") * 3.2 if warm else linear("#e6eefa") * 2.2
    at = (frame.aspect * pick(rng, 0.4, 0.6), pick(rng, 0.46, 0.56))
    half, floor, roof = pick(rng, 0.30, 0.42) * min(frame.aspect, 1.3), 0.42, 0.5
    dx, dy = (frame.x - at[0]) / half, frame.y - at[1]
    dy = np.where(dy > 0, dy / floor, dy / roof)
    near = np.maximum(np.maximum(np.abs(dx), np.abs(dy)), 0.04)
    z = 1 / near
    on_floor, on_wall = (dy >= np.abs(dx)), (np.abs(dx) > np.abs(dy))
    height = np.where(on_wall, -dy * z, np.where(on_floor, -1, 1))
    across = dx * z
    fade = np.exp(-z / 26)
    bay = (z + pick(rng, 0.1, 1.0)) / 1.6
    pixel = np.clip(np.abs(np.gradient(bay, axis=1)) + np.abs(np.gradient(bay, axis=0)), 1e-3, 1)
    phase = np.abs(bay % 1 - 0.5) * 2
    arch = np.clip(
        0.62 * np.sqrt(np.clip(1 - np.maximum(height - 0.25, 0) ** 2 / 0.30, 0, 1)), 0, 1
    )
    opening = np.clip((arch - phase) / (2 * pixel) + 0.5, 0, 1) * (height > -0.62) * (arch > 0)
    window = opening * (on_wall & (dx < 0))
    niche = opening * (on_wall & (dx > 0))
    grit = 1 + 0.05 * noise(rng, (frame.height, frame.width), (30, 45), octaves=4)
    shade = np.where(on_wall, np.where(dx > 0, 0.5, 0.16), np.where(on_floor, 0.22, 0.2))
    picture = (shade * grit * (0.35 + 0.65 * smoothstep(0.9, 6, z)))[..., None] * stone
    picture = picture * mix(linear("#ffffff"), linear("#8a94b0"), 0.4)
    picture = mix(picture, picture * 0.45, niche[..., None])
    # Sunbeams: each window is thrown on the floor and slants with the distance from it.
    slant = np.abs((bay - 0.30 * (across + 1)) % 1 - 0.5) * 2
    beam = np.clip((0.5 - slant) / (3 * pixel + 0.05) + 0.5, 0, 1)
    beam *= smoothstep(-0.85, -0.55, across) * smoothstep(0.95, 0.45, across) * on_floor
    picture += (beam * 0.55 * fade)[..., None] * stone * sunlight
    tiles = _stripe(across * 3, 0.03) * _stripe(z * 2.2, 0.03)
    picture *= np.where(on_floor, 0.8 + 0.2 * tiles, 1)[..., None]
    over(picture, sunlight * 1.1, window * 0.95)
    glow = blurred(np.asarray(window + 0.3 * beam, np.float32), 0.06 * frame.height)
    picture += (glow * 0.10)[..., None] * sunlight
    end = smoothstep(12, 24, z)
    over(picture, sunlight * 0.7, np.asarray(end * 0.9, np.float32))
    if rng.random() < 0.5:
        feet = (at[0] + pick(rng, -0.06, 0.06), at[1] + floor * 0.28)
        over(picture, stone * 0.02, person(frame, rng, feet, 0.17))
    return np.asarray(picture, np.float32)
