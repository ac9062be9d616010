"""Every page of the program, as the W3C's checker sees it."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from photoaesth.report.before_after import SheetEdit, before_after_sheet
from photoaesth.report.contact_sheet import SheetPhoto, contact_sheet

_HOSTILE = Path("/p/<img src=x onerror=alert(1)>\n\u202e\u05d0 \" ' &amp; --> ]]>.jpg")


@pytest.fixture
def jpeg(draw_photo: Callable[..., Path], tmp_path: Path) -> bytes:
    return draw_photo(tmp_path / "a.jpg").read_bytes()


def test_sheets_are_valid_html(
    jpeg: bytes, html_problems: Callable[..., list[str]], tmp_path: Path
) -> None:
    """Contact sheets, an empty one too, and the page before and after, with hostile text."""
    photo = SheetPhoto(
        _HOSTILE, jpeg, 96, 64, 7.4, 0.6, 6.8, 1, str(_HOSTILE), (0.1,) * 10, "+ <i>"
    )
    edit = SheetEdit(_HOSTILE, jpeg, jpeg, 5.0, 6.0, str(_HOSTILE))
    pages = {
        "contact.html": contact_sheet([photo] * 3, title=str(_HOSTILE)),
        "empty.html": contact_sheet([], title="Nothing"),
        "before-after.html": before_after_sheet([edit, edit], title=str(_HOSTILE)),
    }
    for name, page in pages.items():
        (tmp_path / name).write_text(page, "utf-8")
    assert html_problems(*(tmp_path / name for name in pages)) == []


def test_local_pages_are_valid_html(html_problems: Callable[..., list[str]]) -> None:
    """The pages of compare, retouch and rerank."""
    with resources.as_file(resources.files("photoaesth.web")) as folder:
        pages = sorted(folder.glob("*.html"))
        assert len(pages) == 3
        assert html_problems(*pages) == []


def test_the_checker_finds_what_is_wrong(
    html_problems: Callable[..., list[str]], tmp_path: Path
) -> None:
    """So that no problem found means something: an unknown element and broken CSS are named."""
    page = tmp_path / "broken.html"
    page.write_text(
        "<!DOCTYPE html><html lang=en><title>t</title><style>p { colour: red }</style><blob></blob>"
    )
    found = html_problems(page)
    assert any("blob" in problem for problem in found)
    assert any("colour" in problem for problem in found)
