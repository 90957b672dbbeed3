"""The circular demo, whole: from returns to a new battery's passport, and masses balance."""

import json
import socket
import threading
import time

import httpx
import pytest
import uvicorn

from batteryloop.api.start import start
from batteryloop.circular.recycle.genealogy import pack_elements_kg
from batteryloop.record import EventKind
from batteryloop.usecases.balance_loop import balance_loop, worst_gap_frac
from batteryloop.usecases.record_passport import recorded_history
from batteryloop.web.app import mount
from batteryloop.wiring.records import open_record
from batteryloop.wiring.settings import Settings

N_PACKS, N_NEW = 30, 3


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Return the demo's folder; the first test runs it."""
    return tmp_path_factory.mktemp("circular")


@pytest.fixture
def document(out, batteryloop):
    """Run the demo once, small; return what it said."""
    kept = out / "said.json"
    if not kept.exists():
        ended = batteryloop(
            "circular", "demo", "--n-packs", N_PACKS, "--n-new", N_NEW, "--seed", 3, "--out", out,
            "--json",
        )  # fmt: skip
        assert ended.code == 0, ended.err
        kept.write_text(ended.out)
        return ended.document
    return json.loads(kept.read_text())


@pytest.fixture
def record(document, out):
    """Return the record that the demo left."""
    with open_record(str(out / "record.sqlite")) as opened:
        yield opened


def events(record, kind):
    return [entry.event for entry in record.entries() if entry.event.kind is kind]


def test_every_pack_has_one_fate_and_the_plan_its_bound(document):
    assert sum(document["fates"].values()) == document["n_packs"] == N_PACKS
    assert document["planned_eur"] <= document["bound_eur"] * (1 + 1e-9)
    assert document["planned_low_eur"] <= document["planned_eur"] <= document["planned_high_eur"]
    assert document["refused"] == []
    assert document["is_simulated"] is True


def test_every_truck_has_a_document_and_every_pack_its_tour(document, record, out):
    told = document["collected"]
    assert told["n_packs"] + len(told["refused"]) == N_PACKS
    papers = {path.stem: path.read_text() for path in (out / "transport").glob("*.txt")}
    assert len(papers) == told["n_tours"] > 0
    first = [e for e in events(record, EventKind.COLLECTED) if not e.details.get("is_waste")]
    for event in first:
        if "tour" in event.details:
            assert event.details["goods"] in papers[event.details["tour"]]


def test_masses_balance_at_every_step(document, record):
    assert document["worst_gap_frac"] <= 1e-9
    steps = balance_loop(record.entries())
    assert worst_gap_frac(steps) <= 1e-9
    assert all(sum(step.in_kg.values()) > 0 for step in steps)


def test_what_left_each_pack_is_what_the_new_batteries_say_they_hold(record):
    """Counted anew, from the packs' own masses and the recycled share that each plant reached."""
    cobalt, reached = 0.0, []
    for event in events(record, EventKind.RECYCLED):
        battery = record.battery(event.battery_id).battery
        had = pack_elements_kg(battery.chemistry, battery.mass_kg).get("Co", 0.0)
        got = sum(lot.get("Co", 0.0) for lot in event.details["masses_kg"]["recovered"].values())
        cobalt += got
        reached += [got / had] if had else []
    assert reached
    assert all(0.85 < share < 1.0 for share in reached)
    made = [e for e in events(record, EventKind.MADE) if "recycled_content" in e.details]
    held = sum(
        parts.get("Co", 0.0)
        for event in made
        for parts in event.details["recycled_content"]["from_lots_kg"].values()
    )
    stock = sum(
        event.details["into_kg"].get("stock", {}).get("Co", 0.0)
        for event in events(record, EventKind.NOTED)
    )
    assert held + stock == pytest.approx(cobalt, rel=1e-9)


def test_the_record_and_the_new_batterys_passport_verify(document, out, batteryloop):
    assert document["record"]["is_whole"]
    assert document["verdict"]["is_valid"]
    ended = batteryloop("record", "verify", "--projections", "--record", out / "record.sqlite")
    assert ended.code == 0, ended.err
    forged = out / "forged.json"
    forged.write_text((out / "passport.json").read_text().replace("recycled", "recyc1ed", 1))
    command = ["passport", "verify", forged, "--folder", out / "keys"]
    assert batteryloop(*command, "--credential", out / "passport.vc.jwt").code == 2


def test_the_passport_tells_its_recycled_content_by_lot(document, record):
    (name, *_) = document["new_batteries"]
    told = recorded_history(record, name).latest
    for row, word in zip(
        document["recycled_content"], ("cobalt", "lithium", "nickel"), strict=True
    ):
        attribute = told.attributes[f"recycled_post_{word}_frac"]
        assert attribute.value == row["share_frac"]
        assert attribute.provenance.startswith("lots ")
        assert [target["from_on"][:4] for target in row["targets"]] == ["2031", "2036"]
    assert told.is_simulated


def test_passports_of_recycled_packs_ceased_and_those_of_parents_lead_on(record):
    for event in events(record, EventKind.RECYCLED):
        assert recorded_history(record, event.battery_id).latest.ceased_at is not None
    for event in events(record, EventKind.REPURPOSED):
        child = recorded_history(record, event.battery_id).latest
        assert len(child.originals) == len(event.details["parents"])
        for parent in event.details["parents"]:
            links = recorded_history(record, parent["battery_id"]).latest.successors
            assert child.passport_id in [link.passport_id for link in links]


@pytest.fixture
def pages(record, out):
    """Return a signed-in visitor of the pages, on a real port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings.read({}, record=str(out / "record.sqlite"), keys=out / "keys", port=port)
    started = start(settings)
    mount(started.app)
    server = uvicorn.Server(uvicorn.Config(started.app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        signed = {"account_id": "admin", "password": started.admin_password}
        answer = client.post("/login", data=signed, headers={"origin": str(client.base_url)})
        assert answer.status_code == 303, answer.text
        yield client
    server.should_exit = True
    thread.join()


def test_pages_tell_a_packs_way_and_a_new_batterys(document, record, pages):
    recycled = events(record, EventKind.RECYCLED)[0]
    said = pages.get(f"/fleet/{recycled.battery_id}").text
    reason = record.last_entry(recycled.battery_id, EventKind.TRIAGED).event.details["words"]
    assert "Its way through the loop" in said
    assert reason in said.replace("&#39;", "'")
    assert "won back [kg]" in said
    (name, *_) = document["new_batteries"]
    said = pages.get(f"/fleet/{name}?lang=zh").text
    assert "使用再生金属制造" in said
    store = events(record, EventKind.REPURPOSED)[0]
    said = pages.get(f"/fleet/{store.battery_id}").text
    assert f'href="/fleet/{store.details["parents"][0]["battery_id"]}"' in said
