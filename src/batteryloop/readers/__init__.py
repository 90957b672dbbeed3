"""What is in this file? Text, binary and table formats in, one recording out."""

from batteryloop.readers.files import files_of, read, read_many
from batteryloop.readers.formats import FORMATS
from batteryloop.readers.mapping import Mapping
from batteryloop.readers.types import Format, Head, RawTable, noticed

__all__ = [
    "FORMATS",
    "Format",
    "Head",
    "Mapping",
    "RawTable",
    "files_of",
    "noticed",
    "read",
    "read_many",
]
