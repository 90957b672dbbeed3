"""Our passports against the official schemas of four public models, and their samples against us.

The schemas stay where they were published; nothing of them is in this repository.
"""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batteryloop.passport.mappings.loss import LossKind
from batteryloop.passport.mappings.schema_check import check_parts
from batteryloop.readers.documents import read_document
from batteryloop.readers.passport_schemas import read_passport_schemas
from batteryloop.usecases.export_passport import (
    MODELS,
    check_export,
    export_passport,
    import_passport,
)
from batteryloop.usecases.issue_passport import issue_passport
from batteryloop.usecases.validate_passport import validate_against_model

pytestmark = pytest.mark.shared_data
ROOT = Path(__file__).resolve().parents[2]
LEAF = ROOT / "src" / "batteryloop" / "samples" / "leaf_cell_2013_passport.toml"
FULL = ROOT / "examples" / "passports" / "ring_pack.toml"
MINIMAL = {"attributes": {"battery_id": "urn:ring:b2", "category": "industrial"}}


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "passport_schemas"


@pytest.fixture(scope="module")
def schemas(folder):
    return read_passport_schemas(folder)


def _passport(description):
    if isinstance(description, Path):
        description = tomllib.loads(description.read_text(encoding="utf-8"))
    return issue_passport(
        description,
        passport_id="urn:uuid:550e8400-e29b-41d4-a716-446655440000",
        now=datetime(2026, 11, 25, tzinfo=UTC),
    ).latest


def _named(report):
    fields = [name for loss in report.losses for name in loss.field.split(", ")]
    return {name.split(".")[0].split("[")[0] for name in fields}


@pytest.mark.parametrize("description", [FULL, LEAF, MINIMAL], ids=["full", "leaf", "minimal"])
@pytest.mark.parametrize("model", MODELS)
def test_an_export_is_valid_by_the_official_schemas(schemas, model, description):
    exported = export_passport(
        _passport(description), model, schemas=schemas.by_model[model], is_filled=True
    )
    assert check_export(exported.document, model, schemas.by_model[model]) == ()
    assert exported.report.losses


@pytest.mark.parametrize("model", ["batterypass", "catenax"])
def test_a_model_that_insists_on_all_refuses_a_minimal_passport_without_placeholders(
    schemas, model
):
    exported = export_passport(_passport(MINIMAL), model)
    problems = check_export(exported.document, model, schemas.by_model[model])
    assert problems
    assert len(exported.report.of(LossKind.LEFT_OUT)) >= len(problems) / 2


def test_the_shell_needs_no_placeholder_since_it_can_say_unknown(schemas):
    exported = export_passport(_passport(MINIMAL), "idta", schemas=schemas.by_model["idta"])
    assert not exported.report.of(LossKind.INVENTED)
    assert any("without a value" in x.why for x in exported.report.of(LossKind.LEFT_OUT))


@pytest.mark.parametrize("model", MODELS)
def test_a_round_trip_keeps_or_names_every_attribute(schemas, model):
    passport = _passport(FULL)
    files = schemas.by_model[model]
    exported = export_passport(passport, model, schemas=files, is_filled=True)
    imported = import_passport(exported.document, model, schemas=files)
    back = {a.name: a.value for a in imported.attributes}
    told = _named(exported.report)
    silent = {
        name: (a.value, back.get(name))
        for name, a in passport.attributes.items()
        if back.get(name) != a.value and name not in told
    }
    assert silent == {}
    assert set(back) <= set(passport.attributes)


def test_the_shell_is_read_back_with_names_numbers_and_lists(schemas):
    passport = _passport(FULL)
    files = schemas.by_model["idta"]
    document = export_passport(passport, "idta", schemas=files).document
    back = {a.name: a for a in import_passport(document, "idta", schemas=files).attributes}
    for name in ("passport_id", "battery_id", "status", "warranty_months", "materials",
                 "spare_part_sources", "soce_frac", "recycled_post_lithium_frac"):  # fmt: skip
        assert back[name].value == passport.value(name), name
    assert back["soce_frac"].determined_at == passport.attributes["soce_frac"].determined_at


def test_schemas_in_utf16_are_read_and_the_newest_of_each_is_taken(schemas):
    assert len(schemas.by_model["batterypass"]) == 7
    assert schemas.versions["batterypass Performance"] == "1.2.1"
    assert schemas.versions["idta 4"] == "1.0.1"


