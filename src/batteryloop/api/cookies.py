"""The cookie of a session, signed, and the token that goes with it against forged forms."""

import hashlib
import hmac
from dataclasses import dataclass

from fastapi import Response
from itsdangerous import BadSignature, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer

HEADER = "x-csrf-token"
FIELD = "csrf_token"


@dataclass(frozen=True, slots=True)
class Cookies:
    """Makes and reads session cookies.

    Parameters
    ----------
    key : str
        Signs them.
    is_https : bool
        Whether they demand https.
    session_h : float
        How long they are good. [h]
    """

    key: str
    is_https: bool
    session_h: float = 12.0

    @property
    def name(self) -> str:
        """The cookie's name; over https browsers then hold it to this host alone."""
        return "__Host-batteryloop_session" if self.is_https else "batteryloop_session"

    @property
    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.key, salt="session")

    def set(self, response: Response, secret: str) -> None:
        """Hand the browser the session of `secret`."""
        signed = self._signer.dumps(secret)
        response.set_cookie(
            self.name,
            signed if isinstance(signed, str) else signed.decode(),
            max_age=int(self.session_h * 3600),
            secure=self.is_https,
            httponly=True,
            samesite="lax",
            path="/",
        )

    def unset(self, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(
            self.name, secure=self.is_https, httponly=True, samesite="lax", path="/"
        )

    def secret_in(self, cookie: str) -> tuple[str | None, str]:
        """Return the secret of a cookie, or None and why it is not one of ours."""
        try:
            secret = self._signer.loads(cookie, max_age=int(self.session_h * 3600))
        except SignatureExpired:
            return None, "the session cookie has expired"
        except BadSignature:
            return None, "the session cookie's signature does not match"
        return (secret, "") if isinstance(secret, str) else (None, "the session cookie is empty")

    def csrf_token(self, secret: str) -> str:
        """Return what a page of this session sends back with every write."""
        digest = hashlib.sha256(secret.encode()).hexdigest()[:32]
        signed = URLSafeSerializer(self.key, salt="csrf").dumps(digest)
        return signed if isinstance(signed, str) else signed.decode()

    def is_csrf_token(self, secret: str, token: str) -> bool:
        """Return whether the token goes with the session."""
        return hmac.compare_digest(self.csrf_token(secret).encode(), token.encode())
