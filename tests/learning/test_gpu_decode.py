"""Decoding on the device, here the CPU: the same code, without nvJPEG."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.learning.gpu_decode import decode_on_device
from photoaesth.learning.model_input import model_input

Pictures = Callable[..., Image.Image]


def jpeg(image: Image.Image, orientation: int = 1, *, progressive: bool = False) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92, exif=exif, progressive=progressive)
    return file.getvalue()


def difference(a: np.ndarray, b: np.ndarray) -> float:
    assert a.shape == b.shape
    return float(np.abs(a.astype(float) - b).mean())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(1500, 1000), (900, 1200)])
def test_every_orientation(picture: Pictures, size: tuple[int, int], orientation: int) -> None:
    """Model input and thumbnail are those of the other decoder, to 3 levels on average."""
    data = jpeg(picture(*size), orientation, progressive=orientation % 2 == 0)
    [found] = decode_on_device([data], [orientation], "cpu")
    expected = decode(data, min_side=DECODED_SIDE)
    assert found is not None
    assert (found.width, found.height) == (expected.width, expected.height)
    assert difference(found.inputs, model_input(expected.image)) < 3
    # Turned another way it would differ by far more.
    assert difference(found.inputs[::-1, ::-1], model_input(expected.image)) > 6
    small = np.asarray(Image.open(io.BytesIO(thumbnail(expected.image))))
    assert difference(found.thumbnail, small) < 3


def test_files_that_cannot_be_decoded(picture: Pictures) -> None:
    """A broken file among good ones gives None, and the others what they give alone."""
    good = [jpeg(picture(300, 200, seed)) for seed in range(2)]
    first, broken, empty, last = decode_on_device(
        [good[0], b"no picture", good[1][:40], good[1]], [1, 1, 1, 1], "cpu"
    )
    assert broken is None
    assert empty is None
    for found, data in zip((first, last), good, strict=True):
        [alone] = decode_on_device([data], [1], "cpu")
        assert found is not None
        assert alone is not None
        assert np.array_equal(found.inputs, alone.inputs)
    assert decode_on_device([], [], "cpu") == []


def test_small_and_grey(picture: Pictures) -> None:
    """A grey picture comes in three equal channels; a thumbnail is not enlarged."""
    [found] = decode_on_device([jpeg(picture(60, 40).convert("L"))], [1], "cpu")
    assert found is not None
    assert found.thumbnail.shape == (40, 60, 3)
    assert (found.inputs == found.inputs[:, :, :1]).all()
