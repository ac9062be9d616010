from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from photoaesth.enhance.copies import write_copy
from photoaesth.enhance.geometry import Geometry, reframe, suggest_crop, suggest_tilt
from photoaesth.imaging import decode_deep, encode_deep


def seaside() -> Image.Image:
    """A level horizon between sky and sea, some waves and a mast."""
    image = Image.new("RGB", (2400, 1600), (150, 190, 230))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 880, 2400, 1600), fill=(30, 70, 110))
    for n in range(12):
        x, y = 160 * n, 960 + 48 * n
        draw.line((x, y, x + 480, y), fill=(60, 100, 140), width=8)
    draw.line((1680, 400, 1680, 880), fill=(80, 60, 40), width=20)
    return image


def tensor(image: Image.Image) -> torch.Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255


def turned(degrees: float) -> Image.Image:
    """The seaside turned counterclockwise, without its corners."""
    large = seaside().rotate(degrees, Image.Resampling.BICUBIC).crop((240, 200, 2160, 1400))
    return large.reduce(4)  # as a camera sees it, without steps


@pytest.mark.parametrize("degrees", [-4.0, -1.5, 0.0, 2.0, 5.0])
def test_a_tilted_horizon_is_found(degrees: float) -> None:
    """The suggestion undoes a known tilt to a fifth of a degree, and leaves what is level."""
    assert suggest_tilt(tensor(turned(degrees))) == pytest.approx(-degrees, abs=0.2)


def test_what_has_no_direction_is_not_turned() -> None:
    """Noise, a plain picture and a diagonal tell nothing."""
    noise = torch.rand(3, 200, 300, generator=torch.Generator().manual_seed(0))
    y, x = torch.meshgrid(torch.arange(200.0), torch.arange(300.0), indexing="ij")
    diagonal = (torch.sin((x + y) / 5) / 2 + 0.5).expand(3, -1, -1)
    for image in (noise, torch.full((3, 200, 300), 0.5), diagonal):
        assert suggest_tilt(image) == 0


def test_turning_by_the_suggestion_levels_the_picture() -> None:
    """After reframing, the horizon is level, nothing black shows and the shape is kept."""
    tilted = turned(3.0)
    level = reframe(tilted, Geometry(degrees=suggest_tilt(tensor(tilted))))
    assert abs(suggest_tilt(tensor(level))) <= 0.3
    assert level.width / level.height == pytest.approx(tilted.width / tilted.height, rel=0.01)
    border = np.asarray(level).copy()
    border[3:-3, 3:-3] = 255  # inside, the resampling may overshoot
    assert border.min() > 20


def test_a_crop_keeps_the_asked_part() -> None:
    """Scale and place are shares: the bottom right quarter of a picture is itself."""
    image = seaside().reduce(4)
    quarter = reframe(image, Geometry(scale=0.5, across=1.0, down=1.0))
    assert np.abs(np.subtract(quarter, image.crop((300, 200, 600, 400)), dtype=int)).max() <= 1
    assert reframe(image, Geometry()) is image


def spot(x: float, y: float) -> torch.Tensor:
    """A red spot on grey at shares of the width and height."""
    image = Image.new("RGB", (300, 200), (120, 120, 120))
    draw = ImageDraw.Draw(image)
    draw.ellipse((300 * x - 12, 200 * y - 12, 300 * x + 12, 200 * y + 12), fill=(220, 40, 30))
    return tensor(image)


def test_a_subject_on_a_third_is_left_there() -> None:
    """Where the rule of thirds holds already, nothing is cut off."""
    assert suggest_crop(spot(1 / 3, 2 / 3)) == Geometry()


def test_a_subject_in_the_middle_is_brought_to_a_third() -> None:
    """The crop moves it toward a crossing of thirds and keeps it whole."""
    crop = suggest_crop(spot(0.42, 0.58))
    assert crop.scale < 1
    left, top = crop.across * (1 - crop.scale), crop.down * (1 - crop.scale)
    framed = ((0.42 - left) / crop.scale, (0.58 - top) / crop.scale)
    before = np.hypot(0.42 - 1 / 3, 0.58 - 2 / 3)
    assert np.hypot(framed[0] - 1 / 3, framed[1] - 2 / 3) < 0.6 * before


def test_copies_are_reframed_when_asked(tmp_path: Path) -> None:
    """A copy in 8 bits and one in 16 show the same part, which keeps its 16 bits."""
    y, x = np.mgrid[0:1:80j, 0:1:120j]
    ramp = np.rint(65_535 * np.stack([x, y, (x + y) / 2], axis=-1)).astype(np.uint16)
    source, plain, deep = (tmp_path / name for name in ("a.png", "b.webp", "c.tif"))
    source.write_bytes(encode_deep(ramp, format="PNG"))
    geometry = Geometry(degrees=2.0, scale=0.8, across=0.2)
    write_copy(source, plain, {}, geometry=geometry, quality=100)
    write_copy(source, deep, {}, geometry=geometry)
    values = decode_deep(deep).values
    shown = np.asarray(Image.open(plain).convert("RGB"), dtype=float)
    assert shown.shape == values.shape
    assert np.abs(values / 257 - shown).mean() < 2
    assert len(np.unique(values)) > 4_000
