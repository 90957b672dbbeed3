"""One bit for each credential, packed as W3C Bitstring Status List v1.0, section 3, wants.

Index 0 is the left-most bit; gzip, then base64url without padding, then ``u`` before it.
"""

import base64
import binascii
import gzip
import zlib
from collections.abc import Iterable

from batteryloop.passport.credential.policy import default_policy
from batteryloop.passport.credential.types import Flaw, Flawed


def packed(indices: Iterable[int], n_bits: int) -> str:
    """Return the encoded list with ones at the given indices; the same list gives the same text.

    Examples
    --------
    >>> bit(unpacked(packed([0, 9], 131072)), 9), bit(unpacked(packed([0, 9], 131072)), 10)
    (True, False)
    """
    raw = bytearray((n_bits + 7) // 8)
    for index in indices:
        raw[index // 8] |= 0x80 >> (index % 8)
    text = base64.urlsafe_b64encode(gzip.compress(bytes(raw), mtime=0)).rstrip(b"=")
    return "u" + text.decode()


def unpacked(text: str) -> bytes:
    """Return the bits of an encoded list.

    Raises
    ------
    Flawed
        If it is none, shorter than the standard's 16 KB, or longer than is unpacked here.
    """
    policy = default_policy()
    if not text.startswith("u"):
        raise Flawed(Flaw.STATUS_LIST_WRONG, "its list does not begin with u (base64url)")
    body = text[1:]
    try:
        data = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        unzip = zlib.decompressobj(wbits=31)
        bits = unzip.decompress(data, policy.status_list_bits_max // 8 + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise Flawed(Flaw.STATUS_LIST_WRONG, "its list is no gzip in base64url") from None
    if len(bits) * 8 > policy.status_list_bits_max:
        raise Flawed(Flaw.STATUS_LIST_WRONG, f"its list is over {policy.status_list_bits_max} bits")
    if not unzip.eof or unzip.unused_data:
        raise Flawed(Flaw.STATUS_LIST_WRONG, "its list is cut off or something follows it")
    if len(bits) * 8 < policy.status_list_bits:
        raise Flawed(
            Flaw.STATUS_LIST_WRONG,
            f"its list has {len(bits) * 8} bits, at least {policy.status_list_bits} are due",
        )
    return bits


def bit(bits: bytes, index: int) -> bool:
    """Return the bit at an index.

    Raises
    ------
    Flawed
        If the list is shorter.
    """
    if not 0 <= index < len(bits) * 8:
        raise Flawed(Flaw.STATUS_LIST_WRONG, f"index {index} is outside its {len(bits) * 8} bits")
    return bool(bits[index // 8] & (0x80 >> (index % 8)))
