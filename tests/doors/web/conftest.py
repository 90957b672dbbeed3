"""One world, one server and one Chromium for all tests of the pages."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
from world import PASSWORD, make_world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CALM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


@dataclass
class Site:
    """The pages in a browser, and all that went wrong there."""

    url: str
    app: object
    browser: Browser
    sessions: dict[str, dict] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    @property
    def house(self):
        return self.app.state.house

    def open(self, path: str, who: str = "", **looks) -> Page:
        """Return the page at a path, as `who` sees it; nobody where that is empty."""
        page = self.context(who, **looks).new_page()
        self.watch(page)
        page.goto(f"{self.url}{path}")
        return page

    def context(self, who: str = "", **looks) -> BrowserContext:
        """Return a browser's own set of cookies, signed in as `who`."""
        if who and who not in self.sessions:
            fresh = self.browser.new_context()
            sign_in(fresh.new_page(), self.url, who)
            self.sessions[who] = fresh.storage_state()
            fresh.close()
        return self.browser.new_context(storage_state=self.sessions.get(who), **looks)

    def watch(self, page: Page) -> None:
        """Note errors of the page and every request that leaves the host."""
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on(
            "console",
            lambda said: self.troubles.append(said.text) if said.type == "error" else None,
        )
        page.on(
            "request",
            lambda asked: (
                None
                if asked.url.startswith((self.url, "data:"))
                else self.troubles.append(f"left the host: {asked.url}")
            ),
        )


def sign_in(page: Page, url: str, who: str, password: str = PASSWORD) -> None:
    """Sign in through the form."""
    page.goto(f"{url}/login")
    page.get_by_label("Name").fill(who)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda at: "/login" not in at)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a real Chromium, or skip and say so; `.ci/run` installs one."""
    if CHROMIUM is None:
        pytest.skip("no chromium is installed; apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CALM))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def whole_site(browser, tmp_path_factory) -> Iterator[Site]:
    """Return the site that all tests share."""
    app = make_world(tmp_path_factory.mktemp("world"))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(f"http://127.0.0.1:{port}", app, browser)
    server.should_exit = True
    thread.join(10)
    app.state.house.record.close()


@pytest.fixture
def site(whole_site) -> Iterator[Site]:
    """Return the site; a test fails where the browser met an error or asked another host."""
    whole_site.troubles.clear()
    yield whole_site
    for context in whole_site.browser.contexts:
        context.close()
    assert whole_site.troubles == []
