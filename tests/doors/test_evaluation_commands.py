"""`batteryloop evaluation`, as a person or a script calls it."""

import json
import re

import pytest

from batteryloop.evaluation import canonical_report, report_from_dict
from batteryloop.samples import sample_paths
from batteryloop.usecases.recompute_evaluation import recompute_evaluation

ABOUT = """
[statement]
application = "car"
vehicle_class = "M1"
country = "DE"
in_service_at = 2021-03-01
originator = "Test bench"

[[parties]]
role = "producer"
name = "Cell Works"
country = "DE"
"""


@pytest.fixture
def made(batteryloop, discharge_csv, tmp_path):
    """Return the folder with the report of a small cell."""
    (tmp_path / "about.toml").write_text(ABOUT)
    out = tmp_path / "reports"
    ended = batteryloop(
        "evaluation", "report", discharge_csv, "--rated-capacity-ah", "2.5", "--chemistry",
        "NMC622", "--about", tmp_path / "about.toml", "--out", out, "--at", "2026-11-25",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    return out


def test_a_report_is_a_document_and_a_page(made):
    assert sorted(p.name for p in made.iterdir()) == [
        "cell-7-evaluation.html",
        "cell-7-evaluation.json",
    ]
    document = json.loads((made / "cell-7-evaluation.json").read_text(encoding="utf-8"))
    report = report_from_dict(document)
    assert report.inputs.statement.originator == "Test bench"
    assert report.figure("soh_frac").estimate.value == pytest.approx(0.8, rel=0.01)
    assert report.responsibility.take_back.startswith("Cell Works (DE)")


def test_the_page_needs_nothing_else_and_holds_every_figure(made):
    page = (made / "cell-7-evaluation.html").read_text(encoding="utf-8")
    report = report_from_dict(json.loads((made / "cell-7-evaluation.json").read_text()))
    assert not re.search(r"<(script|link|img|iframe)\b|@import|\bsrc=|url\(", page)
    assert all(f">{figure.kind.title}</th>" in page for figure in report.figures.values())
    assert "@page" in page
    assert "prefers-color-scheme: dark" in page
    assert page.count("<svg") >= 4
    assert "SIMULATED" not in page


def test_the_screen_says_grade_bounds_and_who_takes_it_back(batteryloop, made, discharge_csv):
    ended = batteryloop(
        "evaluation", "report", discharge_csv, "--rated-capacity-ah", "2.5", "--chemistry",
        "NMC622", "--category", "stationary-storage", "--country", "FR",
    )  # fmt: skip
    assert "Unified evaluation, 90 % intervals" in ended.out
    assert "parameters that law asks for are not known" in ended.out
    assert "who is not named, takes it back" in ended.out


def test_a_report_made_again_is_the_same_byte_for_byte(batteryloop, made):
    ended = batteryloop("evaluation", "verify", made / "cell-7-evaluation.json")
    assert (ended.code, ended.out) == (0, "cell-7: the same, byte for byte\n")


def test_telemetry_that_has_moved_is_found_by_name(batteryloop, made, discharge_csv, tmp_path):
    moved = tmp_path / "archive" / discharge_csv.name
    moved.parent.mkdir()
    discharge_csv.rename(moved)
    file = made / "cell-7-evaluation.json"
    assert batteryloop("evaluation", "verify", file).code == 2
    ended = batteryloop("evaluation", "verify", file, "--telemetry", moved, "--json")
    assert ended.document["is_same"] is True


def test_an_altered_figure_is_named(batteryloop, made):
    file = made / "cell-7-evaluation.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    (soh,) = [f for f in document["health"]["figures"] if f["name"] == "soh_frac"]
    soh["estimate"]["value"] = 0.95
    file.write_text(json.dumps(document), encoding="utf-8")
    ended = batteryloop("evaluation", "verify", file, "--json")
    assert ended.code == 2
    assert ended.document["is_telemetry_same"] is True
    (odd,) = ended.document["differences"]
    assert odd["place"].endswith("/estimate/value")
    assert odd["then"] == "0.95"


def test_altered_telemetry_is_told_from_an_altered_report(batteryloop, made, discharge_csv):
    lines = discharge_csv.read_text().splitlines()
    lines[500] = lines[500].replace("4.18", "4.17")
    discharge_csv.write_text("\n".join(lines) + "\n")
    ended = batteryloop("evaluation", "verify", made / "cell-7-evaluation.json")
    assert ended.code == 2
    assert "the telemetry is another" in ended.out


def test_another_software_is_a_difference_and_says_so(made, discharge_csv):
    from batteryloop.health.lifetime.population import shipped_population
    from batteryloop.wiring.chance import seeded
    from batteryloop.wiring.sources import telemetry_source

    then = report_from_dict(json.loads((made / "cell-7-evaluation.json").read_text()))
    source = telemetry_source([discharge_csv])
    again = recompute_evaluation(then, source, "other 9", shipped_population(), seeded)
    assert not again.is_same
    assert {d.place.split("/")[-1] for d in again.differences} == {"software", "originator"}
    assert canonical_report(again.report) != canonical_report(then)


def test_passport_values_come_from_the_report(batteryloop, made):
    document = batteryloop("evaluation", "passport", made / "cell-7-evaluation.json", "--json")
    soce = document.document["soce_frac"]
    assert soce["originator"].startswith("Test bench, with batteryloop")
    assert soce["low"] < soce["value"] < soce["high"]
    said = batteryloop("evaluation", "passport", made / "cell-7-evaluation.json").out
    assert "remaining_capacity_ah" in said


def test_a_batch_goes_on_after_a_bad_file(batteryloop, discharge_csv):
    (discharge_csv.parent / "note.txt").write_text("ring back")
    good, bad = sorted(
        batteryloop("evaluation", "report", discharge_csv.parent, "--json").document,
        key=lambda entry: "refused" in entry,
    )
    assert good["inputs"]["identity"]["battery_id"] == "cell-7"
    assert bad["battery_id"] == "note.txt"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[statement]\ncolour = 'red'", "colour in statement"),
        ("[owner]\nname = 'A'", "table owner"),
        ("[statement]\nvehicle_class = 'Z9'", "vehicle class 'Z9'"),
        ("[statement]\ncertified_energy_wh = 'much'", "certified_energy_wh"),
        ("[statement", "about.toml"),
    ],
)
def test_a_statement_that_cannot_be_is_refused_by_name(
    batteryloop, discharge_csv, tmp_path, text, named
):
    about = tmp_path / "about.toml"
    about.write_text(text)
    ended = batteryloop("evaluation", "report", discharge_csv, "--about", about)
    assert ended.code == 2
    assert named in ended.err


