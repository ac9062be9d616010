"""Training losses."""

from torch import Tensor


def squared_emd(predicted: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared earth mover's distance of score distributions.

    Σ over the bins of (CDF_p - CDF_q)² / 10, averaged over photos: the square of the loss of
    Talebi & Milanfar 2018 (NIMA), eq. 2 with r = 2, which Zhou et al. 2021 use as eq. 1.

    Args:
        predicted: `(N, 10)` probabilities.
        target: `(N, 10)` probabilities.

    Returns:
        A scalar.
    """
    return (predicted.cumsum(1) - target.cumsum(1)).square().mean()
