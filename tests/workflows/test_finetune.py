"""Fine-tuning a network to a profile, and scoring a library with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photoaesth.config import models_folder
from photoaesth.domain import Outcome
from photoaesth.errors import PhotoaesthError
from photoaesth.imaging import decode, thumbnail
from photoaesth.learning.model_input import model_input
from photoaesth.learning.weights_registry import weights_file
from photoaesth.library import comparisons, models, photos
from photoaesth.library.database import open_library
from photoaesth.library.found import content_hash
from photoaesth.library.thumbnails import store_thumbnail
from photoaesth.workflows import finetune as finetune_workflow
from photoaesth.workflows import profile_model as profile_model_workflow
from photoaesth.workflows import train as train_workflow
from photoaesth.workflows.finetune import FinetuneRequest, usable_reference
from photoaesth.workflows.profile_model import profile_model, score_all
from photoaesth.workflows.rank import Query, rank
from photoaesth.workflows.reference import add_reference
from photoaesth.workflows.score import score
from photoaesth.workflows.train import train

NO_PRETRAINING = FinetuneRequest(pretraining=False)


def content_of(number: int) -> str:
    """The content hash of a photo of the studio."""
    return content_hash(f"/photos/{number:02}.jpg".encode())


@pytest.fixture
def seen(studio, draw_photo: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The studio with a thumbnail of each photo; networks learn for one short epoch."""
    from photoaesth.learning.finetune import options

    for module in ("reference", "crowd"):
        monkeypatch.setattr(f"photoaesth.learning.{module}.load_crowd_model", lambda: studio.crowd)
    quick = tuple(replace(s, epochs=1) for s in options._SCHEDULES["efficientnet-lite0"])
    monkeypatch.setitem(options._SCHEDULES, "efficientnet-lite0", quick)
    for number in range(len(studio.ids)):
        path = draw_photo(tmp_path / "drawn" / f"{number}.png", number)
        store_thumbnail(content_of(number), thumbnail(decode(path, min_side=768).image))
    return studio


@pytest.fixture
def reference(draw_photo: Callable[..., Path], tmp_path: Path) -> Path:
    """A folder of a dozen rated photos."""
    folder = tmp_path / "rated"
    names = [draw_photo(folder / f"{n}.png", 100 + n).name for n in range(12)]
    rows = [
        f"{rater},{name},{1 + (n + rater) % 10}" for n, name in enumerate(names) for rater in (1, 2)
    ]
    (folder / "ratings.csv").write_text("rater,photo,score\n" + "\n".join(rows) + "\n")
    return folder


def left(first: int, second: int) -> Outcome:
    return Outcome.LEFT


def keep_network(studio) -> None:
    """Train on six choices: too few to judge, so that the network is used."""
    studio.choose(studio.pairs(6), left)
    train(studio.library, "me", method="finetune", finetune=NO_PRETRAINING, device="cpu")


def test_without_images_one_line_says_what_to_do(seen) -> None:
    """No reference set with images: `reference add`, or the option to do without."""
    seen.choose(seen.pairs(6), left)
    with pytest.raises(PhotoaesthError, match=r"reference add, or .* --no-pretraining"):
        train(seen.library, "me", method="finetune", device="cpu")
    with pytest.raises(PhotoaesthError, match="there is no reference set 'ava'"):
        usable_reference("ava")
    with pytest.raises(PhotoaesthError, match="the reference set 'shipped' lacks images"):
        usable_reference("shipped")


def test_ties_are_nothing_for_a_network(seen) -> None:
    """The hinge loss knows no ties; with nothing else, one line asks for choices."""
    seen.choose(seen.pairs(6), lambda a, b: Outcome.TIE)
    with pytest.raises(PhotoaesthError, match="none is decided yet"):
        train(seen.library, "me", method="finetune", finetune=NO_PRETRAINING, device="cpu")


