"""The CPU engine against torch in single precision, which the shipped models were fitted with."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photoaesth.errors import PhotoaesthError
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning import engine
from photoaesth.learning.crowd import OPINIONS, load_crowd_model
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.engine import Engine, Measured, engine_available, weights_intact
from photoaesth.learning.features import PIXEL_STATISTICS
from photoaesth.learning.model_input import INPUT_SIZES, model_input
from photoaesth.learning.torch_measure import TorchMeasure
from photoaesth.samples.album import draw_album

Pictures = Callable[..., Image.Image]
DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not engine_available(), reason="OpenVINO has no wheel here")


def assert_alike(inputs: Sequence[NDArray[np.uint8]]) -> None:
    """The engine is within 0.01 of torch in cosine, and 0.3 points in score; 0.06 on average.

    And so are the logits of ImageNet's classes, in correlation.
    """
    crowd = load_crowd_model()
    by_torch, by_engine = TorchMeasure("cpu")(inputs), Engine(threads=2)(inputs)
    exact, found = (
        crowd.projection(each.features, each.opinions).astype(np.float64)
        for each in (by_torch, by_engine)
    )
    for columns in (slice(None), slice(-OPINIONS)):
        a, b = exact[:, columns], found[:, columns]
        cosines = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        assert cosines.min() > 0.99
    scores = mean_score(crowd.head(found)) - mean_score(crowd.head(exact))
    assert np.abs(scores).max() < 0.3
    assert np.abs(scores).mean() < 0.06
    for logits in zip(by_torch.classes, by_engine.classes, strict=True):
        assert np.corrcoef(*logits)[0, 1] > 0.98


def test_drawn_photos(tmp_path: Path) -> None:
    """Drawn landscapes, cities and still lifes are measured as torch does it."""
    samples = draw_album(tmp_path, count=24)
    assert_alike(
        [model_input(decode(sample.path, min_side=DECODED_SIDE).image) for sample in samples]
    )


@pytest.mark.shared_data
@pytest.mark.skipif(not DATA.is_dir(), reason="the development photos are not beside the checkout")
def test_real_photos() -> None:
    """So are photos from cameras, and rated ones that took no part in the calibration."""
    rated = sorted((DATA / "oasis-beauty" / "photos").glob("*.jpg"))[1::30]
    paths = [*rated, *sorted((DATA / "camera-photos").glob("*.jpg"))[::2]]
    assert_alike([model_input(decode(path, min_side=DECODED_SIDE).image) for path in paths])


def test_pixel_statistics_are_exact(picture: Pictures) -> None:
    """They are not in 8 bits: to 1e-4 those that the models were fitted with."""
    inputs = [model_input(picture(*size)) for size in ((600, 400), (400, 500), (300, 300))]
    inputs.append(np.full_like(inputs[0], 255))
    exact = TorchMeasure("cpu")(inputs).features
    found = Engine(threads=1)(inputs).features
    np.testing.assert_allclose(
        found[:, :PIXEL_STATISTICS], exact[:, :PIXEL_STATISTICS], rtol=0, atol=1e-4
    )


def test_every_shape_in_any_order(picture: Pictures) -> None:
    """More shapes than have graphs of their own, mixed: each photo gets its own numbers."""
    inputs = [model_input(picture(*size, seed)) for seed, size in enumerate(2 * INPUT_SIZES)]
    assert len({image.shape for image in inputs}) == len(INPUT_SIZES)
    projection, measure = load_crowd_model().projection, Engine(threads=2)

    def project(measured: Measured) -> NDArray[np.float16]:
        return projection(measured.features, measured.opinions)

    together = project(measure(inputs)).astype(np.float64)[:, :-OPINIONS]
    for number in (0, 5, 14, 21):
        alone = project(Engine(threads=1)([inputs[number]])).astype(np.float64)[0, :-OPINIONS]
        near = together @ alone / np.linalg.norm(together, axis=1) / np.linalg.norm(alone)
        assert near.argmax() == number
        assert near[number] > 0.998  # graphs of one shape and of any round differently
    turned = project(measure(inputs[::-1]))[::-1, :-OPINIONS]
    np.testing.assert_allclose(turned, together, rtol=0, atol=1e-3)


_FIRST = """
import numpy as np
from photoaesth.learning.engine import Engine
from photoaesth.learning.torch_measure import TorchMeasure
inputs = [np.random.default_rng(0).integers(0, 256, (288, 384, 3), np.uint8)]
first = Engine(threads=2)(inputs).classes[0]
print(np.corrcoef(first, TorchMeasure("cpu")(inputs).classes[0])[0, 1])
"""


def test_the_first_engine_of_a_process_tells_the_classes() -> None:
    """OpenVINO once lost the scales of 8-bit weights, and only in the first graph it compiled."""
    run = subprocess.run([sys.executable, "-c", _FIRST], capture_output=True, text=True, check=True)
    assert float(run.stdout) > 0.98


def test_the_shipped_files_are_those_that_were_released() -> None:
    """Their checksums are the pinned ones."""
    assert weights_intact()


@pytest.mark.parametrize("content", [None, b"<net", b""])
def test_a_damaged_graph(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing or cut-off file is an error that names it and the way out."""
    graph = tmp_path / "engine.xml"
    if content is not None:
        graph.write_bytes(content)
    monkeypatch.setattr(engine, "GRAPH_FILE", graph)
    with pytest.raises(PhotoaesthError, match=r"engine\.xml.*reinstall photoaesth"):
        Engine(threads=1)


_EMBED = """
import sys
connections = []
sys.addaudithook(lambda event, _: event.startswith("socket.") and connections.append(event))
import numpy as np
from photoaesth.learning.embedder import Embedder
vectors = Embedder("cpu", threads=1).embed([np.zeros((332, 332, 3), np.uint8)])
assert np.isfinite(vectors).all()
print(connections, *sorted({name.partition(".")[0] for name in sys.modules if sys.modules[name]}))
"""


def test_embedding_loads_no_torch_and_tells_nobody() -> None:
    """A process that embeds loads OpenVINO, not torch, nor what OpenVINO reports its imports by."""
    done = subprocess.run(
        [sys.executable, "-c", _EMBED], capture_output=True, text=True, check=True
    )
    connections, *loaded = done.stdout.split()
    assert connections == "[]"
    assert "openvino" in loaded
    assert {"torch", "torchvision", "timm", "openvino_telemetry"}.isdisjoint(loaded)
