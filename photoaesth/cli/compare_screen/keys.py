"""Which key means what, and the lines that say so."""

from collections.abc import Sequence
from typing import Literal

from photoaesth.cli.compare_screen.text import BOLD, DIM, PLAIN, shorten

Answer = int | Literal["tie", "skip", "neither", "undo", "quit"]
"""The place of the preferred photo, from 0, or a word."""

UNKNOWN_KEY = "? shows the keys"

_PAIR: dict[str, Answer] = {"left": 0, "h": 0, "right": 1, "l": 1}
_ANSWERS: dict[str, Answer] = {
    "=": "tie",
    "s": "skip",
    "x": "neither",
    "u": "undo",
    "q": "quit",
}
_PAIR_LABELS = (("←", "left"), ("→", "right"))
_LABELS = (  # the keys and one word each
    ("=", "tie"),
    ("s", "skip"),
    ("u", "undo"),
    ("x", "neither"),
    ("z", "zoom"),
    ("i", "info"),
    ("o", "open"),
    ("?", "help"),
    ("q", "quit"),
)
_LAST_TO_GO = {"←", "→", "=", "s", "u", "?", "q"}  # the labels kept longest in a narrow window


def answer_to(key: str, photos: int) -> Answer | None:
    """Return what a key answers to a question of so many photos; None if it is no answer."""
    if len(key) == 1 and key in "123456789"[:photos]:
        return int(key) - 1
    if photos == 2 and key in _PAIR:
        return _PAIR[key]
    return _ANSWERS.get(key)


def key_line(photos: int, columns: int) -> str:
    """Return the line of keys for a question, as wordy as the window is wide."""
    labels = [*_choosing(photos), *_LABELS]
    short = [label for label in labels if label[0] in _LAST_TO_GO or label[1] == "keep"]
    for shown in (labels, short):
        for gap in ("   ", "  ", " "):
            plain = gap.join(f"{key} {label}" for key, label in shown)
            if len(plain) <= columns:
                styled = gap.join(f"{BOLD}{key}{PLAIN}{DIM} {label}{PLAIN}" for key, label in shown)
                return " " * ((columns - len(plain)) // 2) + styled
    return shorten(" ".join(key for key, _ in labels), columns)


def explained(photos: int) -> Sequence[tuple[str, str]]:
    """Return every key with what it does, for a question of so many photos."""
    choosing = (
        (("← h 1", "the left photo is better"), ("→ l 2", "the right photo is better"))
        if photos == 2
        else ((f"1…{photos}", "this photo is the keeper"),)
    )
    return (
        *choosing,
        ("=", "a tie: as good as each other"),
        ("s", "skip: no answer to this one"),
        ("x", "neither is any good: all are rated low"),
        ("u", "undo, as many steps as there were"),
        ("z", "zoom to where each is sharpest"),
        ("i", "EXIF and scores"),
        ("o", "open the files in the system's viewer"),
        ("Esc", "back to the whole photos"),
        ("?", "this help"),
        ("q", "quit; every answer is stored already"),
    )


def wrapped_keys(photos: int, columns: int) -> list[str]:
    """Return every key with its one word, on as many lines as that takes."""
    lines = [""]
    for key, label in (*_choosing(photos), *_LABELS):
        longer = f"{lines[-1]}  {key} {label}".lstrip()
        if lines[-1] and len(longer) > columns:
            lines.append(f"{key} {label}")
        else:
            lines[-1] = longer
    return lines


def _choosing(photos: int) -> Sequence[tuple[str, str]]:
    return _PAIR_LABELS if photos == 2 else ((f"1…{photos}", "keep"),)
