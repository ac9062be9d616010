"""The weights files that can be pulled: where they are, whose they are, what they must hash to.

A SHA-256 stands here only where it was published. idealo publishes none, and those of timm's files
are on their pages at Hugging Face: theirs is given with `--sha256`, or recorded when the file is
first pulled and required ever after.
"""

import difflib
import re
from dataclasses import dataclass

from photoaesth.errors import UsageError

TIMM_PREFIX = "timm:"
_IDEALO = "https://github.com/idealo/image-quality-assessment"


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file of weights that somebody publishes.

    Attributes:
        name: what `models pull` calls it.
        url: where it is published.
        sha256: 64 hex digits, or the first of them where only those are published; empty where
            none are.
        license: SPDX identifier of the weights' licence.
        origin: who made it from what.
        size: bytes, roughly; 0 where nobody says.
    """

    name: str
    url: str
    sha256: str
    license: str
    origin: str
    size: int

    @property
    def filename(self) -> str:
        """What the file is called on disk: its name here with the published suffix."""
        suffix = self.url[self.url.rindex(".") :]
        return re.sub(r"[^\w.-]", "-", self.name) + suffix


KNOWN = (
    WeightsFile(
        name="nima-aesthetic",
        url=f"{_IDEALO}/raw/master/models/MobileNet/weights_mobilenet_aesthetic_0.07.hdf5",
        sha256="",
        license="Apache-2.0",
        origin="idealo/image-quality-assessment: NIMA on MobileNet, trained on AVA",
        size=13_000_000,
    ),
    WeightsFile(
        name="nima-technical",
        url=f"{_IDEALO}/raw/master/models/MobileNet/weights_mobilenet_technical_0.11.hdf5",
        sha256="",
        license="Apache-2.0",
        origin="idealo/image-quality-assessment: NIMA on MobileNet, trained on TID2013",
        size=13_000_000,
    ),
    WeightsFile(
        name="vgg16",
        url="https://download.pytorch.org/models/vgg16-397923af.pth",
        # Begins with the eight digits that torchvision puts into the file's name.
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        license="BSD-3-Clause",
        origin="torchvision: VGG-16, trained on ImageNet-1k",
        size=553_433_881,
    ),
)


def weights_file(name: str) -> WeightsFile:
    """Return what is known of a file by the name that `models pull` takes.

    Args:
        name: one of `KNOWN`, or `timm:` with timm's name of a pretrained model.

    Raises:
        UsageError: no such file; the message names near ones.
    """
    for known in KNOWN:
        if known.name == name:
            return known
    if name.startswith(TIMM_PREFIX):
        return _timm_file(name)
    names = ", ".join(known.name for known in KNOWN)
    raise UsageError(f"no weights are called {name!r}; there are {names} and timm:NAME")


def timm_model(name: str) -> str:
    """Return timm's full name of a model, checked, from `timm:NAME`.

    The tag of the pretrained weights is added if it was left out, so that two names for the same
    weights are one.

    Raises:
        UsageError: timm has no such model, or no such weights of it.
    """
    import timm

    own = name.removeprefix(TIMM_PREFIX)
    architecture, _, tag = own.partition(".")
    if not timm.is_model(architecture):
        near = difflib.get_close_matches(architecture, timm.list_models(), n=3)
        raise UsageError(f"timm has no model {architecture!r}{_perhaps(near)}")
    tags = [full.partition(".")[2] for full in timm.list_pretrained(f"{architecture}.*")]
    if tag and tag not in tags:
        near = difflib.get_close_matches(tag, tags, n=3) or tags[:3]
        raise UsageError(f"timm has no weights {tag!r} of {architecture}{_perhaps(near)}")
    config = timm.get_pretrained_cfg(own)
    return f"{architecture}.{config.tag}" if config is not None and config.tag else own


def _timm_file(name: str) -> WeightsFile:
    """Resolve a model through timm's own table of pretrained weights."""
    import timm

    own = timm_model(name)
    config = timm.get_pretrained_cfg(own)
    if config is None or not config.hf_hub_id or config.custom_load:
        raise UsageError(
            f"timm knows no place to pull the weights of {name!r} from; "
            "give a local file with --weights"
        )
    file = config.hf_hub_filename or "model.safetensors"
    return WeightsFile(
        name=f"{TIMM_PREFIX}{own}",
        url=f"https://huggingface.co/{config.hf_hub_id}/resolve/main/{file}",
        sha256="",
        license=config.license or "not stated",
        origin=config.origin_url or f"huggingface.co/{config.hf_hub_id}",
        size=0,
    )


def _perhaps(names: list[str]) -> str:
    return f"; perhaps {', '.join(names)}" if names else ""
