"""Reads one document: JSON in UTF-8 or UTF-16, or TOML."""

import json
import tomllib
from pathlib import Path
from typing import Any

from batteryloop.errors import FileDamaged, PathMissing
from batteryloop.readers.encoding import decode, guess_encoding


def read_document(path: Path) -> Any:  # noqa: ANN401
    """Return a file's content; a name that ends in .toml is read as TOML, any other as JSON.

    Raises
    ------
    PathMissing
        If it cannot be opened.
    FileDamaged
        If it is not what its name says.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PathMissing(str(path), str(error.strerror), "a file", "check the path") from None
    text = decode(data, guess_encoding(data[:4096]) or "utf-8")
    try:
        return tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        kind = "TOML" if path.suffix.lower() == ".toml" else "JSON"
        raise FileDamaged(path.name, f"no {kind}: {error}", f"one {kind} document") from None
