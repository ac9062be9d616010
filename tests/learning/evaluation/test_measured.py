from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file

from photoaesth.learning import backbone, features
from photoaesth.learning.backbones import NamedBackbone, backbone_features, load_named_backbone
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.evaluation import measured
from photoaesth.learning.evaluation.measured import (
    PLAIN,
    SHIPPED,
    Measured,
    measure,
    read_inputs,
)
from photoaesth.learning.rated import CHANGES


@pytest.fixture
def extracted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stand in for the backbone with mean colours; note how many pictures each batch had."""
    counts: list[int] = []

    def extract(inputs: Sequence[np.ndarray]) -> np.ndarray:
        counts.append(len(inputs))
        return np.array([image.mean(axis=(0, 1)) for image in inputs], dtype=np.float32)

    monkeypatch.setattr(measured, "_extractor", lambda way, device, named: extract)
    return counts


@pytest.fixture
def folder(tmp_path: Path, draw_photo: Callable[..., Path]) -> Path:
    for number in range(5):
        draw_photo(tmp_path / "sub" / f"{number}.png", seed=number)
    return tmp_path


NAMES = [f"sub/{number}.png" for number in range(5)]


@pytest.fixture
def named(tmp_path: Path) -> Callable[[int], NamedBackbone]:
    """Load a small network of timm with random weights, others for every seed."""

    def load(seed: int) -> NamedBackbone:
        torch.manual_seed(seed)
        file = tmp_path / f"resnet-{seed}.safetensors"
        save_file(timm.create_model("test_resnet").state_dict(), file)
        return load_named_backbone("timm:test_resnet", weights=file)

    return load


def again(folder: Path, *ways: str) -> Measured:
    return measure(folder, NAMES, ways or (PLAIN,), device="cpu")


def test_what_is_measured_is_kept(folder: Path, extracted: list[int]) -> None:
    """The second time, the backbone is not even loaded, and the numbers are the same."""
    first = again(folder)
    assert first.names == tuple(NAMES)
    assert first.paths == tuple(folder / name for name in NAMES)
    assert first.rows[PLAIN].shape == (5, 3)
    assert len(np.unique(first.rows[PLAIN], axis=0)) == 5
    extracted.clear()
    assert np.array_equal(again(folder).rows[PLAIN], first.rows[PLAIN])
    assert extracted == []


def test_other_ways_are_measured_when_asked_for(folder: Path, extracted: list[int]) -> None:
    """Only these are new then; a damaged photo differs, and does not depend on the others."""
    plain = again(folder)
    extracted.clear()
    both = again(folder, PLAIN, "overexposure")
    assert sum(extracted) == 5
    assert np.array_equal(both.rows[PLAIN], plain.rows[PLAIN])
    damaged = both.rows["overexposure"]
    assert (damaged > plain.rows[PLAIN]).any(axis=1).all()
    alone = measure(folder, NAMES[3:4], ["edit", "overexposure"], device="cpu")
    assert np.array_equal(alone.rows["overexposure"][0], damaged[3])


def test_a_changed_photo_is_measured_anew(
    folder: Path, extracted: list[int], draw_photo: Callable[..., Path]
) -> None:
    """Only the photo whose file has changed."""
    before = again(folder)
    extracted.clear()
    draw_photo(folder / NAMES[2], seed=99, size=(90, 60))
    after = again(folder)
    assert extracted == [1]
    assert (after.rows[PLAIN] != before.rows[PLAIN]).any(axis=1).tolist() == [False] * 2 + [
        True
    ] + [False] * 2


def test_bad_photos_are_named_and_the_others_measured(folder: Path, extracted: list[int]) -> None:
    """A missing, a broken and an impossible name are skipped with reasons; order is kept."""
    (folder / NAMES[1]).write_text("no picture")
    (folder / NAMES[3]).unlink()
    found = measure(folder, [*NAMES, "a\0b"], (PLAIN, "edit"), device="cpu")
    assert found.names == (NAMES[0], NAMES[2], NAMES[4])
    assert len(found.rows[PLAIN]) == len(found.rows["edit"]) == 3
    assert {item.path.name for item in found.skipped} == {"1.png", "3.png", "a\0b"}
    assert all(item.reason for item in found.skipped)


def test_a_damaged_cache_is_measured_again(folder: Path, extracted: list[int], home: Path) -> None:
    """Half a file is no features."""
    first = again(folder)
    for kept in home.rglob("*.npy"):
        kept.write_bytes(kept.read_bytes()[:-5])
    extracted.clear()
    assert np.array_equal(again(folder).rows[PLAIN], first.rows[PLAIN])
    assert sum(extracted) == 5


def test_each_batch_is_kept_and_told(
    folder: Path, extracted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interruption after the first batch loses none of it."""
    monkeypatch.setattr(measured, "_BATCH", 2)

    def stop(done: int, total: int) -> None:
        assert total == 5
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(folder, NAMES, (PLAIN,), device="cpu", on_progress=stop)
    extracted.clear()
    again(folder)
    assert extracted == [1]


