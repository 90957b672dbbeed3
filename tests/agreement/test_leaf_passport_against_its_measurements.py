"""The passport of the real Leaf cell says what its measurements say, from file to schema."""

import json

import pytest

from batteryloop.cli import main
from batteryloop.samples import sample_paths

LEAF = sample_paths("leaf_cell_2013_discharge_1c")[0]


@pytest.fixture(scope="module")
def passport(tmp_path_factory):
    """Return the passport issued from the evaluation of the cell's discharge."""
    tmp_path = tmp_path_factory.mktemp("leaf")
    reports = tmp_path / "reports"
    out = tmp_path / "passport.json"
    description = LEAF.with_name("leaf_cell_2013_passport.toml")
    for words in (
        ["evaluation", "report", LEAF, "--rated-capacity-ah", 33.1, "--chemistry", "LMO-NCA",
         "--category", "car", "--out", reports],
        ["passport", "issue", description, "--evaluation",
         reports / "ORNL-LEAF-2013-evaluation.json", "--out", out],
    ):  # fmt: skip
        main.app([str(word) for word in words], standalone_mode=False)
    return json.loads(out.read_text())["versions"][-1]


def test_what_was_measured_is_told_with_interval_and_method(passport):
    capacity = passport["attributes"]["remaining_capacity_ah"]
    assert 29.5 < capacity["low"] < capacity["value"] < capacity["high"] < 31.5
    assert capacity["confidence_frac"] == 0.9
    assert "full-discharge" in capacity["method"]
    # The tester gave no dates, so none are told.
    assert capacity["provenance"] == "unified evaluation"
    fade = passport["attributes"]["capacity_fade_frac"]["value"]
    assert fade == pytest.approx(1 - capacity["value"] / 33.1, abs=1e-3)


def test_what_nobody_measured_is_unknown_with_the_reason_of_the_evaluation(passport):
    unknown = {n: a for n, a in passport["attributes"].items() if a["value"] is None}
    assert "mass_kg" in unknown
    assert "self_discharge_frac_per_month" in unknown
    assert all(a["reason"] for a in unknown.values())
    assert not passport["is_simulated"]
