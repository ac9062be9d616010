import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoaesth.errors import PhotoaesthError
from photoaesth.learning import weights_store
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.evaluation.method import Choices, Fold, Ratings
from photoaesth.learning.evaluation.published import METHODS
from photoaesth.learning.nima import load_nima

NOTHING = np.zeros(0, np.int64)


@pytest.fixture
def fold(tmp_path: Path, make_crowd: Callable[..., CrowdModel]) -> Fold:
    paths = []
    for level in (40, 120, 220):
        paths.append(tmp_path / f"{level}.png")
        Image.new("RGB", (60, 40), (level, 90, 60)).save(paths[-1])
    rows = np.zeros((3, 16), np.float32)
    nobody = Ratings(NOTHING, NOTHING, np.zeros(0))
    return Fold(tuple(paths), rows, rows, make_crowd(), nobody, "cpu", 0)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file like the published one, with weights drawn at random."""
    pytest.importorskip("h5py", reason="h5py is not installed (extra nima)")
    script = Path(__file__).parents[1] / "record_nima_keras.py"
    spec = importlib.util.spec_from_file_location("record_nima_keras", script)
    assert spec is not None
    assert spec.loader is not None
    recorder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recorder)
    path = tmp_path / "nima.hdf5"
    layout = json.loads(recorder.RECORDED.read_text(encoding="utf-8"))["layout"]
    recorder.write_keras_hdf5(path, layout)
    monkeypatch.setattr(weights_store, "require_pulled", lambda name: path)
    return path


def test_scores_are_the_networks(fold: Fold, weights: Path) -> None:
    """Whatever is chosen, a photo's score is the mean of what the published network predicts."""
    learner = METHODS["nima-aesthetic"](fold)
    learned = learner(Choices(NOTHING, NOTHING, NOTHING, np.zeros(0)))
    images = [Image.open(path) for path in fold.paths]
    expected = mean_score(load_nima(weights).predict(images))
    np.testing.assert_allclose(learned.score, expected, rtol=1e-5)
    assert np.ptp(learned.score) > 0


def test_weights_have_to_be_pulled_first(fold: Fold) -> None:
    """Without the file there is one line that says how to get it."""
    with pytest.raises(PhotoaesthError, match="models pull nima-technical"):
        METHODS["nima-technical"](fold)


def test_an_unreadable_photo_is_named(fold: Fold, weights: Path) -> None:
    """The evaluation is told which."""
    fold.paths[1].write_bytes(b"no picture")
    with pytest.raises(PhotoaesthError, match=r"120\.png"):
        METHODS["nima-aesthetic"](fold)
