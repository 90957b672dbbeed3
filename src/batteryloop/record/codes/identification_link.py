"""The identification link of IEC 61406-1 (before: DIN SPEC 91406): the address is the identity.

Only the table of contents of the standard was open to us (ILS-1 to ILS-9: uniqueness, link, no
reuse, no altering, length, URL syntax, allowed characters, upper and lower case, no combinations
with special functions). What is checked below is what a text can show of these; the limit of
255 characters is from public descriptions of DIN SPEC 91406.
"""

from dataclasses import dataclass
from typing import Any

from batteryloop.errors import InputWrong
from batteryloop.record.codes.url import url_of

KIND = "identification link"
LONGEST = 255


@dataclass(frozen=True, slots=True)
class IdentificationLink:
    """A web address that names one thing in the world."""

    text: str
    host: str
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Its kind."""
        return KIND

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "kind": self.kind,
            "text": self.text,
            "host": self.host,
            "notes": list(self.notes),
        }


def read_link(text: str) -> IdentificationLink:
    """Return the identification link in a text; it is never altered, only checked.

    Raises
    ------
    InputWrong
        If it is no web address, too long, or names a host and nothing on it.

    Examples
    --------
    >>> read_link("https://x.example.com/?m=LFP-280&s=00017").host
    'x.example.com'
    """
    url = url_of(text)
    if len(text) > LONGEST:
        raise InputWrong(KIND, f"{len(text)} characters", f"at most {LONGEST}")
    if not url.path.strip("/") and not url.query:
        raise InputWrong(KIND, "names only a host", "a path or a query that names one battery")
    notes = []
    if url.scheme == "http":
        notes.append("http: whoever is on the way can read and alter what is answered")
    if url.fragment is not None:
        notes.append("what follows # never reaches the server, so it cannot tell items apart")
    if ":" in url.host:
        notes.append("names a port: the link breaks when the server moves")
    if any(sign.isupper() for sign in text[8:]) and any(sign.islower() for sign in url.path):
        notes.append("mixes upper and lower case: the two must not be all that differs")
    return IdentificationLink(text, url.host, tuple(notes))
