"""Training the policies: who is used, what is said, and that it goes on where it stopped."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from photoaesth.enhance.policy import load_starter
from photoaesth.enhance.policy import training as policy_training
from photoaesth.enhance.policy.training import improve
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.personal import prior
from photoaesth.library import comparisons, models, policies, ratings, retouches
from photoaesth.library.database import open_library
from photoaesth.library.retouches import NewOrder, NewRetouch
from photoaesth.workflows import train as train_workflow
from photoaesth.workflows.enhance import proposing
from photoaesth.workflows.policies import alternation, enhancement_policy, training
from photoaesth.workflows.policies.alternation import Alternation
from photoaesth.workflows.policies.material import deal
from photoaesth.workflows.rank import Query, rank
from photoaesth.workflows.status import status
from photoaesth.workflows.train import train

TASTE = (3.0, -3, 1, 0, 0, 0)
LOOK = {"exposure": 0.6, "temperature": 0.3}


def edits(photos: Sequence[int], **rated: float) -> list[NewRetouch]:
    """Retouches in one look."""
    before, after = rated.get("before"), rated.get("after")
    return [NewRetouch(photo, "round", LOOK, before, after) for photo in photos]


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a policy, photos stay as they are: the real search is tested by itself."""
    monkeypatch.setattr(training, "_enhance_without_policy", lambda *_: lambda edit: {})


def orders_of(studio: Any, count: int, weights: Sequence[float]) -> list[list[int]]:
    """The photos dealt into lists, each in the order of somebody with these weights."""
    utility = studio.utility(weights)
    parts = [studio.ids[start::count] for start in range(count)]
    return [sorted(part, key=utility.__getitem__, reverse=True) for part in parts]


def store_orders(library_path: Path, *orders: Sequence[int]) -> None:
    """Store orders, each of a round of its own."""
    new = [NewOrder(photos, f"order {place}") for place, photos in enumerate(orders)]
    with open_library(library_path) as library:
        number = comparisons.profile_id(library, "me")
        retouches.add_orders(library, number, new, source="rerank")


def test_there_must_be_something_to_learn_from(darkroom: Any) -> None:
    """One line names both commands."""
    with pytest.raises(PhotoaesthError, match=r"no retouches.*photoaesth retouch.*rerank"):
        darkroom.train()


def test_too_few_of_both_train_nothing(darkroom: Any, untouched: None) -> None:
    """Nine retouches and three orders are counted, and that is all."""
    darkroom.retouch(edits(darkroom.ids[:9]))
    store_orders(darkroom.library, *(darkroom.ids[n : n + 4] for n in (0, 4, 8)))
    report = darkroom.train()
    found = report.policies
    assert (report.method, report.kept) == ("policies", "generic")
    assert (found.retouches, found.orders, found.rounds) == (9, 3, ())
    assert (found.enhancement, found.ranking) == (None, None)
    with open_library(darkroom.library) as library:
        assert enhancement_policy(library, "me") is None


