"""Patterns of what is passed over."""

import pytest

from photoaesth.library.ignoring import Rules


@pytest.mark.parametrize(
    ("patterns", "path", "ignored"),
    [
        (["*.png"], "/p/a.png", True),
        (["*.png"], "/p/deep/down/a.png", True),
        (["*.png"], "/p/a.png.jpg", False),
        (["/a.jpg"], "/p/a.jpg", True),
        (["/a.jpg"], "/p/sub/a.jpg", False),
        (["sub/a.jpg"], "/p/sub/a.jpg", True),
        (["sub/a.jpg"], "/p/other/sub/a.jpg", False),
        (["**/sub/a.jpg"], "/p/other/sub/a.jpg", True),
        (["sub/**"], "/p/sub/x/y/a.jpg", True),
        (["IMG_????.jpg"], "/p/IMG_1234.jpg", True),
        (["[ab].jpg"], "/p/c.jpg", False),
        (["*.jpg", "!keep.jpg"], "/p/keep.jpg", False),
        (["!keep.jpg", "*.jpg"], "/p/keep.jpg", True),
        (["# a.jpg", "", "  ", "/"], "/p/a.jpg", False),
        (["a.jpg   "], "/p/a.jpg", True),
        (["drafts/"], "/p/drafts", False),
    ],
)
def test_patterns_are_those_of_gitignore(patterns: list[str], path: str, ignored: bool) -> None:
    """Slashes anchor, stars match at any depth, the last match decides."""
    assert Rules().within("/p", patterns).ignore(path, is_folder=False) is ignored


def test_slash_at_the_end_means_folders() -> None:
    """A pattern for folders matches folders at any depth and no file."""
    rules = Rules().within("/p", ["drafts/"])
    assert rules.ignore("/p/2024/drafts", is_folder=True)
    assert not rules.ignore("/p/2024/drafts", is_folder=False)


def test_nearer_rules_decide() -> None:
    """Rules of a folder come after those of the folders above it."""
    outer = Rules().within("/p", ["*.jpg"])
    inner = outer.within("/p/sub", ["!*.jpg", "/x.jpg"])
    assert outer.ignore("/p/a.jpg", is_folder=False)
    assert not inner.ignore("/p/sub/a.jpg", is_folder=False)
    assert inner.ignore("/p/sub/x.jpg", is_folder=False)
