"""Health over HTTP: a real lake, a real model, a battery with a drifting sensor."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from batteryloop.health.learned.pulse_response import PULSE_AMPLITUDES, PULSE_VOLTAGES
from batteryloop.health.warning import watch_frame
from batteryloop.simulation import Horizon, simulate_pack
from batteryloop.simulation.types import Fault, PackSpec, Sensing
from batteryloop.storage import open_lake
from batteryloop.storage.models import write_model
from batteryloop.usecases.train_health import train_health

AT = datetime(2025, 3, 1, 4, tzinfo=UTC)
HEALTH = "/api/v1/health"


def _record(soh, rng):
    ohmic, polar = np.array([0.02 / soh**2, 0.01 / soh]) * (1.0 + 0.01 * rng.normal(size=2))
    voltages = [3.6 + 2e-3 * rng.normal()]
    for amplitude in PULSE_AMPLITUDES:
        on = voltages[0] + amplitude * ohmic
        end = on + amplitude * polar
        voltages += [on, end, end - amplitude * ohmic, voltages[0] + 1e-4 * amplitude]
    return dict(zip(PULSE_VOLTAGES, map(float, voltages), strict=True))


@pytest.fixture(scope="module")
def health_server(tmp_path_factory, running_in):
    folder = tmp_path_factory.mktemp("health")
    fault = Fault("voltage-sensor-drift", 0.06, AT + timedelta(days=10), 5)
    spec = PackSpec(
        "SIM-1", "LFP", "city-car", "temperate", 24, 66.0, None, (fault,), Sensing(60.0)
    )
    pack = simulate_pack(spec, Horizon(AT, 25), rng=np.random.default_rng(1))
    frame = pack.recording.frame.with_columns(battery_id=pl.lit("BAT-depot"))
    watch_frame(frame, spec.identity)  # compiles: longer than a client waits
    open_lake(folder / "lake").append(frame, is_simulated=True)
    rng = np.random.default_rng(0)
    soh = np.linspace(0.55, 0.95, 16)
    rows = [{"cell": f"c{k}", "SOH": s, **_record(s, rng)} for k, s in enumerate(soh) for _ in "ab"]
    model, card = train_health(pl.DataFrame(rows), "pulses", rng, data="made up")
    arrays, parts = model.as_arrays()
    write_model(folder / "models", "made-up", arrays, {**card, "parts": parts})
    yield from running_in(folder, lake=folder / "lake", models=folder / "models")


def test_warnings_name_the_cell_with_its_evidence(health_server):
    client = health_server.client("operator")
    said = client.post(f"{HEALTH}/batteries/BAT-depot/warnings", json={"severity_least": 1})
    assert said.status_code == 200
    found = said.json()
    assert found["is_simulated"]
    first = found["warnings"][0]
    assert (first["kind"], first["cell"]) == ("voltage-sensor", 5)
    assert first["evidence"]["values"]


def test_a_forecast_that_cannot_be_made_says_why(health_server):
    client = health_server.client("operator")
    said = client.post(f"{HEALTH}/batteries/BAT-depot/forecast", json={"threshold_frac": 0.7})
    assert said.status_code == 200
    found = said.json()
    assert found["threshold_frac"] == 0.7
    assert found["remaining_efc"] is not None or found["reason"] or found["notes"]


def test_curves_are_examined(health_server):
    said = health_server.client("operator").post(f"{HEALTH}/batteries/BAT-depot/shape", json={})
    assert said.status_code == 200
    assert said.json()["battery_id"] == "BAT-depot"


def test_another_organisations_battery_is_not_examined(health_server):
    client = health_server.client("operator")
    for deed in ("warnings", "forecast", "shape"):
        said = client.post(f"{HEALTH}/batteries/BAT-rival/{deed}", json={})
        assert said.status_code in {403, 404}


def test_models_show_their_cards_and_nothing_of_their_inside(health_server):
    (shown,) = health_server.client("operator").get(f"{HEALTH}/models").json()
    assert shown["name"] == "made-up"
    assert shown["card"]["n_cells"] == 16
    assert "parts" not in shown["card"]


def test_cells_are_graded_and_what_cannot_be_is_refused(health_server):
    rng = np.random.default_rng(7)
    cells = {"good": [_record(0.9, rng)], "worn": [_record(0.6, rng)], "torn": [{"U1": 3.6}]}
    cells["odd"] = [{**_record(0.8, rng), "U7": 9.0}]
    said = health_server.client("operator").post(
        f"{HEALTH}/models/made-up/grades",
        json={"cells": cells, "thresholds": {"A": 0.8, "B": 0.5}, "abstain_above_frac": 0.5},
    )
    assert said.status_code == 200
    found = {cell["battery_id"]: cell for cell in said.json()["cells"]}
    assert (found["good"]["grade"], found["worn"]["grade"]) == ("A", "B")
    assert found["odd"]["grade"] == "abstain"
    assert [part["subject"] for part in said.json()["refused"]] == ["torn"]


@pytest.mark.parametrize("name", ["none", "..", "made-up.npz"])
def test_a_model_that_is_not_there_is_no_fault_of_ours(health_server, name):
    body = {"cells": {"c": [{"U1": 3.6}]}}
    said = health_server.client("operator").post(f"{HEALTH}/models/{name}/grades", json=body)
    assert said.status_code in {404, 405}


def test_a_card_that_cannot_be_read_does_not_hide_the_others(health_server):
    folder = health_server.house.settings.models
    torn = folder / "torn"
    torn.with_suffix(".npz").write_bytes(b"")
    torn.with_suffix(".json").write_text("{", encoding="utf-8")
    shown = health_server.client("operator").get(f"{HEALTH}/models").json()
    assert {model["name"]: "damaged" in model["card"] for model in shown} == {
        "made-up": False,
        "torn": True,
    }
    body = {"cells": {"c": [{"U1": 3.6}]}}
    said = health_server.client("operator").post(f"{HEALTH}/models/torn/grades", json=body)
    assert said.status_code in {400, 409, 422}
