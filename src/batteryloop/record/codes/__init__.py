"""Which battery is it, by the code on its label? Read, checked and made here."""

from batteryloop.record.codes.gs1 import Gs1Identity, gtin_check_digit, read_gs1
from batteryloop.record.codes.identification_link import IdentificationLink, read_link
from batteryloop.record.codes.recognise import recognise
from batteryloop.record.codes.traction import (
    TractionCode,
    make_traction_code,
    read_traction_code,
)
from batteryloop.record.codes.types import IdentityCode
from batteryloop.record.codes.unique_identifier import UniqueIdentifier, read_unique_identifier

__all__ = [
    "Gs1Identity",
    "IdentificationLink",
    "IdentityCode",
    "TractionCode",
    "UniqueIdentifier",
    "gtin_check_digit",
    "make_traction_code",
    "read_gs1",
    "read_link",
    "read_traction_code",
    "read_unique_identifier",
    "recognise",
]
