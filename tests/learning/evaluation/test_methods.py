import subprocess
import sys
from types import SimpleNamespace

import pytest

from photoaesth.errors import UsageError
from photoaesth.learning.evaluation import methods


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two modules of methods in place of the real ones."""
    for name, known in (("first", {"generic": "g"}), ("second", {"other": "o"})):
        module = f"photoaesth.learning.evaluation.{name}"
        monkeypatch.setitem(sys.modules, module, SimpleNamespace(METHODS=known))
    monkeypatch.setattr(methods, "_MODULES", ("first", "second"))


@pytest.mark.usefixtures("modules")
def test_methods_are_found_wherever_they_are() -> None:
    """Every module's methods are known by name, in the modules' order."""
    assert list(methods.known_methods()) == ["generic", "other"]
    assert methods.find_method("other") == "o"  # type: ignore[comparison-overlap]


@pytest.mark.usefixtures("modules")
def test_an_unknown_method_is_answered_with_those_there_are() -> None:
    """The message lists what can be asked for."""
    with pytest.raises(UsageError, match="no method 'generc'; choose among generic, other"):
        methods.find_method("generc")


def test_methods_load_without_the_extra() -> None:
    """scikit-learn, SciPy and matplotlib are not needed to know the methods' names."""
    code = (
        "import sys\n"
        "for name in ('sklearn', 'scipy', 'matplotlib', 'h5py'): sys.modules[name] = None\n"
        "from photoaesth.learning.evaluation.methods import known_methods\n"
        "print(*known_methods())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"generic", "personal"} <= set(done.stdout.split())
