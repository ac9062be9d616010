"""Contents from the classes of ImageNet."""

import json
from pathlib import Path

import numpy as np
import pytest
from timm.data import ImageNetInfo

from photoaesth.attributes import CONTENTS
from photoaesth.attributes.contents import (
    TABLE_FILE,
    load_recogniser,
    load_table,
    summed_odds,
)
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input

DATA = Path(__file__).parents[3] / "shared" / "data" / "oasis-beauty" / "photos"
BY_EYE = json.loads(Path(__file__).with_name("labels_by_eye.json").read_text("utf-8"))["contents"]


def names() -> list[str]:
    return [line.split("\t")[0] for line in TABLE_FILE.read_text("utf-8").splitlines()]


def test_the_table_is_in_imagenet_s_order() -> None:
    """Line n is class n of the backbone's classifier, by timm's list of names."""
    theirs = ImageNetInfo()
    expected = [theirs.index_to_description(number).split(", ")[0] for number in range(1000)]
    assert names() == expected


def test_only_contents_are_named() -> None:
    """Every word of the table is one of the contents, and each of these has classes."""
    words = {
        word
        for line in TABLE_FILE.read_text("utf-8").splitlines()
        for word in line.split("\t")[1].split(", ")
    }
    assert words - {""} == set(CONTENTS)
    assert load_table().shape == (len(CONTENTS), 1000)


def test_odds_of_a_sum() -> None:
    """Two classes of a content with a quarter each have even odds; ten thousand to one at most."""
    logits = np.full((1, 1000), -50.0)
    logits[0, :4] = 0
    table = np.zeros((2, 1000), bool)
    table[0, :2] = True
    assert summed_odds(logits, table)[0] == pytest.approx([0, -np.log(9999)])


def test_a_sure_class_is_found() -> None:
    """A tabby is a cat and an animal and no dog; a beagle is a dog; a pizza is food."""
    found = load_recogniser()(15 * np.eye(1000, dtype=np.float32))
    for name, yes, no in (
        ("tabby", ("cats", "animals"), ("dogs", "birds")),
        ("beagle", ("dogs", "animals"), ("cats",)),
        ("pizza", ("food",), ("vehicles",)),
        ("goldfinch", ("birds", "animals"), ("cats",)),
    ):
        row = dict(zip(CONTENTS, found[names().index(name)], strict=True))
        assert all(row[content] > 0.5 for content in yes)
        assert all(row[content] < 0.5 for content in no)


@pytest.mark.shared_data
@pytest.mark.skipif(not DATA.is_dir(), reason="the development photos are not beside the checkout")
def test_real_photos() -> None:
    """Of every fourth photo, nine in ten answers about each content are what an eye says."""
    paths = sorted(DATA.glob("*.jpg"))[::4]
    inputs = [model_input(decode(path, min_side=DECODED_SIDE).image) for path in paths]
    found = load_recogniser()(Embedder("cpu").embed_and_classify(inputs)[1]) > 0.5
    for content, said in zip(CONTENTS, found.T, strict=True):
        clear = [path.stem not in BY_EYE[content]["maybe"] for path in paths]
        truth = [path.stem in BY_EYE[content]["yes"] for path in paths]
        assert (said == truth)[clear].mean() > 0.9, content
