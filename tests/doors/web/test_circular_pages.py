"""Where packs go and what comes of it: the way through its pages in a real browser."""

import re

import numpy as np
import polars as pl
from playwright.sync_api import expect

from batteryloop.health.learned.pulse_response import PULSE_AMPLITUDES, PULSE_VOLTAGES
from batteryloop.storage.models import write_model
from batteryloop.usecases.train_health import train_health


def test_the_board_says_where_everything_goes_and_what_it_is_worth(site):
    page = site.open("/circular", "holder")
    expect(page.locator(".verdict")).to_contain_text(re.compile(r"Worth [\d,]+ \("))
    expect(page.locator(".verdict")).to_contain_text("at most")
    expect(page.locator(".simulated").first).to_have_text("simulated")
    fates = page.get_by_role("region", name="Fates", exact=True).locator("tbody tr")
    assert fates.count() >= 4
    n_packs = [int(row.locator("td").first.inner_text()) for row in fates.all()]
    assert sum(n_packs) == 400
    drawn = page.locator("[data-flows=fate-flows] svg")
    expect(drawn).to_be_visible()
    expect(drawn).to_contain_text("repurpose")
    room = page.get_by_role("region", name="Room").locator("tbody tr").first
    assert float(room.locator("td").last.inner_text().replace(",", "")) > 0


def test_a_packs_page_says_why_and_what_would_change_it(site):
    page = site.open("/circular?fate=repurpose", "holder")
    link = page.get_by_role("region", name="Packs").locator("tbody th a").first
    name = link.inner_text()
    link.click()
    expect(page.locator(".why")).to_contain_text(f"{name} goes to repurpose")
    expect(page.get_by_role("region", name="What would change it")).to_contain_text(
        "state of health"
    )
    options = page.get_by_role("region", name="What it could have been").locator("tbody tr")
    expect(options.first).to_contain_text("chosen")


def test_the_plant_is_fed_by_the_form_and_says_what_makes_it_pass(site):
    page = site.open("/circular/plant?feed_LFP=1000&step=plastics", "holder")
    expect(page.locator(".verdict")).to_contain_text("Misses")
    expect(page.get_by_role("region", name="Annex XII by date")).to_contain_text("✗ fails")
    page.get_by_role("link", name="2025-12-31").click()
    expect(page.locator("#changes")).to_contain_text("iron phosphate", timeout=60_000)
    for label, mass in (("LFP", ""), ("NMC622", "1000")):
        page.get_by_label(label, exact=True).fill(mass)
    page.get_by_label("plastics sorted out").uncheck()
    page.get_by_label("Drawn").select_option("Li")
    page.get_by_role("button", name="Balance").click()
    assert "feed_NMC622=1000" in page.url
    table = page.get_by_role("region", name="What leaves the plant")
    expect(table).to_contain_text("lithium carbonate")
    expect(page.locator("[data-flows=plant-flows] svg")).to_contain_text("lithium carbonate")


def test_a_feed_that_is_no_number_is_said(site):
    page = site.open("/circular/plant?feed_LFP=much", "holder")
    expect(page.locator("main")).to_contain_text("feed of LFP")
    site.troubles.clear()  # the browser notes the answer 422 as an error


def test_returns_are_dashed_beyond_now_and_banded(site):
    page = site.open("/circular/returns", "holder")
    charts = page.locator("svg.bands")
    assert charts.count() == 2
    assert charts.first.locator("path.forecast").count() == 2
    assert charts.first.locator("path.band").count() == 2
    expect(charts.first.locator("rect.hatched")).to_be_attached()
    rows = page.get_by_role("region", name="Returns by year").locator("tbody tr")
    assert rows.count() == 21


def test_matched_packs_say_what_the_law_calls_them(site):
    page = site.open("/circular/matching?objective=capacity", "holder")
    expect(page.get_by_label("Objective")).to_have_value("capacity")
    rows = page.get_by_role("region", name="Matched packs").locator("tbody tr")
    assert rows.count() == 15
    assert page.locator("svg.strips circle").count() == 120
    expect(page.locator("[data-flows=lineage-flows] svg")).to_be_visible()


def test_a_tour_on_the_map_leads_to_the_document_that_travels_with_it(site):
    page = site.open("/circular/tours", "holder")
    expect(page.locator(".places path.leaflet-interactive").first).to_be_visible()
    page.get_by_role("region", name="Tours", exact=True).locator("tbody th a").first.click()
    expect(page.get_by_role("region", name="Dangerous goods")).to_contain_text("UN 3480")


def test_a_table_of_cells_is_graded_on_the_page(site, tmp_path):
    rng = np.random.default_rng(0)
    rows = []
    for number in range(20):
        soh = 0.55 + 0.02 * number
        for _ in range(2):
            steps = 0.02 / soh**2 * (1.0 + 0.01 * rng.normal())
            pulse = [3.6]
            for amplitude in PULSE_AMPLITUDES:
                on = 3.6 + amplitude * steps
                pulse += [on, on + amplitude * steps / 2, on - amplitude * steps / 2, 3.6]
            rows.append(
                {"cell": f"c{number}", "SOH": soh, **dict(zip(PULSE_VOLTAGES, pulse, strict=True))}
            )
    table = pl.DataFrame(rows)
    model, card = train_health(table, "pulses", rng, data="made up")
    arrays, parts = model.as_arrays()
    write_model(tmp_path, "made-up", arrays, {**card, "parts": parts})
    house = site.house
    before, house.settings = house.settings, house.settings.model_copy(update={"models": tmp_path})
    try:
        page = site.open("/circular/cells", "holder")
        content = {
            "name": "cells.csv",
            "mimeType": "text/csv",
            "buffer": table.write_csv().encode(),
        }
        page.set_input_files("[name=table]", content)
        page.fill("[name=thresholds]", "fine=0.8,fair=0.5")
        page.click("main form.filters button")
        said = page.inner_text("main")
        assert "20 cells of cells.csv" in said
        assert "fair" in said
        with page.expect_download() as kept:
            page.click("a[download]")
        assert pl.read_csv(kept.value.path()).height == 20
        page.close()
    finally:
        house.settings = before