def test_what_is_no_report_is_refused(batteryloop, tmp_path, discharge_csv):
    (tmp_path / "other.json").write_text('{"a": 1}')
    assert "schema None" in batteryloop("evaluation", "verify", tmp_path / "other.json").err
    assert "is no JSON" in batteryloop("evaluation", "verify", discharge_csv).err
    assert batteryloop("evaluation", "verify", tmp_path / "none.json").code == 2


def test_a_rule_of_ones_own_is_a_file(batteryloop, discharge_csv, tmp_path):
    rule = tmp_path / "depot.toml"
    rule.write_text(
        'name="depot"\nversion="1"\ntitle="t"\nsource="handbook"\ndated="2026-11-01"\n'
        'trust="read"\nlowest_grade="out"\n[[grades]]\ngrade="in"\nfigure="soh_frac"\n'
        'at_least=0.75\nsource="handbook"\n'
    )
    ended = batteryloop(
        "evaluation", "report", discharge_csv, "--rated-capacity-ah", "2.5", "--chemistry",
        "NMC622", "--profile", rule, "--json",
    )  # fmt: skip
    assert ended.document[0]["grade"]["name"] == "in"


def test_the_bundled_cell_is_evaluated_with_its_power(batteryloop, tmp_path):
    (curve,) = sample_paths("leaf_cell_2013_ocv_25degc")
    ended = batteryloop(
        "evaluation", "report", *sample_paths("leaf_cell_2013"), "--chemistry", "LMO-NCA",
        "--rated-capacity-ah", "33.1", "--ocv", curve, "--json",
    )  # fmt: skip
    report = report_from_dict(ended.document[0])
    assert report.figure("power_soc80_w").estimate.is_known
    assert report.grade.name == "A"


def test_a_simulated_battery_says_so_on_its_page(batteryloop, tmp_path):
    lake, out = tmp_path / "lake", tmp_path / "out"
    batteryloop(
        "simulate", "--packs", "1", "--days", "4", "--sampling-s", "120", "--chemistry", "NMC622",
        "--out", lake,
    )  # fmt: skip
    ended = batteryloop("evaluation", "report", lake, "--category", "bus", "--out", out)
    assert "SIMULATED" in ended.out
    (page,) = out.glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert ">SIMULATED</span>" in text
    assert "card hatched" in text
    (file,) = out.glob("*.json")
    assert batteryloop("evaluation", "verify", file).code == 0
