import numpy as np
import pytest
import torch

from photoaesth.enhance.operations import PARAMETERS, to_vector
from photoaesth.enhance.policy.network import EMBEDDING, MAX_STEPS, OUTPUTS, EnhancementPolicy
from photoaesth.errors import PhotoaesthError

EMBEDDED = np.linspace(-1, 1, EMBEDDING)
EXPOSURE = [p.name for p in PARAMETERS].index("exposure")


def policy_of(*, step: float, stop: float) -> EnhancementPolicy:
    """A policy that raises exposure by a share of its range in each step, whatever it sees."""
    policy = EnhancementPolicy().eval()
    outputs = policy.heads.bias.detach().view(MAX_STEPS, OUTPUTS)
    outputs[:, EXPOSURE] = step
    outputs[:, len(PARAMETERS)] = stop
    return policy


def test_an_untaught_policy_changes_nothing(scenes):
    """All its steps are nothing, so that learning starts from the photo as it is."""
    assert torch.equal(EnhancementPolicy().edit(scenes[0], EMBEDDED), to_vector({}))


def test_steps_add_up_within_the_range(scenes):
    """Each step is taken from where the last one ended, and the end of the range is the end."""
    assert policy_of(step=0.1, stop=-1).propose(scenes[0], EMBEDDED)["exposure"] == pytest.approx(
        0.1 * 3 * MAX_STEPS
    )
    assert policy_of(step=0.9, stop=-1).propose(scenes[0], EMBEDDED)["exposure"] == 3


def test_a_policy_that_would_stop_stops(scenes):
    """With better odds for stopping than for going on, nothing more is done."""
    assert policy_of(step=0.1, stop=0.1).propose(scenes[0], EMBEDDED)["exposure"] == 0


def test_bytes_hold_a_policy(scenes):
    """What is read back edits as what was written, up to half precision."""
    policy = policy_of(step=0.05, stop=-9)
    torch.nn.init.normal_(policy.heads.weight, std=0.02, generator=torch.Generator().manual_seed(0))
    again = EnhancementPolicy.from_bytes(policy.to_bytes())
    edits = [one.edit(scenes[0], EMBEDDED) for one in (policy, again)]
    assert not torch.equal(edits[0], to_vector({}))
    assert torch.allclose(*edits, atol=0.01)


@pytest.mark.parametrize("data", [b"", b"no policy", EnhancementPolicy().to_bytes()[:-9]])
def test_damage_is_one_line(data):
    """Bytes that are no policy say so."""
    with pytest.raises(PhotoaesthError, match="damaged or made by another version"):
        EnhancementPolicy.from_bytes(data)