def test_both_phases_end_in_scores(seen, reference: Path) -> None:
    """Rated photos, then rankings; measured beside the personal model; every photo is scored."""
    add_reference("mine", reference, ratings=reference / "ratings.csv", device="cpu")
    seen.choose(seen.pairs(12), left)
    tasks: dict[str, int] = {}
    report = train(
        seen.library,
        "me",
        method="finetune",
        device="cpu",
        on_progress=lambda task, done, total: tasks.update({task: total - done}),
    )
    assert (report.method, report.kept, report.scored) == ("finetune", "finetune", 40)
    assert report.finetune is not None
    assert report.heldout is not None
    assert report.finetune.pairs == report.heldout.pairs == 12
    assert report.finetune.generic == report.heldout.generic
    assert {"Reading rated photos", "Learning from rated photos", "Learning your choices"} <= set(
        tasks
    )
    assert set(tasks.values()) == {0}


def test_rank_and_score_agree(seen, tmp_path: Path) -> None:
    """The network's scores rank the library, and a file that is not indexed is scored by it too."""
    keep_network(seen)
    ranking = rank(seen.library, "me", Query(count=99))
    assert ranking.personal
    assert len(ranking.photos) == 40
    scores = [photo.score for photo in ranking.photos]
    assert scores == sorted(scores, reverse=True)
    assert any(photo.score != pytest.approx(photo.generic) for photo in ranking.photos)
    for photo in ranking.photos:
        assert np.dot(photo.distribution, np.arange(1, 11)) == pytest.approx(photo.score, abs=1e-3)
    with open_library(seen.library) as library:
        model = profile_model(library, "me")
        network = finetune_workflow.PhotoNetwork(models.network_of(library, model.id), "cpu")
        first = photos.photos_by_id(library, seen.ids[:1])[seen.ids[0]]
        by_id = {photo.photo.id: photo.score for photo in ranking.photos if photo.photo}
        assert network.score([first]) == pytest.approx({first.id: by_id[first.id]}, abs=1e-4)
    assert network.score_file(tmp_path / "drawn" / "0.png") == pytest.approx(
        by_id[seen.ids[0]], abs=1e-4
    )


