"""`python -m photoaesth` and the `photoaesth` command."""

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command line."""
    # Numerical work is shared out by ourselves; BLAS threads beside it only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A plain kill would skip every cleanup: half-written files, a terminal left in raw mode.
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a narrow locale must not end a run
    try:
        from photoaesth.cli.app import app

        app()
    except KeyboardInterrupt:  # so early that the program was still being loaded
        sys.exit(130)
    finally:
        # A second Ctrl-C must not turn Python's own ending into a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _terminate(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)


if __name__ == "__main__":
    main()
