"""What one measured attribute is: a number with two ends that people have words for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribute:
    """One number that is measured of every photo.

    Attributes:
        name: key in JSON, snake case.
        title: for people, as in "Brightness".
        low: word for its low end: "dark".
        high: word for its high end: "bright".
        unit: of the number; empty for a plain ratio.
        source: paper or standard that the formula is from; empty where it is ours.
    """

    name: str
    title: str
    low: str
    high: str
    unit: str
    source: str
