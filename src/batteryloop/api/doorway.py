"""Around every request: its number, the headers that keep browsers safe, and the last resort."""

import logging
import secrets

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batteryloop.api.problems import problem
from batteryloop.errors import InputWrong, OurFault

LOG = logging.getLogger("batteryloop.api")

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class Doorway:
    """Numbers a request, bounds its body, adds the headers, answers the unexpected as our fault."""

    def __init__(self, app: ASGIApp, *, is_https: bool, n_body_bytes_most: int) -> None:
        self._app = app
        self._n_most = n_body_bytes_most
        headers = HEADERS | (HTTPS_ONLY if is_https else {})
        self._headers = [(k.lower().encode(), v.encode()) for k, v in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = secrets.token_hex(8)
        scope["request_id"] = number
        is_begun = False
        n_received = 0
        extra = [*self._headers, (b"x-request-id", number.encode())]

        async def send_with_headers(message: Message) -> None:
            nonlocal is_begun
            if message["type"] == "http.response.start":
                is_begun = True
                given = message.get("headers", ())
                own = {name for name, _ in given}
                headers = [*given, *(pair for pair in extra if pair[0] not in own)]
                message["headers"] = headers
                if not any(name == b"cache-control" for name, _ in headers):
                    MutableHeaders(raw=headers)["Cache-Control"] = "no-store"
            await send(message)

        async def receive_bounded() -> Message:
            nonlocal n_received
            message = await receive()
            n_received += len(message.get("body", b""))
            if n_received > self._n_most:
                raise HTTPException(413)
            return message

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._n_most:
            large = InputWrong(
                f"{scope['method']} {scope['path']}",
                f"a body of {int(declared)} bytes",
                f"at most {self._n_most} bytes",
                "send it in parts",
            )
            answer = problem(Request(scope), large, status=413, code="body-too-large")
            await answer(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, receive_bounded, send_with_headers)
        except Exception as exc:
            LOG.exception("request %s %s %s", number, scope["method"], scope["path"])
            if is_begun:
                raise
            fault = OurFault(
                f"{scope['method']} {scope['path']}",
                type(exc).__name__,
                next_step=f"please report it with the number {number}",
            )
            await problem(Request(scope), fault)(scope, receive, send_with_headers)
