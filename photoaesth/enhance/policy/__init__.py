"""A policy that edits photos as a photographer does: learned from distorted photos and retouches.

It follows Park et al. 2018, "Distort-and-recover: color enhancement using deep reinforcement
learning", with continuous steps in place of Park's discrete ones.
"""

from photoaesth.enhance.policy.network import EnhancementPolicy
from photoaesth.enhance.policy.starter import load_starter

__all__ = ["EnhancementPolicy", "load_starter"]
