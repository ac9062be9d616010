"""Where things live on this machine."""

import os
from pathlib import Path

LIBRARY_VARIABLE = "PHOTOAESTH_LIBRARY"
DEFAULT_PROFILE = "me"


def default_library() -> Path:
    """Return the library file used when none is named: `$PHOTOAESTH_LIBRARY`, else user data."""
    if named := os.environ.get(LIBRARY_VARIABLE):
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_data_path("photoaesth", appauthor=False) / "library.db"


def cache_folder() -> Path:
    """Return the folder for what can be made again (thumbnails)."""
    import platformdirs

    return platformdirs.user_cache_path("photoaesth", appauthor=False)


def models_folder() -> Path:
    """Return the folder for pulled weights files."""
    import platformdirs

    return platformdirs.user_data_path("photoaesth", appauthor=False) / "models"


def references_folder() -> Path:
    """Return the folder for reference sets: what was measured of rated photos."""
    import platformdirs

    return platformdirs.user_data_path("photoaesth", appauthor=False) / "references"
