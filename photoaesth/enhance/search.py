"""Find the parameters under which a photo scores best, without leaving the photograph behind."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from photoaesth.enhance.limits import Limits
from photoaesth.enhance.operations import PARAMETERS, apply, to_mapping, to_vector

REACH = {
    "temperature": 0.4,
    "tint": 0.2,
    "exposure": 1.0,
    "saturation": 0.4,
    "contrast": 0.4,
    "curve_shadows": 0.2,
    "curve_midtones": 0.2,
    "curve_highlights": 0.2,
}
"""The parameters that a search moves, and how far from their identity either way."""

ScoreFn = Callable[[Tensor], Tensor]
"""Scores `(B, 3, H, W)` sRGB images in [0, 1]; returns `(B,)`, higher is better."""

_COLUMNS = [[parameter.name for parameter in PARAMETERS].index(name) for name in REACH]
_BATCH = 8
_GENERATIONS = 7
_SHRINK = (0.75, 0.5, 0.25)
MAX_EVALUATIONS = 1 + _GENERATIONS * _BATCH + 1 + len(_SHRINK)
"""Images that `find_parameters` scores at most."""

# Separable natural evolution strategy (Wierstra et al. 2014, "Natural Evolution Strategies",
# algorithm 6) with mirrored samples. On 11 photos, scored by a CNN, 65 evaluations and no limits,
# it gained 0.48 of penalised score on average; the best of several coordinate searches with
# quadratic models gained 0.44 and the best of several diagonal CMA-ES 0.47. Adam through the
# network was level with CMA-ES on 22 photos, but needs gradients and cannot rank by limits.
_FIRST_SPREAD = 0.3
_SPREAD_RATE = 0.15

_FORBIDDEN = -1e6  # below whatever a score can be


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of a search.

    Attributes:
        parameters: values by name, all of `operations.PARAMETERS`.
        score_before: the photo's score as it is.
        score_after: its score with the parameters, on the small copy; never below
            `score_before`, and equal to it only at the identity.
    """

    parameters: dict[str, float]
    score_before: float
    score_after: float


@torch.no_grad()
def find_parameters(image: Tensor, score_fn: ScoreFn, *, restraint: float = 0.3) -> Found:
    """Maximise the score less `restraint` times the squared distance from the identity.

    Distance is measured with each parameter's reach as its unit: 1 is a slider pushed to its
    end. Candidates that break a limit (see `limits`) are not scored and rank behind all others,
    the worst last (Deb 2000, the feasibility rule). Deterministic as far as `score_fn` is.

    Args:
        image: `(3, h, w)` sRGB in [0, 1], a small copy at the size the score expects.
        score_fn: scores batches of at most `_BATCH` images, `MAX_EVALUATIONS` in all; needs no
            gradient.
        restraint: what pushing one slider to its end has to be worth, in score. The default is
            for scores on 1–10.

    Returns:
        The best candidate, or the identity when none is better.
    """
    trials = _Trials(image, score_fn, restraint)
    mean = _evolve(trials.rank)
    trials.rank(torch.stack([mean, *(trials.best * share for share in _SHRINK)]))
    return Found(_named(trials.best), trials.score_before, trials.best_score)


@torch.no_grad()
def confirm(found: Found, image: Tensor, score_fn: ScoreFn) -> Found:
    """Score what a search on a small copy found on a larger one.

    Args:
        found: outcome of `find_parameters`.
        image: `(3, H, W)` sRGB in [0, 1], the photo at the size at which scores compare.
        score_fn: as for the search; called once, with two images.

    Returns:
        The same parameters with the scores of the larger copy; the identity if they do not
        raise the score there.
    """
    both = torch.stack([to_vector({}), to_vector(found.parameters)])
    before, after = score_fn(apply(image.unsqueeze(0), both)).tolist()
    if after <= before:
        return Found(_named(torch.zeros(len(REACH))), before, before)
    return Found(found.parameters, before, after)


class _Trials:
    """Scores candidates and remembers the best; it starts with the identity as the best.

    A candidate is a row of sliders in [−1, 1], one for each parameter of `REACH`: its identity
    is 0.
    """

    def __init__(self, image: Tensor, score_fn: ScoreFn, restraint: float) -> None:
        self._image = image.unsqueeze(0)
        self._limits = Limits(image)
        self._score_fn = score_fn
        self._restraint = restraint
        self.score_before = float(score_fn(self._image)[0])
        self.best = torch.zeros(len(REACH))
        self.best_score = self._best_value = self.score_before

    def rank(self, sliders: Tensor) -> Tensor:
        """Return what `(B, S)` candidates are worth, `(B,)`; only the order means anything."""
        images = apply(self._image, _values(sliders))
        excess = self._limits.excess(images).cpu()
        allowed = excess <= 0
        scores = torch.full((len(sliders),), -math.inf)
        if allowed.any():
            scored = self._score_fn(images[allowed.to(images.device)]).float().cpu()
            scores[allowed] = scored.nan_to_num(nan=-math.inf)
        values = scores - self._restraint * sliders.square().sum(dim=1)
        top = int(values.argmax())
        if values[top] > self._best_value:
            self.best, self.best_score = sliders[top], float(scores[top])
            self._best_value = float(values[top])
        return torch.where(allowed, values, _FORBIDDEN - excess)


def _evolve(rank: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the sliders at which the natural evolution strategy ends, `(S,)`."""
    generator = torch.Generator().manual_seed(0)
    mean = torch.zeros(len(REACH))
    spread = torch.full_like(mean, _FIRST_SPREAD)
    # Utilities of the best to the worst of a batch (Wierstra et al. 2014, section 3.1).
    places = torch.arange(1, _BATCH + 1)
    utilities = (math.log(_BATCH / 2 + 1) - places.log()).clamp_min(0)
    utilities = utilities / utilities.sum() - 1 / _BATCH
    for _ in range(_GENERATIONS):
        half = torch.randn(_BATCH // 2, len(mean), generator=generator)
        directions = torch.cat([half, -half])
        order = rank((mean + spread * directions).clamp(-1, 1)).argsort(descending=True)
        ranked = directions[order]
        mean = (mean + spread * (utilities @ ranked)).clamp(-1, 1)
        spread = spread * torch.exp(_SPREAD_RATE * (utilities @ (ranked.square() - 1)))
    return mean


def _values(sliders: Tensor) -> Tensor:
    """Turn `(B, S)` sliders in [−1, 1] into rows for `apply`, the other parameters at rest."""
    rows = to_vector({}).repeat(len(sliders), 1)
    rows[:, _COLUMNS] += sliders * torch.tensor(list(REACH.values()))
    return rows


def _named(sliders: Tensor) -> dict[str, float]:
    """Name the values of all parameters that `(S,)` sliders stand for."""
    return to_mapping(_values(sliders.unsqueeze(0))[0])
