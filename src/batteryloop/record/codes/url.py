"""The parts of a web address, taken apart strictly."""

import re
from dataclasses import dataclass

from batteryloop.errors import InputWrong

# RFC 3986 section 3 and appendix B; a host is a name or an address, a port may follow.
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?"
)
_HOST = re.compile(
    r"(?=.{1,253}(?::|$))[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*(?::[0-9]{1,5})?"
)
_ALLOWED = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True, slots=True)
class Url:
    """A web address; scheme and host in lower case, as they mean the same."""

    scheme: str
    host: str
    path: str
    query: str | None
    fragment: str | None


def is_url(text: str) -> bool:
    """Return whether it looks like a web address at all."""
    return text[:8].casefold().startswith(("http://", "https://"))


def url_of(text: str) -> Url:
    """Return the parts of a web address.

    Raises
    ------
    InputWrong
        If it is none, a character may not stand there, or it carries a user's name.

    Examples
    --------
    >>> url_of("HTTPS://ID.example.com/a/B?x=1").host
    'id.example.com'
    """
    match = _URL.fullmatch(text)
    if not match or match["scheme"].casefold() not in {"http", "https"}:
        raise InputWrong("code", f"{text[:60]!r} is no web address", "https://…")
    if not _ALLOWED.fullmatch(text):
        bad = next((sign for sign in text if not _ALLOWED.fullmatch(sign) and sign != "%"), "%")
        raise InputWrong("code", f"{bad!r} may not stand in a web address", f"{_hex(bad)} instead")
    if not _HOST.fullmatch(match["authority"]):
        raise InputWrong(
            "code", f"{match['authority'][:60]!r} is no host", "a host's name, without a user"
        )
    return Url(
        match["scheme"].casefold(),
        match["authority"].casefold(),
        match["path"],
        match["query"],
        match["fragment"],
    )


def _hex(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogatepass"))
