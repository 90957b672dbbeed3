"""How the tests of the command line call it, and what they give it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from batteryloop.cli import main


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@pytest.fixture
def batteryloop(monkeypatch, capsys) -> Callable[..., Ended]:
    """Return a function that runs `batteryloop` with the given words, as a person would."""

    def call(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["batteryloop", *map(str, words)])
        try:
            main.run()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        seen = capsys.readouterr()
        return Ended(code, seen.out, seen.err)

    return call


@pytest.fixture
def discharge_csv(tmp_path) -> Path:
    """Return a table of one full charge and discharge of a 2 Ah cell, in the frame's own names."""
    seconds = list(range(0, 3601, 10))
    there = [2.5 + 1.7 * s / 3600 for s in seconds]
    table = pl.DataFrame(
        {
            "elapsed_s": [*seconds, *(3610 + s for s in seconds), *(7220 + s for s in seconds)],
            "current_a": [2.0] * 361 + [0.0] * 361 + [-2.0] * 361,
            "voltage_v": [*there, *[4.18] * 361, *reversed(there)],
        }
    )
    path = tmp_path / "cell-7.csv"
    table.write_csv(path)
    return path
