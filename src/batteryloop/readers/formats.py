"""Every format, in the order in which a file is held against it: particular before general."""

from batteryloop.readers import arbin_res, biologic_mpr, neware_binary
from batteryloop.readers.types import Format

# One line a format; a module of this room offers it as FORMAT.
FORMATS: tuple[Format, ...] = (
    arbin_res.FORMAT,
    biologic_mpr.FORMAT,
    neware_binary.NDA,
    neware_binary.NDAX,
)
