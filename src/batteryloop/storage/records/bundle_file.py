"""A bundle as one file, a zip: written whole or not at all, the same bytes for the same content."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from batteryloop.errors import FileDamaged, PathMissing
from batteryloop.storage.durable import outside, write_whole

# A zip wants a date; what was exported when is in the manifest, which is signed.
_DATE = (1980, 1, 1, 0, 0, 0)
_BYTES_MOST = 4 * 2**30
_NO_ZIP = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError
)  # fmt: skip


def write_bundle(path: Path, members: Mapping[str, bytes]) -> None:
    """Write the members of a bundle as one file.

    Raises
    ------
    OutsideFailed
        If the disk refuses.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    with outside(str(path)):
        write_whole(path, buffer.getvalue())


def read_bundle(path: Path) -> dict[str, bytes]:
    """Return the members of a bundle.

    Raises
    ------
    PathMissing
        If the file is not there.
    FileDamaged
        If it is no zip, or would unpack to more than 4 GB.
    """
    if not path.is_file():
        raise PathMissing(str(path), "is not there", "a .blrec file", "check the path")
    try:
        with outside(str(path)), zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > _BYTES_MOST:
                raise FileDamaged(path.name, "unpacks to more than 4 GB")
            return {name: archive.read(name) for name in archive.namelist()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as exc:
        raise FileDamaged(path.name, f"is no bundle ({exc})", "a .blrec file") from exc
