"""What holds for every baseline."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.baselines import METHODS
from photoaesth.learning.evaluation.method import Choices, Fold

from .conftest import COMPARED, World, agreement

NEED_RATINGS = ("nima", "mpada", "mlsp", "fpmf", "rankiqa")
every_method = pytest.mark.parametrize("name", METHODS)


def answers(world: World, outcomes: list[float]) -> Choices:
    """As many answers about pairs of one and the same two photos."""
    count = len(outcomes)
    left, right = np.full(count, COMPARED[0]), np.full(count, COMPARED[1])
    return Choices(COMPARED, left, right, np.array(outcomes))


def swapped(choices: Choices) -> Choices:
    """The same answers, left and right swapped."""
    return Choices(choices.shots, choices.right, choices.left, 1 - choices.outcomes)


def opposite(choices: Choices) -> Choices:
    """The same questions, answered the other way."""
    return replace(choices, outcomes=1 - choices.outcomes)


@every_method
def test_a_hundred_choices_teach_the_taste(name: str, world: World) -> None:
    """Photos that nobody has judged are put in about the order of the person's taste."""
    learned = METHODS[name](world.fold)(world.choose(100))
    assert agreement(learned, world.person) > 0.57


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"r-svm"}))
def test_it_is_the_choices_that_teach(name: str, world: World) -> None:
    """Agreement rises above that without choices, and falls below with the opposite answers."""
    learn = METHODS[name](world.fold)
    without, taught, misled = (
        agreement(learn(choices), world.person)
        for choices in (world.choose(0), world.choose(100), opposite(world.choose(100)))
    )
    assert misled + 0.1 < without < taught - 0.08


def test_r_svm_refuses_to_learn_from_nothing(world: World) -> None:
    """It knows no crowd, so without choices it has nothing to say."""
    with pytest.raises(PhotoaesthError, match="r-svm needs at least one choice"):
        METHODS["r-svm"](world.fold)(world.choose(0))


@pytest.mark.parametrize("name", NEED_RATINGS)
def test_without_choices_the_crowd_is_followed(name: str, world: World) -> None:
    """What was learned from ratings orders photos as the crowd would."""
    learned = METHODS[name](world.fold)(world.choose(0))
    assert agreement(learned, world.crowd) > 0.7


@every_method
def test_the_same_fold_and_choices_give_the_same_scores(name: str, world: World) -> None:
    """Nothing but the fold's seed decides what is drawn."""
    choices = world.choose(30)
    first, second = (METHODS[name](world.fold)(choices).score for _ in range(2))
    np.testing.assert_array_equal(first, second)


@every_method
@pytest.mark.parametrize("outcomes", [[1.0], [0.0], [0.5], [0.5, 0.5, 0.5]])
def test_next_to_nothing_is_enough(name: str, outcomes: list[float], world: World) -> None:
    """One choice, or ties alone, give every photo a finite score."""
    score = METHODS[name](world.fold)(answers(world, outcomes)).score
    assert score.shape == (120,)
    assert np.isfinite(score).all()


@every_method
def test_two_ties_are_a_choice_each_way(name: str, world: World) -> None:
    """A tie counts as half a choice for either photo."""
    learn = METHODS[name](world.fold)
    ties = learn(answers(world, [0.5, 0.5])).score
    one_each = learn(answers(world, [1.0, 0.0])).score
    np.testing.assert_allclose(ties, one_each, atol=1e-3)


@every_method
def test_a_tie_lies_between_the_two_answers(name: str, world: World) -> None:
    """The left photo leads by most where it won, by least where it lost."""
    learn = METHODS[name](world.fold)

    def lead(outcome: float) -> float:
        score = learn(answers(world, [outcome])).score
        return float(score[COMPARED[0]] - score[COMPARED[1]])

    assert lead(0.0) < lead(0.5) < lead(1.0)


@every_method
def test_sides_do_not_matter(name: str, world: World) -> None:
    """The same answers with left and right swapped teach the same."""
    learn = METHODS[name](world.fold)
    choices = world.choose(40)
    choices.outcomes[:10] = 0.5
    np.testing.assert_allclose(learn(choices).score, learn(swapped(choices)).score, atol=1e-2)


@pytest.mark.parametrize("name", NEED_RATINGS)
def test_methods_that_learn_from_ratings_refuse_without(name: str, unrated: Fold) -> None:
    """The one line names the method and the option that brings ratings."""
    with pytest.raises(PhotoaesthError, match=rf"^{name} .*--crowd-ratings") as caught:
        METHODS[name](unrated)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(METHODS.keys() - set(NEED_RATINGS)))
def test_the_others_do_without_ratings(name: str, unrated: Fold, world: World) -> None:
    """With the shipped crowd model, choices alone teach the taste."""
    learned = METHODS[name](unrated)(world.choose(100))
    assert agreement(learned, world.person) > 0.6


@pytest.mark.parametrize("name", NEED_RATINGS)
def test_the_ratings_scale_does_not_matter(name: str, world: World) -> None:
    """Ratings from 1 to 7 and the same from 0 to 60 teach the same."""
    given = world.fold.ratings
    other = replace(world.fold, ratings=replace(given, score=10 * (given.score - 1)))
    choices = world.choose(20)
    scores = [METHODS[name](fold)(choices).score for fold in (world.fold, other)]
    np.testing.assert_allclose(*scores, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "module", "shown"),
    [
        ("r-svm", "sklearn.svm", "scikit-learn"),
        ("pam", "sklearn.svm", "scikit-learn"),
        ("mlsp", "sklearn.linear_model", "scikit-learn"),
        ("r-svr", "scipy.optimize", "SciPy"),
    ],
)
def test_a_missing_library_is_named_with_the_extra(
    name: str, module: str, shown: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default install has neither; the message says what brings it."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PhotoaesthError, match=rf"{shown} is not installed.*photoaesth\[eval\]"):
        METHODS[name](world.fold)


def test_naming_the_methods_loads_no_heavy_library() -> None:
    """The table of methods is there before torch, SciPy or scikit-learn are."""
    code = (
        "import sys; from photoaesth.learning.evaluation.baselines import METHODS; "
        "print(len(METHODS), {'torch', 'sklearn', 'scipy', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["8", "set()"]
