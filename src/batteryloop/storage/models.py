"""Models as plain files: arrays in an npz, their card in a JSON beside it; nothing is unpickled."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import FileDamaged, PathMissing
from batteryloop.storage.durable import outside, write_whole


def write_model(
    folder: Path, name: str, arrays: Mapping[str, NDArray[Any]], card: Mapping[str, Any]
) -> tuple[Path, Path]:
    """Write `<name>.npz` and its card `<name>.json`, the folder made if need be.

    Returns
    -------
    tuple of Path
        The model and its card.
    """
    packed = io.BytesIO()
    named: dict[str, Any] = dict(arrays)
    np.savez_compressed(packed, **named)
    model, beside = folder / f"{name}.npz", folder / f"{name}.json"
    with outside(str(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(model, packed.getvalue())
        text = json.dumps(dict(card), indent=2, ensure_ascii=False)
        write_whole(beside, (text + "\n").encode())
    return model, beside


def read_model(folder: Path, name: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and the card that `write_model` wrote.

    Raises
    ------
    PathMissing
        If one of the two files is not there.
    FileDamaged
        If one of them cannot be read.
    """
    model, beside = folder / f"{name}.npz", folder / f"{name}.json"
    for path in (model, beside):
        if not path.is_file():
            raise PathMissing(str(path), "is not there", "a model and its card", "train one")
    try:
        with np.load(io.BytesIO(model.read_bytes()), allow_pickle=False) as arrays:
            found = {key: arrays[key] for key in arrays.files}
        card: dict[str, Any] = json.loads(beside.read_text("utf-8"))
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as exc:
        raise FileDamaged(str(model), "is no model with a card", next_step="train it anew") from exc
    return found, card
