"""A person's way through the pages, in a real browser over a real server."""

import re

from playwright.sync_api import expect
from world import LEAF, LEAF_LINK, PASSWORD, SECOND, passport_id


def test_who_signs_in_comes_to_the_place_that_they_wanted_and_out_again(site):
    page = site.open("/fleet")
    assert page.url.endswith("/login?next=/fleet")
    page.get_by_label("Name").fill("holder")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fleet")
    page.get_by_role("button", name="Leave").click()
    page.goto(f"{site.url}/fleet")
    assert "/login" in page.url


def test_a_wrong_password_is_said_and_lets_nobody_in(site):
    page = site.open("/login")
    page.get_by_label("Name").fill("holder")
    page.get_by_label("Password").fill("another password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    site.troubles.clear()  # the browser notes the answer 401 as an error


def test_home_shows_the_loop_and_what_needs_a_person(site):
    page = site.open("/", "holder")
    loop = page.get_by_role("group", name="The loop")
    assert loop.locator("a").count() == 7
    rows = page.get_by_role("region", name="Needs a person today").locator("tbody tr")
    assert rows.count() >= 3
    expect(rows.first).to_contain_text("measure cell 7 at rest")
    expect(page.locator(".simulated").first).to_have_text("simulated")


def test_the_fleet_is_filtered_sorted_and_paged(site):
    page = site.open("/fleet", "holder")
    assert page.locator("tbody tr").count() == 50
    first = page.locator("tbody th").first.inner_text()
    page.get_by_role("link", name="next").click()
    assert page.locator("tbody th").first.inner_text() != first
    page.goto(f"{site.url}/fleet")
    page.get_by_label("Used in").select_option("bus")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr").first).to_contain_text("bus")
    assert 0 < page.locator("tbody tr").count() < 50
    page.get_by_role("link", name=re.compile("State of health")).click()
    header = page.get_by_role("columnheader", name=re.compile("State of health"))
    assert header.get_attribute("aria-sort") in {"ascending", "descending"}
    shown = [float(t.split()[0]) for t in page.locator("tbody td.number").all_inner_texts()]
    assert shown in (sorted(shown), sorted(shown, reverse=True))


def test_the_batterys_page_draws_its_series_and_looks_closer_where_one_drags(site):
    page = site.open(f"/fleet/{LEAF}", "holder")
    plot = page.locator(".explorer .u-over")
    expect(plot).to_be_visible()
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    with page.expect_response(lambda answer: "/series?" in answer.url and "from=" in answer.url):
        page.mouse.move(box["x"] + 60, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 260, box["y"] + 40, steps=4)
        page.mouse.up()
    expect(page.locator(".verdict")).to_contain_text("% sure")
    page.get_by_role("link", name=re.compile("whole evaluation")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(LEAF)
    expect(page.locator("section[aria-label='Health now'] tbody tr").first).to_be_visible()


def test_the_code_leads_to_a_passport_that_shows_the_public_what_is_public(site):
    page = site.open(LEAF_LINK.removeprefix("http://loop.example.org"))
    assert page.url.endswith(f"/passport/{passport_id(LEAF)}")
    body = page.locator("main").inner_text()
    assert "the signature is valid right now" in body
    assert "You look at it as: the public." in body
    assert "Rated capacity" in body
    assert "In service since" not in body
    assert "State of certified energy" not in body
    assert page.get_by_role("img", name="own way lit").locator("g:not(.to-come)").count() == 1


def test_the_holder_sees_more_of_the_same_passport_and_its_way_from_the_record(site):
    page = site.open(f"/passport/{passport_id(LEAF)}", "holder")
    body = page.locator("main").inner_text()
    assert "the battery's holder, the issuer" in body
    assert "State of certified energy" in body
    assert re.search(r"90 % sure", body)
    loop = page.get_by_role("img", name="own way lit")
    expect(loop).to_contain_text("here now")


def test_an_authority_sees_test_reports_and_no_state_of_health(site):
    body = site.open(f"/passport/{passport_id(LEAF)}", "authority").locator("main").inner_text()
    assert "Test reports" in body
    assert "State of certified energy" not in body


def test_every_look_behind_the_public_view_is_kept_and_the_publics_is_not(site):
    def n_kept():
        return len(site.house.accounts.readings(battery_id=SECOND, n_most=1000))

    before = n_kept()
    site.open(f"/passport/{passport_id(SECOND)}")
    assert n_kept() == before
    site.open(f"/passport/{passport_id(SECOND)}", "interest")
    assert n_kept() == before + 1


def test_a_second_life_leads_back_to_its_originals(site):
    page = site.open(f"/passport/{passport_id(SECOND)}")
    page.get_by_role("link", name=passport_id("sim-0000")).click()
    assert page.url.endswith(f"/passport/{passport_id('sim-0000')}")
    expect(page.locator(".simulated").first).to_have_text("simulated")


def test_an_issuer_issues_signs_and_revokes_with_forms(site):
    page = site.open("/passports", "holder")
    page.get_by_role("button", name="Issue the passport of sim-0001").click()
    expect(page.locator(".seal")).to_contain_text("Not signed yet")
    page.get_by_role("button", name="Sign this version").click()
    expect(page.locator(".seal")).to_contain_text("valid right now")
    page.get_by_role("button", name="Issue the next version").click()
    expect(page.locator(".seal")).to_contain_text("newest version is not signed")
    page.get_by_text("Take the signature back").click()
    page.get_by_label("Why").fill("a test")
    page.get_by_role("button", name="Revoke it for good").click()
    expect(page.locator(".seal")).to_contain_text("revoked")


def test_what_the_page_links_to_verifies_without_the_server(site):
    page = site.open(f"/passport/{passport_id(LEAF)}")
    answers = {}
    for name in ("passport that was signed", "credential", "keys", "status list"):
        href = page.get_by_role("link", name=name).get_attribute("href")
        answers[name] = page.request.get(f"{site.url}{href}")
        assert answers[name].ok, name
    from batteryloop.passport.credential import key_set_of
    from batteryloop.usecases.verify_passport import verify_passport

    given = [
        [key_set_of(answers["keys"].json())],
        [answers["status list"].text()],
    ]
    token = answers["credential"].text()
    passport = answers["passport that was signed"].body()
    now = site.house.now()
    assert verify_passport(passport, token, *given, now=now).is_valid
    forged = passport.replace(b"33.1", b"43.1")
    assert forged != passport
    assert not verify_passport(forged, token, *given, now=now).is_valid


def test_the_passports_page_counts_by_category_and_says_what_is_lacking(site):
    page = site.open("/passports?show=issued", "holder")
    expect(page.get_by_text("2027-02-18").first).to_be_visible()
    row = page.locator("tbody tr", has=page.get_by_role("link", name=LEAF, exact=True))
    row.locator("summary").click()
    expect(row.locator("li").first).to_be_visible()


def test_a_code_a_passport_or_a_parts_serial_leads_straight_to_the_battery(site):
    page = site.open("/", "holder")
    for asked in (LEAF_LINK, passport_id(LEAF), LEAF, "CELL-0001"):
        page.get_by_role("searchbox").fill(asked)
        page.get_by_role("searchbox").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(LEAF)
    page.get_by_role("searchbox").fill("pack")
    page.get_by_role("searchbox").press("Enter")
    assert "/fleet?words=pack" in page.url


def test_a_code_leads_others_to_the_passport_alone_and_a_serial_nowhere(site):
    page = site.open(f"/search?q={LEAF_LINK}", "rival")
    assert page.url.endswith(f"/passport/{passport_id(LEAF)}")
    assert "You look at it as: the public." in page.locator("main").inner_text()
    page = site.open("/search?q=CELL-0001", "interest")
    expect(page.get_by_role("status")).to_be_visible()


def test_an_admin_opens_and_closes_an_account_that_changes_its_password(site):
    admin = site.open("/accounts", "admin")
    admin.get_by_label("Name").fill("meier")
    admin.get_by_label("Role").select_option("operator")
    admin.get_by_label("Acts for").fill("depot")
    admin.get_by_label("First password").fill("first of all passwords")
    admin.get_by_role("button", name="Open").click()
    page = site.context().new_page()
    page.goto(f"{site.url}/login?next=/account")
    page.get_by_label("Name").fill("meier")
    page.get_by_label("Password").fill("first of all passwords")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("What for").fill("a script")
    page.get_by_role("button", name="Issue a token").click()
    secret = page.locator(".once").inner_text()
    asked = page.request.get(
        f"{site.url}/api/v1/session", headers={"Authorization": f"Bearer {secret}"}
    )
    assert asked.json()["account_id"] == "meier"
    page.get_by_label("Old password").fill("first of all passwords")
    page.get_by_label("New password").fill("second of all passwords")
    page.get_by_role("button", name="Change").click()
    assert "/login" in page.url
    admin.get_by_role("button", name="Close the account meier").click()
    expect(admin.get_by_text("closed")).to_be_visible()


def test_a_form_without_its_token_is_refused(site):
    page = site.open("/passports", "holder")
    page.evaluate("document.querySelector('main input[name=csrf_token]').value = 'forged'")
    page.locator("main form button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("That did not work")
    site.troubles.clear()  # the browser notes the answer 403 as an error


def test_a_page_says_in_words_what_it_cannot_show(site):
    page = site.open("/fleet/no-such-battery", "holder")
    expect(page.locator(".problem")).to_contain_text("not known")
    page.goto(f"{site.url}/passport/no-such-passport")
    expect(page.locator(".problem")).to_contain_text("not known")
    site.troubles.clear()  # the browser notes the answers 404 as errors
