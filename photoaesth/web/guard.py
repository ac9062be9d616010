"""Who may talk to a local page: the browser that was given its address, and no one else.

A server on 127.0.0.1 can be reached by every program and every user of the machine, and by every
web page that its browser shows. Against the first two stands a secret, against the pages what
browsers say about a request: its `Host` (DNS rebinding), its `Origin`, its `Sec-Fetch-Site`.
"""

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 4096

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Passes on what comes from the page itself and refuses everything else.

    The page is opened as `/?token=…`; from then on a cookie holds the token. Writes must come from
    the page, say so, and be short.

    Args:
        app: what is guarded.
        port: where the server listens on 127.0.0.1.
        token: the secret of this run.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app = app
        hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._origins = {host: f"http://{host}" for host in hosts}
        self._cookie = f"photoaesth_{port}"  # cookies are not kept apart by port
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        request = HTTPConnection(scope)
        opens = scope["path"] == "/" and self._is_token(request.query_params.get("token", ""))

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                outgoing = MutableHeaders(scope=message)
                outgoing.update(_HEADERS)
                if opens:
                    cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
                    outgoing.append("Set-Cookie", cookie)
            await send(message)

        try:
            self._check_sender(request, opens=opens)
            if scope["method"] not in {"GET", "HEAD"}:
                self._check_write(request.headers)
        except HTTPException as refusal:
            opens = False
            response = PlainTextResponse(f"{refusal.detail}\n", refusal.status_code)
            await response(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)

    def _check_sender(self, request: HTTPConnection, *, opens: bool) -> None:
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._origins:
            raise HTTPException(403, "This server answers to 127.0.0.1 only.")
        if not opens and not self._is_token(request.cookies.get(self._cookie, "")):
            raise HTTPException(
                403, "Open the address that photoaesth prints; every run has its own."
            )
        site = request.headers.get("sec-fetch-site", "same-origin")  # old browsers do not say
        if request.scope["path"] != "/" and site != "same-origin":
            raise HTTPException(403, "Only the page itself may ask for this.")

    def _check_write(self, headers: Headers) -> None:
        if headers.get("origin") != self._origins[headers["host"]]:
            raise HTTPException(403, "Only the page itself may change anything.")
        length = headers.get("content-length", "")
        if not length.isdecimal() or "transfer-encoding" in headers:
            raise HTTPException(411, "The length of the request is missing.")
        if int(length) > MAX_BODY_BYTES:
            raise HTTPException(413, f"A request has at most {MAX_BODY_BYTES} bytes.")

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._token.encode())