def test_a_consistent_look_is_learned_and_used(
    darkroom: Any, untouched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy comes near to held-out edits, is kept, and told of by `status`."""
    monkeypatch.setattr(policy_training, "improve", improve)
    monkeypatch.setattr(alternation, "_UPDATES", 1)
    monkeypatch.setattr(training, "ROUNDS", 1)
    darkroom.retouch(edits(darkroom.ids[:10]))
    found = darkroom.train().policies
    assert found.enhancement_kept
    assert found.ranking is None
    assert found.enhancement.retouches == 10
    assert found.enhancement.policy < 0.3 * found.enhancement.untouched
    assert found.enhancement.without == pytest.approx(found.enhancement.untouched)
    (only,) = found.rounds
    assert (only.delta_e, only.tau) == (found.enhancement.policy, None)
    assert status(darkroom.library, "me").enhancement_policy
    with open_library(darkroom.library) as library:
        assert enhancement_policy(library, "me") is not None
        assert enhancement_policy(library, "somebody else") is None


def test_a_policy_that_is_no_nearer_is_not_used(
    darkroom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where `enhance` does exactly what the photographer did, no policy takes its place."""
    monkeypatch.setattr(
        training, "_enhance_without_policy", lambda *_: lambda edit: edit.parameters
    )
    darkroom.retouch(edits(darkroom.ids[:10]))
    found = darkroom.train().policies
    assert not found.enhancement_kept
    assert found.enhancement.without < 1e-3 < found.enhancement.policy
    assert not status(darkroom.library, "me").enhancement_policy


def test_a_fold_may_hide_every_retouch(darkroom: Any, untouched: None) -> None:
    """All were made of the photos of one order: held out, they are met by the starter policy."""
    darkroom.retouch(edits(darkroom.ids[:10]))
    store_orders(darkroom.library, darkroom.ids[:10])
    found = darkroom.train().policies
    assert found.enhancement.retouches == 10
    assert found.enhancement.policy > 1


def test_orders_are_learned_and_rank_follows(studio: Any) -> None:
    """Held-out orders are met better than without, and the ranking is the policy's."""
    store_orders(studio.library, *orders_of(studio, 8, TASTE))
    report = train(studio.library, "me", method="policies", device="cpu")
    found = report.policies
    assert (report.kept, found.ranking_kept, found.ranking.orders) == ("policies", True, 8)
    assert found.ranking.policy > found.ranking.without + 0.2
    assert (found.enhancement, found.enhancement_kept) == (None, False)
    utility = studio.utility(TASTE)
    ranked = [
        utility[photo.photo.id] for photo in rank(studio.library, "me", Query(count=99)).photos
    ]
    assert np.mean(ranked[:10]) > np.mean(ranked) > np.mean(ranked[-10:])
    assert status(studio.library, "me").model == "policies"


def test_orders_that_contradict_each_other_are_not_followed(studio: Any) -> None:
    """What half the orders teach is wrong of the other half, and held-out ones show it."""
    lists = orders_of(studio, 8, TASTE)
    store_orders(studio.library, *lists[:4], *(one[::-1] for one in lists[4:]))
    report = train(studio.library, "me", method="policies", device="cpu")
    assert report.policies.ranking.policy < report.policies.ranking.without
    assert (report.kept, report.policies.ranking_kept) == ("generic", False)
    assert not rank(studio.library, "me", Query(count=1)).personal


def test_a_second_training_starts_where_the_first_did(
    studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`enhance` without a policy follows no ranking policy of a training before."""
    heads = []
    real = training._enhance_without_policy
    monkeypatch.setattr(
        training, "_enhance_without_policy", lambda *a: heads.append(a[2].to_bytes()) or real(*a)
    )
    store_orders(studio.library, *orders_of(studio, 8, TASTE))
    reports = [train(studio.library, "me", method="policies", device="cpu") for _ in range(2)]
    assert [report.kept for report in reports] == ["policies", "policies"]
    assert reports[0] == reports[1]
    assert heads == [prior(studio.crowd).to_bytes()] * 2


def test_the_baseline_scores_by_the_model_it_is_given(
    darkroom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by the one in use."""
    used = []
    monkeypatch.setattr(proposing, "ImageScorer", lambda crowd, head, device: used.append(head))
    head = prior(load_crowd_model())
    with open_library(darkroom.library) as library:
        training._enhance_without_policy(library, "me", head, "cpu")
        proposing.Proposer(library, "me", device="cpu")
    assert used[0] is head
    assert used[1] is not head


def tune(studio: Any) -> int:
    """Keep a network for the profile; return the number of its model."""
    head, crowd = prior(studio.crowd).to_bytes(), studio.crowd.name
    with open_library(studio.library) as library:
        number = comparisons.profile_id(library, "me")
        kept = models.add_model(
            library, number, crowd, method="finetune", kept="finetune", head=head, network=b"net"
        )
    return kept.id


def test_a_network_in_use_outlives_policies_that_are_not_kept(
    studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on scoring, as no ranking policy takes its place."""
    monkeypatch.setattr(train_workflow, "score_all", lambda library, model, **options: 0)
    network = tune(studio)
    store_orders(studio.library, *orders_of(studio, 3, TASTE))
    report = train(studio.library, "me", method="policies", device="cpu")
    assert (report.kept, report.method, report.note) == ("finetune", "policies", "")
    with open_library(studio.library) as library:
        stored = models.latest_model(library, comparisons.profile_id(library, "me"))
        assert (stored.id, stored.kept) == (network, "finetune")
        assert models.network_of(library, network) == b"net"


def test_a_ranking_policy_that_takes_the_place_of_a_network_says_so(studio: Any) -> None:
    """One line tells that the network is gone."""
    network = tune(studio)
    store_orders(studio.library, *orders_of(studio, 8, TASTE))
    report = train(studio.library, "me", method="policies", device="cpu")
    assert report.kept == "policies"
    assert report.note == "the ranking policy takes the place of the fine-tuned network"
    with open_library(studio.library) as library:
        assert models.network_of(library, network) == b""


def test_a_kill_before_the_model_is_kept_loses_nothing(
    studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rounds are still there, and the same training ends from them without playing any."""
    store_orders(studio.library, *orders_of(studio, 8, TASTE))
    with monkeypatch.context() as patch:
        patch.setattr(train_workflow, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            train(studio.library, "me", method="policies", device="cpu")
        patch.undo()
    monkeypatch.setattr(Alternation, "play", killed)
    assert train(studio.library, "me", method="policies", device="cpu").kept == "policies"


def killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_photos_that_are_not_there_are_counted(studio: Any) -> None:
    """Retouches of photos that cannot be read now are left out, and the rest goes on."""
    with open_library(studio.library) as library:
        number = comparisons.profile_id(library, "me")
        retouches.add_retouches(library, number, edits(studio.ids[:12]), source="retouch")
    report = train(studio.library, "me", method="policies", device="cpu")
    assert (report.policies.retouches, report.policies.unusable) == (0, 12)


def test_a_plain_training_keeps_the_enhancement_policy(darkroom: Any, untouched: None) -> None:
    """It replaces the ranking policy only."""
    darkroom.retouch(edits(darkroom.ids[:10], before=0.3, after=0.9))
    store_orders(darkroom.library, *(darkroom.ids[n : n + 4] for n in range(0, 16, 4)))
    assert darkroom.train().policies.enhancement_kept
    with open_library(darkroom.library) as library:
        number = comparisons.profile_id(library, "me")
        values = {photo: place / 30 for place, photo in enumerate(darkroom.ids)}
        ratings.set_ratings(library, number, values, source="rerank")
    assert train(darkroom.library, "me").policies is None
    with open_library(darkroom.library) as library:
        assert models.latest_model(library, number).kept != "policies"
        assert enhancement_policy(library, "me") is not None


def test_interrupted_it_goes_on_after_the_last_round(
    darkroom: Any, untouched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finished rounds are not played again, and the outcome is that of one go."""
    darkroom.retouch(edits(darkroom.ids[:10], before=0.3, after=0.9))
    store_orders(darkroom.library, *(darkroom.ids[n : n + 4] for n in range(0, 16, 4)))
    played = []
    real = Alternation.play

    def play(self: Alternation, number: int, *rest: Any) -> Any:
        if len(played) == 3:
            raise KeyboardInterrupt
        played.append(number)
        return real(self, number, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Alternation, "play", play)
        with pytest.raises(KeyboardInterrupt):
            darkroom.train()
        assert played == [1, 2, 1]
        played[:] = [0, 0]
        patch.setattr(Alternation, "play", lambda *a: played.append(a[1]) or real(*a))
        gone_on = darkroom.train().policies
        assert played == [0, 0, 2, 1, 2]
    assert gone_on == darkroom.train().policies
    with open_library(darkroom.library) as library:
        number = comparisons.profile_id(library, "me")
        left = library.connection.execute("SELECT count(*) FROM policy_rounds").fetchone()
        assert (left, policies.rounds(library, number, "any", 0)) == ((0,), [])


@pytest.mark.parametrize("change", ["folds", "damage"])
def test_rounds_that_do_not_fit_are_played_again(
    darkroom: Any, untouched: None, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """They saw what is now held out, or were written by another version."""
    darkroom.retouch(edits(darkroom.ids[:10]))
    played: list[int] = []
    real = Alternation.play
    monkeypatch.setattr(Alternation, "play", lambda *a: played.append(a[1]) or real(*a))
    with monkeypatch.context() as patch:
        patch.setattr(train_workflow, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            darkroom.train()
    whole = list(played)
    assert whole[:4] == [1, 2, 1, 2]
    played.clear()
    if change == "folds":
        monkeypatch.setattr(training, "deal", lambda *a, **seed: deal(*a, **seed)[::-1])
        darkroom.train()
        assert played[:4] == [1, 2, 1, 2]
    else:
        with open_library(darkroom.library) as library:
            library.connection.execute(
                "UPDATE policy_rounds SET enhancement = x'00' WHERE part = 1 AND round = 1"
            )
            library.connection.execute(
                "UPDATE policy_rounds SET head = x'00' WHERE part = 2 AND round = 2"
            )
        darkroom.train()
        assert played == [1, 2, 2]


def test_a_policy_of_another_version_is_passed_over(darkroom: Any) -> None:
    """Nothing that asks for it stops."""
    space = load_crowd_model().embedding_name
    with open_library(darkroom.library) as library:
        number = comparisons.profile_id(library, "me")
        for data in (b"", b"damaged", load_starter().to_bytes()[:-9], save({"w": torch.ones(2)})):
            policies.add_policies(library, number, space, enhancement=data, report={})
            assert enhancement_policy(library, "me") is None


def test_the_reward_curve_is_stored(
    darkroom: Any, untouched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each update of each round of each policy, as the actor-critic told it."""
    monkeypatch.setattr(policy_training, "improve", improve_by_half_a_point)
    darkroom.retouch(edits(darkroom.ids[:10]))
    darkroom.train()
    with open_library(darkroom.library) as library:
        (stored,) = library.connection.execute("SELECT report FROM policies").fetchone()
    report = json.loads(stored)
    assert report["retouches"] == 10
    assert report["reward_curve"] == [
        {"part": part, "round": number, "update": update, "gained": update / 2}
        for part in (1, 2, 0)
        for number in (1, 2)
        for update in (1, 2)
    ]


def improve_by_half_a_point(policy: Any, *_: Any, on_update: Any, **options: Any) -> Any:
    """Two updates that change nothing."""
    for done in (1, 2):
        on_update(done, 2, done / 2)
    return policy


def test_ratings_of_rounds_teach_the_plain_training(darkroom: Any) -> None:
    """What was rated while retouching and reranking is evidence for `train` by itself."""
    with open_library(darkroom.library) as library:
        number = comparisons.profile_id(library, "me")
        values = {photo: place / 30 for place, photo in enumerate(darkroom.ids)}
        ratings.set_ratings(library, number, values, source="rerank")
    report = train(darkroom.library, "me", method="personal")
    assert (report.ratings, report.direct) == (len(darkroom.ids), 0)
