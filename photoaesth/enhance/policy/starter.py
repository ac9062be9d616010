"""The policy that the package ships; its model card is MODEL_CARD.md beside it."""

from functools import cache
from pathlib import Path

from photoaesth.enhance.policy.network import EnhancementPolicy
from photoaesth.errors import PhotoaesthError

STARTER_FILE = Path(__file__).with_name("starter.safetensors")


@cache
def load_starter() -> EnhancementPolicy:
    """Return the policy of somebody who has retouched nothing; not to be changed.

    Raises:
        PhotoaesthError: its file is missing or damaged.
    """
    try:
        return EnhancementPolicy.from_bytes(STARTER_FILE.read_bytes())
    except OSError as error:
        raise PhotoaesthError(
            f"the shipped enhancement policy is missing ({STARTER_FILE}); reinstall photoaesth"
        ) from error
