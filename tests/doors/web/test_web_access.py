"""The pages are for all: axe-core, the keyboard alone, both languages, light and dark."""

from itertools import pairwise
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from world import LEAF, SECOND, passport_id

AXE = Axe()
PAGES = [
    ("/login", ""),
    ("/", "holder"),
    ("/fleet", "holder"),
    (f"/fleet/{LEAF}", "holder"),
    (f"/fleet/{LEAF}/evaluation", "holder"),
    (f"/fleet/{SECOND}", "holder"),
    (f"/passport/{passport_id(LEAF)}", "holder"),
    (f"/passport/{passport_id(SECOND)}", ""),
    ("/circular", "holder"),
    ("/circular/packs/SIM-R-00003", "holder"),
    ("/circular/matching", "holder"),
    ("/circular/tours", "holder"),
    ("/circular/tours/H-GRE-T01", "holder"),
    ("/circular/plant?feed_LFP=1000&step=iron_phosphate&step=plastics", "holder"),
    ("/circular/returns", "holder"),
    ("/passports", "holder"),
    ("/passports?show=issued", "holder"),
    ("/search?q=nothing", "interest"),
    ("/account", "holder"),
    ("/accounts", "admin"),
]


@pytest.mark.parametrize(("scheme", "language"), [("light", "zh-CN"), ("dark", "en-GB")])
@pytest.mark.parametrize(("path", "who"), PAGES)
def test_axe_finds_nothing_serious_and_a_phone_shows_it_all(site, path, who, scheme, language):
    page = site.open(path, who, color_scheme=scheme, locale=language)
    page.wait_for_load_state("networkidle")
    found = AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    grave = [
        (v["id"], [node["target"] for node in v["nodes"]][:4])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
    assert grave == []
    assert page.locator("html").get_attribute("lang") == language[:2]
    # On a phone nothing runs over the edge.
    page.set_viewport_size({"width": 420, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_the_keyboard_alone_leads_past_the_head_through_the_fleet_and_back(site):
    page = site.open("/fleet", "holder")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.keyboard.press("Tab")
    expect(page.locator("main input[name=words]")).to_be_focused()
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle + ' ' + "
            "document.activeElement.textContent.trim().slice(0, 40)"
        )
        seen.append(outline)
        if "sim-0000" in outline or LEAF in outline:
            break
    assert all(not one.startswith("none") for one in seen), seen
    page.keyboard.press("Enter")
    page.wait_for_url(lambda at: "/fleet/" in at)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fleet")


def test_the_tab_order_follows_the_page(site):
    page = site.open(f"/passport/{passport_id(LEAF)}", "holder")
    tops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        top = page.evaluate(
            "(e => e === document.body ? null : e.getBoundingClientRect().top + scrollY)"
            "(document.activeElement)"
        )
        if top is None:
            break
        tops.append(top)
    in_main = [top for top in tops if top > 60]
    assert len(in_main) >= 8
    # A column beside another may begin higher, by no more than a card's height.
    assert all(after > before - 420 for before, after in pairwise(in_main))


def test_the_policy_forbids_scripts_and_styles_within_the_page(site):
    page = site.open(f"/passport/{passport_id(LEAF)}")
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.broken = 1';"
        "document.body.append(s)"
    )
    assert page.evaluate("window.broken") is None
    assert any("Content Security Policy" in said for said in site.troubles)
    site.troubles.clear()


def test_the_chosen_language_and_theme_stay(site):
    page = site.open("/passports", "holder")
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("护照")
    page.goto(f"{site.url}/fleet")
    expect(page.get_by_role("heading", level=1)).to_have_text("车队")
    page.locator("#theme").click()
    chosen = page.evaluate("document.documentElement.dataset.theme")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == chosen


def test_names_are_shown_as_they_are_and_never_taken_for_markup(site):
    name = "<b>x</b>"
    page = site.open(f"/search?q={quote(name)}", "interest")
    assert page.locator("main input[name=q]").input_value() == name
    assert page.locator("main b").count() == 0