def test_the_official_sample_with_a_blank_in_a_cas_number_is_refused_and_read(folder, schemas):
    file = (folder / "batterypass" / "io.BatteryPass.MaterialComposition" / "1.2.0" / "gen"
            / "MaterialComposition-payload.json")  # fmt: skip
    document = {"MaterialComposition": read_document(file)}
    part = {"MaterialComposition": schemas.by_model["batterypass"]["MaterialComposition"]}
    (problem,) = check_parts(document, part)
    assert "'7439-93-2 '" in problem.found
    imported = import_passport(document, "batterypass")
    (materials,) = [a.value for a in imported.attributes if a.name == "materials"]
    assert materials[0]["cas"] == "7439-93-2"
    assert any("blanks" in loss.why for loss in imported.report.of(LossKind.CHANGED))


def test_the_official_catena_x_sample_is_valid_and_read_but_for_what_is_named(folder, schemas):
    file = (folder / "catenax" / "io.catenax.battery.battery_pass" / "6.1.0" / "gen"
            / "BatteryPass.json")  # fmt: skip
    document = read_document(file)
    verdict = validate_against_model(document, "catenax", schemas.by_model["catenax"])
    assert verdict.is_valid
    imported = import_passport(document, "catenax")
    found = {a.name: a.value for a in imported.attributes}
    assert found["rated_capacity_ah"] == 4.0
    assert found["soce_frac"] == 0.5
    assert found["mass_kg"] == 0.02
    assert found["status"] == "original"
    assert found["serial_number"] == "SN12345678"
    unread = {loss.field for loss in imported.report.of(LossKind.UNREAD)}
    assert "characteristics.warranty" in unread  # 36 days are no months
    assert "operation.intoServiceDate" in unread  # 7172-75-08 is no day
    assert "performance.rated.voltage.temperature" in unread


def test_the_official_untp_sample_is_valid_and_read(folder, schemas):
    document = read_document(folder / "untp" / "untp-dpp-instance.json")
    verdict = validate_against_model(document, "untp", schemas.by_model["untp"])
    assert verdict.is_valid
    found = {a.name: a.value for a in import_passport(document, "untp").attributes}
    assert found["serial_number"] == "12345678"
    assert found["battery_id"] == "https://id.gs1.org/01/09520123456788/21/12345"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda d: d["submodels"][2]["submodelElements"].pop(0), "part 4"),
        (lambda d: d["submodels"][0]["submodelElements"][3].update(valueType="xs:int"), "part 1"),
        (lambda d: d["submodels"][0]["submodelElements"][3].update(idShort="Serial"), "part 1"),
        (lambda d: d["submodels"][0].update(semanticId=None), "BatteryNameplate"),
        (lambda d: d["submodels"][0].update(id=""), "metamodel"),
    ],
)
def test_a_shell_that_breaks_its_template_is_refused(schemas, change, part):
    files = schemas.by_model["idta"]
    document = export_passport(_passport(FULL), "idta", schemas=files).document
    change(document)
    if document["submodels"][0]["semanticId"] is None:
        del document["submodels"][0]["semanticId"]
    problems = check_export(document, "idta", files)
    assert part in {problem.part for problem in problems}


def test_elements_of_lists_have_no_name_so_that_the_older_metamodel_takes_them(schemas):
    files = schemas.by_model["idta"]
    document = export_passport(_passport(FULL), "idta", schemas=files).document

    def lists(element):
        if element.get("modelType") == "SubmodelElementList":
            yield element
        for inner in element.get("value") or ():
            if isinstance(inner, dict):
                yield from lists(inner)

    found = [x for s in document["submodels"] for e in s["submodelElements"] for x in lists(e)]
    items = [item for x in found for item in x.get("value") or ()]
    assert items
    assert all("idShort" not in item for item in items)


@pytest.mark.parametrize("odd", [None, "text", 7, [], {}, [None], [{"idShort": 1}], {"a": 1}])
@pytest.mark.parametrize("place", ["submodels", "assetAdministrationShells", "elements", "value"])
def test_a_broken_shell_is_refused_and_read_as_far_as_it_goes(schemas, place, odd):
    files = schemas.by_model["idta"]
    document = export_passport(_passport(FULL), "idta", schemas=files).document
    if place == "elements":
        document["submodels"][0]["submodelElements"] = odd
    elif place == "value":
        document["submodels"][2]["submodelElements"][0]["value"] = odd
    else:
        document[place] = odd
    check_export(document, "idta", files)
    assert import_passport(document, "idta", schemas=files).report.model
