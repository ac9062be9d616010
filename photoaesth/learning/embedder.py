"""From images to stored embeddings: what is measured of them, projected."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel, load_crowd_model
from photoaesth.learning.device import resolve_device
from photoaesth.learning.engine import Engine, Measured, engine_available
from photoaesth.processes import available_cores

if TYPE_CHECKING:  # torch takes seconds to load, and the engine does without
    from photoaesth.learning.finetune.network import AestheticNetwork


class Embedder:
    """Computes embeddings on one device, by the shipped models unless others are given.

    The CPU has `engine.Engine`, all else torch, which loads when it is needed.

    Attributes:
        name: identifies the embedding space; embeddings of another name do not compare.
        device: the torch device.
    """

    def __init__(
        self,
        device: str = "auto",
        *,
        threads: int | None = None,
        crowd: CrowdModel | None = None,
        opinion: "AestheticNetwork | None" = None,
    ) -> None:
        """Choose device and models.

        Args:
            device: one of `device.DEVICES`.
            threads: of the CPU, to measure with; all there are unless given.
            crowd: whose projection to use.
            opinion: the second opinion, which the engine knows only as shipped.

        Raises:
            UsageError: this machine has no such device.
            PhotoaesthError: a shipped model is missing or damaged.
        """
        self.device = resolve_device(device)
        crowd = crowd or load_crowd_model()
        self.name = crowd.embedding_name
        self._threads = threads
        self._opinion = opinion
        self._projection = crowd.projection

    def embed(self, inputs: Sequence[NDArray[np.uint8]]) -> NDArray[np.float16]:
        """Return `(N, D)` float16 embeddings of N arrays from `model_input.model_input`."""
        if not inputs:
            return np.empty((0, self._projection.size), np.float16)
        return self.embed_and_classify(inputs)[0]

    def embed_and_classify(
        self, inputs: Sequence[NDArray[np.uint8]]
    ) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
        """Return embeddings, and what ImageNet's classifier makes of the same photos.

        Args:
            inputs: N arrays from `model_input.model_input`, at least one.

        Returns:
            `(N, D)` float16 embeddings and `(N, 1000)` float32 logits of ImageNet's classes.
        """
        measured = self._measure(inputs)
        return self._projection(measured.features, measured.opinions), measured.classes

    @cached_property
    def _measure(self) -> Callable[[Sequence[NDArray[np.uint8]]], Measured]:
        if self.device == "cpu" and self._opinion is None and engine_available():
            return Engine(self._threads or available_cores())
        from photoaesth.learning.torch_measure import TorchMeasure

        return TorchMeasure(self.device, opinion=self._opinion, threads=self._threads)
