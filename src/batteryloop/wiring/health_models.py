"""The folder of learned health models that a server or a command is told of."""

import json
import re
from pathlib import Path
from typing import Any

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.health.learned.health_model import HealthModel
from batteryloop.storage.models import read_model

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PARTS = "parts"


def model_names(folder: Path | None) -> tuple[str, ...]:
    """Return the names of the models in a folder: those that have a card; none without a folder."""
    if folder is None or not folder.is_dir():
        return ()
    names = sorted(path.stem for path in folder.glob("*.npz"))
    return tuple(n for n in names if _NAME.fullmatch(n) and (folder / f"{n}.json").is_file())


def model_cards(folder: Path | None) -> dict[str, dict[str, Any]]:
    """Return the card of each model by name; one that cannot be read says so and nothing else."""
    found: dict[str, dict[str, Any]] = {}
    for name in model_names(folder):
        assert folder is not None
        try:
            card = json.loads((folder / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            card = None
        found[name] = _shown(card) if isinstance(card, dict) else {"damaged": True}
    return found


def named_model(folder: Path | None, name: str) -> tuple[HealthModel, dict[str, Any]]:
    """Return a model and its card.

    Raises
    ------
    OptionWrong
        If there is no folder of models.
    NotKnown
        If it is not in the folder.
    FileDamaged
        If it cannot be read.
    """
    if folder is None:
        raise OptionWrong(
            "models", "none", "the setting `models`, a folder that `health train` wrote into",
            "ask whoever runs the server",
        )  # fmt: skip
    names = model_names(folder)
    if name not in names:
        raise NotKnown.among("model", name, names)
    return read_health_model(folder, name)


def read_health_model(folder: Path, name: str) -> tuple[HealthModel, dict[str, Any]]:
    """Return the model that `health train` wrote, and its card without the model's own parts.

    Raises
    ------
    PathMissing
        If it is not there.
    FileDamaged
        If it cannot be read.
    """
    arrays, card = read_model(folder, name)
    return HealthModel.from_arrays(arrays, card.get(_PARTS, {})), _shown(card)


def _shown(card: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in card.items() if key != _PARTS}
