"""Bars of text for the terminal: readable without colour, and left out where output is piped."""

import sys

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bars_shown() -> bool:
    """Return whether somebody looks at the output; else numbers alone are of use."""
    return sys.stdout.isatty()


def bar(share: float, width: int) -> str:
    """Return a bar from the left.

    Args:
        share: of the width, in [0, 1].
        width: columns.
    """
    eighths = round(8 * width * min(max(share, 0.0), 1.0))
    whole, rest = divmod(eighths, 8)
    return f"{'█' * whole}{_EIGHTHS[rest] if rest else ''}".ljust(width)


def balance(share: float, width: int) -> str:
    """Return a bar from the middle: to the right for what is above 0.

    Args:
        share: of half the width, in [-1, 1].
        width: columns, odd.
    """
    half = width // 2
    length = round(half * min(abs(share), 1.0))
    if share >= 0:
        return f"{' ' * half}│{'█' * length}".ljust(width)
    return f"{' ' * (half - length)}{'█' * length}│{' ' * half}"
