"""The collection command, as a person calls it."""

import pytest

SITES = """pickup_id,name,address,country,latitude_deg,longitude_deg,mass_kg,un_number,\
condition,purpose,approval,opens_h,closes_h
A,Garage A,"1 quai, Lyon",FR,45.76,4.84,320,UN3480,intact,recycling,,8,12
B,Garage B,"2 quai, Lyon",FR,45.75,4.86,410,UN3480,damaged,recycling,,8,16
C,Garage C,"3 rue, Valence",FR,44.93,4.89,280,UN3480,critical,recycling,BAM/1,8,16
D,Atelier D,"4 rue, Genève",CH,46.20,6.14,300,UN3480,intact,recycling,,8,16
E,Garage E,"5 rue, Lyon",FR,45.74,4.83,300,UN3480,critical,recycling,,8,16
F,Garage F,"6 rue, Lyon",FR,45.73,4.82,heavy,UN3480,intact,recycling,,8,16
"""
HUBS = """hub_id,name,address,country,latitude_deg,longitude_deg,is_plant
P,Plant,"1 rue A, Grenoble",FR,45.19,5.72,yes
"""
FLEET = """kind_id,n_available,capacity_kg,n_places,day_eur,cost_eur_per_km,takes_critical
7.5 t,3,3000,12,330,1.05,yes
"""


@pytest.fixture
def collect(batteryloop, tmp_path):
    for name, text in (("sites", SITES), ("hubs", HUBS), ("fleet", FLEET)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")

    def run(*more, hubs="hubs.csv"):
        return batteryloop(
            "circular", "collect", tmp_path / "sites.csv", "--hubs", tmp_path / hubs,
            "--fleet", tmp_path / "fleet.csv", "--on", "2026-11-25", *more,
        )  # fmt: skip

    return run


def test_a_day_is_planned_and_what_may_not_travel_is_said(collect):
    ended = collect()
    assert ended.code == 0
    assert "exact, dynamic programming" in ended.out
    assert "category 0" in ended.out
    assert "Switzerland to France" in ended.out
    assert "no approval" in ended.err
    assert "F" in ended.err


def test_json_has_tours_papers_and_the_map(collect):
    document = collect("--json").document
    assert {r["subject"] for r in document["refused"]} == {"E", "F"}
    assert len(document["documents"]) == sum(len(p["tours"]) for p in document["plans"])
    places = document["map"]["places"]
    assert {place["name"] for place in places} == {
        "Plant", "Garage A", "Garage B", "Garage C", "Atelier D"
    }  # fmt: skip
    for tour in document["map"]["tours"]:
        assert tour["points"][0] == tour["points"][-1] == [45.19, 5.72]
    (movement,) = document["movements"]
    assert movement["control"] == "notification"


def test_documents_are_written_as_text_and_page(collect, tmp_path):
    collect("--documents", tmp_path / "papers")
    texts = sorted((tmp_path / "papers").glob("*.txt"))
    assert len(texts) == len(list((tmp_path / "papers").glob("*.html")))
    whole = "".join(path.read_text(encoding="utf-8") for path in texts)
    assert "UN 3480 WASTE LITHIUM ION BATTERIES, 9 (E)" in whole
    assert "special provision 376, transport category 0" in whole


def test_two_hubs_are_consolidated(collect, tmp_path):
    (tmp_path / "two.csv").write_text(
        HUBS + 'L,Lyon hub,"9 rue, Lyon",FR,45.77,4.9,no\n', encoding="utf-8"
    )
    document = collect("--json", hubs="two.csv").document
    assert set(document["consolidation"]["hub_of"]) == {"A", "B", "C", "D"}
    assert {plan["hub_id"] for plan in document["plans"]} == set(
        document["consolidation"]["trunk_kg"]
    )


def test_a_border_that_is_closed_is_refused(collect, tmp_path):
    (tmp_path / "far.csv").write_text(
        HUBS.replace("FR", "CN").replace("P,", "S,"), encoding="utf-8"
    )
    ended = collect(hubs="far.csv")
    assert ended.code == 2
    assert "China" in ended.err


def test_a_missing_column_is_one_line_and_exit_2(collect, tmp_path):
    (tmp_path / "hubs.csv").write_text("hub_id,name\nP,Plant\n", encoding="utf-8")
    ended = collect()
    assert ended.code == 2
    assert "latitude_deg" in ended.err
