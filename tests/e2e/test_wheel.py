"""What users install: the wheel, built from the sdist, in an environment of its own."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from photoaesth import __version__

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "photoaesth"
SHARED = {  # in the wheel, below share/, and in the checkout
    "bash-completion/completions/photoaesth": "completions/photoaesth.bash",
    "zsh/site-functions/_photoaesth": "completions/_photoaesth",
    "fish/vendor_completions.d/photoaesth.fish": "completions/photoaesth.fish",
    "powershell/photoaesth.ps1": "completions/photoaesth.ps1",
    "man/man1/photoaesth.1": "completions/photoaesth.1",
}
_SCRIPT = """\
from photoaesth.domain import Outcome

reveal_type(Outcome.LEFT)
number: int = Outcome.LEFT
"""


@dataclass(frozen=True)
class Installed:
    """The wheel, and the environment that it was installed into.

    Attributes:
        wheel: the file.
        prefix: the environment; its packages are ours, then those of the running one.
        work: a folder outside the checkout, to work in.
    """

    wheel: Path
    prefix: Path
    work: Path

    def run(self, name: str, *arguments: object) -> str:
        """Run a program of the environment, as somebody without the checkout does."""
        folder = "Scripts" if sys.platform == "win32" else "bin"
        own = {
            k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PHOTOAESTH", "XDG"))
        }
        home = {
            "HOME": str(self.work),
            "USERPROFILE": str(self.work),
            "LOCALAPPDATA": str(self.work),
        }
        done = subprocess.run(
            [str(self.prefix / folder / name), *map(str, arguments)],
            cwd=self.work,
            env=own | home | {"OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the sdist from the checkout, the wheel from the sdist, and install that."""
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    place = tmp_path_factory.mktemp("wheel")
    build("sdist", ROOT, place)
    with tarfile.open(place / f"photoaesth-{__version__}.tar.gz") as archive:
        archive.extractall(place, filter="data")
    build("wheel", place / f"photoaesth-{__version__}", place)
    (wheel,) = place.glob("*.whl")
    prefix = place / "environment"
    venv.create(prefix, symlinks=os.name != "nt")
    paths = {"base": str(prefix), "platbase": str(prefix)}
    packages = Path(sysconfig.get_path("purelib", sysconfig.get_preferred_scheme("prefix"), paths))
    # A .pth file inside that folder is not read, and so no editable photoaesth is found by it.
    (packages / "running.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(prefix), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, timeout=280)
    work = place / "work"
    work.mkdir()
    return Installed(wheel, prefix, work)


def build(kind: str, source: Path, place: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(place)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_the_package_and_nothing_else(installed: Installed) -> None:
    """Every file of the package is in the wheel: weights, pages and types; no test is."""
    with zipfile.ZipFile(installed.wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    data = f"photoaesth-{__version__}.data/data/share"
    assert names == package | {f"{data}/{name}" for name in SHARED}
    endings = {Path(name).suffix for name in package}
    assert endings >= {".py", ".safetensors", ".html", ".css", ".js", ".md", ".typed"}


def test_completions_and_man_page_are_installed(installed: Installed) -> None:
    """They lie where shells and man look for them, as they are in the checkout."""
    for name, source in SHARED.items():
        assert (installed.prefix / "share" / name).read_bytes() == (ROOT / source).read_bytes()


def test_the_installed_program_goes_the_whole_path(
    installed: Installed, draw_small: Callable[..., list[Path]], write_choices: Callable[..., Path]
) -> None:
    """Outside the checkout it indexes, learns, ranks, enhances, and its weights are whole."""
    assert installed.run("photoaesth", "--version").strip() == f"photoaesth {__version__}"
    photos = draw_small(installed.work / "photos", 6)
    indexed = json.loads(installed.run("photoaesth", "index", "photos", "--json"))
    assert (indexed["indexed"], indexed["skipped"]) == (6, [])
    choices = write_choices(
        installed.work / "choices.csv", [(photos[i], photos[i + 1], "left") for i in range(5)]
    )
    installed.run("photoaesth", "comparisons", "import", choices)
    installed.run("photoaesth", "train")
    sheet = installed.work / "best.html"
    ranked = json.loads(installed.run("photoaesth", "rank", "--contact-sheet", sheet, "--json"))
    assert len(ranked["photos"]) == 6
    assert sheet.read_text("utf-8").count("<img ") >= 6
    copies = installed.work / "copies"
    enhanced = installed.run("photoaesth", "enhance", "--top", 1, "--output", copies, "--json")
    assert Path(json.loads(enhanced)["written"][0]["output"]).exists()
    installed.run("photoaesth", "models", "verify")


def test_the_program_is_the_installed_one(installed: Installed) -> None:
    """What was tested above is the wheel, not the checkout."""
    where = installed.run("python", "-c", "import photoaesth; print(photoaesth.__file__)")
    assert Path(where.strip()).is_relative_to(installed.prefix)


def test_types_are_seen_from_outside(installed: Installed) -> None:
    """mypy knows the package's types, and finds a wrong use of one."""
    mypy = shutil.which("mypy", path=str(Path(sys.executable).parent))
    if mypy is None:
        pytest.skip("mypy is not installed")
    (installed.work / "script.py").write_text(_SCRIPT)
    python = installed.prefix / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = subprocess.run(
        [mypy, "--strict", "--no-incremental", "--python-executable", python, "script.py"],
        cwd=installed.work,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    told = done.stdout.splitlines()
    assert any(
        "Revealed type is" in line and "photoaesth.domain.Outcome.LEFT" in line for line in told
    )
    assert any("Incompatible types in assignment" in line for line in told)
    assert told[-1].startswith("Found 1 error in 1 file")
