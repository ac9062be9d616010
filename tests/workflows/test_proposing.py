"""Edits proposed for drawn photos, by the real backbone, models and policy."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from photoaesth.domain import Source
from photoaesth.enhance.difference import srgb_to_lab
from photoaesth.enhance.operations import PARAMETERS, apply, to_vector
from photoaesth.enhance.policy import load_starter
from photoaesth.enhance.policy.training import Example, clone
from photoaesth.enhance.search import COLOR_REACH, HAZE_REACH, LIGHT_REACH
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input
from photoaesth.library import comparisons, photos, policies
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import open_library
from photoaesth.samples.photographer import Photographer
from photoaesth.workflows.enhance.proposing import Proposal, Proposer, Task
from photoaesth.workflows.score import score
from photoaesth.workflows.train import train

IDENTITY = {p.name: p.identity for p in PARAMETERS}


def load(path: Path) -> Image.Image:
    return decode(path, min_side=DECODED_SIDE).image


def small(image: Image.Image) -> torch.Tensor:
    return torch.from_numpy(model_input(image).copy()).permute(2, 0, 1)[None] / 255


def propose(album, images: Sequence[Image.Image], profile: str = "me", **how) -> list[Proposal]:
    with open_library(album.library) as library:
        proposer = Proposer(library, profile, device="cpu", **how)
        return [proposer.propose(image) for image in images]


@pytest.fixture
def image(album) -> Image.Image:
    return load(sorted(album.traits)[0])


@pytest.mark.parametrize(
    ("task", "own"),
    [
        ("exposure", {*LIGHT_REACH, "curve_shadows", "curve_midtones", "curve_highlights"}),
        ("color", {*COLOR_REACH}),
        ("dehaze", {*HAZE_REACH}),
    ],
)
def test_each_task_changes_its_own_parameters_only(
    album, image: Image.Image, task: Task, own: set[str]
) -> None:
    """Exposure leaves colours alone, colour leaves light alone, dehaze changes nothing else."""
    [found] = propose(album, [image], task=task)
    assert {name for name, value in found.parameters.items() if value != IDENTITY[name]} <= own


def test_scores_are_those_of_the_library(album, image: Image.Image) -> None:
    """The score before is that of the index; alone a search never ends below it, after a policy
    only within the doubt about what is gained.
    """
    [found] = propose(album, [image])
    path = sorted(album.traits)[0]
    indexed = score(album.library, "me", [path]).photos[0].score
    assert found.score_before == pytest.approx(indexed, abs=0.02)
    assert found.score_after >= found.score_before - found.gain_sd
    [alone] = propose(album, [image], method="search")
    assert alone.score_after >= alone.score_before == found.score_before
    assert found.gain_sd > 0


def test_the_policy_alone_is_taken_as_it_is(album, image: Image.Image) -> None:
    """`policy` proposes what the policy does, and half its strength is half of every change."""
    [whole] = propose(album, [image], method="policy")
    copy = torch.nn.functional.interpolate(small(image), scale_factor=0.5, mode="area")[0]
    expected = load_starter().propose(copy, Embedder("cpu").embed([model_input(image)])[0])
    assert whole.parameters == pytest.approx(expected, abs=1e-5)
    assert expected != IDENTITY
    [half] = propose(album, [image], method="policy", strength=0.5)
    for name, rest in IDENTITY.items():
        assert half.parameters[name] - rest == pytest.approx(
            (whole.parameters[name] - rest) / 2, abs=1e-5
        )


def test_a_policy_of_ones_own_is_followed(album, image: Image.Image) -> None:
    """`auto` takes what the profile's own policy says; another profile, and `search`, do not."""
    look = to_vector({"exposure": 0.4, "temperature": 0.3})
    embedding = Embedder("cpu").embed([model_input(image)])[0]
    taught = clone(load_starter(), [Example(small(image)[0], embedding, look)])
    with open_library(album.library) as library:
        number = comparisons.profile_id(library, "editor")
        space = load_crowd_model().embedding_name
        policies.add_policies(library, number, space, enhancement=taught.to_bytes(), report={})
    [own] = propose(album, [image], profile="editor")
    assert own.parameters["exposure"] == pytest.approx(0.4, abs=0.02)
    assert own.parameters["temperature"] == pytest.approx(0.3, abs=0.02)
    for other in (propose(album, [image]), propose(album, [image], "editor", method="search")):
        assert other[0].parameters != own.parameters


def test_no_strength_is_no_edit(album, image: Image.Image) -> None:
    """At strength 0 the photo stays as it is, and so does its score."""
    [found] = propose(album, [image], strength=0.0)
    assert found.parameters == IDENTITY
    assert found.score_after == found.score_before
    assert found.gain_sd < 1e-3


def test_opposite_tastes_get_opposite_edits(album) -> None:
    """A hundred noisy choices each set the edits of the same 20 photos apart by 4 L*.

    Twenty photos to choose from are too few for more; benchmarks/tastes.py has 120, and all tastes.
    """
    paths = sorted(album.traits)
    images = [load(path) for path in paths]
    means = []
    for name, sign in (("bright", 1.0), ("moody", -1.0)):
        photographer = Photographer(name, name, {"brightness": sign}, noise=0.5)
        rng = np.random.default_rng(0)
        pairs = [rng.choice(paths, 2, replace=False) for _ in range(100)]
        with open_library(album.library) as library:
            answers = [
                NewComparison(
                    *(photos.photo_by_path(library, path).id for path in pair),
                    photographer.choose(*(album.traits[path] for path in pair), rng),
                )
                for pair in pairs
            ]
            profile = comparisons.profile_id(library, name)
            comparisons.add_comparisons(library, profile, answers, source=Source.RANDOM)
        assert train(album.library, name).kept == "personal"
        edits = [
            apply(small(image), to_vector(found.parameters)[None])[0]
            for image, found in zip(images, propose(album, images, name), strict=True)
        ]
        means.append(np.mean([float(srgb_to_lab(edit)[0].mean()) for edit in edits]))
    assert means[0] - means[1] >= 4
