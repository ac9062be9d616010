"""Find parameters under which a photo is worth more, near to where the search begins."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.enhance.limits import Limits
from photoaesth.enhance.operations import PARAMETERS, apply, to_vector
from photoaesth.enhance.sliders import HIGH, LOW

# Of the same visible difference, tones have shorter reaches than colours: crowds want nearly all
# photos harder and brighter, while what people want of colours is their own.
LIGHT_REACH = {
    "exposure": 0.5,
    "contrast": 0.2,
    "highlights": 0.06,
    "shadows": 0.06,
    "blacks": 0.04,
}
"""The parameters of light that a search moves, and how far from its start either way."""

COLOR_REACH = {"temperature": 0.5, "tint": 0.1, "vibrance": 0.5, "saturation": 0.5}
"""Those of colour."""

HAZE_REACH = {"dehaze": 0.3}
"""That of haze."""

WorthFn = Callable[[Tensor], NDArray[np.floating[Any]] | Tensor]
"""What `(B, 3, h, w)` sRGB images in [0, 1] are worth in points, `(B,)`; higher is better."""

_PROBE = 0.5  # of the reach: so wide that the roughness of a network averages out
_TRIES = 6
_HARDLY = 0.1  # of a slider's reach
_BACK = 0.5  # how much of an edit is left after one that was worth too little
_PLACES = {parameter.name: place for place, parameter in enumerate(PARAMETERS)}


def most_evaluations(reach: Mapping[str, float]) -> int:
    """Return how many images `find_parameters` has valued at most."""
    return 1 + 2 * len(reach) + _TRIES


@torch.no_grad()
def find_parameters(
    image: Tensor,
    worth_fn: WorthFn,
    *,
    reach: Mapping[str, float],
    restraint: float,
    start: Tensor | None = None,
) -> Tensor:
    """Maximise the worth less `restraint` times the squared distance from the start.

    Distance is measured with each parameter's reach as its unit: 1 is a slider pushed to its
    end. First every slider is moved alone, to either side, and a parabola through the three worths
    tells where it should go. Then all go there together, and less far as long as that breaks a
    limit (see `limits`) or is worth no more than the start; when a limit of colours is broken, they
    go back first. Deterministic as far as `worth_fn` is.

    Args:
        image: `(3, h, w)` sRGB in [0, 1], a small copy at the size the worth expects.
        worth_fn: values batches of images, `most_evaluations(reach)` in all; needs no gradient.
        reach: which parameters may move, and how far from the start.
        restraint: what pushing one slider to its end has to be worth, in points; above 0.
        start: `(P,)` parameters to begin at; the identity unless given. The limits hold what the
            search adds to them.

    Returns:
        `(P,)` parameters, `start` where nothing better was found.
    """
    start = to_vector({}) if start is None else start
    image, rest = _first_operations(image.unsqueeze(0), start, reach)
    sliders = _Sliders(start, reach)
    begun = apply(image, rest.unsqueeze(0))
    probes = [apply(begun, row.unsqueeze(0)) for row in sliders.probes()]
    worths = torch.as_tensor(worth_fn(torch.cat([begun, *probes]))).float()
    wanted = _vertices(worths[1:] - worths[0], restraint)
    limits = Limits(begun[0])
    colors = torch.tensor([name in COLOR_REACH for name in reach])
    for _ in range(_TRIES):
        parameters = sliders.parameters(wanted)
        candidate = apply(image, (rest + parameters - start).unsqueeze(0))
        excess = limits.excess(candidate)
        if excess.any > 0:
            wanted = wanted * _allowed_share(excess.any)
        elif excess.color > 0:
            share = _allowed_share(excess.color)
            # Light and haze can empty a channel too: where colours hardly move, all go back.
            moving = bool((wanted[colors].abs() > _HARDLY).any())
            wanted = torch.where(colors, wanted * share, wanted) if moving else wanted * share
        elif float(worth_fn(candidate)[0]) - restraint * wanted.square().sum() > worths[0]:
            return parameters
        else:
            wanted = wanted * _BACK
    return start


def _allowed_share(excess: Tensor) -> Tensor:
    """Return how much of an edit should keep a limit: measures grow about as edits do."""
    return (0.9 / (1 + excess)).clamp(0.2, 0.8)


def _first_operations(
    image: Tensor, start: Tensor, reach: Mapping[str, float]
) -> tuple[Tensor, Tensor]:
    """Run the operations before the first that moves, which are the same for all candidates.

    Returns:
        The image after them, and the `(P,)` parameters of the others.
    """
    earlier = torch.arange(len(start)) < min(_PLACES[name] for name in reach)
    identity = to_vector({})
    image = apply(image, torch.where(earlier, start, identity).unsqueeze(0))
    return image, torch.where(earlier, identity, start)


def _vertices(gains: Tensor, restraint: float) -> Tensor:
    """Return where each slider's worth is greatest, `(S,)` in [−1, 1].

    Args:
        gains: `(2 S,)` what the probes gain over the start, the one above before the one below;
            a slider with one that is no number stays where it is.
        restraint: as for `find_parameters`.
    """
    above, below = gains[0::2], gains[1::2]
    slope = (above - below) / (2 * _PROBE)
    # A parabola that opens upwards is more often the network's roughness than a wish.
    curvature = ((above + below) / _PROBE**2).clamp_max(0) - 2 * restraint
    return (-slope / curvature).nan_to_num(0).clamp(-1, 1)


class _Sliders:
    """Parameters in units of their reach from the start."""

    def __init__(self, start: Tensor, reach: Mapping[str, float]) -> None:
        self._start = start
        self._ends = torch.zeros(len(reach), len(PARAMETERS))
        for row, (name, extent) in enumerate(reach.items()):
            self._ends[row, _PLACES[name]] = extent

    def probes(self) -> Tensor:
        """Return `(2 S, P)` parameters that move each slider alone, above and below.

        They are meant for the picture as it is at the start. One operation on top of those already
        made takes less time than all of them anew, and tells the same of its direction.
        """
        steps = torch.stack([self._ends, -self._ends], dim=1).flatten(0, 1)
        return to_vector({}) + _PROBE * steps

    def parameters(self, sliders: Tensor) -> Tensor:
        """Return the `(P,)` parameters that `(S,)` sliders in [−1, 1] stand for."""
        return torch.clamp(self._start + sliders @ self._ends, LOW, HIGH)