def test_other_code_measures_anew(
    folder: Path, extracted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Features of an older way of measuring do not mix with those of a newer."""
    again(folder)
    extracted.clear()
    monkeypatch.setattr(measured, "_code_version", lambda way, named: "newer")
    again(folder)
    assert sum(extracted) == 5


def test_the_real_backbone(folder: Path) -> None:
    """Every way that a fit looks at a photo gives features, and every change changes them."""
    found = measure(folder, NAMES[:2], (PLAIN, *CHANGES), device="cpu")
    size = features.feature_count(backbone.EFFICIENTNET_LITE0.channels)
    for rows in found.rows.values():
        assert rows.shape == (2, size)
        assert rows.dtype == np.float32
    for change in CHANGES:
        assert (found.rows[change] != found.rows[PLAIN]).any(axis=1).all()


def test_the_shipped_model_gives_embeddings(folder: Path) -> None:
    """Embeddings are those of an indexed photo, to the last bit."""
    found = measure(folder, NAMES[:2], (SHIPPED,), device="cpu")
    inputs = [read_inputs(path) for path in found.paths]
    assert np.array_equal(found.rows[SHIPPED], Embedder("cpu").embed(inputs))


def test_another_backbone_measures_what_crowds_are_learned_from(
    folder: Path, named: Callable[[int], NamedBackbone]
) -> None:
    """Pixel statistics come first, as of the default backbone; then its pooled maps."""
    other = named(0)
    found = measure(folder, NAMES[:3], (PLAIN, *CHANGES), device="cpu", named=other)
    default = measure(folder, NAMES[:3], (PLAIN,), device="cpu").rows[PLAIN]
    pixels = features.PIXEL_STATISTICS
    plain = found.rows[PLAIN]
    np.testing.assert_allclose(plain[:, :pixels], default[:, :pixels], rtol=1e-5, atol=1e-6)
    inputs = [read_inputs(path) for path in found.paths]
    np.testing.assert_allclose(
        plain[:, pixels:], backbone_features(other, inputs, "cpu"), rtol=1e-5, atol=1e-6
    )
    for change in CHANGES:
        assert (found.rows[change] != plain).any(axis=1).all()


def test_every_backbone_has_a_place_of_its_own(
    folder: Path, named: Callable[[int], NamedBackbone], home: Path
) -> None:
    """Rows of other weights, and of the default, are neither mixed nor measured twice."""
    first, second = named(0), named(1)
    rows = [
        measure(folder, NAMES[:2], (PLAIN,), device="cpu", named=by).rows[PLAIN]
        for by in (first, second, None)
    ]
    assert not np.array_equal(rows[0], rows[1])
    assert rows[2].shape[1] != rows[0].shape[1]
    for by in (first, second):
        assert len(list(home.rglob(f"{by.name}/*/*.npy"))) == 2
    told: list[tuple[int, int]] = []
    kept = measure(
        folder,
        NAMES[:2],
        (PLAIN,),
        device="cpu",
        named=first,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert np.array_equal(kept.rows[PLAIN], rows[0])
    assert told == []


def test_the_shipped_model_keeps_its_own_backbone(
    folder: Path, named: Callable[[int], NamedBackbone]
) -> None:
    """Embeddings do not depend on the backbone that measures the features."""
    rows = [
        measure(folder, NAMES[:1], (SHIPPED,), device="cpu", named=by).rows[SHIPPED]
        for by in (named(0), None)
    ]
    assert np.array_equal(*rows)
