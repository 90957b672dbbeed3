"""The page of an evaluation in a real browser: readable by all, complete by itself, fit for A4."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from batteryloop.evaluation import EvaluationReport, InvolvedParty, Statement
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.record import Application, BatteryIdentity
from batteryloop.samples import sample_paths
from batteryloop.usecases.evaluate_battery import EvaluationOrder, evaluate_batteries
from batteryloop.web.evaluation_page import evaluation_page
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import telemetry_source

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
A4_PX = 718  # 190 mm between the margins, at 96 dots an inch


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """Return the file of the bundled Leaf cell's page."""
    order = EvaluationOrder(
        "test",
        datetime(2026, 11, 25, tzinfo=UTC),
        Statement(application=Application.CAR, vehicle_class="M1", country="DE"),
        (InvolvedParty("producer", "Cell Works", "DE"),),
    )
    source = telemetry_source(sample_paths("leaf_cell_2013"))
    cell = BatteryIdentity("cell", "LMO-NCA", 33.1)
    (report,) = evaluate_batteries(source, cell, order, shipped_population(), seeded)
    assert isinstance(report, EvaluationReport)
    odd = replace(report.inputs, identity=replace(cell, battery_id="<b>Leaf & cell</b>"))
    report = replace(report, inputs=odd)
    path = tmp_path_factory.mktemp("page") / "cell.html"
    path.write_text(evaluation_page(report), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser():
    """Return a real Chromium, or skip and say so."""
    if CHROMIUM is None:
        pytest.skip("no chromium is installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_light_and_dark(browser, page_file, scheme):
    page = browser.new_context(color_scheme=scheme).new_page()
    page.goto(page_file.as_uri())
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []


def test_the_page_fetches_nothing_and_runs_no_script(browser, page_file):
    page = browser.new_page(java_script_enabled=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert asked == [page_file.as_uri()]
    assert page.locator("svg.chart").count() >= 2


def test_on_a4_nothing_runs_over_the_edge(browser, page_file):
    page = browser.new_page(viewport={"width": A4_PX, "height": 1000})
    page.emulate_media(media="print")
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_PX
    assert len(page.pdf(format="A4")) > 10_000


def test_a_name_is_shown_as_it_is_and_never_taken_for_markup(browser, page_file):
    page = browser.new_page()
    page.goto(page_file.as_uri())
    assert page.locator("h1").inner_text() == "<b>Leaf & cell</b>"
