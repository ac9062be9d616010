"""MPADA: patches judged one by one, the misjudged ones trained hardest (Z21 [20]).

Sheng, Dong, Ma, Mei, Huang & Hu 2018, "Attention-based multi-patch aggregation for image
aesthetic assessment": a network sees patches, training weighs each patch of a photo by how badly
it is judged so far (the adaptive scheme, MP_ada), and a photo's score is the average over its
patches. Here patches are windows of the backbone's deepest stage, which costs one pass per
photo instead of one per patch, and label and loss are the ten-bin distribution and its EMD.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.backbone import Backbone, load_backbone
from photoaesth.learning.evaluation.baselines.inputs import rated_photos, standardised
from photoaesth.learning.evaluation.baselines.softmax_head import distribution_learner
from photoaesth.learning.evaluation.method import Fold, Learner
from photoaesth.learning.evaluation.pictures import read_photo
from photoaesth.learning.features import POOLED_STAGES
from photoaesth.learning.model_input import model_input

WINDOWS = 3  # along each side; every window covers half of it, so neighbours overlap
_ATTENTION = 0.5


def prepare(fold: Fold) -> Learner:
    """Measure the patches, train on the crowd's distributions and return the learner.

    Raises:
        PhotoaesthError: the fold has no ratings, or a photo cannot be read.
    """
    rated = rated_photos(fold, "mpada")
    patches = standardised(patch_features(fold.paths, fold.device), rated.photo)
    return distribution_learner(fold, rated, patches, attention=_ATTENTION)


@lru_cache(maxsize=1)  # the folds of one evaluation differ in ratings, not in photos
def patch_features(paths: tuple[Path, ...], device: str) -> NDArray[np.float32]:
    """Return `(N, WINDOWS², C)` features: the deepest stage's channel means in each window.

    Raises:
        PhotoaesthError: a photo cannot be read.
    """
    backbone = load_backbone(device)
    with torch.inference_mode():
        return np.stack([_windows(backbone, path, device).cpu().numpy() for path in paths])


def _windows(backbone: Backbone, path: Path, device: str) -> Tensor:
    batch = torch.from_numpy(model_input(read_photo(path))[None].copy()).to(device)
    images = batch.permute(0, 3, 1, 2).float().div_(255)
    return window_means(backbone(images)[POOLED_STAGES[-1]][0])


def window_means(feature_map: Tensor) -> Tensor:
    """Return `(WINDOWS², C)` means of a `(C, h, w)` map over windows of half its sides.

    The windows start at equal steps from one border to the other; row by row.
    """
    _, height, width = feature_map.shape
    tall, wide = (height + 1) // 2, (width + 1) // 2
    tops = torch.linspace(0, height - tall, WINDOWS).round().int().tolist()
    lefts = torch.linspace(0, width - wide, WINDOWS).round().int().tolist()
    windows = [feature_map[:, y : y + tall, x : x + wide] for y in tops for x in lefts]
    return torch.stack([window.mean(dim=(1, 2)) for window in windows])
