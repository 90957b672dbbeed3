"""Whatever a model cannot carry is named: any part of a passport, any model without templates."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batteryloop.passport.catalogue import definitions
from batteryloop.passport.mappings.loss import LossKind
from batteryloop.passport.types import Passport, PassportLink
from batteryloop.usecases.export_passport import export_passport, import_passport

NAMES = st.frozensets(st.sampled_from(sorted(set(definitions()) - {"passport_id", "battery_id"})))
MODELS = ("batterypass", "catenax", "untp")


def named(report):
    """Return the attributes that a report names."""
    fields = [name for loss in report.losses for name in loss.field.split(", ")]
    return {name.split(".")[0].split("[")[0] for name in fields}


def part_of(full, names):
    """Return the passport with those attributes and its identity alone."""
    kept = {"passport_id", "battery_id", *names}
    return Passport(1, full.issued_at, {n: a for n, a in full.attributes.items() if n in kept})


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=NAMES, is_filled=st.booleans())
def test_an_attribute_comes_back_as_it_was_or_is_named(full, model, names, is_filled):
    passport = part_of(full, names)
    exported = export_passport(passport, model, is_filled=is_filled)
    back = {a.name: a for a in import_passport(exported.document, model).attributes}
    told = named(exported.report)
    for name, attribute in passport.attributes.items():
        value = back[name].value if name in back else None
        if isinstance(value, float):
            value = pytest.approx(value)
        assert attribute.value == value or name in told, (name, value)


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=NAMES)
def test_no_placeholder_is_read_back_as_a_value(full, model, names):
    passport = part_of(full, names)
    exported = export_passport(passport, model, is_filled=True)
    for attribute in import_passport(exported.document, model).attributes:
        assert passport.value(attribute.name) is not None, attribute


@pytest.mark.parametrize("model", MODELS)
def test_intervals_that_a_model_cannot_say_are_named(full, model):
    exported = export_passport(full, model)
    back = {a.name: a for a in import_passport(exported.document, model).attributes}
    if model == "untp":
        assert back["soce_frac"].low == full.attributes["soce_frac"].low
        return
    lost = [x for x in exported.report.of(LossKind.LOST) if "soce_frac" in x.field.split(", ")]
    assert "low, high, confidence_frac" in lost[0].why
    assert back["soce_frac"].determined_at == full.attributes["soce_frac"].determined_at


@pytest.mark.parametrize("model", MODELS)
def test_a_second_original_and_a_simulation_are_named_or_carried(full, model):
    links = (PassportLink(full.passport_id, ("M1",)), PassportLink("urn:uuid:" + "0" * 8 + "-0000-"
             "4000-8000-" + "0" * 11 + "1"))  # fmt: skip
    passport = Passport(1, full.issued_at, full.attributes, links, is_simulated=True)
    exported = export_passport(passport, model)
    told = " ".join(loss.field for loss in exported.report.losses)
    assert "originals" in told
    assert "is_simulated" in told
    originals = import_passport(exported.document, model).originals
    assert len(originals) == {"batterypass": 0, "catenax": 1, "untp": 2}[model]


def test_without_fill_nothing_is_invented(minimal):
    for model in MODELS:
        report = export_passport(minimal, model).report
        assert not report.of(LossKind.INVENTED)
        assert report.of(LossKind.LEFT_OUT)


def test_a_hazard_class_unknown_to_the_model_drops_the_substance_and_says_so(full):
    from batteryloop.passport.types import Attribute

    substances = [{"class": "aquatic-toxicity", "name": "x", "cas": "7440-02-0",
                   "concentration_frac": 0.1, "impacts": [], "component": "cell"},
                  {"class": "acute-toxicity", "name": "y", "cas": "7440-48-4",
                   "concentration_frac": 0.1, "impacts": ["a"], "component": "cell"}]  # fmt: skip
    passport = full.with_attributes(Attribute("hazardous_substances", substances))
    exported = export_passport(passport, "batterypass", is_filled=True)
    kept = exported.document["MaterialComposition"]["hazardousSubstances"]
    assert [substance["hazardousSubstanceName"] for substance in kept] == ["y"]
    assert any("hazard class" in loss.why for loss in exported.report.of(LossKind.LOST))


@pytest.mark.parametrize("kind", ["manual", "removal-manual", "poster", None])
@pytest.mark.parametrize("model", ["batterypass", "catenax"])
def test_a_documents_kind_and_title_come_back_or_are_named(full, model, kind):
    from batteryloop.passport.types import Attribute

    document = {"url": "https://x.example/a.pdf", "title": "Dismantling"}
    if kind:
        document["kind"] = kind
    passport = full.with_attributes(Attribute("dismantling_documents", [document]))
    exported = export_passport(passport, model, is_filled=True)
    back = {a.name: a.value for a in import_passport(exported.document, model).attributes}
    is_same = back["dismantling_documents"] == passport.value("dismantling_documents")
    assert is_same or "dismantling_documents" in named(exported.report)
