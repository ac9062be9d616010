import numpy as np
from PIL import Image

from photoaesth.enhance.policy.doubt import least_sure
from photoaesth.enhance.policy.network import EMBEDDING
from photoaesth.enhance.policy.starter import load_starter

NOWHERE = np.zeros(EMBEDDING)


def pictures(scenes):
    return [
        (Image.fromarray((s * 255).byte().permute(1, 2, 0).contiguous().numpy()), NOWHERE)
        for s in scenes
    ]


def test_what_is_known_is_asked_last(scenes):
    """Among photos that were retouched already and new ones, the new ones come first."""
    shown = pictures(scenes[:6])
    new = pictures(scenes[6:12])
    order = least_sure(load_starter(), shown, [*shown, *new], 12)
    assert sorted(order) == list(range(12))
    assert sum(place >= 6 for place in order[:6]) >= 5


def test_nothing_is_asked_twice_in_a_row(scenes):
    """Of three copies of one photo and two others, the copies are not the first two."""
    one, other, third = pictures(scenes[:3])
    order = least_sure(load_starter(), [], [one, one, one, other, third], 3)
    assert len(set(order) & {0, 1, 2}) == 1


def test_no_more_than_there_are(scenes):
    """Fewer candidates than wanted are all there is."""
    assert sorted(least_sure(load_starter(), [], pictures(scenes[:2]), 5)) == [0, 1]
