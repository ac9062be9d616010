"""Photos in the system's own viewer."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from photoaesth.files import display_path


def open_files(paths: Sequence[Path]) -> str:
    """Open files in whatever the system opens them with, and do not wait for it.

    The viewer is silent and detached: it neither writes on our screen nor ends with us.

    Returns:
        One line that says what happened, or why nothing did.
    """
    gone = [path for path in paths if not path.exists()]
    if gone:
        return f"{display_path(Path(gone[0].name))} is not there now"
    if sys.platform == "win32":
        for path in paths:
            os.startfile(path)  # noqa: S606  # the viewer that the user has chosen
    else:
        name = "open" if sys.platform == "darwin" else "xdg-open"
        opener = shutil.which(name)
        if opener is None:
            return f"there is no {name} to open the files with"
        if name == "xdg-open" and not _has_desktop():
            return "there is no desktop here to open the files on"
        for path in paths:
            subprocess.Popen(  # noqa: S603  # no shell, and an absolute path is no option
                [opener, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
    return "opened in the system's viewer"


def _has_desktop() -> bool:
    """Whether xdg-open can reach a desktop; without one it may start a browser for terminals."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
