"""Batteries small enough to be evaluated in a moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from batteryloop.evaluation import (
    EvaluationReport,
    Inputs,
    InvolvedParty,
    Options,
    Statement,
    TelemetryReference,
    evaluate_whole,
    profiles_for,
)
from batteryloop.evaluation.fingerprint import content_sha256
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.record import BatteryIdentity
from batteryloop.record.categories import Application, category_of
from batteryloop.samples import sample

START = datetime(2024, 1, 1, tzinfo=UTC)


def seeded(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def inputs_of(frame: pl.DataFrame, identity: BatteryIdentity, **changes: object) -> Inputs:
    told = {
        "identity": identity,
        "telemetry": TelemetryReference(
            "frame", "table", content_sha256(frame), frame.height,
            frame["time"].min(), frame["time"].max(),
        ),
        "evaluated_at": datetime(2026, 11, 25, tzinfo=UTC),
        "software": "batteryloop test",
        "statement": Statement(
            application=Application.CAR, vehicle_class="M1", country="DE",
            in_service_at=datetime(2021, 1, 1, tzinfo=UTC),
        ),
        "parties": (
            InvolvedParty("producer", "Cell Works", "DE"),
            InvolvedParty("operator", "Fleet Nord", "DE"),
        ),
        "profiles": profiles_for(category_of(Application.CAR)),
        "options": Options(),
    }  # fmt: skip
    return Inputs(**{**told, **changes})


def _evaluated(
    frame: pl.DataFrame, identity: BatteryIdentity, **changes: object
) -> EvaluationReport:
    return evaluate_whole(
        frame, inputs_of(frame, identity, **changes), shipped_population(), seeded
    )


LEAF = BatteryIdentity("ORNL-LEAF-2013", "LMO-NCA", rated_capacity_ah=33.1)


@pytest.fixture(scope="session")
def leaf() -> EvaluationReport:
    """Return the evaluation of the bundled Leaf cell."""
    return _evaluated(sample("leaf_cell_2013_discharge_1c"), LEAF)


def _cycling(
    depths_frac: list[float], *, capacity_ah: float = 10.0, rate_per_h: float = 1.0
) -> pl.DataFrame:
    """Return a cell that is discharged by each depth and charged again, a sample each minute."""
    level, currents = [1.0], [0.0]
    for depth in depths_frac:
        n = round(60 * depth / rate_per_h)
        for sign in (-1.0, 1.0):
            for _ in range(n):
                currents.append(sign * rate_per_h * capacity_ah)
                level.append(level[-1] + sign * depth / n)
            currents += [0.0] * 5
            level += [level[-1]] * 5
    volts = [3.0 + 1.2 * s + 0.002 * i for s, i in zip(level, currents, strict=True)]
    return pl.DataFrame(
        {
            "battery_id": "CYC",
            "time": [START + timedelta(minutes=k) for k in range(len(level))],
            "current_a": currents,
            "voltage_v": volts,
            "temperature_min_degc": 25.0,
            "temperature_max_degc": 25.0,
        }
    ).with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))


@pytest.fixture(scope="session")
def leaf_cell() -> BatteryIdentity:
    """Return who the bundled Leaf cell is."""
    return LEAF


@pytest.fixture(scope="session")
def evaluated() -> Callable[..., EvaluationReport]:
    """Return a function from frame, identity and changed inputs to the report."""
    return _evaluated


@pytest.fixture(scope="session")
def cycling() -> Callable[..., pl.DataFrame]:
    """Return a function from depths of discharge to the frame of a cell that goes through them."""
    return _cycling