def test_scoring_is_taken_up_again(seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted after a batch, the rest is scored by the next call, and only the rest."""
    keep_network(seen)
    with open_library(seen.library) as library:
        library.connection.execute("DELETE FROM scores")
        monkeypatch.setattr(profile_model_workflow, "_CHUNK_PHOTOS", 16)

        def interrupt(task: str, done: int, total: int) -> None:
            raise KeyboardInterrupt

        model = profile_model(library, "me")
        with pytest.raises(KeyboardInterrupt):
            score_all(library, model, device="cpu", on_progress=interrupt)
        assert score_all(library, model, device="cpu") == 24
        assert score_all(library, model, device="cpu") == 0


def test_a_photo_that_cannot_be_read_is_left_out(seen, home: Path) -> None:
    """Without thumbnail and file a photo stays without a score; the others have theirs."""
    keep_network(seen)
    with open_library(seen.library) as library:
        library.connection.execute("DELETE FROM scores")
    for file in home.rglob("*.jpg"):
        file.unlink()
        break
    assert len(rank(seen.library, "me", Query(count=99)).photos) == 39
    report = score(seen.library, "me", [])
    assert len(report.photos) == 39


def test_the_network_of_an_earlier_training_is_dropped(seen) -> None:
    """Some megabytes each: only the model in use keeps its network."""
    keep_network(seen)
    with open_library(seen.library) as library:
        number = comparisons.profile_id(library, "me")
        first = models.latest_model(library, number)
        assert models.network_of(library, first.id)
    report = train(seen.library, "me", method="personal")
    assert (report.kept, report.finetune) == ("personal", None)
    with open_library(seen.library) as library:
        assert models.network_of(library, first.id) == b""
        assert not profile_model(library, "me").finetuned


def test_the_better_of_both_is_kept_with_a_gpu(seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a GPU and images, auto fits a network as well; what predicts best is kept."""
    better = {"me": 0.99, "other": 0.01}
    seen.choose(seen.pairs(40), left)
    seen.choose(seen.pairs(40), left, "other")

    class Oracle:
        """Stands for a network that knows, or does not know, that left is always chosen."""

        def __init__(self, crowd: object, said: object, request: object, **options: str) -> None:
            self.chance = better[options["place"].splitlines()[1]]

        def hold_out(self, folds) -> np.ndarray:
            return np.full(sum(len(fold.held_out) for fold in folds), self.chance)

        def fit(self) -> bytes:
            return b"network"

    monkeypatch.setattr(train_workflow, "Finetuning", Oracle)
    monkeypatch.setattr(train_workflow, "_has_gpu_and_images", lambda request, device: True)
    monkeypatch.setattr(train_workflow, "score_all", lambda library, model, **options: 0)
    assert train(seen.library, "me", device="cpu").kept == "finetune"
    assert train(seen.library, "other", device="cpu").kept != "finetune"
    with open_library(seen.library) as library:
        model = models.latest_model(library, comparisons.profile_id(library, "me"))
        assert models.network_of(library, model.id) == b"network"


def test_auto_goes_on_without_a_network(seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing but ties there are no rankings; plain train says so and fits the rest."""
    monkeypatch.setattr(train_workflow, "_has_gpu_and_images", lambda request, device: True)
    seen.choose(seen.pairs(40), lambda a, b: Outcome.TIE)
    report = train(seen.library, "me", finetune=NO_PRETRAINING, device="cpu")
    assert (report.method, report.direct) == ("personal", 40)
    assert "no network was fitted: a network learns from choices" in report.note


def test_vgg16_has_to_be_pulled_first(seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says how, before any photo is read; auto goes on without a network."""
    seen.choose(seen.pairs(40), left)
    request = replace(NO_PRETRAINING, backbone="vgg16")
    monkeypatch.setattr(finetune_workflow, "_photo_images", None)
    with pytest.raises(PhotoaesthError, match="photoaesth models pull vgg16"):
        train(seen.library, "me", method="finetune", finetune=request, device="cpu")
    monkeypatch.setattr(train_workflow, "_has_gpu_and_images", lambda request, device: True)
    report = train(seen.library, "me", finetune=request, device="cpu")
    assert report.method == "personal"
    assert report.note.endswith("photoaesth models pull vgg16")


def test_vgg16_learns_and_scores(seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the pulled file to a scored library, with random weights and tiny inputs."""
    import torch
    from torchvision.models.vgg import cfgs, make_layers

    from photoaesth.learning.finetune import options

    head_only = tuple(replace(s, epochs=1, frozen=5) for s in options._SCHEDULES["vgg16"])
    monkeypatch.setitem(options._SCHEDULES, "vgg16", head_only)
    monkeypatch.setattr(
        "photoaesth.learning.model_input.model_input",
        lambda image: np.asarray(image.resize((48, 32))),
    )
    file = models_folder() / "vgg16.pth"
    file.parent.mkdir(parents=True)
    state = make_layers(cfgs["D"]).state_dict()
    torch.save({f"features.{name}": tensor for name, tensor in state.items()}, file)
    seen.choose(seen.pairs(6), left)
    request = replace(NO_PRETRAINING, backbone="vgg16")
    report = train(seen.library, "me", method="finetune", finetune=request, device="cpu")
    assert (report.kept, report.scored) == ("finetune", 40)
    with open_library(seen.library) as library:
        network = models.network_of(library, profile_model(library, "me").id)
    assert b"vgg16" in network[:2000]
    file.unlink()
    with pytest.raises(PhotoaesthError, match="photoaesth models pull vgg16"):
        finetune_workflow.PhotoNetwork(network, "cpu")


def test_photos_are_retrieved_by_a_network_of_timm(seen, reference: Path) -> None:
    """A set is searched with the backbone that measured it, whatever the name in its file."""
    import timm
    from safetensors.torch import save_file

    file = models_folder() / weights_file("timm:test_resnet").filename
    file.parent.mkdir(parents=True)
    save_file(timm.create_model("test_resnet").state_dict(), file)
    add_reference(
        "mine",
        reference,
        ratings=reference / "ratings.csv",
        backbone="timm:test_resnet",
        device="cpu",
    )
    own = model_input(decode(reference / "3.png", min_side=768).image)
    images, distributions = finetune_workflow._retrieve(
        usable_reference("mine"), [own], "cpu", lambda task, done, total: None
    )
    assert len(images) == len(distributions) == 12
    assert any(np.array_equal(image, own) for image in images)


def test_on_a_cpu_auto_is_personal(seen, reference: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference set alone starts no training of minutes."""
    add_reference("mine", reference, ratings=reference / "ratings.csv", device="cpu")
    seen.choose(seen.pairs(40), left)
    monkeypatch.setattr(train_workflow, "Finetuning", None)
    assert train(seen.library, "me", device="cpu").method == "personal"
