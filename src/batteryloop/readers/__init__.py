"""What is in this file? Text, binary and table formats in, one recording out."""

from batteryloop.readers.files import read, read_many
from batteryloop.readers.formats import FORMATS
from batteryloop.readers.types import Format, Head, RawTable, noticed

__all__ = ["FORMATS", "Format", "Head", "RawTable", "noticed", "read", "read_many"]
