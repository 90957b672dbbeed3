"""Knows who asks, from the token or the cookie of a request."""

from datetime import datetime, timedelta

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from batteryloop.api.cookies import Cookies
from batteryloop.errors import SignInNeeded
from batteryloop.record.accounts import Caller, nobody
from batteryloop.usecases.accounts_port import Accounts
from batteryloop.usecases.know_caller import caller_of_session, caller_of_token

N_KEPT_MOST = 10_000


class Callers:
    """Looks callers up, and keeps what it found for `kept_s` seconds.

    What this server revokes counts at once (`forget`); what another process on the same database
    revokes counts after `kept_s`.
    """

    def __init__(self, accounts: Accounts, cookies: Cookies, *, kept_s: float = 2.0) -> None:
        self._accounts = accounts
        self._cookies = cookies
        self._kept = timedelta(seconds=kept_s)
        self._known: dict[tuple[str, str], tuple[datetime, Caller]] = {}

    def forget(self) -> None:
        """Look everybody up anew."""
        self._known.clear()

    async def of(self, request: Request, now: datetime) -> Caller:
        """Return who asks; nobody, and why, if a cookie is not valid.

        Raises
        ------
        SignInNeeded
            If a token is shown that is not valid.
        """
        shown = request.headers.get("authorization")
        if shown is not None:
            kind, _, text = shown.partition(" ")
            if kind.lower() != "bearer" or not text.isascii():
                raise _refused(f"authorization of kind {kind[:20]!r}")
            caller = await self._looked_up("token", text.strip(), now)
            if caller.is_nobody:
                raise _refused(caller.why_nobody)
            return caller
        cookie = request.cookies.get(self._cookies.name)
        if cookie is None:
            return nobody()
        secret, why = self._cookies.secret_in(cookie)
        if secret is None:
            return nobody(why)
        request.scope["session_secret"] = secret
        return await self._looked_up("session", secret, now)

    async def _looked_up(self, kind: str, secret: str, now: datetime) -> Caller:
        kept = self._known.get((kind, secret))
        if kept is not None and kept[0] > now:
            return kept[1]
        look = caller_of_token if kind == "token" else caller_of_session
        caller = await run_in_threadpool(look, self._accounts, secret, now=now)
        if not caller.is_nobody:
            if len(self._known) >= N_KEPT_MOST:
                self._known.clear()
            self._known[kind, secret] = (now + self._kept, caller)
        return caller


def _refused(why: str) -> SignInNeeded:
    return SignInNeeded(
        "token", why, "a token that is valid now", "issue a new one: `batteryloop account token`"
    )
