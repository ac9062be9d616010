"""The documentation as a site and on a forge: it builds, and every link leads somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """What a forge makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", _CODE.sub("", page.read_text("utf-8")), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Files that a page links or shows exist, and so do the headings."""
    for link in _LINK.findall(_CODE.sub("", page.read_text("utf-8"))):
        name, _, heading = link.partition("#")
        if not name.startswith(("https:", "http:")):
            target = page.parent / name if name else page
            assert target.exists(), link
            assert not heading or heading in anchors(target), link


def test_every_page_is_reached_from_the_first() -> None:
    """Each page of the documentation has a link on the first one."""
    first = ROOT / "docs" / "index.md"
    linked = {link.partition("#")[0] for link in _LINK.findall(first.read_text("utf-8"))}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {first.name} <= linked


def test_the_site_builds_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    """mkdocs has no complaint, every page is there, and none asks another host for anything."""
    pytest.importorskip("material", reason="mkdocs-material is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for page in (ROOT / "docs").glob("*.md"):
        built = tmp_path / ("index.html" if page.stem == "index" else f"{page.stem}/index.html")
        html = built.read_text("utf-8")
        assert not re.search(r'<(?:script|img|link)[^>]+(?:src|href)="(?:https?:)?//', html)
