"""The plant's commands, as a person calls them."""

import pytest


@pytest.fixture
def returns_csv(tmp_path):
    path = tmp_path / "returns.csv"
    rows = [f"R-{i},{'LFP' if i % 2 else 'NMC622'},{300 + i}" for i in range(20)]
    path.write_text("battery_id,chemistry,mass_kg\n" + "\n".join(rows) + "\n")
    return path


def test_the_plant_says_what_leaves_and_what_the_law_says(batteryloop):
    ended = batteryloop("circular", "recycle", "NMC622=50000", "--no-improve")
    assert ended.code == 0
    assert "21,960 t" in ended.out
    assert "4.71 USD/kg" in ended.out
    assert "mass [t]" in ended.out
    assert "✗ fails" in ended.out


def test_the_plant_speaks_json_with_flows_that_balance(batteryloop):
    document = batteryloop(
        "circular", "recycle", "LFP=1000", "--on", "2027-12-31", "--lines", "--json"
    ).document
    balance = document["balance"]
    came = sum(f["mass_t"] for f in balance["flows"] if f["kind"] in ("feed", "reagent"))
    left = sum(stream["mass_t"] for stream in balance["leaving_t"].values())
    assert left == pytest.approx(came, rel=1e-9)
    plan = document["improvements"]["2027-12-31"]
    assert plan["fewest"]["steps"] == ["iron_phosphate"]
    assert document["lines"]["worked_t"] > 0


def test_a_wrong_feed_is_one_line_and_exit_2(batteryloop):
    ended = batteryloop("circular", "recycle", "NMC622")
    assert ended.code == 2
    assert "NMC622=50000,LFP=10000" in ended.err


def test_a_wrong_chemistry_gets_the_nearest_names(batteryloop):
    ended = batteryloop("circular", "recycle", "NMC662=10")
    assert ended.code == 2
    assert "NMC622" in ended.err


def test_own_prices_are_used(batteryloop, tmp_path):
    own = tmp_path / "prices.csv"
    own.write_text("item,kind,price_usd_per_kg,dated\nsteel,product,1,2026\n")
    ended = batteryloop("circular", "recycle", "LFP=10", "--prices", own, "--no-improve")
    assert ended.code == 2
    assert "price" in ended.err


def test_packs_are_followed_into_new_batteries(batteryloop, returns_csv):
    document = batteryloop(
        "circular", "trace", returns_csv, "--share", "Li=0.12", "--json"
    ).document
    assert document["worst_gap_frac"] < 1e-9
    assert "proportional" in document["rules"]
    (battery,) = document["made"]["batteries"]
    shares = {share["element"]: share["share_frac"] for share in battery["shares"]}
    assert shares["Li"] == pytest.approx(0.12)
    assert shares["Co"] == 0.0


def test_a_bad_pack_is_refused_and_the_rest_goes_on(batteryloop, returns_csv):
    with returns_csv.open("a") as table:
        table.write("R-1,LFP,10\nR-99,unobtainium,10\n")
    ended = batteryloop("circular", "trace", returns_csv)
    assert ended.code == 0
    assert "R-1: comes twice" in ended.err
    assert "R-99" in ended.err
    assert "20 packs" in ended.out


def test_a_blend_that_cannot_be_carried_says_why_and_which_steps_help(batteryloop):
    ended = batteryloop(
        "circular", "blend", "NMC622=60000,LFP=60000", "--must-take", "LFP=20000", "--json"
    )
    report = ended.document
    assert report["as_it_is"]["is_feasible"] is False
    assert "LFP" in report["as_it_is"]["reason"]
    assert report["improved"]["best"]["is_feasible"] is True


def test_a_blend_names_what_one_tonne_more_is_worth(batteryloop):
    ended = batteryloop("circular", "blend", "NMC622=60000,LFP=9000", "--no-improve")
    assert ended.code == 0
    assert "capacity" in ended.out
