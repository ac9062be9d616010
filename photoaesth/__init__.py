"""Learns one photographer's taste from A/B choices and applies it to their photo library."""

__version__ = "0.1.0"
