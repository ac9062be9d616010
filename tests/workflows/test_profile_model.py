"""Which model speaks for a profile."""

from dataclasses import replace

import numpy as np
import pytest

from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.personal import prior
from photoaesth.library import comparisons, models, scores
from photoaesth.library.database import Library, open_library
from photoaesth.workflows import profile_model as profile_model_workflow
from photoaesth.workflows.profile_model import profile_model, score_all


@pytest.fixture
def library(place):
    """A library of three photos, open."""
    place.add("a.jpg", "b.jpg", "c.jpg")
    place.index()
    with open_library(place.library) as opened:
        yield opened


def keep(library: Library, *, kept: str, crowd: str, **report: int) -> None:
    head = prior(load_crowd_model()).to_bytes() if kept == "personal" else None
    profile = comparisons.profile_id(library, "me")
    models.add_model(
        library, profile, crowd, method="personal", kept=kept, head=head, report=report
    )


def test_untrained_profile_uses_the_generic_model(library: Library) -> None:
    """Nobody's choices have shaped it, and the note says so; all profiles share it."""
    model = profile_model(library, "me")
    assert (model.personal, model.id) == (False, profile_model(library, "other").id)
    assert model.note == "profile 'me' is not trained yet; scores are the generic model's"


def test_trained_profile_uses_its_own(library: Library) -> None:
    """A kept head speaks, without a note, for its own profile only."""
    keep(library, kept="personal", crowd=load_crowd_model().name)
    assert (profile_model(library, "me").personal, profile_model(library, "me").note) == (True, "")
    assert not profile_model(library, "other").personal


def test_training_that_did_not_help_is_said(library: Library) -> None:
    """A profile whose choices did not beat the generic model uses that, with the reason."""
    for said in ({"direct": 40, "ratings": 0}, {"direct": 0, "ratings": 30}):
        keep(library, kept="generic", crowd=load_crowd_model().name, **said)
        model = profile_model(library, "me")
        assert not model.personal
        assert "did not beat the generic model" in model.note


def test_without_choices_none_are_blamed(library: Library) -> None:
    """Policies can be trained from retouches alone; then no choice has failed to beat anything."""
    keep(library, kept="generic", crowd=load_crowd_model().name, direct=0, ratings=0)
    note = profile_model(library, "me").note
    assert note == "profile 'me' has made no choices yet; scores are the generic model's"


def test_head_of_an_older_crowd_model_is_not_used(library: Library) -> None:
    """A head trained on another crowd model would misread embeddings; training again is asked."""
    keep(library, kept="personal", crowd="crowd-older")
    model = profile_model(library, "me")
    assert not model.personal
    assert "photoaesth train" in model.note


def test_every_photo_is_scored_once(library: Library) -> None:
    """Scores are those of the model's own prediction; a second call finds nothing to do."""
    model = profile_model(library, "me")
    assert score_all(library, model) == 3
    assert score_all(library, model) == 0
    rows = library.connection.execute("SELECT photo_id FROM embeddings ORDER BY id").fetchall()
    vectors = models.embeddings_of(library, [row[0] for row in rows], model.crowd.embedding_name)
    expected = model.predict(np.stack([vectors[row[0]] for row in rows]))
    known = scores.scores_by(library, model.id)
    assert known.scores.tolist() == pytest.approx(expected.score.tolist())
    assert known.sds.tolist() == pytest.approx(expected.sd.tolist())


def test_new_crowd_model_scores_anew(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """When only the head of the crowd model changes, embeddings stay and scores are made again."""
    score_all(library, profile_model(library, "me"))
    newer = replace(load_crowd_model(), name="crowd-newer")
    monkeypatch.setattr(profile_model_workflow, "load_crowd_model", lambda: newer)
    assert score_all(library, profile_model(library, "me")) == 3
