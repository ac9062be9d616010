"""What the tests of sidecars share."""

from datetime import UTC, datetime

import pytest

from .dialects_adobe import BRIDGE, CAMERA_RAW, LIGHTROOM
from .dialects_free import DARKTABLES, DIGIKAMS, OTHERS
from .dialects_odd import ODD
from .dialects_studio import STUDIO

DIALECTS = [*LIGHTROOM, *CAMERA_RAW, *BRIDGE, *DARKTABLES, *DIGIKAMS, *OTHERS, *STUDIO, *ODD]


AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def at() -> datetime:
    """A moment, with its time zone."""
    return AT


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "dialect" in metafunc.fixturenames:
        metafunc.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
