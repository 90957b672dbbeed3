"""The demo, whole: judged, on record, passport signed and verified, looked at in a browser."""

import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

BATTERYLOOP = Path(sys.executable).with_name("batteryloop")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Run the demo once; return its folder and what it printed."""
    out = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [BATTERYLOOP, "demo", "--out", out], capture_output=True, text=True, check=True
    )
    return out, done.stdout


@pytest.fixture(scope="module")
def served(shown):
    """Serve what the demo left; return the address and the first admin's password."""
    out, _ = shown
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        BATTERYLOOP, "serve", "--port", str(port), "--record", out / "record.sqlite",
        "--lake", out / "lake", "--keys", out / "keys",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        first = server.stdout.readline()
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                httpx.get(f"{address}/api/v1/health", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address, re.search(r"password (\S+)", first).group(1)
        server.terminate()


def test_the_demo_ends_with_a_signed_passport_that_verifies_and_says_how_to_serve(shown):
    out, said = shown
    assert re.search(r"ORNL-LEAF-2013: grade \w+, energy left \d+\.\d \(\d+\.\d–\d+\.\d\) %", said)
    assert "verified offline: valid" in said
    assert f"batteryloop serve --record {out}/record.sqlite" in said.replace("\n", "")


def test_what_the_demo_recorded_is_whole(shown, batteryloop):
    out, _ = shown
    ended = batteryloop("record", "verify", "--record", out / "record.sqlite")
    assert ended.code == 0, ended.err


def test_a_byte_changed_in_the_demos_passport_is_refused(shown, batteryloop, tmp_path):
    out, _ = shown
    forged = tmp_path / "passport.json"
    forged.write_text((out / "passport.json").read_text().replace("33.1", "36.1"))
    command = ["passport", "verify", forged, "--folder", out / "keys"]
    ended = batteryloop(*command, "--credential", out / "passport.vc.jwt")
    assert ended.code == 2
    assert "passport" in ended.out


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; apt-get install it")
def test_a_person_finds_the_cell_its_health_and_its_passport_in_a_browser(served):
    from playwright.sync_api import sync_playwright

    address, password = served
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/")
        page.fill("[name=account_id]", "admin")
        page.fill("[name=password]", password)
        page.click("main button")
        page.wait_for_selector("svg.loop")
        assert page.text_content("svg.loop .centre") == "9"
        page.goto(f"{address}/fleet?words=ORNL")
        page.click("text=ORNL-LEAF-2013")
        page.wait_for_selector(".explorer canvas", timeout=60_000)
        told = page.inner_text("main")
        assert "92.1 (90.7–93.5) %" in told
        assert "passport issued" in told
        page.click("text=passport, public page")
        page.wait_for_selector(".seal")
        assert "the signature is valid right now" in page.inner_text(".seal")
        public = browser.new_context().new_page()
        public.goto(page.url)
        told = public.inner_text("main")
        assert "the signature is valid right now" in told
        assert "State of certified energy" not in told
        browser.close()
    assert complaints == []
