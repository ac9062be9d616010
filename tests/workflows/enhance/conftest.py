"""Photos in folders, and a taste for brightness in place of models."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from photoaesth.enhance.copies import enhance_image
from photoaesth.enhance.operations import to_mapping, to_vector


class LikesBright:
    """Stands in for `Proposer`: the darker a photo, the more it is brightened.

    Attributes:
        calls: photos that edits were found for.
        sign: −1 for a taste for darkness.
        asked: what the last one was made with.
    """

    calls = 0
    sign = 1
    asked: dict[str, object] = {}  # noqa: RUF012 - replaced as a whole

    def __init__(self, library: object, profile: str, **options: object) -> None:
        self.note = f"profile {profile!r} is not trained yet"
        LikesBright.asked = options

    def propose(self, image: Image.Image) -> SimpleNamespace:
        LikesBright.calls += 1
        vector = to_vector({"exposure": round(self.sign * (1 - np.mean(image) / 255), 6)})
        before, after = (
            5.5 + self.sign * (np.mean(pixels) / 255 - 0.5)
            for pixels in (image, enhance_image(image, vector))
        )
        return SimpleNamespace(
            parameters=to_mapping(vector), score_before=before, score_after=after
        )


@pytest.fixture
def likes_bright(monkeypatch: pytest.MonkeyPatch) -> type[LikesBright]:
    """Enhance toward brightness, without the backbone."""
    monkeypatch.setattr("photoaesth.workflows.enhance.proposing.Proposer", LikesBright)
    monkeypatch.setattr(LikesBright, "calls", 0)
    return LikesBright


@pytest.fixture
def studio(place, likes_bright: type[LikesBright]):
    """Photos in folders, indexed."""
    place.add("a.jpg", "sub/b.png", "sub/deep/c.webp", size=(48, 32))
    place.index()
    return place


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder for copies; not made yet."""
    return tmp_path.resolve() / "out"
