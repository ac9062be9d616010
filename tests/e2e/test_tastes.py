"""Edits for simulated photographers on real photos, as `benchmarks/tastes.py` makes them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PHOTOS = _ROOT.parent / "shared" / "data" / "oasis-beauty" / "photos"
_APART = re.compile(r"^(\w+ and \w+): apart by (-?[\d.]+) \S+, aim ([\d.]+)", re.MULTILINE)

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not _PHOTOS.is_dir(), reason="the development photos are not there"),
]


def test_opposite_tastes_get_visibly_different_edits() -> None:
    """A hundred choices each set warm and cool, bright and moody, vivid and muted apart."""
    command = [sys.executable, _ROOT / "benchmarks" / "tastes.py", _PHOTOS]
    output = subprocess.run(command, capture_output=True, check=True, text=True, cwd=_ROOT).stdout
    found = {names: (float(apart), float(aim)) for names, apart, aim in _APART.findall(output)}
    assert found.keys() == {"warm and cool", "bright and moody", "vivid and muted"}
    for names, (apart, aim) in found.items():
        assert apart >= aim, names
