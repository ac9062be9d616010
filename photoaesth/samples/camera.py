"""The camera: what turns scene-referred light into an 8-bit picture, faults included."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photoaesth.samples.paint import Array, blurred, resized, sampled, smoothstep

_STEPS, _STEPS_PER_ROOT = 8192, 1024  # the table reaches light of 64, far above white
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class Look:
    """How a picture is taken and developed; the defaults are neutral.

    Attributes:
        exposure_ev: brightening in stops.
        warmth: white balance; positive is warmer, ±1 is a strong cast.
        green: tint; positive is greener, as under bad tubes.
        contrast: strength of the S-curve; 1 leaves the tones alone.
        saturation: factor on the distance from grey.
        vignette: stops lost in the corners.
        grain: standard deviation of the noise in mid-tones, of 255.
        blur_px: sigma of the defocus in pixels.
        motion_px: length of the camera shake in pixels.
        tilt_deg: rotation of the camera; positive lowers the right side.
    """

    exposure_ev: float = 0.0
    warmth: float = 0.0
    green: float = 0.0
    contrast: float = 1.0
    saturation: float = 1.0
    vignette: float = 0.3
    grain: float = 1.5
    blur_px: float = 0.0
    motion_px: float = 0.0
    tilt_deg: float = 0.0


def develop(scene: Array, look: Look, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return the sRGB picture `(H, W, 3)` that a camera makes of linear light `(H, W, 3)`."""
    scene = _optics(np.maximum(scene, 0), look)
    height, width = scene.shape[:2]
    y = (np.arange(height, dtype=np.float32) / height * 2 - 1)[:, None]
    x = (np.arange(width, dtype=np.float32) / width * 2 - 1)[None, :]
    gain = 2 ** (look.exposure_ev - look.vignette * 0.5 * (x * x + y * y))
    balance = 2 ** (
        np.array([0.45, 0.0, -0.55]) * look.warmth + np.array([-0.15, 0.3, -0.15]) * look.green
    )
    light = gain[..., None] * balance.astype(np.float32)
    light *= scene
    root = np.minimum(np.sqrt(light, out=light), (_STEPS - 1) / _STEPS_PER_ROOT, out=light)
    tones = _tone_curve(look.contrast)[(root * _STEPS_PER_ROOT).astype(np.int32)]
    grey = tones @ _LUMA
    tones -= grey[..., None]
    tones *= look.saturation
    # Sensor noise is strongest below mid grey; the least of it also hides banding.
    amount = (0.5 + look.grain * (1.25 - 0.75 * grey)) / 255
    shared = rng.standard_normal(grey.shape, np.float32)
    if look.grain > 4:  # a high ISO: coarser, and coloured
        shared = 0.55 * shared + 1.5 * blurred(rng.standard_normal(grey.shape, np.float32), 0.8)
        tones += 0.5 * amount[..., None] * rng.standard_normal(tones.shape, np.float32)
    tones += (grey + amount * shared)[..., None]
    tones *= 255
    tones += 0.5
    return np.asarray(np.clip(tones, 0, 255, out=tones), np.uint8)


def _tone_curve(contrast: float) -> npt.NDArray[np.float32]:
    """Return sRGB tones in [0, 1] by the square root of linear light, `(_STEPS,)`.

    Narkowicz's fit of the ACES reference curve (2015), per channel, so that a bright colour
    fades towards white as it does on film; then an S-curve in display tones. A table is several
    times quicker than the formula, and its steps are finer than the noise.
    """
    light = 0.9 * (np.arange(_STEPS) / _STEPS_PER_ROOT) ** 2
    display = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    tones = np.clip(display, 0, 1) ** (1 / 2.2)
    tones += (contrast - 1) * 0.9 * tones * (1 - tones) * (2 * tones - 0.92)
    return np.asarray(tones, np.float32)


def _optics(scene: Array, look: Look) -> Array:
    if look.tilt_deg:
        scene = _tilted(scene, look.tilt_deg)
    height, width = scene.shape[:2]
    highlights = np.clip(resized(scene, width // 4, height // 4) - 0.9, 0, 12)
    if highlights.any():  # glass scatters some of a strong light around it
        scene = scene + 0.07 * resized(blurred(highlights, height / 180), width, height)
    if look.motion_px:
        scene = _shaken(scene, look.motion_px)
    # No lens draws an edge of one pixel.
    return blurred(scene, max(look.blur_px, 0.45))


def _tilted(scene: Array, degrees: float) -> Array:
    """Return the scene turned about its centre and enlarged until no corner is empty."""
    height, width = scene.shape[:2]
    angle = np.radians(degrees)
    ratio = max(width / height, height / width)
    zoom = 1 / (np.cos(angle) + ratio * abs(np.sin(angle)))
    y = (np.arange(height, dtype=np.float32) - height / 2)[:, None] * np.float32(zoom)
    x = (np.arange(width, dtype=np.float32) - width / 2)[None, :] * np.float32(zoom)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return sampled(scene, y * cos - x * sin + height / 2, x * cos + y * sin + width / 2)


def _shaken(scene: Array, length_px: float) -> Array:
    """Return the scene smeared along a slanted line."""
    total = np.zeros_like(scene)
    steps = max(2, round(length_px))
    for step in range(steps):
        shift = (round(step * 0.35), step)
        total += np.roll(scene, shift, axis=(0, 1))
    smeared = total / steps
    # What was rolled in from the other side is replaced by the unshaken edge.
    edge = smoothstep(0, 1, (np.arange(scene.shape[1], dtype=np.float32) - steps))[None, :, None]
    edge = edge * (np.arange(scene.shape[0]) > steps * 0.35)[:, None, None]
    return np.asarray(scene + (smeared - scene) * edge, np.float32)
