"""The network of Zhou et al. 2021 (Z21), §3.2.2: two attention modules over three feature maps."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from photoaesth.learning.distribution import SCORES
from photoaesth.learning.finetune.options import BackboneName, FinetuneOptions
from photoaesth.learning.finetune.stages import load_stages

_ATTENTION_CHANNELS = 64
_FEATURE_LIMIT = 6.0  # standard deviations: an odd picture must not saturate the softmax


class Attention(nn.Module):
    """Averages a feature map with weights that depend on place and on the whole picture.

    Z21 leaves open how Z₃ takes part; this is the additive attention of Jetley et al. 2018
    ("Learn to pay attention", §3.1 and 3.3): the weights are a softmax, over all places, of a
    convolutional function of the local features and of the coarse map.
    """

    def __init__(self, channels: int, coarse_channels: int) -> None:
        super().__init__()
        self.local = nn.Conv2d(channels, _ATTENTION_CHANNELS, 1)
        self.coarse = nn.Conv2d(coarse_channels, _ATTENTION_CHANNELS, 1, bias=False)
        self.weight = nn.Conv2d(_ATTENTION_CHANNELS, 1, 1, bias=False)
        nn.init.zeros_(self.weight.weight)  # every place counts the same until learned otherwise

    def forward(self, features: Tensor, coarse: Tensor) -> Tensor:
        """Return the `(N, C)` average of `(N, C, h, w)` features, given `(N, K, h', w')`."""
        context = functional.interpolate(self.coarse(coarse), size=features.shape[-2:])
        relevance = self.weight(functional.relu(self.local(features) + context))
        weights = relevance.flatten(2).float().softmax(2)
        # No matrix product: autocast would round the result to bfloat16.
        average: Tensor = (features.flatten(2).float() * weights).sum(2)
        return average


class AestheticNetwork(nn.Module):
    """From pixels, or from a stage's cached output, to ten-bin score distributions.

    Batch-norm statistics are those of ImageNet, in training too.

    Attributes:
        backbone: its name.
        intact: how many stages, from the input on, still have the weights of `weights_sha256`.
        weights_sha256: checksum of the backbone's ImageNet weights; empty for random ones.
        stages: the backbone's.
        first: number of the stage whose output is Z₁; the last one's is Z₂.
        attention: of Z₁ and of Z₂; None in the ablation.
        classifier: from the averaged maps to ten logits.
    """

    scores: Tensor
    center: Tensor
    scale: Tensor

    def __init__(
        self, backbone: BackboneName, *, attention: bool = True, weights: Path | None = None
    ) -> None:
        super().__init__()
        stages = load_stages(backbone, weights)
        self.backbone: BackboneName = backbone
        self.weights_sha256 = stages.weights_sha256
        self.intact = len(stages.modules) if stages.weights_sha256 else 0
        self.stages = nn.ModuleList(stages.modules)
        self.first = stages.first
        first, second = stages.channels
        self.attention = (
            nn.ModuleList([Attention(first, second), Attention(second, second)])
            if attention
            else None
        )
        self.classifier = nn.Linear(first + second, len(SCORES))
        nn.init.zeros_(self.classifier.weight)
        nn.init.zeros_(self.classifier.bias)
        # The pooled features' scales differ a hundredfold between channels and backbones, which
        # one learning rate cannot serve; `standardize` sets these.
        self.register_buffer("center", torch.zeros(first + second))
        self.register_buffer("scale", torch.ones(first + second))
        self.register_buffer("scores", torch.tensor(SCORES, dtype=torch.float32), persistent=False)
        self.requires_grad_(requires_grad=True)
        self.to(memory_format=torch.channels_last).eval()

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.scores.device

    def advance(self, maps: list[Tensor], start: int, stop: int) -> list[Tensor]:
        """Run the stages from `start` to just before `stop`.

        Args:
            maps: what the stages before `start` left: pixels `(N, 3, H, W)` for 0; else the
                output of stage `start - 1`, behind Z₁ when that lies before it.
            start: number of the first stage to run.
            stop: how many stages have run afterwards.

        Returns:
            The same, before `stop`.
        """
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device.type == "cuda"):
            for number in range(start, stop):
                kept = maps[-1:] if number == self.first + 1 else maps[:-1]
                maps = [*kept, self.stages[number](maps[-1])]
        return maps

    def pooled(self, maps: list[Tensor], start: int = 0) -> Tensor:
        """Return Z₁' and Z₂', averaged by attention and joined, `(N, C₁ + C₂)` float32."""
        first, second = self.advance(maps, start, len(self.stages))
        if self.attention is None:
            return torch.cat([z.float().mean((2, 3)) for z in (first, second)], 1)
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device.type == "cuda"):
            coarse = functional.max_pool2d(second, 2)  # Z₃
            first_attention, second_attention = self.attention
            return torch.cat([first_attention(first, coarse), second_attention(second, coarse)], 1)

    def forward(self, maps: list[Tensor], start: int = 0) -> Tensor:
        """Return `(N, 10)` float32 probabilities of the scores 1 to 10.

        Args:
            maps: as `advance` takes them.
            start: how many stages they have been through.
        """
        features = (self.pooled(maps, start) - self.center) / self.scale
        logits: Tensor = self.classifier(features.clamp(-_FEATURE_LIMIT, _FEATURE_LIMIT))
        return logits.softmax(1)

    def mean_scores(self, maps: list[Tensor], start: int = 0) -> Tensor:
        """Return the `(N,)` mean scores in [1, 10]: Σ i pᵢ (Z21, §3.2.2)."""
        probabilities: Tensor = self(maps, start)
        return probabilities @ self.scores

    @torch.no_grad()
    def standardize(self, features: Tensor) -> None:
        """Give the classifier inputs of mean 0 and deviation 1 on the `(N, F)` pooled features."""
        self.center.copy_(features.mean(0))
        self.scale.copy_(features.std(0, correction=0) + 1e-3)

    def head_parameters(self) -> list[nn.Parameter]:
        """Return the weights behind the backbone."""
        attention = [] if self.attention is None else list(self.attention.parameters())
        return [*attention, *self.classifier.parameters()]


def new_network(
    options: FinetuneOptions, weights: Path | None = None, device: str = "cpu"
) -> AestheticNetwork:
    """Return a network that has learned nothing but its backbone; `options.seed` draws the rest.

    Args:
        options: backbone, attention and seed count here.
        weights: the file of VGG16's ImageNet weights.
        device: torch device.

    Raises:
        PhotoaesthError: the backbone's weights are missing or damaged.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        network = AestheticNetwork(options.backbone, attention=options.attention, weights=weights)
    return network.to(device)
