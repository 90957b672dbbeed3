"""Every format, in the order in which a file is held against it: particular before general."""

from batteryloop.readers.types import Format

# One line a format; a module of this room offers it as FORMAT.
FORMATS: tuple[Format, ...] = ()
