"""Ctrl-Z."""

import os
import signal
import sys


def stop_job() -> None:
    """Stop this program and all of its job, as Ctrl-Z does; return after `fg`."""
    if sys.platform != "win32":
        os.kill(0, signal.SIGTSTP)
