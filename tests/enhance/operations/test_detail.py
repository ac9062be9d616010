import torch

from photoaesth.enhance.color import luminance
from photoaesth.enhance.operations.detail import CLARITY, NOISE_REDUCTION, SHARPENING


def step_edge(width: int = 1200) -> torch.Tensor:
    """Two flat greys side by side, `(1, 3, 300, W)`."""
    image = torch.full((1, 3, 300, width), 0.25)
    image[..., width // 2 :] = 0.75
    return image


def waves(period: float) -> torch.Tensor:
    """A grey wave of a small amplitude, `(1, 3, 300, 1200)`."""
    x = torch.arange(1200) * (2 * torch.pi / period)
    return (0.5 + 0.02 * x.sin()).expand(1, 3, 300, -1)


def test_clarity_raises_waves_and_leaves_edges() -> None:
    """A shallow wave grows by nearly the slope; a step's halo is 5 % of the step."""
    amount = torch.tensor([0.5])
    grown = CLARITY(waves(40), amount).std() / waves(40).std()
    assert 1.4 < float(grown) < 1.51
    halo = (CLARITY(step_edge(), amount) - step_edge()).abs()
    assert halo.max() < 0.05 * 0.5


def test_sharpening_raises_fine_detail_alone() -> None:
    """A wave of three pixels grows, one of sixty does not."""
    amount = torch.tensor([1.0])
    large = [torch.nn.functional.interpolate(waves(p), (300, 4000)) for p in (2.0, 60.0)]
    fine, coarse = (SHARPENING(image, amount).std() / image.std() for image in large)
    assert fine > 1.2
    assert coarse < 1.02


def test_sharpening_raises_no_noise_of_colour() -> None:
    """Detail that differs between the channels but not in luma stays as it is."""
    noise = 0.02 * torch.randn(1, 3, 60, 4000, generator=torch.Generator().manual_seed(0))
    image = 0.5 + noise - luminance(noise)
    result = SHARPENING(image, torch.tensor([1.5]))
    torch.testing.assert_close(result, image, atol=1e-5, rtol=0)


def test_noise_reduction_smooths_noise_and_keeps_edges() -> None:
    """Of fine noise most goes; an edge ten times as high keeps its height and its place."""
    generator = torch.Generator().manual_seed(0)
    clean = torch.nn.functional.interpolate(step_edge(), (100, 5000))
    noisy = clean + 0.02 * torch.randn(clean.shape, generator=generator)
    result = NOISE_REDUCTION(noisy.clamp(0, 1), torch.tensor([0.05]))
    assert (result - clean)[..., :2000].std() < 0.4 * 0.02
    across = result.mean(dim=(0, 1, 2))
    assert across[2500] - across[2499] > 0.4
