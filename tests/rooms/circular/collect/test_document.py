"""Every document is read afresh against the rules; an altered one is found out."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from batteryloop.circular.collect import (
    Hub,
    PickUp,
    VehicleKind,
    document_faults,
    document_html,
    document_text,
    make_instance,
    movement_needs,
    transport_document,
)
from batteryloop.errors import InputWrong, RecordSaysNo

DAY = date(2026, 11, 25)
HUB = Hub("H", "Plant", "1 rue A, Grenoble", "FR", 45.2, 5.7)
TRUCK = VehicleKind("18 t", 1, 8000.0, 20, 400.0, 1.3, takes_critical=True)
SITE = PickUp("S1", "Garage <Rive>", "2 quai, Lyon", "FR", 45.8, 4.8, 300.0)


def _document(*sites, truck=TRUCK, **more):
    return transport_document("T1", sites or [SITE], HUB, truck, DAY, **more)


def test_the_description_has_the_order_of_the_law():
    damaged = replace(SITE, condition="damaged", purpose="reuse")
    (line,) = _document(damaged).lines
    assert line.description == "UN 3480 LITHIUM ION BATTERIES, 9 (E)"
    assert line.package_kind == "P908"
    assert line.consignor == "Garage <Rive>, 2 quai, Lyon, FR"
    assert line.consignee == "Plant, 1 rue A, Grenoble, FR"
    assert line.statements == ("Transport in accordance with special provision 376",)


def test_waste_says_so():
    assert _document().lines[0].shipping_name == "WASTE LITHIUM ION BATTERIES"


def test_every_line_of_generated_loads_is_without_fault():
    _, sites, _ = make_instance(100, np.random.default_rng(7))
    for site in sites:
        assert document_faults(_document(site)) == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"shipping_name": "LITHIUM ION BATTERIES"}, "proper shipping name"),
        ({"goods_class": "8"}, "class"),
        ({"packing_group": "II"}, "packing group"),
        ({"tunnel_code": "D"}, "tunnel code"),
        ({"n_packages": 0}, "packages"),
        ({"quantity_kg": 0.0}, "quantity"),
        ({"consignor": "Garage"}, "consignor has no name and address"),
        ({"consignee": ""}, "consignee has no name and address"),
        ({"package_kind": "P903"}, "P908"),
        ({"statements": ()}, "special provision 376"),
        ({"mark": ""}, "mark on the packages"),
        ({"un_number": "UN3481"}, "not for goods packed"),
        ({"condition": "critical"}, "P911"),
    ],
)
def test_a_document_that_was_altered_is_found_out(change, fault):
    good = _document(replace(SITE, condition="damaged"))
    assert document_faults(good) == ()
    bad = replace(good, lines=(replace(good.lines[0], **change),))
    assert any(fault in found for found in document_faults(bad)), document_faults(bad)


def test_a_document_of_two_that_may_not_share_a_truck_is_found_out():
    one = _document()
    two = _document(replace(SITE, pickup_id="S2", condition="critical", approval="X"))
    assert any(
        "mixed loading" in fault
        for fault in document_faults(replace(one, lines=one.lines + two.lines))
    )


def test_a_document_that_denies_the_certificate_is_found_out():
    heavy = _document(replace(SITE, mass_kg=400.0))
    assert heavy.needs_certified_driver
    assert document_faults(replace(heavy, needs_certified_driver=False))
    assert document_faults(replace(heavy, lines=()))


def test_what_may_not_ride_together_is_refused():
    critical = replace(SITE, pickup_id="S2", condition="critical", approval="X")
    with pytest.raises(RecordSaysNo, match="two trucks"):
        _document(SITE, critical)


def test_a_driver_without_certificate_takes_333_kg_and_no_more():
    van = replace(TRUCK, has_certified_driver=False)
    assert not _document(replace(SITE, mass_kg=333.0), truck=van).needs_certified_driver
    with pytest.raises(RecordSaysNo, match="certificate"):
        _document(replace(SITE, mass_kg=334.0), truck=van)


def test_a_truck_that_is_not_fitted_or_too_small_is_refused():
    critical = replace(SITE, condition="critical", approval="X")
    with pytest.raises(RecordSaysNo, match="not fitted"):
        _document(critical, truck=replace(TRUCK, takes_critical=False))
    with pytest.raises(RecordSaysNo, match="at most"):
        _document(truck=replace(TRUCK, capacity_kg=200.0))
    with pytest.raises(InputWrong, match="nothing is aboard"):
        transport_document("T1", [], HUB, TRUCK, DAY)


def test_a_closed_border_is_refused_and_an_open_one_brings_its_papers():
    with pytest.raises(RecordSaysNo, match="China"):
        _document(movements=[movement_needs("FR", "CN", "recycling", DAY)])
    document = _document(movements=[movement_needs("DE", "FR", "recycling", DAY)])
    assert any("movement document" in paper for paper in document.papers)


def test_the_approval_travels_along():
    document = _document(replace(SITE, condition="critical", approval="BAM/2026/1"))
    assert document.points is None
    assert "approval BAM/2026/1 for S1" in document.papers


def test_text_and_page_say_every_entry_and_escape_what_comes_from_outside():
    document = _document(replace(SITE, condition="damaged"))
    text, page = document_text(document), document_html(document)
    for entry in ("UN 3480 WASTE LITHIUM ION BATTERIES, 9 (E)", "1 × P908", "300.0 kg", "376"):
        assert entry in text
        assert entry in page
    assert "<Rive>" in text
    assert "<Rive>" not in page
    assert "Garage &lt;Rive&gt;" in page


def test_json_has_the_entries_by_name():
    (line,) = _document().as_dict()["lines"]
    assert {"un_number", "shipping_name", "goods_class", "packing_group", "tunnel_code",
            "n_packages", "package_kind", "quantity_kg", "consignor", "consignee",
            "statements"} <= set(line)  # fmt: skip
