"""A server for one page on this machine, until it is told to stop."""

import contextlib
import errno
import secrets
import socket
import sys
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from photoaesth.errors import PhotoaesthError
from photoaesth.web.guard import Guard

_HOST = "127.0.0.1"
_LAST_REQUESTS_S = 5  # how long requests may take to end once the server is to stop


class LocalServer:
    """Listens on 127.0.0.1 from the start; `run` answers.

    Args:
        port: where; None for any free one.

    Raises:
        PhotoaesthError: the port is taken, or not for this user.
    """

    def __init__(self, port: int | None = None) -> None:
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        self._token = secrets.token_urlsafe(32)
        self._server: uvicorn.Server | None = None

    @property
    def address(self) -> str:
        """What to open in a browser; holds the secret of this run."""
        return f"http://{_HOST}:{self.port}/?token={self._token}"

    def run(self, app: ASGIApp, *, started: Callable[[], object] = lambda: None) -> None:
        """Serve an application until `stop` or Ctrl-C; requests under way are finished.

        Args:
            app: sees guarded requests only.
            started: called before the first request; connections wait from then on.
        """
        config = uvicorn.Config(
            Guard(app, self.port, self._token),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,  # nobody stands between, and what they say decides nothing
            server_header=False,
            timeout_graceful_shutdown=_LAST_REQUESTS_S,
        )
        self._server = uvicorn.Server(config)
        started()
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises it again after its end
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End `run` soon; any thread may call."""
        if self._server is not None:
            self._server.should_exit = True


def _listen(port: int | None) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Windows would let another program share the port, and Unix make it wait after the last run.
    if sys.platform == "win32":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port or 0))
        listening.listen()
    except OSError as error:
        listening.close()
        taken = error.errno == errno.EADDRINUSE
        reason = "another program uses it" if taken else (error.strerror or str(error)).lower()
        raise PhotoaesthError(
            f"cannot serve the page at {_HOST}:{port or 0}: {reason}; "
            "choose another with --port, or leave it out for any free one"
        ) from error
    return listening
